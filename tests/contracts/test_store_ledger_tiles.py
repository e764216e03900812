"""The store keeps the ledger's tree: full tiles once and for all, and proofs under every checkpoint."""

import itertools
from typing import Any

import pytest
import second_ledger_reader as second
from builders_store import ORIGIN, a_draft
from sqlalchemy import text

from gate.core.errors import UsageError
from gate.core.ledger.merkle import leaf_hash
from gate.core.ledger.note import verifier_key
from gate.core.ledger.proofs import verify_consistency
from gate.core.ledger.tiles import Bundle, Tile
from gate.usecases.prove_entries import prove_consistency, prove_inclusion
from gate.usecases.store_ports import StoreError

SIZES = (1, 255, 256, 257, 300, 600)


@pytest.fixture
def grown(world: Any) -> Any:
    """A world whose ledger has 600 entries, and a checkpoint over each of these many."""
    for before, after in itertools.pairwise((0, *SIZES)):
        with world.store.writing() as writing:
            for number in range(before, after):
                writing.append(a_draft(number % 7 + 1, payload={"n": number}))
    return world


def contents(world: Any) -> Any:
    with world.store.reading() as reading:
        return [entry.content for entry in reading.ledger_entries(0, 10_000)]


class TestTheTree:
    def test_every_tile_of_it_is_the_one_that_the_text_defines(self, grown: Any) -> None:
        entries = contents(grown)
        with grown.store.reading() as reading:
            for size in SIZES:
                for (level, index), width in second.tile_widths(size).items():
                    expected = second.tile(level, index, entries[:size])
                    assert reading.tile(Tile(level, index, width)) == expected
            assert list(reading.bundle(Bundle(1))) == entries[256:512]
            assert list(reading.bundle(Bundle(2, 88))) == entries[512:]

    def test_full_tiles_are_written_once_and_no_others(self, grown: Any) -> None:
        with grown.store._transactions.reading() as connection:
            kept = connection.execute(text("SELECT level, idx FROM ledger_tiles ORDER BY level, idx")).all()
        assert [tuple(row) for row in kept] == [(0, 0), (0, 1)]

    @pytest.mark.parametrize("edit", ["UPDATE ledger_tiles SET root = root", "DELETE FROM ledger_tiles"])
    def test_they_cannot_be_edited(self, grown: Any, edit: Any) -> None:
        with pytest.raises(StoreError, match="append-only"), grown.store._transactions.writing() as connection:
            connection.execute(text(edit))

    @pytest.mark.parametrize("tile", [Tile(0, 2), Tile(0, 3, 1), Tile(1, 0, 3)])
    def test_a_tile_beyond_the_ledger_is_an_error_and_never_a_short_one(self, grown: Any, tile: Any) -> None:
        with grown.store.reading() as reading, pytest.raises(StoreError, match=r"missing|cannot be made"):
            reading.tile(tile)


class TestProofs:
    def test_both_readers_accept_the_proof_of_every_kind_of_place(self, grown: Any) -> None:
        entries, vkey = contents(grown), verifier_key(ORIGIN, grown.signer.public_key)
        with grown.store.reading() as reading:
            for size, index in ((600, 0), (600, 255), (600, 256), (600, 599), (300, 299), (257, 256), (1, 0)):
                proof = prove_inclusion(reading, index, size=size)
                assert second.is_proven(proof.text(), entries[index], vkey)
                assert len(proof.text()) < 1200
            newest = prove_inclusion(reading, 77)
        assert second.opened_checkpoint(newest.note, vkey)[1] == 600

    def test_every_head_is_the_beginning_of_every_later_one(self, grown: Any) -> None:
        with grown.store.reading() as reading:
            for old, new in itertools.combinations(SIZES, 2):
                proof = prove_consistency(reading, old, new)
                roots = proof.old.root, proof.new.root
                verify_consistency(old_size=old, old_root=roots[0], new_size=new, new_root=roots[1], path=proof.path)
                assert second.is_consistent(old, roots[0], new, roots[1], list(proof.path))

    @pytest.mark.parametrize(("index", "size"), [(600, None), (-1, None), (299, 299), (300, 300)])
    def test_what_is_not_there_is_not_proven(self, grown: Any, index: Any, size: Any) -> None:
        with grown.store.reading() as reading, pytest.raises(UsageError):
            prove_inclusion(reading, index, size=size)

    @pytest.mark.parametrize(("frontier", "said"), [(bytes(4 * 32), "proves nothing"), (bytes(32), "damaged")])
    def test_an_edge_that_is_not_the_signed_one_proves_nothing(self, grown: Any, frontier: Any, said: Any) -> None:
        with grown.store._transactions.writing() as connection:
            connection.execute(text("UPDATE ledger_head SET frontier = :frontier"), {"frontier": frontier})
        with grown.store.reading() as reading:
            with pytest.raises(StoreError, match=said):
                prove_inclusion(reading, 0)
            with pytest.raises(StoreError, match=said):
                prove_consistency(reading, 300)

    def test_an_empty_ledger_has_nothing_to_prove(self, world: Any) -> None:
        with world.store.reading() as reading, pytest.raises(UsageError, match="empty"):
            prove_inclusion(reading, 0)


class TestReadingMany:
    def test_ranges_are_read_in_order_and_end_with_the_ledger(self, grown: Any) -> None:
        with grown.store.reading() as reading:
            assert [one.index for one in reading.ledger_entries(250, 260)] == list(range(250, 260))
            assert [one.index for one in reading.ledger_entries(598, 5_000)] == [598, 599]
            assert list(reading.ledger_entries(600, 700)) == []
            assert all(one.leaf_hash == leaf_hash(one.content) for one in reading.ledger_entries(-5, 300))

    def test_checkpoints_are_read_by_size(self, grown: Any) -> None:
        with grown.store.reading() as reading:
            assert [one.size for one in reading.checkpoints()] == list(SIZES)
            assert [one.size for one in reading.checkpoints(after=255, limit=2)] == [256, 257]
            assert reading.checkpoint_at(256).size == 256
            assert reading.checkpoint_at(254) is None
            assert reading.checkpoint_at(2**70) is None

    def test_entries_about_a_subject(self, grown: Any) -> None:
        with grown.store.reading() as reading:
            found = reading.entries_about("change:7/501/3", limit=2)
        assert [one.index for one in found] == [590, 597]
