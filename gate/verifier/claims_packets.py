"""Claims about packets: each says what the ledger says of its change, and each row what its packet says."""

from __future__ import annotations

import hashlib
import json
from typing import Iterator

from gate.verifier.export import Asked, BadExportError, Export, Row, said_of, subject_of
from gate.verifier.facts import Facts

_SIGNOFFS = {"signoff-given", "signoff-rejected", "signoff-voided", "signoff-withdrawn"}
_TOLD = {
    "notification-sent",
    "link-issued",
    "link-opened",
    "link-refused",
    "escalated",
    "acknowledged",
    "ticket-linked",
}
_ACTS = {
    "signoffs": _SIGNOFFS,
    "communications": _TOLD,
    "checks": {"check-posted"},
    "incidents": {"incident-linked"},
}
_MOST_ENTRIES = 5000
_OF_JUDGING = (
    "url", "title", "type", "requester", "authors", "committers", "pushers", "components", "owners", "risk",
    "signoffs", "rollback", "tickets", "model", "decided_at", "facts",
)  # fmt: skip


def claim_packets(export: Export, _asked: Asked) -> Iterator[str]:
    """Yield packets that do not say what the ledger says, and rows that do not say what their packet says."""
    erased = export.entries.erased()
    for row in export.lines("population/changes.jsonl"):
        try:
            _check_packet(export, row, erased)
        except (BadExportError, KeyError, ValueError, TypeError, IndexError) as error:
            yield f"change {row['id']}: {said_of(error)}"


def _check_packet(export: Export, row: Row, erased: dict[int, str]) -> None:
    folder, subject = f"changes/{row['id']}", subject_of(row["id"])
    packet = export.json(f"{folder}/packet.json")
    if packet["row"] != row:
        raise BadExportError("the population's row is not that of the packet")
    if packet["exceptions"] != row["exceptions"]:
        raise BadExportError("the packet tells other exceptions than its row")
    about = export.entries.about[subject]
    known = [[index, kind, export.entries.get(index)["at"]] for index, kind in about]
    if packet["entries"] != known[-_MOST_ENTRIES:]:
        raise BadExportError("the packet lists other entries than the ledger has of the change")
    _check_merge(export, packet, row, subject)
    for name, kinds in _ACTS.items():
        wanted = [_act(index, export.entries.get(index)) for index, kind in about if kind in kinds]
        if packet[name] != wanted:
            raise BadExportError(f"the packet's {name} are not those of the ledger")
    if packet["verdict"]["entry"] >= 0:
        _check_verdict(export, packet, row, about, erased)
    elif row["verdict"] != "not-judged" or export.has(f"{folder}/verdict.json"):
        raise BadExportError("the packet has no verdict, and its row claims one")
    elif not _is_blank(packet, row):
        raise BadExportError("the packet has no verdict, and tells of what only a judgement knows")


def _is_blank(packet: Row, row: Row) -> bool:
    """Return whether nothing is told of a change that was never judged but its merge."""
    told = [row[name] for name in _OF_JUDGING] + [packet[name] for name in ("tickets", "rehearsals", "rollback")]
    told += [packet["verdict"][name] for name in ("state", "sha256", "decided_at", "summary")]
    told += [packet["facts"]["digest"], packet["facts"]["at"]]
    is_same = all(packet["change"][name] == row[name] for name in ("id", "repository", "number", *_OF_JUDGING[:4]))
    return is_same and not any(told) and row["exceptions"] == ["not-judged"] and row["merger"] == packet["merge"]["by"]


def _act(index: int, entry: Row) -> Row:
    kept: Row = {name: entry[name] for name in ("actor", "authenticated", "facts", "happened_at") if name in entry}
    return {"entry": index, "kind": entry["kind"], "at": entry["at"], **kept, "payload": entry["payload"]}


def _check_merge(export: Export, packet: Row, row: Row, subject: str) -> None:
    merge = packet["merge"]
    entry = export.entries.get(merge["entry"])
    payload = entry["payload"]
    said = (entry["kind"], entry["subject"], payload["merge"], payload["head"], payload["base_ref"], entry["at"])
    if said != ("change-merged", subject, merge["sha"], merge["head"], merge["base_ref"], merge["at"]):
        raise BadExportError("the packet's merge is not that of the ledger")
    if merge["by"] != entry.get("actor", ""):
        raise BadExportError("the ledger names somebody else who merged")
    state = payload["verdict"] if payload["is_head_judged"] else "not-judged"
    told = (row["merge_entry"], row["merged_at"], row["merge_sha"], row["head_sha"], row["verdict"], row["method"])
    if told != (merge["entry"], merge["at"], merge["sha"], merge["head"], state, merge["method"]):
        raise BadExportError("the row's merge is not that of the ledger")


def _check_verdict(export: Export, packet: Row, row: Row, about: list[tuple[int, str]], erased: dict[int, str]) -> None:
    """SECURITY: a verdict has the digest in its own entry, or the one that the last erasure left it with; no other."""
    folder = f"changes/{row['id']}"
    raw = export.read(f"{folder}/verdict.json")
    digest = hashlib.sha256(raw).hexdigest()
    entry = export.entries.get(packet["verdict"]["entry"])
    payload, verdict, facts = entry["payload"], json.loads(raw), Facts(export.read(f"{folder}/facts.json"))
    if entry["kind"] != "verdict-changed" or entry["subject"] != subject_of(row["id"]):
        raise BadExportError("the packet's verdict is not of this change")
    last = max(index for index, kind in about if kind == "verdict-changed" and index < packet["merge"]["entry"])
    if packet["verdict"]["entry"] != last:
        raise BadExportError("the packet's verdict is not the last one before the merge")
    recorded = erased.get(packet["verdict"]["entry"], payload["verdict"])
    if recorded != "sha256:" + digest or packet["verdict"]["sha256"] != digest:
        raise BadExportError("verdict.json is not the verdict in the ledger")
    states = {payload["state"], verdict["state"], packet["verdict"]["state"]}
    if len(states) != 1 or verdict["summary"] != packet["verdict"]["summary"]:
        raise BadExportError("the packet's verdict says something else than the ledger's")
    if len({entry.get("facts"), facts.digest, verdict["facts"], packet["facts"]["digest"], row["facts"]}) != 1:
        raise BadExportError("the verdict was made from other facts")
    if len({facts.at, packet["facts"]["at"], packet["verdict"]["decided_at"], row["decided_at"]}) != 1:
        raise BadExportError("the verdict was made at another time")
    if packet["rollback"] != verdict["rollback"]:
        raise BadExportError("the packet's rollback plan is not that of the verdict")
    for name in ("tickets", "rehearsals"):
        if packet[name] != facts.told_rows(name):
            raise BadExportError(f"the packet's {name} are not those of the facts")
    _check_row(row, packet, facts, verdict)


def _check_row(row: Row, packet: Row, facts: Facts, verdict: Row) -> None:
    """Work the row out anew from facts and verdict."""
    commits = facts.tree["commits"]
    signoffs = sorted(
        {
            (one["at"], one["person"], one["source"])
            for need in verdict["requirements"]
            for one in need["signoffs"]["counted"]
        }
    )
    wanted = {
        "title": facts.told(facts.tree["change"]["title"]),
        "url": facts.tree["change"].get("url", ""),
        "type": facts.tree["declaration"]["change_type"],
        "requester": facts.name_of(facts.tree["change"]["author"]),
        "authors": sorted({facts.name_of(one["author"]) for one in commits} - {""}),
        "committers": sorted({facts.name_of(one["committer"]) for one in commits} - {""}),
        "pushers": sorted({facts.name_of(one["account"]) for one in facts.tree["pushers"] or ()} - {""}),
        "components": [one["name"] for one in verdict["components"]],
        "owners": sorted({one["owner"] for one in verdict["components"]}),
        "risk": verdict["risk"]["level"],
        "signoffs": [f"{person} ({source}, {at})" for at, person, source in signoffs],
        "rollback": verdict["rollback"]["method"] or "",
        "tickets": [one["key"] for one in facts.tree["tickets"]],
        "model": ", ".join(one["name"] for one in verdict["relaxations"]),
        "verdict_entry": packet["verdict"]["entry"],
        "exceptions": _exceptions(row["verdict"], verdict),
    }
    for name, value in wanted.items():
        if row[name] != value:
            raise BadExportError(f"the row's {name} is not what was recorded")
    for name in ("id", "repository", "number", "url", "title", "type", "requester"):
        if packet["change"][name] != row[name]:
            raise BadExportError(f"the packet's {name} is not that of its row")


def _exceptions(state: str, verdict: Row) -> list[str]:
    """Return in which ways a merge was out of the ordinary."""
    first = ["not-judged"] if state == "not-judged" else ["unapproved-merge"] if state != "approved" else []
    evaluated = ["not-enforced"] if verdict["enforcement"] == "evaluate" else []
    return first + evaluated + sorted({one["kind"] for one in verdict["relaxations"] if one["kind"] == "emergency"})
