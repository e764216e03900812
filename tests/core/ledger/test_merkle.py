"""Merkle tree: the frontier against the definition of RFC 6962, written down once more, and its known values."""

import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash, node_hash

# The seven-leaf inputs and roots that transparency logs publish as test data for RFC 6962.
LEAVES = [
    b"",
    b"\x00",
    b"\x10",
    bytes.fromhex("2021"),
    bytes.fromhex("3031"),
    bytes.fromhex("40414243"),
    bytes.fromhex("5051525354555657"),
    bytes.fromhex("606162636465666768696a6b6c6d6e6f"),
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def tree_hash(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


def frontier_of(leaves: list[bytes]) -> Frontier:
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.append(leaf_hash(leaf))
    return frontier


class TestRoots:
    @pytest.mark.parametrize("size", ROOTS)
    def test_they_are_the_published_ones(self, size: Any) -> None:
        assert frontier_of(LEAVES[:size]).root().hex() == ROOTS[size]

    def test_the_empty_tree_is_the_hash_of_nothing(self) -> None:
        assert Frontier().root() == EMPTY_ROOT == hashlib.sha256(b"").digest()

    @given(st.lists(st.binary(max_size=8), max_size=70))
    @settings(max_examples=100)
    def test_they_are_always_those_of_the_definition(self, leaves: Any) -> None:
        assert frontier_of(leaves).root() == tree_hash(leaves)

    def test_a_leaf_is_never_a_node(self) -> None:
        left, right = leaf_hash(b"a"), leaf_hash(b"b")
        assert node_hash(left, right) != leaf_hash(left + right)


class TestTheFrontier:
    @given(st.integers(0, 300))
    @settings(max_examples=60)
    def test_it_always_holds_one_hash_for_each_bit_of_its_size(self, size: Any) -> None:
        assert len(frontier_of([b"x"] * size).hashes) == size.bit_count()

    @given(st.integers(0, 100), st.integers(1, 20))
    @settings(max_examples=60)
    def test_what_was_stored_always_goes_on_as_if_it_never_was(self, size: Any, more: Any) -> None:
        leaves = [str(number).encode() for number in range(size + more)]
        whole = frontier_of(leaves[:size])
        again = Frontier.parse(whole.size, whole.to_bytes())
        for leaf in leaves[size:]:
            again = again.append(leaf_hash(leaf))
        assert again.root() == tree_hash(leaves)

    @pytest.mark.parametrize(
        ("size", "raw"), [(0, b"x" * 32), (1, b""), (3, b"x" * 32), (1, b"x" * 31), (1, b"x" * 33), (-1, b"")]
    )
    def test_hashes_that_do_not_fit_the_size_are_refused(self, size: Any, raw: Any) -> None:
        with pytest.raises(ValueError, match=r"subtrees|32 bytes"):
            Frontier.parse(size, raw)
