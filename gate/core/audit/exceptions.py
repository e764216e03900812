"""Exceptions: everything in the ledger that an auditor asks about first, each with what closed it."""

import json
from collections.abc import Mapping
from typing import Any

from gate.core.ledger.entries import LedgerEntry

COLUMNS = ("entry", "at", "code", "subject", "commit", "change", "actor", "closed_by", "why")
_BY_KIND = {
    "bypass-found": "bypass",
    "break-glass-used": "break-glass",
    "signoff-voided": "signoff-voided",
    "signoff-refused": "signoff-refused",
    "link-refused": "link-refused",
    "anomaly-seen": "anomaly",
    "personal-data-erased": "erasure",
    "key-rotated": "key-rotated",
}


def exception_of(entry: LedgerEntry) -> dict[str, Any] | None:
    """Return an entry as an exception, None where it is none.

    An acknowledgement that came after its call was over decides nothing and breaks no rule: it is no exception.
    """
    if entry.kind == "link-refused" and entry.payload().get("code") == "call-over":
        return None
    if entry.kind in _BY_KIND:
        return _row(entry, _code(entry))
    value = json.loads(entry.content) if entry.kind in {"change-merged", "signoff-withdrawn"} else None
    if value is None:
        return None
    payload = value["payload"]
    if entry.kind == "signoff-withdrawn" and payload.get("decision") == "lift-veto":
        return _row(entry, "veto-lifted")
    if entry.kind == "change-merged" and not (payload["verdict"] == "approved" and payload["is_head_judged"]):
        return _row(entry, "unapproved-merge")
    return None


def closed_by(entry: LedgerEntry) -> list[int]:
    """Return which exceptions an entry closes, by their entries."""
    if entry.kind != "review-done":
        return []
    payload = json.loads(entry.content)["payload"]
    found = payload.get("found", [])
    return [one for one in found if isinstance(one, int)] if isinstance(found, list) else []


def _code(entry: LedgerEntry) -> str:
    """Return what an auditor calls it: who signs off on their own work, and what ran out, have names of their own."""
    payload = entry.payload()
    if entry.kind == "signoff-voided" and payload.get("void") == "expired":
        return "signoff-expired"
    if entry.kind in {"signoff-refused", "link-refused"} and payload.get("is_own_work") is True:
        return "self-approval-attempt"
    return _BY_KIND[entry.kind]


def _row(entry: LedgerEntry, code: str) -> dict[str, Any]:
    value: Mapping[str, Any] = json.loads(entry.content)
    payload = value["payload"]
    texts = {name: payload.get(name, "") for name in ("code", "void", "anomaly", "verdict", "why")}
    number = entry.subject.rpartition("/")[2] if entry.subject.startswith("change:") else payload.get("change") or ""
    return {
        "entry": entry.index,
        "at": entry.at,
        "code": code,
        "subject": entry.subject,
        "commit": payload.get("commit") or payload.get("merge") or "",
        "change": str(number),
        "actor": value.get("actor", ""),
        "why": next((str(text) for text in texts.values() if text), ""),
    }
