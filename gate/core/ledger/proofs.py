"""Proofs: that an entry is in a tree, and that one tree is the beginning of another (RFC 6962, RFC 9162)."""

from collections.abc import Callable, Iterator, Sequence

from gate.core.ledger.merkle import EMPTY_ROOT, HASH_BYTES, node_hash

Subtree = Callable[[int, int], bytes]
"""Gives the root of a full subtree by level and index: leaves `index * 2**level` up to the next multiple."""
MAX_STEPS = 64


class ProofError(ValueError):
    """A proof does not show what it is said to show; the message is one sentence."""


def root_at(size: int, subtree: Subtree) -> bytes:
    """Return the root of the tree of the first `size` leaves (RFC 6962, section 2.1)."""
    return _range_root(0, size, subtree) if size else EMPTY_ROOT


def inclusion_path(index: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Return the path from a leaf to the root of a tree, the leaf's sibling first (RFC 6962, section 2.1.1).

    Raises ProofError where the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ProofError(f"a tree of {size} entries has no entry {index}")
    start, end, ranges = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return tuple(_range_root(first, last, subtree) for first, last in reversed(ranges))


def consistency_path(old_size: int, new_size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Return the proof that a tree is the beginning of a later one (RFC 6962, section 2.1.2).

    It is empty for an empty tree and for equal sizes. Raises ProofError where the later tree is smaller.
    """
    if not 0 <= old_size <= new_size:
        raise ProofError(f"a tree of {old_size} entries is no beginning of one of {new_size}")
    if old_size in {0, new_size}:
        return ()
    start, end, ranges = 0, new_size, []
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return tuple(_range_root(first, last, subtree) for first, last in reversed(ranges))


def verify_inclusion(leaf: bytes, *, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Return where a path leads from a leaf, given by its hash, to a root (RFC 9162, section 2.1.3.2).

    Raises ProofError for every other path.
    """
    if not 0 <= index < size:
        raise ProofError(f"a tree of {size} entries has no entry {index}")
    _require_hashes(path)
    position, last, result = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise ProofError("the path has more hashes than the tree has levels")
        if position & 1 or position == last:
            result = node_hash(step, result)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            result = node_hash(result, step)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofError("the path has fewer hashes than the tree has levels")
    if result != root:
        raise ProofError(f"the path does not lead from entry {index} to the root")


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Return where a path shows that a tree is the beginning of a later one (RFC 9162, section 2.1.4.2).

    Raises ProofError for everything else. The empty tree is the beginning of every tree, with an empty path.
    """
    if not 0 <= old_size <= new_size:
        raise ProofError(f"a tree of {old_size} entries is no beginning of one of {new_size}")
    _require_hashes(path)
    if old_size in {0, new_size}:
        _require_trivial(old_size, old_root, new_root if old_size else EMPTY_ROOT, path)
        return
    if not path:
        raise ProofError("the path is empty")
    hashes = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = hashes[0]
    for step in hashes[1:]:
        if last == 0:
            raise ProofError("the path has more hashes than the tree has levels")
        if position & 1 or position == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, step)
        position, last = position >> 1, last >> 1
    if last or old != old_root or new != new_root:
        raise ProofError(f"the tree of {old_size} entries is not the beginning of that of {new_size}")


def _require_trivial(old_size: int, old_root: bytes, expected: bytes, path: Sequence[bytes]) -> None:
    if path:
        raise ProofError("the path has more hashes than the tree has levels")
    if old_root != expected:
        raise ProofError(f"there are two different trees of {old_size} entries")


def _require_hashes(path: Sequence[bytes]) -> None:
    if len(path) > 2 * MAX_STEPS or any(len(step) != HASH_BYTES for step in path):
        raise ProofError("a path is made of hashes of 32 bytes, one for each level at most")


def _split(size: int) -> int:
    """Return the largest power of two below a size (RFC 6962, section 2.1)."""
    return 1 << (size - 1).bit_length() - 1


def _range_root(start: int, end: int, subtree: Subtree) -> bytes:
    """Return the root over the leaves from `start` to before `end`, a range that RFC 6962 splits a tree into."""
    parts = [subtree(level, index) for level, index in _full_subtrees(start, end)]
    root = parts[-1]
    for left in reversed(parts[:-1]):
        root = node_hash(left, root)
    return root


def _full_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the full subtrees that make up such a range, largest first, each by level and index."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level
