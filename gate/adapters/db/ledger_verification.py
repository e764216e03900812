"""Ledger verification: everything that is stored of the ledger, read and checked in portions, by several processes."""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, func, select

from gate.adapters.db.checkpoint_signing import verify_ed25519
from gate.adapters.db.engine import Transactions, open_engine
from gate.adapters.db.tables import ledger_checkpoints, ledger_entries, ledger_head
from gate.adapters.db.tables_ledger import ledger_tiles
from gate.core.ledger.entries import SignedCheckpoint
from gate.core.ledger.merkle import Frontier, root_of
from gate.core.ledger.signing_keys import SigningKey
from gate.core.ledger.tiles import HEIGHT, WIDTH
from gate.core.ledger.verification import (
    PORTION,
    PORTION_HEIGHT,
    LedgerFault,
    Portion,
    PortionResult,
    TreeFindings,
    first_first,
    verify_portion,
)

_ROWS = "SELECT idx, kind, at, subject, content, leaf_hash FROM ledger_entries"
Progress = Callable[[int], None]


def verify_tree(
    url: str, keys: Sequence[SigningKey], *, processes: int = 1, progress: Progress = lambda _: None
) -> TreeFindings:
    """Return what is wrong with a ledger: entries, hashes, tiles, checkpoints and signatures, all of them.

    `progress` is told how many more entries were checked. Raises StoreError where the database cannot be read.
    """
    with _reading(url) as connection:
        size = _size(connection)
        newest = _newest(connection)
    starts = range(0, max(size, 1), PORTION)
    results = list(_results(url, starts, keys, processes=processes, progress=progress))
    faults = [fault for result in results for fault in result.faults]
    with _reading(url) as connection:
        faults += _whole(connection, results, newest)
    checkpoints = sum(result.checkpoints for result in results)
    return TreeFindings(size, checkpoints, newest, first_first(faults))


def ledger_size(url: str) -> int:
    """Return how many entries a ledger seems to have, for a bar of progress."""
    with _reading(url) as connection:
        return _size(connection)


def _results(
    url: str, starts: Sequence[int], keys: Sequence[SigningKey], *, processes: int, progress: Progress
) -> Iterator[PortionResult]:
    if processes < 2 or len(starts) < 2:  # noqa: PLR2004  # one process, or nothing to share out
        with _reading(url) as connection:
            for start in starts:
                result = verify_portion(_portion(connection, start), keys, verify_ed25519)
                progress(result.count)
                yield result
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        todo: list[Future[PortionResult]] = [pool.submit(_verify_one, url, start, keys) for start in starts]
        for future in todo:
            result = future.result()
            progress(result.count)
            yield result


def _verify_one(url: str, start: int, keys: Sequence[SigningKey]) -> PortionResult:
    with _reading(url) as connection:
        return verify_portion(_portion(connection, start), keys, verify_ed25519)


@contextmanager
def _reading(url: str) -> Iterator[Connection]:
    engine = open_engine(url)
    try:
        with Transactions(engine).reading() as connection:
            yield connection
    finally:
        engine.dispose()


def _portion(connection: Connection, start: int) -> Portion:
    # NOTE: rows straight from the driver; building SQLAlchemy's rows would cost as much as all hashing together.
    cursor = connection.connection.cursor()
    bounds = int(start), int(start) + PORTION
    cursor.execute(f"{_ROWS} WHERE idx >= {bounds[0]} AND idx < {bounds[1]} ORDER BY idx")  # whole numbers of our own
    rows = cursor.fetchall()
    cursor.close()
    c = ledger_checkpoints.c
    is_first = start == 0
    checkpoints = select(c.size, c.root, c.at, c.note).where(c.size > (-1 if is_first else start)).order_by(c.size)
    if len(rows) == PORTION:  # the last portion takes all that is left, whatever it claims
        checkpoints = checkpoints.where(c.size <= start + PORTION)
    last = connection.execute(select(ledger_entries.c.at).where(ledger_entries.c.idx == start - 1)).scalar()
    return Portion(
        start=start,
        rows=rows,
        checkpoints=[SignedCheckpoint(s, bytes(r), a, n) for s, r, a, n in connection.execute(checkpoints)],
        tiles=_tiles(connection, start, is_last=len(rows) < PORTION),
        before=_before(connection, start),
        last_at=last or "",
    )


def _tiles(connection: Connection, start: int, *, is_last: bool) -> Mapping[tuple[int, int], tuple[bytes, bytes]]:
    found: dict[tuple[int, int], tuple[bytes, bytes]] = {}
    t = ledger_tiles.c
    for level in (0, 1):
        height = HEIGHT * (level + 1)
        wanted = select(t.level, t.idx, t.root, t.hashes).where(t.level == level, t.idx >= start >> height)
        if not is_last:
            wanted = wanted.where(t.idx < start + PORTION >> height)
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


def _whole(
    connection: Connection, results: Sequence[PortionResult], newest: SignedCheckpoint | None
) -> list[LedgerFault]:
    """Return what is wrong with the ledger as a whole: its end, its head, and tiles above the portions."""
    faults = []
    size = sum(result.count for result in results)
    if newest is None and size:
        faults.append(LedgerFault(0, "entry-unsigned", "No checkpoint was ever signed over these entries."))
    elif newest is not None and newest.size < size:
        text = f"Entry {newest.size} and those after it are under no signed checkpoint."
        faults.append(LedgerFault(newest.size, "entry-unsigned", text))
    head = connection.execute(select(ledger_head)).mappings().one_or_none()
    tree = _tree(results)
    is_right = head is None if not size else head is not None and (head["size"], bytes(head["frontier"])) == tree
    if not is_right and not faults:
        text = "The head that the next entry would follow is not the end of the ledger."
        faults.append(LedgerFault(size, "head-differs", text))
    if connection.execute(select(func.count()).select_from(ledger_entries)).scalar_one() != size and not faults:
        faults.append(LedgerFault(size, "entry-inserted", "There are entries outside the ledger's count."))
    return faults + _higher_tiles(connection, results)


def _tree(results: Sequence[PortionResult]) -> tuple[int, bytes]:
    full = [result.tree.hashes[0] for result in results if result.count == PORTION]
    rest = [h for result in results if result.count < PORTION for h in result.tree.hashes]
    whole = Frontier().extend(full)
    return sum(result.count for result in results), b"".join((*whole.hashes, *rest))


def _higher_tiles(connection: Connection, results: Sequence[PortionResult]) -> list[LedgerFault]:
    """Return what is wrong with tiles of level 2 and above, which span many portions."""
    roots = [result.tree.hashes[0] for result in results if result.count == PORTION]
    faults: list[LedgerFault] = []
    t = ledger_tiles.c
    for level in range(2, 8):
        expected: list[Any] = [roots[at : at + WIDTH] for at in range(0, len(roots) - WIDTH + 1, WIDTH)]
        wanted = select(t.root, t.hashes).where(t.level == level).order_by(t.idx)
        stored = [(bytes(root), bytes(hashes)) for root, hashes in connection.execute(wanted)]
        made = [(root_of(hashes), b"".join(hashes)) for hashes in expected]
        if stored != made:
            faults.append(LedgerFault(0, "tile-differs", f"The tiles of level {level} are not those of the entries."))
        roots = [root for root, _ in made]
    return faults


def _size(connection: Connection) -> int:
    """Return one more than the last index: a gap before it is found as a missing entry."""
    last = connection.execute(select(func.max(ledger_entries.c.idx))).scalar()
    return 0 if last is None else int(last) + 1


def _newest(connection: Connection) -> SignedCheckpoint | None:
    c = ledger_checkpoints.c
    row = connection.execute(select(c.size, c.root, c.at, c.note).order_by(c.size.desc()).limit(1)).one_or_none()
    return None if row is None else SignedCheckpoint(row.size, bytes(row.root), row.at, row.note)
