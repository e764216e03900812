"""Ledger entries: the closed catalogue of what is recorded, and the exact bytes of each entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gate.core.change.facts import AccountKey, Instant

EntryKind = Literal[
    "change-observed",
    "facts-recorded",
    "verdict-changed",
    "check-posted",
    "notification-sent",
    "link-issued",
    "link-opened",
    "link-refused",
    "signoff-given",
    "signoff-voided",
    "signoff-withdrawn",
    "signoff-rejected",
    "escalated",
    "acknowledged",
    "break-glass-used",
    "change-merged",
    "bypass-found",
    "protection-changed",
    "ticket-linked",
    "incident-opened",
    "incident-closed",
    "ownership-changed",
    "ownership-reviewed",
    "ownership-transferred",
    "policy-changed",
    "standard-change-approved",
    "export-made",
    "review-done",
    "key-rotated",
    "personal-data-erased",
    "access-changed",
    "anomaly-seen",
]


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry before it has a place: what happened to what, by whom, with what details.

    `subject` names a change as `change:TENANT/REPOSITORY/NUMBER`, else `repository:TENANT/ID`, `ledger`, `service` or
    `account:...`. `payload` holds whole numbers, booleans, texts, lists and objects of them, nothing personal.
    `personal` maps a path of the payload to the value whose salted commitment stands there.
    """

    kind: EntryKind
    at: Instant
    subject: str
    actor: AccountKey = ""
    authenticated: str = ""
    facts: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An entry in its place: contiguous index from 0, exact canonical bytes, RFC 6962 leaf hash."""

    index: int
    kind: EntryKind
    at: Instant
    subject: str
    content: bytes
    leaf_hash: bytes


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A signed head of the ledger: how many entries, their Merkle root, and the C2SP note that says so."""

    size: int
    root: bytes
    at: Instant
    note: str
