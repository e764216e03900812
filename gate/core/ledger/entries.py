"""Ledger entries: the closed catalogue of what is recorded, and the exact bytes of each entry."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import field
from types import NoneType
from typing import Any, Literal, get_args

from gate.core.canonical import canonical_bytes, require_canonical
from gate.core.change.facts import AccountKey, Instant
from gate.core.ledger.merkle import leaf_hash
from gate.core.values import dataclass

SCHEMA = "gate.ledger-entry/1"
MAX_BYTES = 64 * 1024
SALT_BYTES = 16

EntryKind = Literal[
    "change-observed",
    "facts-recorded",
    "verdict-changed",
    "check-posted",
    "notification-sent",
    "notification-failed",
    "notification-dropped",
    "link-issued",
    "link-opened",
    "link-refused",
    "signoff-given",
    "signoff-refused",
    "signoff-delegated",
    "delegation-refused",
    "delegation-ended",
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
    "incident-linked",
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
    "evidence-reported",
    "evidence-refused",
]
_KINDS = frozenset(get_args(EntryKind))
_LEAVES = frozenset({str, int, bool, NoneType})


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry before it has a place: what happened to what, by whom, with what details.

    `subject` names a change as `change:TENANT/REPOSITORY/NUMBER`, else `repository:TENANT/ID`, `ledger`, `service` or
    `account:...`. `payload` holds whole numbers, booleans, texts, lists and objects of them, nothing personal.
    `personal` maps a path of the payload (steps with `/` between) to the value whose salted commitment stands there.
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
    """An entry in its place: contiguous index from 0, and exact canonical bytes, from which all else follows.

    `at` is when it was recorded, never before its predecessor; `content` names the draft's own time where it differs.
    """

    index: int
    kind: EntryKind
    at: Instant
    subject: str
    content: bytes

    @property
    def leaf_hash(self) -> bytes:
        """Return its hash as a leaf of the tree (RFC 6962, section 2.1)."""
        return leaf_hash(self.content)

    def payload(self) -> dict[str, Any]:
        """Return what happened, as the entry's exact bytes say it; an empty one where they say nothing."""
        try:
            found = json.loads(self.content)["payload"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A signed head of the ledger: how many entries, their Merkle root, and the C2SP note that says so."""

    size: int
    root: bytes
    at: Instant
    note: str


class EntryError(ValueError):
    """A draft cannot become an entry: it is too large, not canonical, or its personal values have no place."""


def entry_bytes(draft: EntryDraft, index: int, salts: Mapping[str, bytes], *, at: Instant) -> bytes:
    """Return the exact bytes of an entry: canonical JSON, below 64 KiB, personal values as salted commitments.

    `at` is the time of recording. `salts` holds 16 bytes for every path of `draft.personal`. Raises EntryError.
    """
    if draft.kind not in _KINDS:
        raise EntryError(f"there is no kind of entry named {draft.kind!r}")
    if draft.personal or salts:
        _require_salts(draft, salts)
    payload = _concealed(draft, salts)
    entry: dict[str, Any] = {
        "schema": SCHEMA,
        "index": index,
        "at": at,
        "kind": draft.kind,
        "subject": draft.subject,
        "payload": payload,
    }
    if draft.actor:
        entry["actor"] = draft.actor
    if draft.authenticated:
        entry["authenticated"] = draft.authenticated
    if draft.facts:
        entry["facts"] = draft.facts
    if draft.at != at:
        entry["happened_at"] = draft.at
    if draft.personal:
        entry["personal"] = sorted(draft.personal)
    try:
        require_canonical(entry)
        content = canonical_bytes(entry)
    except (ValueError, TypeError, RecursionError) as error:
        raise EntryError(f"an entry of kind {draft.kind} has no canonical form: {error}") from None
    if len(content) >= MAX_BYTES:
        raise EntryError(f"an entry of kind {draft.kind} has {len(content)} bytes; it must stay below {MAX_BYTES}")
    return content


def commitment_of(salt: bytes, value: str) -> str:
    """Return the commitment to a personal value: SHA-256(salt || value) in hexadecimal digits."""
    return hashlib.sha256(salt + value.encode("utf-8", "surrogatepass")).hexdigest()


def _require_salts(draft: EntryDraft, salts: Mapping[str, bytes]) -> None:
    if salts.keys() != draft.personal.keys() or any(len(salt) != SALT_BYTES for salt in salts.values()):
        raise EntryError("every personal value needs a salt of 16 bytes of its own")


def _concealed(draft: EntryDraft, salts: Mapping[str, bytes]) -> Any:
    """Return the payload with a commitment at the place of every personal value."""
    payload = _copied(draft.payload)
    for path, value in draft.personal.items():
        *folders, name = path.split("/")
        holder = payload
        for step in folders:
            holder = holder.setdefault(step, {})
            if not isinstance(holder, dict):
                raise EntryError(f"the payload has no place {path!r}")
        if not name or name in holder:
            raise EntryError(f"the payload's place {path!r} is taken")
        holder[name] = commitment_of(salts[path], value)
    return payload


def _copied(value: Any) -> Any:
    if value.__class__ in _LEAVES:
        return value
    if value.__class__ is dict or isinstance(value, Mapping):  # to ask whether it is any mapping takes long
        return {key: _copied(item) for key, item in value.items()}
    return value
