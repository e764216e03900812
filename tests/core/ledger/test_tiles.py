"""Tiles: the blobs and paths of C2SP tlog-tiles by the second reader's account, and proofs out of nothing but tiles."""

from typing import Any

import pytest
import second_ledger_reader as second
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.ledger.merkle import Frontier, leaf_hashes, root_of
from gate.core.ledger.proofs import consistency_path, inclusion_path, root_at, verify_consistency, verify_inclusion
from gate.core.ledger.tiles import (
    Bundle,
    Tile,
    TiledTree,
    TileError,
    entry_bundle,
    hashes_of,
    is_within,
    parse_entry_bundle,
    parse_tile_path,
    tile_at,
    tiles_filled,
)

ENTRIES = [str(number).encode() for number in range(700)]
LEAVES = leaf_hashes(ENTRIES)
BIG = 70_000
BIG_LEAVES = leaf_hashes(str(number).encode() for number in range(BIG))


def read_small(tile: Tile) -> bytes:
    return second.tile(tile.level, tile.index, ENTRIES)[: 32 * tile.width]


def fail_to_read(tile: Tile) -> bytes:
    raise AssertionError(f"{tile.path()} is read")


def read_big(tile: Tile) -> bytes:
    height = 8 * tile.level
    first = tile.index * 256
    places = range(first, first + tile.width)
    return b"".join(root_of(BIG_LEAVES[place << height : (place + 1) << height]) for place in places)


class TestPaths:
    @settings(deadline=None)
    @given(st.integers(0, 7), st.integers(0, 10**15), st.integers(1, 256))
    def test_a_path_is_always_written_as_the_text_says_and_read_back(self, level: Any, index: Any, width: Any) -> None:
        for tile, name in ((Tile(level, index, width), level), (Bundle(index, width), "entries")):
            assert tile.path() == second.tile_path(name, index, width)
            assert parse_tile_path(tile.path()) == tile

    def test_the_example_of_the_text(self) -> None:
        assert Tile(0, 1234067).path() == "tile/0/x001/x234/067"

    @pytest.mark.parametrize(
        "path",
        [
            "",
            "tile/0/67",
            "tile/0/0067",
            "tile/00/067",
            "tile/8/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/0/x000/067",
            "tile/0/001/067",
            "tile/0/067.p/0",
            "tile/0/067.p/256",
            "tile/0/067.p/999",
            "tile/0/067.p/01",
            "tile/0/067/",
            "tile/0/../067",
            "tile/entries/67",
            "tile/Entries/067",
            "tile/0/\u0660\u0660\u0661",
            "tile/0/067\n",
        ],
    )
    def test_any_other_path_names_nothing(self, path: Any) -> None:
        with pytest.raises(TileError):
            parse_tile_path(path)


class TestWhichTilesATreeHas:
    @pytest.mark.parametrize("size", [1, 255, 256, 257, 65535, 65536, 65792, 70_000])
    def test_they_are_those_of_the_text(self, size: Any) -> None:
        for (level, index), width in second.tile_widths(size).items():
            assert tile_at(level, index, size=size) == Tile(level, index, width)
            assert is_within(Tile(level, index, width), size=size)
            assert width == 256 or not is_within(Tile(level, index, width + 1), size=size)
        for level, index in ((0, size // 256 + 1), (5, 0)):
            with pytest.raises(TileError, match="has no tile"):
                tile_at(level, index, size=size)

    @given(st.integers(0, 200_000), st.integers(0, 70_000))
    @settings(max_examples=50)
    def test_those_that_fill_up_are_always_the_new_full_ones(self, before: Any, more: Any) -> None:
        full = [
            {tile for tile, width in second.tile_widths(size).items() if width == 256}
            for size in (before, before + more)
        ]
        assert {(tile.level, tile.index) for tile in tiles_filled(before, before + more)} == full[1] - full[0]


class TestProofsFromTiles:
    @given(st.integers(1, 700), st.data())
    @settings(max_examples=40, deadline=None)
    def test_they_always_verify_against_the_definition(self, size: Any, data: Any) -> None:
        index = data.draw(st.integers(0, size - 1))
        tree, root = TiledTree(size, read_small), root_of(LEAVES[:size])
        assert root_at(size, tree.subtree) == root
        path = inclusion_path(index, size, tree.subtree)
        verify_inclusion(LEAVES[index], index=index, size=size, path=path, root=root)
        assert second.is_included(LEAVES[index], index, size, list(path), root)

    @pytest.mark.parametrize("index", [0, 255, 65_535, 65_536, BIG - 1])
    def test_a_tree_of_three_levels_of_tiles_needs_few_of_them(self, index: Any) -> None:
        read = []
        tree = TiledTree(BIG, lambda tile: read.append(tile) or read_big(tile))
        root = root_of(BIG_LEAVES)
        path = inclusion_path(index, BIG, tree.subtree)
        verify_inclusion(BIG_LEAVES[index], index=index, size=BIG, path=path, root=root)
        assert len(read) == len(set(read)) <= 5

    def test_consistency_of_a_large_tree(self) -> None:
        tree = TiledTree(BIG, read_big)
        for old in (1, 65_536, 65_537, 69_999):
            path = consistency_path(old, BIG, tree.subtree)
            roots = root_of(BIG_LEAVES[:old]), root_of(BIG_LEAVES)
            verify_consistency(old_size=old, old_root=roots[0], new_size=BIG, new_root=roots[1], path=path)

    @given(st.integers(1, 700), st.integers(0, 700), st.data())
    @settings(max_examples=60, deadline=None)
    def test_the_edge_of_this_tree_or_a_later_one_always_changes_nothing_but_what_is_read(
        self, size: Any, more: Any, data: Any
    ) -> None:
        index = data.draw(st.integers(0, size - 1))
        edge = Frontier().extend(LEAVES[: min(size + more, 700)])
        bare, edged = TiledTree(size, read_small), TiledTree(size, read_small, edge=edge)
        assert inclusion_path(index, size, edged.subtree) == inclusion_path(index, size, bare.subtree)
        if more == 0:
            assert root_at(size, TiledTree(size, fail_to_read, edge=edge).subtree) == root_of(LEAVES[:size])

    def test_a_subtree_of_a_later_edge_is_none_of_this_tree(self) -> None:
        edge = Frontier().extend(LEAVES[:4])
        with pytest.raises(TileError, match=r"no tile|no full subtree"):
            TiledTree(3, read_small, edge=edge).subtree(2, 0)

    def test_a_tile_that_was_cut_is_refused(self) -> None:
        with pytest.raises(TileError, match="must have 256 hashes"):
            TiledTree(700, lambda tile: read_small(tile)[:-1]).subtree(0, 0)
        with pytest.raises(TileError, match="no full subtree"):
            TiledTree(3, read_small).subtree(1, 1)


class TestBundles:
    @given(st.lists(st.binary(max_size=40), max_size=256))
    def test_they_are_always_read_back_by_both_readers(self, entries: Any) -> None:
        raw = entry_bundle(entries)
        assert list(parse_entry_bundle(raw)) == second.bundle(raw) == entries

    @pytest.mark.parametrize("raw", [b"\x00", b"\x00\x02a", b"\x00\x00" * 257])
    def test_a_bundle_that_was_cut_or_is_too_long_is_refused(self, raw: Any) -> None:
        with pytest.raises(TileError):
            parse_entry_bundle(raw)

    def test_an_entry_too_long_for_its_length_is_refused(self) -> None:
        assert parse_entry_bundle(entry_bundle([b"x" * 65535])) == (b"x" * 65535,)
        with pytest.raises(TileError, match="at most 65535"):
            entry_bundle([b"x" * 65536])

    def test_its_entries_hash_to_the_tile_of_the_same_place(self) -> None:
        tile = tile_at(0, 2, size=700)
        entries = parse_entry_bundle(entry_bundle(ENTRIES[512:700]))
        assert leaf_hashes(entries) == hashes_of(read_small(tile), tile)
