"""The open tile: what a process remembers of the last tile is used only where the ledger is what it left behind."""

from pathlib import Path

import pytest
from builders_ledger import KEY
from builders_store import a_draft, a_world, sqlite_url

from gate.adapters.db.ledger_tiles import OpenTile
from gate.adapters.db.ledger_verification import verify_tree
from gate.core.ledger.merkle import Frontier, leaf_hash
from gate.core.ledger.tiles import WIDTH

LEAVES = [leaf_hash(b"%d" % number) for number in range(WIDTH + 10)]


def append(store: object, count: int, *, fails: bool = False) -> None:
    with store.writing() as writing:  # type: ignore[attr-defined]  # any store of the contract
        for number in range(count):
            writing.append(a_draft(number))
        if fails:
            raise InterruptedError


class TestTheTilesOfALedger:
    def test_are_right_where_a_transaction_that_half_filled_one_was_undone(self, tmp_path: Path) -> None:
        world = a_world(sqlite_url(tmp_path))
        append(world.store, 100)
        with pytest.raises(InterruptedError):
            append(world.store, 90, fails=True)
        append(world.store, 3)
        append(world.store, 2 * WIDTH)
        assert verify_tree(world.url, [KEY]).faults == ()

    def test_are_right_where_two_processes_fill_one_in_turn(self, tmp_path: Path) -> None:
        first = a_world(sqlite_url(tmp_path))
        second = a_world(first.url)
        for number in range(12):
            append((first, second)[number % 2].store, 61)
        assert verify_tree(first.url, [KEY]).faults == ()


class TestWhatIsRemembered:
    def test_is_given_for_its_own_edge_alone(self) -> None:
        edge, tile = Frontier().extend(LEAVES), OpenTile()
        tile.keep(edge, LEAVES)
        assert tile.leaves(edge) == LEAVES[WIDTH:]
        assert tile.leaves(Frontier().extend([*LEAVES[:-1], LEAVES[0]])) is None
        assert tile.leaves(edge.extend(LEAVES[:1])) is None

    def test_is_nothing_where_not_all_leaves_of_the_tile_are_at_hand(self) -> None:
        edge, tile = Frontier().extend(LEAVES), OpenTile()
        tile.keep(edge, LEAVES[-9:])
        assert tile.leaves(edge) is None

    def test_is_an_empty_tile_where_one_was_just_filled_and_at_the_beginning(self) -> None:
        edge, tile = Frontier().extend(LEAVES[:WIDTH]), OpenTile()
        assert tile.leaves(Frontier()) == ()
        tile.keep(edge, LEAVES[:WIDTH])
        assert tile.leaves(edge) == []
