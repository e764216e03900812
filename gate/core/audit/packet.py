"""Packet: all evidence of one merged change in one place, tied to the ledger entries that say the same."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from gate.core.audit.attestation import APPROVAL, envelope, statement
from gate.core.audit.rows import Evidence, Merge
from gate.core.canonical import canonical_bytes
from gate.core.ledger.entries import LedgerEntry
from gate.core.ledger.note import NoteSigner

SCHEMA = "gate.packet/1"
_SIGNOFFS = frozenset({"signoff-given", "signoff-rejected", "signoff-voided", "signoff-withdrawn"})
_TOLD = frozenset(
    {
        "notification-sent",
        "link-issued",
        "link-opened",
        "link-refused",
        "escalated",
        "acknowledged",
        "ticket-linked",
    }
)


def packet_of(merge: Merge, evidence: Evidence, row: dict[str, Any], entries: Sequence[LedgerEntry]) -> dict[str, Any]:
    """Return the packet of a change. `entries` are all that the ledger says of it up to the export, oldest first."""
    facts, verdict = evidence.facts(), evidence.verdict()
    return {
        "schema": SCHEMA,
        "change": {name: row[name] for name in ("id", "repository", "number", "url", "title", "type", "requester")},
        "merge": {
            "sha": merge.merge_sha,
            "head": merge.head_sha,
            "base_ref": merge.base_ref,
            "at": merge.merged_at,
            "by": merge.merger,
            "method": evidence.method,
            "entry": merge.entry,
        },
        "verdict": {
            "state": evidence.state,
            "sha256": hashlib.sha256(evidence.verdict_bytes).hexdigest() if evidence.verdict_bytes else "",
            "entry": evidence.verdict_entry,
            "decided_at": evidence.decided_at,
            "summary": verdict.get("summary", ""),
        },
        "facts": {"digest": row["facts"], "at": evidence.decided_at},
        "row": row,
        "signoffs": [_act(entry) for entry in entries if entry.kind in _SIGNOFFS],
        "rollback": verdict.get("rollback", {}),
        "rehearsals": facts.get("rehearsals", []),
        "tickets": facts.get("tickets", []),
        "checks": [_act(entry) for entry in entries if entry.kind == "check-posted"],
        "communications": [_act(entry) for entry in entries if entry.kind in _TOLD],
        "incidents": [_act(entry) for entry in entries if entry.kind == "incident-linked"],
        "entries": [[entry.index, entry.kind, entry.at] for entry in entries],
        "exceptions": row["exceptions"],
    }


def packet_bytes(packet: dict[str, Any]) -> bytes:
    """Return a packet as canonical JSON and a newline."""
    return canonical_bytes(packet) + b"\n"


def approval_line(merge: Merge, evidence: Evidence, row: dict[str, Any], signer: NoteSigner) -> bytes:
    """Return the signed in-toto statement of what was decided about the merged commit, one DSSE envelope in a line."""
    predicate = {
        "change": {name: row[name] for name in ("id", "repository", "number")},
        "state": evidence.state,
        "headSha": merge.head_sha,
        "decidedAt": evidence.decided_at,
        "mergedAt": merge.merged_at,
        "facts": row["facts"],
        "verdict": "sha256:" + hashlib.sha256(evidence.verdict_bytes).hexdigest(),
        "signoffs": row["signoffs"],
        "ledger": {"origin": signer.name, "verdict": evidence.verdict_entry, "merge": merge.entry},
        "exceptions": row["exceptions"],
    }
    subject = (f"{merge.repository}@{merge.base_ref}", "gitCommit", merge.merge_sha)
    return envelope(statement([subject], APPROVAL, predicate), signer)


def _act(entry: LedgerEntry) -> dict[str, Any]:
    """Return what an entry says, with who did it and how they were known."""
    value = json.loads(entry.content)
    kept = {name: value[name] for name in ("actor", "authenticated", "facts", "happened_at") if name in value}
    return {"entry": entry.index, "kind": entry.kind, "at": entry.at, **kept, "payload": value["payload"]}
