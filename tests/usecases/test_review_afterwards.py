"""After break-glass: an item is owed once for each head; who kept out of it closes it; overdue, it holds up others."""

from pathlib import Path

import pytest
from builders_service import a_service
from builders_signoff import EMERGENCY, an_emergency, entries

from gate.usecases.review_afterwards import end_after_review
from gate.usecases.signoff_decisions import SignoffRefusedError


class TestAnEmergencyThatWasApproved:
    def test_owes_a_review_that_another_person_closes_with_a_note(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files={".gate/policy.yaml": EMERGENCY}) as service:
            forge = service.forge
            pull = an_emergency(service, called_by=forge.carol, approved_by=forge.carol)
            with service.store.reading() as reading:
                (owed,) = reading.after_reviews()
            assert owed.head_sha == pull.head_sha
            (entry,) = entries(service, pull, "break-glass-used")
            assert entry["payload"]["review_due_at"] == owed.due_at

            def end(person: int, note: str = "Looked at it: fine.") -> None:
                end_after_review(service.gate, service.key(pull), f"github:{person}", note=note, authenticated="test")

            service.later(3 * 86_400)
            other = forge.a_pull()
            service.settle()
            held = [view.code for view in service.verdict(other).requirements if view.state != "met"]
            assert "after-review-overdue" in held

            for person, note in ((1003, "x"), (1004, "x"), (1005, " ")):
                with pytest.raises(SignoffRefusedError):
                    end(person, note)
            end(1005)
            with service.store.reading() as reading:
                assert reading.after_reviews() == ()
                assert [one.done_by for one in reading.after_reviews(is_open=False)] == ["github:1005"]
            (done,) = entries(service, pull, "review-done")
            assert done["payload"]["is_late"] is True
            service.work()
            held = [view.code for view in service.verdict(other).requirements if view.state != "met"]
            assert "after-review-overdue" not in held

    def test_is_not_reviewed_by_who_stood_for_it_once_another_head_hides_that(self, tmp_path: Path) -> None:
        policy = EMERGENCY.replace("[carol, erin]", "[bob, carol]")
        with a_service(tmp_path, files={".gate/policy.yaml": policy}) as service:
            forge = service.forge
            pull = an_emergency(service, called_by=forge.carol, approved_by=forge.bob)
            with service.store.reading() as reading:
                assert len(reading.after_reviews()) == 1
            pull.unlabel("hotfix", by=forge.dave)
            forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 7\n"}, author=forge.dave)
            service.settle()

            def end(person: int) -> None:
                end_after_review(service.gate, service.key(pull), f"github:{person}", note="Fine.", authenticated="x")

            with pytest.raises(SignoffRefusedError):
                end(1002)
            end(1001)

    def test_is_not_reviewed_by_who_called_it_one(self, tmp_path: Path) -> None:
        policy = EMERGENCY.replace("[carol, erin]", "[bob, carol]")
        with a_service(tmp_path, files={".gate/policy.yaml": policy}) as service:
            forge = service.forge
            pull = an_emergency(service, called_by=forge.bob, approved_by=forge.carol)
            with pytest.raises(SignoffRefusedError, match="neither made"):
                end_after_review(service.gate, service.key(pull), "github:1002", note="x", authenticated="x")
