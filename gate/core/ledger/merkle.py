"""Merkle tree: RFC 6962 hashes of leaves and nodes, and the frontier that appends and gives the root."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from gate.core.values import dataclass

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
_LEAF, _NODE = hashlib.sha256(b"\x00"), hashlib.sha256(b"\x01")


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 over 0x00 and its content (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256 over 0x01 and its two children (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf_hashes(contents: Iterable[bytes]) -> list[bytes]:
    """Return the hashes of many leaves; a prepared context makes it faster than one by one."""
    found = []
    prepared = _LEAF.copy
    for content in contents:
        hashing = prepared()
        hashing.update(content)
        found.append(hashing.digest())
    return found


def level_above(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the nodes over an even number of nodes: each the hash of two neighbours."""
    found = []
    prepared = _NODE.copy
    pairs = iter(hashes)
    for left, right in zip(pairs, pairs, strict=True):
        hashing = prepared()
        hashing.update(left + right)
        found.append(hashing.digest())
    return found


def nodes_above(hashes: bytes) -> bytes:
    """Return the nodes over those that lie one after the other in the bytes of a tile; an odd last one has none."""
    found = []
    prepared = _NODE.copy
    for at in range(0, len(hashes) - HASH_BYTES, 2 * HASH_BYTES):
        hashing = prepared()
        hashing.update(hashes[at : at + 2 * HASH_BYTES])
        found.append(hashing.digest())
    return b"".join(found)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaves given by their hashes, all at once (RFC 6962, section 2.1)."""
    if not leaves:
        return EMPTY_ROOT
    level, edge = list(leaves), b""
    while len(level) > 1:
        if len(level) & 1:
            last = level.pop()
            edge = node_hash(last, edge) if edge else last
        level = level_above(level)
    return node_hash(level[0], edge) if edge else level[0]


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree: the roots of its full subtrees, largest first; all that appending needs.

    A tree of `size` leaves has one full subtree for each bit that is set in `size`.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError(f"a tree of {self.size} leaves has no {len(self.hashes)} full subtrees")
        if any(len(one) != HASH_BYTES for one in self.hashes):
            raise ValueError("a hash of a frontier has not 32 bytes")

    def append(self, leaf: bytes) -> "Frontier":
        """Return the frontier with one more leaf, given by its hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> "Frontier":
        """Return the frontier with more leaves, given by their hashes."""
        hashes, size = list(self.hashes), self.size
        for leaf in leaves:
            last, place = leaf, size
            while place & 1:
                last = node_hash(hashes.pop(), last)
                place >>= 1
            hashes.append(last)
            size += 1
        return Frontier(size, tuple(hashes))

    def root(self) -> bytes:
        """Return the root of the tree (RFC 6962, section 2.1); that of the empty tree is the hash of nothing."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root

    def subtrees(self) -> Iterator[tuple[int, int, bytes]]:
        """Yield its full subtrees, largest first: the level and index of each, and its root."""
        start = 0
        for root in self.hashes:
            level = (self.size - start).bit_length() - 1
            yield level, start >> level, root
            start += 1 << level

    def to_bytes(self) -> bytes:
        """Return the hashes one after the other, as they are stored beside the size."""
        return b"".join(self.hashes)

    @classmethod
    def parse(cls, size: int, raw: bytes) -> Self:
        """Return a stored frontier. Raises ValueError where bytes and size do not fit together."""
        return cls(size, tuple(raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)))
