"""Verification: whether a portion of a ledger is what was recorded, and which is the first entry that is not."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from itertools import pairwise

from gate.core.ledger.entries import SignedCheckpoint
from gate.core.ledger.merkle import HASH_BYTES, Frontier, leaf_hashes, level_above, node_hash
from gate.core.ledger.note import NoteError, verify_checkpoint
from gate.core.ledger.signing_keys import SigningKey, key_for
from gate.core.ledger.tiles import HEIGHT, WIDTH
from gate.core.values import dataclass

PORTION_HEIGHT = 2 * HEIGHT
PORTION = 1 << PORTION_HEIGHT
"""Entries are verified in portions of 65,536: one full tile of level 1, a subtree by itself."""
EntryRow = tuple[int, str, str, str, bytes, bytes]
"""Index, kind, time, subject, content and leaf hash of an entry, as they are stored."""
_TYPES = (int, str, str, str, bytes, bytes)
VerifySignature = Callable[[bytes, bytes, bytes], bool]
# How an entry begins, where it holds no backslash: a class of two characters would take twice as long.
_HEAD = re.compile(
    rb'\{(?:"actor":"[^"]*",)?"at":"([^"]*)",(?:"authenticated":"[^"]*",)?(?:"facts":"[^"]*",)?'
    rb'(?:"happened_at":"[^"]*",)?"index":([0-9]+),"kind":"([^"]*)","payload":'
)


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

    `blocks` gives the entries in order, a few hundred at a time: what is looked at while it lies in the processor's
    cache costs a third less. `before` is what the tree is said to be up to where the portion starts; None where that
    is not known. `last_at` is the time of the entry before it.
    """

    start: int
    blocks: Iterable[Sequence[EntryRow]]
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
    """What was seen of a portion so far; of each kind of fault in its entries, only the first is told."""

    portion: Portion
    faults: list[LedgerFault] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def fault(self, index: int, code: str, text: str) -> None:
        self.faults.append(LedgerFault(index, code, text))

    def first(self, index: int, code: str, text: str) -> None:
        if code not in self.seen:
            self.seen.add(code)
            self.fault(index, code, text)


def verify_portion(portion: Portion, keys: Sequence[SigningKey], verify: VerifySignature) -> PortionResult:
    """Return what is wrong with a portion: its entries, their hashes, the tiles over them, its checkpoints.

    What the portion takes for granted of the portions before it (`before`) is proven by theirs: each compares the tree
    that it makes of its own entries with what is stored.
    """
    check = _Check(portion)
    for rows in portion.blocks:
        _check_entries(check, rows)
    levels = _levels(check.leaves)
    if "entry-missing" not in check.seen:  # else everything after the gap stands in another place of the tree
        _check_tiles(check, levels)
        _check_checkpoints(check, levels, keys, verify)
    count = len(check.leaves)
    tree = Frontier(count, _local(levels, count))
    return PortionResult(portion.start, count, tree, first_first(check.faults), len(portion.checkpoints))


def _check_entries(check: _Check, rows: Sequence[EntryRow]) -> None:
    try:
        _check_block(check, rows)
    except (TypeError, AttributeError):  # NOTE: SQLite keeps whatever it is given in any column
        odd = next(row for row in rows if tuple(map(type, row)) != _TYPES)
        check.first(odd[0], "entry-edited", f"Entry {odd[0]} is stored as something that no entry is.")
        _check_block(check, [(i, _text(k), _text(a), _text(s), _bytes(c), _bytes(h)) for i, k, a, s, c, h in rows])


def _check_block(check: _Check, rows: Sequence[EntryRow]) -> None:
    """Check entries against their own bytes and the entry before, and take up their hashes. Nothing is kept before."""
    leaves = leaf_hashes([row[4] for row in rows])
    times = [check.times[-1] if check.times else check.portion.last_at, *[row[2] for row in rows]]
    is_rising = times == sorted(times)
    mislabelled = _mislabelled(rows)
    first = check.portion.start + len(check.leaves)
    if [row[0] for row in rows] != list(range(first, first + len(rows))):
        wrong = next(first + place for place, row in enumerate(rows) if row[0] != first + place)
        check.first(wrong, "entry-missing", f"Entry {wrong} is missing, or stands in another place.")
    if leaves != [row[5] for row in rows]:
        index = next(first + place for place, row in enumerate(rows) if row[5] != leaves[place])
        check.first(index, "entry-edited", f"Entry {index} does not have the hash that is stored beside it.")
    if not is_rising:
        index = next(first + place for place, (earlier, later) in enumerate(pairwise(times)) if earlier > later)
        text = f"Entry {index} is said to have been recorded before the one before it."
        check.first(index, "entry-backdated", text)
    if mislabelled is not None:
        text = f"Entry {mislabelled} is stored as something else than its bytes say."
        check.first(mislabelled, "entry-mislabelled", text)
    check.leaves += leaves
    check.times += times[1:]


def _text(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else repr(value).encode()


def _mislabelled(rows: Sequence[EntryRow]) -> int | None:
    """Return the first entry that is looked up by something else than what its exact bytes say.

    SECURITY: a label with a quotation mark could span several keys of the bytes, and one with a backslash is written
    otherwise there; such a block is compared by parsing.
    """
    labels = "".join([row[1] + row[2] + row[3] for row in rows])
    is_plain = '"' not in labels and "\\" not in labels
    for index, kind, at, subject, content, _ in rows:
        if not (
            is_plain
            and content.endswith(f',"subject":"{subject}"}}'.encode())
            and (
                content.startswith(f'{{"at":"{at}","index":{index},"kind":"{kind}","payload":'.encode())
                or _has_head(content, index, kind, at)
            )
        ) and not _says(content, index, kind, at, subject):
            return index
    return None


def _has_head(content: bytes, index: int, kind: str, at: str) -> bool:
    """Return whether an entry that names an actor, facts or another time begins with its labels."""
    found = _HEAD.match(content)
    if found is None or found.groups() != (at.encode(), b"%d" % index, kind.encode()):
        return False
    return content.find(b"\\", 0, found.end()) < 0


def _says(content: bytes, index: int, kind: str, at: str, subject: str) -> bool:
    try:
        entry = json.loads(content)
        return bool((entry["index"], entry["kind"], entry["at"], entry["subject"]) == (index, kind, at, subject))
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


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
    first = tile << HEIGHT * (level + 1)
    if stored is None:
        check.fault(first, "tile-missing", f"The tile of level {level} over the entries from {first} on is missing.")
        return
    hashes = stored[1]
    at = range(0, len(expected), HASH_BYTES)
    place = next((at // HASH_BYTES for at in at if hashes[at : at + HASH_BYTES] != expected[at : at + HASH_BYTES]), 0)
    index = first + (place << HEIGHT * level)
    text = f"The tile of level {level} has another hash for the entries from {index} on than they have."
    check.fault(index, "tile-differs", text)


def _check_checkpoints(
    check: _Check, levels: Sequence[Sequence[bytes]], keys: Sequence[SigningKey], verify: VerifySignature
) -> None:
    """Check every checkpoint that ends in the portion: signed by the key of its time, over the tree as it was then."""
    last = check.portion.start
    count = len(levels[0])
    for checkpoint in check.portion.checkpoints:
        size = checkpoint.size
        first, last = last, size
        if size > check.portion.start + count:
            text = f"A checkpoint was signed over {size} entries; there are only {check.portion.start + count}."
            check.fault(check.portion.start + count, "ledger-truncated", text)
            return
        key = key_for(keys, size)
        try:
            told = verify_checkpoint(checkpoint.note, name=key.name, public_key=key.public_key, verify=verify)
        except NoteError as error:
            text = f"The checkpoint over {size} entries cannot be trusted: {error}."
            check.fault(size - 1, "checkpoint-unsigned", text)
            return
        if (told.size, told.root) != (size, checkpoint.root):
            text = f"The checkpoint over {size} entries is stored with another size or root than was signed."
            check.fault(size - 1, "checkpoint-edited", text)
            return
        if checkpoint.at != check.times[size - check.portion.start - 1]:
            check.fault(
                size - 1, "checkpoint-edited", f"The checkpoint over {size} entries has another time than they."
            )
            return
        if check.portion.before is not None and _root(check.portion.before, levels, size) != told.root:
            if any(first <= one.index < size for one in check.faults):
                return  # the entry itself is named already
            where = f"Entry {first}" if first == size - 1 else f"One of the entries {first} to {size - 1}"
            check.fault(first, "entry-replaced", f"{where} is not the one that was signed.")
            return


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
