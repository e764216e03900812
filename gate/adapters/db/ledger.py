"""Ledger: entries appended within the transaction of what they record, and a signed checkpoint over them at its end."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, bindparam, func, insert, select, update

from gate.adapters.db.key_file import FileSigner
from gate.adapters.db.ledger_tiles import OpenTile, write_filled
from gate.adapters.db.rows import checkpoint_of, entry_of, storable
from gate.adapters.db.statements import Insertion, Statement
from gate.adapters.db.tables import ledger_checkpoints, ledger_entries, ledger_head, ledger_personal
from gate.core.change.facts import Instant
from gate.core.ledger.entries import SALT_BYTES, EntryDraft, LedgerEntry, SignedCheckpoint, entry_bytes
from gate.core.ledger.labels import written
from gate.core.ledger.merkle import Frontier, leaf_hash
from gate.core.ledger.note import Checkpoint, NoteSigner, key_id, signed_note
from gate.core.times import instant, parse_instant
from gate.usecases.store_ports import StoreError

CLOCK_TOLERANCE_SECONDS = 2
"""How far replicas' clocks may lie apart before the ledger calls it an anomaly."""
_AT_ONCE = 2_000
_NO_TIME, _SECOND = dt.timedelta(), dt.timedelta(seconds=1)
_H = ledger_head.c
# NOTE: run by the driver; a transaction that only appends would otherwise spend most of its time above it.
_STATE = ("size", "frontier", "at", "is_clock_behind", "signer")
_HEAD = Statement(select(_H.size, _H.frontier, _H.at, _H.is_clock_behind, _H.signer))
_C, _E = ledger_checkpoints.c, ledger_entries.c
_NEWEST = Statement(
    select(_C.size, _C.root, _C.at, _C.note).where(_C.size == select(func.max(_C.size)).scalar_subquery())
)
_MOVE_HEAD = Statement(update(ledger_head).where(_H.size == bindparam("stored_size")), *_STATE)
_ADD_HEAD = Statement(insert(ledger_head), "id", *_STATE)
_ADD_ENTRIES, _ADD_PERSONAL = Insertion(ledger_entries), Insertion(ledger_personal)
_ADD_CHECKPOINT = Insertion(ledger_checkpoints)


@dataclass(frozen=True, slots=True)
class LedgerTools:
    """What appending takes from outside: the clock, who signs, where salts come from; and what it left of a tile."""

    clock: Callable[[], dt.datetime]
    signer: NoteSigner
    randomness: Callable[[int], bytes]
    open_tile: OpenTile = field(default_factory=OpenTile)


@dataclass(slots=True)
class _Head:
    frontier: Frontier
    at: Instant
    is_clock_behind: bool


@dataclass(slots=True)
class LedgerWriter:
    """The ledger within one transaction, which has its turn: nobody else appends until it ends.

    INVARIANT: indexes are contiguous from 0 and every entry is under a signed checkpoint once the transaction ends
    (tests/contracts/test_store_ledger.py). The database's triggers refuse anything else.
    """

    connection: Connection
    tools: LedgerTools
    _head: _Head | None = None
    _stored_size: int = 0
    _leaves: list[bytes] = field(default_factory=list)
    _rows: list[dict[str, object]] = field(default_factory=list)
    _personal: list[dict[str, object]] = field(default_factory=list)
    _next_signer: str = ""
    _second: tuple[dt.datetime, Instant] | None = None

    def append(self, draft: EntryDraft) -> int:
        """Append an entry and return its index.

        Its time is the clock's, never before its predecessor's. A clock that stepped back is an entry of its own, once.
        """
        head = self._load()
        now = self._now()
        if now < head.at:
            if not head.is_clock_behind and _seconds_between(now, head.at) > CLOCK_TOLERANCE_SECONDS:
                head.is_clock_behind = True
                payload = {"anomaly": "clock-stepped-back", "clock": now, "ledger": head.at}
                self._add(head, EntryDraft("anomaly-seen", now, "service", payload=payload), head.at)
            now = head.at
        else:
            head.is_clock_behind = False
        return self._add(head, draft, now)

    def _now(self) -> Instant:
        """Return the time of the clock, to the second; what a second is called is worked out once."""
        moment = self.tools.clock()
        if self._second is None or not _NO_TIME <= moment - self._second[0] < _SECOND:
            began = moment.replace(microsecond=0)
            self._second = began, instant(began)
        return self._second[1]

    def seal(self) -> None:
        """Write what was appended, the new head, and a signed checkpoint over it; nothing where nothing was."""
        head = self._head
        if head is None or not self._leaves:
            return
        self.flush()
        earlier = self.tools.open_tile.leaves(head.frontier)
        write_filled(self.connection, self._stored_size, self._leaves, earlier)
        head.frontier = head.frontier.extend(self._leaves)
        self.tools.open_tile.keep(head.frontier, [*(earlier or ()), *self._leaves])
        self._leaves = []
        size, root = head.frontier.size, head.frontier.root()
        note = signed_note(Checkpoint(self.tools.signer.name, size, root).text(), self.tools.signer)
        row = {"size": size, "root": root, "at": head.at, "note": note}
        _ADD_CHECKPOINT.write(self.connection, row)
        self._save_head(head)

    def sign_next_by(self, key: str) -> None:
        """Have the next transaction's checkpoint signed by the key with this id; this one's by the present key."""
        self._next_signer = key

    def flush(self) -> None:
        """Write the entries appended so far, so that this transaction can read them."""
        if self._rows:
            _ADD_ENTRIES.write_all(self.connection, self._rows)
        if self._personal:
            _ADD_PERSONAL.write_all(self.connection, self._personal)
        self._rows, self._personal = [], []

    def _load(self) -> _Head:
        if self._head is None:
            row = _HEAD.first(self.connection)
            if row is None:
                self._head = _Head(Frontier(), "", is_clock_behind=False)
            else:
                size, frontier, at, is_clock_behind, signer = row
                self._head = _Head(Frontier.parse(size, bytes(frontier)), at, is_clock_behind=bool(is_clock_behind))
                _require_signer(signer, self.tools.signer)
            self._stored_size = self._head.frontier.size
        return self._head

    def _add(self, head: _Head, draft: EntryDraft, at: Instant) -> int:
        index = head.frontier.size + len(self._leaves)
        # What is signed is what is looked up by; what is committed to is what is kept, to be checked against that.
        if (subject := storable(draft.subject)) != draft.subject:
            draft = replace(draft, subject=subject)
        salts: dict[str, bytes] = {}
        if draft.personal:
            draft = replace(draft, personal={path: storable(value) for path, value in draft.personal.items()})
            salts = {path: self.tools.randomness(SALT_BYTES) for path in draft.personal}
        content = entry_bytes(draft, index, salts, at=at)
        self._leaves.append(leaf_hash(content))
        head.at = at
        self._rows.append({"idx": index, "content": content})
        if salts:
            kept = draft.personal.items()
            self._personal += [{"idx": index, "path": p, "salt": salts[p].hex(), "value": value} for p, value in kept]
        return index

    def _save_head(self, head: _Head) -> None:
        row = {
            "size": head.frontier.size,
            "frontier": head.frontier.to_bytes(),
            "at": head.at,
            "is_clock_behind": head.is_clock_behind,
            "signer": self._next_signer or _key_id(self.tools.signer),
        }
        if self._stored_size == 0:
            _ADD_HEAD.write(self.connection, {"id": 1, **row})
        elif _MOVE_HEAD.write(self.connection, {"stored_size": self._stored_size, **row}) != 1:
            raise StoreError("The ledger moved under a transaction.", next_step="Look at who else writes to it.")
        self._stored_size = head.frontier.size


def entry_at(connection: Connection, index: int) -> LedgerEntry | None:
    """Return the entry with an index."""
    row = connection.execute(select(_E.idx, _E.content).where(_E.idx == index)).mappings().one_or_none()
    return None if row is None else entry_of(row)


def entries_between(connection: Connection, start: int, end: int) -> Iterator[LedgerEntry]:
    """Yield the entries from `start` to before `end`, in order, read in bounded portions."""
    for first in range(start, end, _AT_ONCE):
        last = min(first + _AT_ONCE, end)
        wanted = select(_E.idx, _E.content).where(_E.idx >= first, _E.idx < last).order_by(_E.idx)
        found = connection.execute(wanted).mappings().all()
        if not found:
            return
        yield from map(entry_of, found)


def timeline(connection: Connection, subject: str, *, limit: int) -> Sequence[LedgerEntry]:
    """Return the newest entries about a subject, oldest of them first.

    SECURITY: what an index says of an entry that its bytes do not is left out.
    """
    found = (
        select(_E.idx, _E.content).where(_E.subject == written(storable(subject))).order_by(_E.idx.desc()).limit(limit)
    )
    entries = [entry_of(row) for row in connection.execute(found).mappings()]
    return tuple(entry for entry in reversed(entries) if entry.subject == storable(subject))


def newest_checkpoint(connection: Connection) -> SignedCheckpoint | None:
    """Return the newest signed head of the ledger."""
    row = _NEWEST.first(connection)
    if row is None:
        return None
    size, root, at, note = row
    return SignedCheckpoint(size, bytes(root), at, note)


def frontier(connection: Connection) -> Frontier:
    """Return the right edge of the tree as it is stored. Raises StoreError where it is none."""
    row = _HEAD.first(connection)
    try:
        return Frontier() if row is None else Frontier.parse(row[0], bytes(row[1]))
    except ValueError as error:
        raise StoreError(f"The ledger's head is damaged: {error}.", next_step="Run `gate ledger verify`.") from None


def checkpoint_at(connection: Connection, size: int) -> SignedCheckpoint | None:
    """Return the checkpoint over exactly so many entries."""
    wanted = select(ledger_checkpoints).where(ledger_checkpoints.c.size == size)
    row = connection.execute(wanted).mappings().one_or_none()
    return None if row is None else checkpoint_of(row)


def checkpoints_after(connection: Connection, after: int, *, limit: int) -> Sequence[SignedCheckpoint]:
    """Return checkpoints over more than `after` entries, oldest first."""
    size = ledger_checkpoints.c.size
    wanted = select(ledger_checkpoints).where(size > after).order_by(size).limit(limit)
    return tuple(checkpoint_of(row) for row in connection.execute(wanted).mappings())


def _key_id(signer: NoteSigner) -> str:
    return key_id(signer.name, signer.public_key).hex()


def _require_signer(expected: str, signer: NoteSigner) -> None:
    """SECURITY: a process whose key was rotated away, or is another ledger's, signs nothing more."""
    if expected in {"", _key_id(signer)}:
        return
    if isinstance(signer, FileSigner):
        signer.reload(expected)
    if _key_id(signer) != expected:
        step = "Give this process the key that `gate keys list` names as the ledger's."
        raise StoreError(f"The ledger is signed by key {expected}; this process has another one.", next_step=step)


def _seconds_between(earlier: Instant, later: Instant) -> float:
    return (parse_instant(later) - parse_instant(earlier)).total_seconds()
