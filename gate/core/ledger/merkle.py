"""Merkle tree: RFC 6962 hashes of leaves and nodes, and the frontier that appends and gives the root."""

import hashlib
from dataclasses import dataclass
from typing import Self

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 over 0x00 and its content (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256 over 0x01 and its two children (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


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
        hashes, size, last = list(self.hashes), self.size, leaf
        while size & 1:
            last = node_hash(hashes.pop(), last)
            size >>= 1
        return Frontier(self.size + 1, (*hashes, last))

    def root(self) -> bytes:
        """Return the root of the tree (RFC 6962, section 2.1); that of the empty tree is the hash of nothing."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root

    def to_bytes(self) -> bytes:
        """Return the hashes one after the other, as they are stored beside the size."""
        return b"".join(self.hashes)

    @classmethod
    def parse(cls, size: int, raw: bytes) -> Self:
        """Return a stored frontier. Raises ValueError where bytes and size do not fit together."""
        return cls(size, tuple(raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)))
