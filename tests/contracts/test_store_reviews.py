"""What a store keeps of confirmed records: the last confirmation of each component, on every database."""

from dataclasses import replace

from builders_facts import AT
from builders_store import a_key, a_repository

from gate.adapters.db.store import DatabaseStore
from gate.usecases.review_ports import ConfirmedReview

KEPT = ConfirmedReview(
    repository=a_key().repository_key,
    section="default",
    component="payments-api",
    day="2026-12-01",
    at=AT,
    account="github:1001",
    record="sha256:" + "1" * 64,
)


class TestAConfirmation:
    def test_takes_the_place_of_the_components_last_one_and_of_no_other(self, store: DatabaseStore) -> None:
        other = replace(KEPT, component="ledger", account="person:bob")
        again = replace(KEPT, day="2027-01-02", account="github:1002")
        with store.writing() as writing:
            writing.save_repository(a_repository())
            for one in (KEPT, other, again):
                writing.save_confirmed_review(one)
            assert writing.confirmed_reviews(KEPT.repository) == (other, again)
        with store.reading() as reading:
            assert reading.confirmed_reviews(KEPT.repository) == (other, again)
            assert reading.confirmed_reviews(replace(KEPT.repository, id=9)) == ()
