"""The store forgets a person on every database: what names them goes, and what the ledger recorded still agrees."""

from builders_ledger import KEY, record_change
from builders_store import StoreWorld, a_key

from gate.adapters.db.ledger_agreement import verify_agreement
from gate.adapters.db.ledger_verification import verify_tree
from gate.usecases.erase_person import erase_person

ALICE = "github:1001"


def test_what_somebody_wrote_is_forgotten_and_the_ledger_holds(world: StoreWorld) -> None:
    stored = record_change(world.store, 1)
    assert b"Nobody owns" in stored.verdict
    done = erase_person(world.store, ALICE, ["Nobody"], at=world.clock.at, reason="request 17")
    assert list(done.verdicts) == [stored.ledger_index]
    with world.store.reading() as reading:
        kept = reading.verdict(a_key(), stored.facts_digest)
        assert kept is not None
        assert b"Nobody" not in kept.verdict
        assert [one.reason for one in reading.signoffs(a_key())] == ["(erased)"]
    assert list(verify_agreement(world.url)) == []
    assert verify_tree(world.url, [KEY]).faults == ()
