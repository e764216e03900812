"""Verification: whether a portion of a ledger is what was recorded, and which is the first entry that is not."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from itertools import pairwise

from gate.core.counting import agreeing, count_of
from gate.core.ledger.blocks import HEAD, odd_heads, plain_heads, time_of
from gate.core.ledger.entries import SignedCheckpoint
from gate.core.ledger.labels import labels_of, written
from gate.core.ledger.merkle import HASH_BYTES, Frontier, leaf_hashes, level_above, node_hash
from gate.core.ledger.note import NoteError, verify_checkpoint
from gate.core.ledger.signing_keys import SigningKey, key_for
from gate.core.ledger.tiles import HEIGHT, WIDTH
from gate.core.values import dataclass

PORTION_HEIGHT = 2 * HEIGHT
PORTION = 1 << PORTION_HEIGHT
"""Entries are verified in portions of 65,536: one full tile of level 1, a subtree by itself."""
EntryRow = tuple[bytes] | tuple[bytes, int, str, str, str]
"""The content of an entry; where the database may say others than it does, its index, kind, time and subject, too."""
VerifySignature = Callable[[bytes, bytes, bytes], bool]


@dataclass(frozen=True, slots=True, order=True)
class LedgerFault:
    """One thing that is wrong with a ledger, at the entry named or before."""

    index: int
    code: str
    text: str


NOWHERE = -1
"""The index of a fault that no entry is about."""


def first_first(faults: Iterable[LedgerFault]) -> tuple[LedgerFault, ...]:
    """Return faults in the order of the entries that they are about; what is about none comes last."""
    return tuple(sorted(faults, key=lambda fault: (fault.index == NOWHERE, fault.index)))


@dataclass(frozen=True, slots=True)
class TreeFindings:
    """What was found in the ledger itself: how much there is, its newest head, and what is wrong, the first first."""

    entries: int
    checkpoints: int
    newest: SignedCheckpoint | None
    faults: tuple[LedgerFault, ...]


@dataclass(frozen=True, slots=True)
class Portion:
    """A portion as it is stored: its entries, the tiles over them, and the checkpoints that end within it.

    `count` is how many entries it is to have. `blocks` gives them in order, a few hundred at a time: what is looked at
    while it lies in the processor's cache costs a third less. `indexes` gives the indexes under which they are stored,
    in order; it is asked only where there are not so many, or an entry says another place than it stands in. `before`
    is what the tree is said to be up to where the portion starts; None where that is not known. `last_at` is the time
    of the entry before it.
    """

    start: int
    count: int
    blocks: Iterable[Sequence[EntryRow]]
    indexes: Callable[[], Sequence[int]]
    checkpoints: Sequence[SignedCheckpoint]
    tiles: Mapping[tuple[int, int], tuple[bytes, bytes]]
    before: Frontier | None
    last_at: str = ""


@dataclass(frozen=True, slots=True)
class PortionResult:
    """What became of a portion: how many entries it has, its own tree, and what is wrong, the first first."""

    start: int
    count: int
    tree: Frontier
    faults: tuple[LedgerFault, ...] = ()
    checkpoints: int = 0


@dataclass(slots=True)
class _Check:
    """What was seen of a portion so far; of each kind of fault in its entries, only the first is told.

    `astray` are the places of entries that say another index than that of their place, and what they say. `proven` is
    how many entries are known to be those that were signed.
    """

    portion: Portion
    faults: list[LedgerFault] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    astray: list[tuple[int, int]] = field(default_factory=list)
    mislabelled: list[int] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    proven: int = 0

    def fault(self, index: int, code: str, text: str) -> None:
        self.seen.add(code)
        self.faults.append(LedgerFault(index, code, text))

    def first(self, index: int, code: str, text: str) -> None:
        if code not in self.seen:
            self.fault(index, code, text)


def verify_portion(portion: Portion, keys: Sequence[SigningKey], verify: VerifySignature) -> PortionResult:
    """Return what is wrong with a portion: its entries, their hashes, the tiles over them, its checkpoints.

    What the portion takes for granted of the portions before it (`before`) is proven by theirs: each compares the tree
    that it makes of its own entries with what is stored.
    """
    check = _Check(portion, proven=portion.start)
    for rows in portion.blocks:
        _check_entries(check, rows)
    _check_places(check)
    levels = _levels(check.leaves)
    if "entry-missing" not in check.seen:  # else everything after the gap stands in another place of the tree
        replaced = _check_checkpoints(check, levels, keys, verify)
        _check_tiles(check, levels)
        if replaced is not None and not any(replaced[0].index <= one.index < replaced[1] for one in check.faults):
            check.faults.append(replaced[0])  # else the entry itself is named already
    count = len(check.leaves)
    tree = Frontier(count, _local(levels, count))
    return PortionResult(portion.start, count, tree, first_first(check.faults), len(portion.checkpoints))


def _check_entries(check: _Check, rows: Sequence[EntryRow]) -> None:
    try:
        _check_block(check, rows)
    except TypeError:  # NOTE: SQLite keeps whatever it is given in any column
        place = next(place for place, row in enumerate(rows) if not isinstance(row[0], bytes))
        index = check.portion.start + len(check.leaves) + place
        check.first(index, "entry-edited", f"Entry {index} is stored as something that no entry is.")
        _check_block(check, [(_bytes(row[0]), *row[1:]) for row in rows])


def _check_block(check: _Check, rows: Sequence[EntryRow]) -> None:
    """Check entries against their places and the entry before, and take up their hashes. Nothing is kept before."""
    contents = [row[0] for row in rows]
    leaves = leaf_hashes(contents)
    first = check.portion.start + len(check.leaves)
    last = check.heads[-1] if check.heads else HEAD + check.portion.last_at.encode()
    heads = plain_heads(contents, first)
    if heads is None:
        said, heads = odd_heads(contents, last)
        if said != list(range(first, first + len(rows))):
            check.astray += [(first + place, index) for place, index in enumerate(said) if index != first + place]
        is_rising = heads == sorted(heads)
    else:
        is_rising = True
    if not is_rising or heads[0] < last:
        place = next(place for place, (earlier, later) in enumerate(pairwise((last, *heads))) if earlier > later)
        text = f"Entry {first + place} is said to have been recorded before the one before it."
        check.first(first + place, "entry-backdated", text)
    if len(rows[0]) > 1:
        check.mislabelled += _mislabelled(rows)
    check.leaves += leaves
    check.heads += heads


def _mislabelled(rows: Sequence[EntryRow]) -> list[int]:
    """Return the indexes of entries that are stored under others than their exact bytes say."""
    found: list[int] = []
    for row in rows:
        said = labels_of(row[0])
        if len(row) > 1 and (said is None or (*said[:3], written(said[3])) != row[1:]):
            found.append(row[1])
    return found


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else repr(value).encode()


def _check_places(check: _Check) -> None:
    """Check that the indexes under which entries are stored are all there, and are those that the entries say."""
    start = check.portion.start
    if check.astray or len(check.leaves) != check.portion.count:
        indexes = check.portion.indexes()
        missing = next((start + place for place, index in enumerate(indexes) if index != start + place), None)
        if missing is None and len(indexes) != check.portion.count:
            missing = start + len(indexes)
        if missing is not None:
            check.first(missing, "entry-missing", f"Entry {missing} is missing, or stands in another place.")
        check.mislabelled += [indexes[place - start] for place, said in check.astray if indexes[place - start] != said]
    if check.mislabelled:
        index = min(check.mislabelled)
        check.first(index, "entry-mislabelled", f"Entry {index} is stored as something else than its bytes say.")


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
    """Return the full subtrees of the portion by their height."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append(level_above(below if len(below) % 2 == 0 else below[:-1]))
    return levels


def _check_tiles(check: _Check, levels: Sequence[Sequence[bytes]]) -> None:
    for level, height in ((0, 0), (1, HEIGHT)):
        hashes = levels[height] if height < len(levels) else []
        roots = levels[height + HEIGHT] if height + HEIGHT < len(levels) else []
        first = check.portion.start >> height + HEIGHT
        for place, root in enumerate(roots):
            stored = check.portion.tiles.get((level, first + place))
            expected = root, b"".join(hashes[place * WIDTH : (place + 1) * WIDTH])
            if stored != expected:
                _tile_fault(check, level, first + place, stored, expected[1])
                break
        beyond = [index for at, index in check.portion.tiles if at == level and index >= first + len(roots)]
        if beyond:
            index = min(beyond) << height + HEIGHT
            check.fault(index, "tile-beyond", f"There is a tile for entries from {index} on that are not there.")


def _tile_fault(check: _Check, level: int, tile: int, stored: tuple[bytes, bytes] | None, expected: bytes) -> None:
    """Name what differs: the tile where its entries are known to be those that were signed, the entry else."""
    first = tile << HEIGHT * (level + 1)
    if stored is None:
        check.fault(first, "tile-missing", f"The tile of level {level} over the entries from {first} on is missing.")
        return
    hashes = stored[1]
    at = range(0, len(expected), HASH_BYTES)
    place = next(
        (at // HASH_BYTES for at in at if hashes[at : at + HASH_BYTES] != expected[at : at + HASH_BYTES]), None
    )
    index = first + ((place or 0) << HEIGHT * level)
    if level == 0 and place is not None and index >= check.proven:
        check.first(index, "entry-edited", f"Entry {index} is not the one whose hash the tile over it keeps.")
    elif level == 0 or "entry-edited" not in check.seen:  # else the tiles above differ for that
        text = f"The tile of level {level} has another hash for the entries from {index} on than they have."
        check.fault(index, "tile-differs", text)


def _check_checkpoints(
    check: _Check, levels: Sequence[Sequence[bytes]], keys: Sequence[SigningKey], verify: VerifySignature
) -> tuple[LedgerFault, int] | None:
    """Check every checkpoint that ends in the portion: signed by the key of its time, over the tree as it was then.

    Returns the fault that one of its entries is not what was signed, and the size of that checkpoint.
    """
    last = check.portion.start
    count = len(levels[0])
    for checkpoint in check.portion.checkpoints:
        size = checkpoint.size
        signed = f"over {count_of(size, 'entry', 'entries')}"
        first, last = last, size
        there = check.portion.start + count
        if size > there:
            text = f"A checkpoint was signed {signed}; there {agreeing(there, 'is', 'are')} only {there}."
            check.fault(there, "ledger-truncated", text)
            return None
        key = key_for(keys, size)
        try:
            told = verify_checkpoint(checkpoint.note, name=key.name, public_key=key.public_key, verify=verify)
        except NoteError as error:
            text = f"The checkpoint {signed} cannot be trusted: {error}."
            check.fault(size - 1, "checkpoint-unsigned", text)
            return None
        if (told.size, told.root) != (size, checkpoint.root):
            text = f"The checkpoint {signed} is stored with another size or root than was signed."
            check.fault(size - 1, "checkpoint-edited", text)
            return None
        if check.portion.before is not None:
            if _root(check.portion.before, levels, size) != told.root:
                where = f"Entry {first}" if first == size - 1 else f"One of the entries {first} to {size - 1}"
                return LedgerFault(first, "entry-replaced", f"{where} is not the one that was signed."), size
            check.proven = size
        if checkpoint.at != time_of(check.heads[size - check.portion.start - 1]):
            text = f"The checkpoint {signed} has another time than they."
            check.fault(size - 1, "checkpoint-edited", text)
            return None
    return None


def _root(before: Frontier, levels: Sequence[Sequence[bytes]], size: int) -> bytes:
    hashes = (*before.hashes, *_local(levels, size - before.size))
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def _local(levels: Sequence[Sequence[bytes]], count: int) -> tuple[bytes, ...]:
    """Return the roots of the full subtrees over the first `count` entries of a portion, largest first."""
    found, place = [], 0
    for height in range(count.bit_length() - 1, -1, -1):
        if count >> height & 1:
            found.append(levels[height][place >> height])
            place += 1 << height
    return tuple(found)
