"""Claims about incidents: each as the ledger tells it, and the metrics of the period counted anew."""

from __future__ import annotations

import datetime as dt
from typing import Iterator, List, Optional

from gate.verifier.export import Asked, Export, Row

_INCIDENT_KINDS = ("incident-opened", "incident-linked", "incident-closed", "review-done", "ticket-linked")


def claim_incidents(export: Export, _asked: Asked) -> Iterator[str]:
    """Yield incidents and metrics that the ledger's entries do not give."""
    told = export.json("incidents/incidents.json")
    if told.keys() != {"incidents", "metrics"}:
        yield "incidents/incidents.json tells of more than incidents and their metrics, or of less"
    rows = _incident_rows(export)
    listed = {one["id"]: one for one in told["incidents"]}
    if [one["id"] for one in told["incidents"]] != list(rows):
        yield "incidents/incidents.json lists other incidents than the ledger"
    for name, row in rows.items():
        if listed.get(name) != row:
            yield f"incident {name} is told otherwise than the ledger does"
    if told["metrics"] != _metrics(export, rows):
        yield "the metrics of incidents are not what the ledger's entries give"


def _incident_rows(export: Export) -> dict[str, Row]:
    entries = sorted(
        (index, kind) for found in export.entries.about.values() for index, kind in found if kind in _INCIDENT_KINDS
    )
    rows: dict[str, Row] = {}
    for index, kind in entries:
        entry = export.entries.get(index)
        payload = entry["payload"]
        if kind == "review-done" and payload.get("of") != "incident":
            continue
        if kind == "ticket-linked" and payload.get("edition") != "made":
            continue
        name = payload["incident"]
        row = rows.setdefault(name, {"id": name, "changes": [], "entries": []})
        for key in ("component", "ticket", "began_at", "restored_at", "review_due_at", "reviewed_at"):
            row.setdefault(key, "")
        row["entries"].append(index)
        if kind == "incident-opened":
            row.update(component=payload["component"], ticket=payload["ticket"], began_at=payload["began_at"])
        elif kind == "incident-closed":
            row.update(restored_at=payload["restored_at"], review_due_at=payload["review_due_at"])
        elif kind == "review-done":
            row["reviewed_at"] = entry["at"]
        elif kind == "ticket-linked":
            row["ticket"] = payload["ticket"]
        else:
            change = entry["subject"].replace("change:", "", 1).replace("/", "-")
            said = {"change": change, "relation": payload["relation"], "confirmation": payload["confirmation"]}
            others = [one for one in row["changes"] if (one["change"], one["relation"]) != (change, said["relation"])]
            row["changes"] = [*others, said]
    return rows


def _metrics(export: Export, rows: dict[str, Row]) -> Row:
    since, until = export.manifest["period"]["from"], export.manifest["period"]["to"]
    merged = {one["id"] for one in export.lines("population/changes.jsonl")}
    causes = {
        one["change"]
        for row in rows.values()
        for one in row["changes"]
        if (one["relation"], one["confirmation"]) == ("caused-by", "confirmed")
    }
    within = [row for row in rows.values() if since <= row["began_at"] < until]
    ended = [row for row in within if row["restored_at"]]
    minutes = sorted(max(_seconds_between(row["began_at"], row["restored_at"]) // 60, 0) for row in ended)
    return {
        "changes": len(merged),
        "failed": sorted(merged & causes),
        "restored": sorted(row["id"] for row in ended),
        "open": sorted(row["id"] for row in within if not row["restored_at"]),
        "median_minutes": _at_rank(minutes, 50),
        "p90_minutes": _at_rank(minutes, 90),
    }


def _at_rank(ordered: List[int], percent: int) -> Optional[int]:
    return ordered[max(-(-len(ordered) * percent // 100), 1) - 1] if ordered else None


def _seconds_between(began_at: str, ended_at: str) -> int:
    began, ended = (dt.datetime.strptime(at[:19], "%Y-%m-%dT%H:%M:%S") for at in (began_at, ended_at))  # noqa: DTZ007  (both in UTC, and only their distance counts)
    return int((ended - began).total_seconds())
