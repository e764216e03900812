"""Ledger verification: everything that is stored of the ledger, read and checked in portions, here and by helpers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from gate.adapters.db.checkpoint_signing import verify_ed25519
from gate.adapters.db.engine import Transactions, open_engine
from gate.adapters.db.helpers import Helpers
from gate.adapters.db.ledger_guards import guard_faults
from gate.adapters.db.ledger_labels import are_derived
from gate.adapters.db.tables import ledger_checkpoints, ledger_entries, ledger_head
from gate.adapters.db.tables_ledger import ledger_tiles
from gate.core.ledger.entries import SignedCheckpoint
from gate.core.ledger.labels import labels_of
from gate.core.ledger.merkle import Frontier, root_of
from gate.core.ledger.signing_keys import SigningKey
from gate.core.ledger.tiles import HEIGHT, WIDTH
from gate.core.ledger.verification import (
    NOWHERE,
    PORTION,
    PORTION_HEIGHT,
    EntryRow,
    LedgerFault,
    Portion,
    PortionResult,
    TreeFindings,
    first_first,
    verify_portion,
)

_CONTENTS, _LABELLED = "content", "content, idx, kind, at, subject"
_BLOCK = WIDTH
Progress = Callable[[int], None]
ALONE = Helpers()
REDEFINED = LedgerFault(
    NOWHERE,
    "ledger-redefined",
    "The table of entries is not defined as the gate defines it; what it is looked up by may be anything.",
)


def verify_tree(
    url: str, keys: Sequence[SigningKey], *, helpers: Helpers = ALONE, progress: Progress = lambda _: None
) -> TreeFindings:
    """Return what is wrong with a ledger: entries, hashes, tiles, checkpoints and signatures, all of them.

    `progress` is told how many more entries were checked. Raises StoreError where the database cannot be read.
    """
    with _reading(url) as connection:
        if _has_odd_places(connection):
            return TreeFindings(_count(connection), 0, _newest(connection), (REDEFINED,))
        frame = _framed(connection)
    results = list(_results(url, frame, keys, helpers=helpers, progress=progress))
    faults = [fault for result in results for fault in result.faults] + _whole(frame, results)
    checkpoints = sum(result.checkpoints for result in results)
    return TreeFindings(frame.size, checkpoints, frame.newest, first_first(faults))


@dataclass(frozen=True, slots=True)
class _Frame:
    """A ledger as it stood at one moment: a service may append meanwhile, and what comes later is not looked at.

    `size` is one more than the last index: a gap before it is found as a missing entry. `first` is the first index:
    SQLite counts rows in whatever index is the smallest, which may leave some out. `is_derived` says that what
    entries are looked up by cannot be anything else than what their bytes say. `higher` are the full tiles of level 2
    and above; `tiles_end` is where those of the lower levels end.
    """

    size: int
    first: int
    count: int
    is_derived: bool
    redefined: Sequence[LedgerFault]
    newest: SignedCheckpoint | None
    head: tuple[int, bytes] | None
    tiles_end: tuple[int, ...]
    higher: Mapping[int, Sequence[tuple[bytes, bytes]]]

    @property
    def starts(self) -> range:
        """Return where the portions start; an empty ledger is one of them."""
        return range(0, max(self.size, 1), PORTION)

    @property
    def extent(self) -> "_Extent":
        """Return what whoever reads a portion is to know of the whole."""
        return _Extent(self.size, max(self.size, self.newest.size if self.newest else 0), self.is_derived)


@dataclass(frozen=True, slots=True)
class _Extent:
    """How far a ledger reaches: its entries, the last checkpoint to look at, beyond them where it claims so.

    Where labels are derived they are not read.
    """

    end: int
    limit: int
    is_derived: bool


def _framed(connection: Connection) -> _Frame:
    head = connection.execute(select(ledger_head)).mappings().one_or_none()
    t = ledger_tiles.c
    ends = [connection.execute(select(func.max(t.idx)).where(t.level == level)).scalar() for level in (0, 1)]
    higher: dict[int, list[tuple[bytes, bytes]]] = {}
    for level, root, hashes in connection.execute(
        select(t.level, t.root, t.hashes).where(t.level >= 2).order_by(t.level, t.idx)  # noqa: PLR2004  # above portions
    ):
        higher.setdefault(level, []).append((bytes(root), bytes(hashes)))
    is_derived = are_derived(connection)
    redefined = [REDEFINED] if not is_derived and connection.dialect.name == "sqlite" else []
    redefined += guard_faults(connection)
    return _Frame(
        size=_size(connection),
        is_derived=is_derived,
        redefined=redefined,
        first=connection.execute(select(func.min(ledger_entries.c.idx))).scalar() or 0,
        count=_count(connection),
        newest=_newest(connection),
        head=None if head is None else (head["size"], bytes(head["frontier"])),
        tiles_end=tuple(0 if end is None else end + 1 for end in ends),
        higher=higher,
    )


def ledger_size(url: str) -> int:
    """Return how many entries a ledger seems to have, for a bar of progress."""
    with _reading(url) as connection:
        return _size(connection)


def _results(
    url: str, frame: _Frame, keys: Sequence[SigningKey], *, helpers: Helpers, progress: Progress
) -> Iterator[PortionResult]:
    # The last portions go to the helpers first, so that this process, which works as well, meets them.
    helped = {start: helpers.submit(_verify_one, url, start, frame.extent, keys) for start in reversed(frame.starts)}
    with _reading(url) as connection:
        for start in frame.starts:
            result = helpers.result(helped[start])
            if result is None:
                result = verify_portion(_portion(connection, start, frame.extent), keys, verify_ed25519)
            progress(result.count)
            yield result


def _verify_one(url: str, start: int, extent: _Extent, keys: Sequence[SigningKey]) -> PortionResult:
    with _reading(url) as connection:
        return verify_portion(_portion(connection, start, extent), keys, verify_ed25519)


@contextmanager
def _reading(url: str) -> Iterator[Connection]:
    engine = open_engine(url)
    try:
        with Transactions(engine).reading() as connection:
            yield connection
    finally:
        engine.dispose()


def _portion(connection: Connection, start: int, extent: _Extent) -> Portion:
    end = min(start + PORTION, extent.end)
    is_last = start + PORTION >= extent.end
    c = ledger_checkpoints.c
    is_first = start == 0
    checkpoints = select(c.size, c.root, c.at, c.note).where(c.size > (-1 if is_first else start)).order_by(c.size)
    checkpoints = checkpoints.where(c.size <= (extent.limit if is_last else start + PORTION))
    return Portion(
        start=start,
        count=end - start,
        blocks=_blocks(connection, start, end, _CONTENTS if extent.is_derived else _LABELLED),
        indexes=lambda: _indexes(connection, start, end),
        checkpoints=[SignedCheckpoint(s, bytes(r), a, n) for s, r, a, n in connection.execute(checkpoints)],
        tiles=_tiles(connection, start, end),
        before=_before(connection, start),
        last_at=_time_of(connection, start - 1),
    )


def _blocks(connection: Connection, start: int, end: int, columns: str) -> Iterator[Sequence[EntryRow]]:
    # NOTE: rows straight from the driver; building SQLAlchemy's rows would cost as much as all hashing together.
    cursor: Any = connection.connection.cursor()
    where = f"WHERE idx >= {int(start)} AND idx < {int(end)} ORDER BY idx"  # whole numbers of our own
    cursor.execute(f"SELECT {columns} FROM ledger_entries {where}")  # noqa: S608  # words of our own
    while rows := cursor.fetchmany(_BLOCK):
        yield rows
    cursor.close()


def _indexes(connection: Connection, start: int, end: int) -> Sequence[int]:
    c = ledger_entries.c
    return connection.execute(select(c.idx).where(c.idx >= start, c.idx < end).order_by(c.idx)).scalars().all()


def _time_of(connection: Connection, index: int) -> str:
    content = connection.execute(select(ledger_entries.c.content).where(ledger_entries.c.idx == index)).scalar()
    said = labels_of(content) if isinstance(content, bytes) else None
    return "" if said is None else said[2]


def _tiles(connection: Connection, start: int, end: int) -> Mapping[tuple[int, int], tuple[bytes, bytes]]:
    found: dict[tuple[int, int], tuple[bytes, bytes]] = {}
    t = ledger_tiles.c
    for level in (0, 1):
        height = HEIGHT * (level + 1)
        within = t.idx >= start >> height, t.idx < end >> height
        wanted = select(t.level, t.idx, t.root, t.hashes).where(t.level == level, *within)
        found |= {(lv, idx): (bytes(root), bytes(hashes)) for lv, idx, root, hashes in connection.execute(wanted)}
    return found


def _before(connection: Connection, start: int) -> Frontier | None:
    """Return the tree up to a portion as the tiles say it, None where they do not."""
    count = start >> PORTION_HEIGHT
    t = ledger_tiles.c
    wanted = select(t.root).where(t.level == 1, t.idx < count).order_by(t.idx)
    roots = [bytes(root) for root in connection.execute(wanted).scalars()]
    if len(roots) != count:
        return None
    tree = Frontier().extend(roots)
    return Frontier(start, tree.hashes)


def _whole(frame: _Frame, results: Sequence[PortionResult]) -> list[LedgerFault]:
    """Return what is wrong with the ledger as a whole: its end, its head, and tiles above the portions or beyond."""
    faults = []
    size = sum(result.count for result in results)
    if frame.newest is None and size:
        faults.append(LedgerFault(0, "entry-unsigned", "No checkpoint was ever signed over these entries."))
    elif frame.newest is not None and frame.newest.size < size:
        text = f"Entry {frame.newest.size} and those after it are under no signed checkpoint."
        faults.append(LedgerFault(frame.newest.size, "entry-unsigned", text))
    is_right = frame.head is None if not size else frame.head == _tree(results)
    if not is_right and not faults:
        text = "The head that the next entry would follow is not the end of the ledger."
        faults.append(LedgerFault(size, "head-differs", text))
    if frame.first < 0 or (frame.count != size and not faults):
        faults.append(LedgerFault(size, "entry-inserted", "There are entries outside the ledger's count."))
    for level, end in enumerate(frame.tiles_end):
        height = HEIGHT * (level + 1)
        first = frame.size >> height << height
        if end > frame.size >> height:
            text = f"There is a tile for entries from {first} on that are not there."
            faults.append(LedgerFault(first, "tile-beyond", text))
    return faults + list(frame.redefined) + _higher_tiles(frame, results)


def _tree(results: Sequence[PortionResult]) -> tuple[int, bytes]:
    full = [result.tree.hashes[0] for result in results if result.count == PORTION]
    rest = [h for result in results if result.count < PORTION for h in result.tree.hashes]
    whole = Frontier().extend(full)
    return sum(result.count for result in results), b"".join((*whole.hashes, *rest))


def _higher_tiles(frame: _Frame, results: Sequence[PortionResult]) -> list[LedgerFault]:
    """Return what is wrong with tiles of level 2 and above, which span many portions."""
    roots = [result.tree.hashes[0] for result in results if result.count == PORTION]
    faults: list[LedgerFault] = []
    for level in range(2, 8):
        tiles = [roots[at : at + WIDTH] for at in range(0, len(roots) - WIDTH + 1, WIDTH)]
        made = [(root_of(hashes), b"".join(hashes)) for hashes in tiles]
        if list(frame.higher.get(level, ())) != made:
            faults.append(LedgerFault(0, "tile-differs", f"The tiles of level {level} are not those of the entries."))
        roots = [root for root, _ in made]
    return faults


def _size(connection: Connection) -> int:
    """Return one more than the last index: a gap before it is found as a missing entry.

    SECURITY: a last index far beyond the count is no reason to look for entries at all the places before it; the first
    gap is found all the same.
    """
    last = connection.execute(select(func.max(ledger_entries.c.idx))).scalar()
    return min(last + 1, _count(connection) + PORTION) if isinstance(last, int) else 0


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(ledger_entries)).scalar_one()


def _has_odd_places(connection: Connection) -> bool:
    """Return whether an entry is stored under what is no number, as it can be in a table that was defined anew."""
    if connection.dialect.name != "sqlite" or are_derived(connection):
        return False
    odd = select(ledger_entries.c.content).where(func.typeof(ledger_entries.c.idx) != "integer").limit(1)
    return connection.execute(odd).one_or_none() is not None


def _newest(connection: Connection) -> SignedCheckpoint | None:
    c = ledger_checkpoints.c
    row = connection.execute(select(c.size, c.root, c.at, c.note).order_by(c.size.desc()).limit(1)).one_or_none()
    return None if row is None else SignedCheckpoint(row.size, bytes(row.root), row.at, row.note)
