"""Incidents of an export: each with its changes and its review as the ledger tells it, and a period's metrics."""

from collections.abc import Iterable, Sequence
from typing import Any

from gate.core.change.facts import Instant
from gate.core.incident.metrics import Outage, change_failure_rate, time_to_restore
from gate.core.ledger.entries import LedgerEntry

_CAUSE = ("caused-by", "confirmed")
_KINDS = frozenset({"incident-opened", "incident-linked", "incident-closed"})
_AMONG_OTHERS = {"review-done": ("of", "incident"), "ticket-linked": ("edition", "made")}
"""Kinds of which only some entries tell what became of an incident, and by what these are known."""


def is_about_incident(entry: LedgerEntry) -> bool:
    """Return whether an entry tells what became of an incident, the making of its ticket among it."""
    name, value = _AMONG_OTHERS.get(entry.kind, ("", ""))
    return entry.kind in _KINDS or (name != "" and entry.payload().get(name) == value)


def incidents_value(
    entries: Sequence[LedgerEntry], merged: Iterable[tuple[str, Instant]], *, since: Instant, until: Instant
) -> dict[str, Any]:
    """Return every incident of the entries, and the metrics of a period with their populations.

    `merged` are the changes that were merged in the period, by id and time. Counts and minutes alone are told, no
    shares: an auditor divides, and no rounding has to be agreed on. `verify.py` makes the same of the entries anew.
    """
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        _add(found, entry)
    outages = [_outage(row) for row in found.values()]
    rate = change_failure_rate(merged, outages, since=since, until=until)
    restore = time_to_restore(outages, since=since, until=until)
    return {
        "incidents": list(found.values()),
        "metrics": {
            "changes": rate.changes,
            "failed": sorted(rate.failed),
            "restored": sorted(restore.restored),
            "open": sorted(restore.open),
            "median_minutes": restore.median_minutes,
            "p90_minutes": restore.p90_minutes,
        },
    }


def _add(found: dict[str, dict[str, Any]], entry: LedgerEntry) -> None:
    payload = entry.payload()
    row = found.setdefault(
        payload["incident"],
        {"id": payload["incident"], "component": "", "ticket": "", "began_at": "", "restored_at": "",
         "review_due_at": "", "reviewed_at": "", "changes": [], "entries": []},
    )  # fmt: skip
    row["entries"].append(entry.index)
    if entry.kind == "incident-opened":
        row.update({name: payload[name] for name in ("component", "ticket", "began_at")})
    elif entry.kind == "incident-closed":
        row.update({name: payload[name] for name in ("restored_at", "review_due_at")})
    elif entry.kind == "review-done":
        row["reviewed_at"] = entry.at
    elif entry.kind == "ticket-linked":
        row["ticket"] = payload["ticket"]
    else:
        change = entry.subject.removeprefix("change:").replace("/", "-")
        row["changes"] = [
            *(one for one in row["changes"] if (one["change"], one["relation"]) != (change, payload["relation"])),
            {"change": change, "relation": payload["relation"], "confirmation": payload["confirmation"]},
        ]


def _outage(row: dict[str, Any]) -> Outage:
    causes = [one["change"] for one in row["changes"] if (one["relation"], one["confirmation"]) == _CAUSE]
    return Outage(row["id"], row["component"], row["began_at"], row["restored_at"] or None, tuple(causes))
