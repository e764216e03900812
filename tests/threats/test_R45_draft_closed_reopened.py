"""R45: every return of a change, from a draft or from being closed, is judged afresh."""

from builders_service import Service


class TestClosedAndOpenedAgain:
    def test_a_push_while_it_was_closed_is_seen(self, service: Service) -> None:
        pull = service.approved()
        pull.close(service.forge.dave)
        service.settle()
        service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 'hidden'\n"}, author=service.forge.dave)
        service.settle()
        pull.reopen(service.forge.dave)
        service.settle()
        assert service.check(pull) == "in_progress"
        assert not pull.would_merge()

    def test_a_plan_that_was_edited_meanwhile_finds_no_green_check_on_return(self, service: Service) -> None:
        pull = service.approved()
        pull.close(service.forge.dave)
        service.settle()
        pull.edit(body="Nothing to see.\n", by=service.forge.dave)
        service.settle()
        pull.reopen(service.forge.dave)
        assert not pull.would_merge()  # before the gate has heard of it
        service.settle()
        assert service.check(pull) == "action_required"

    def test_the_same_change_is_green_again(self, service: Service) -> None:
        pull = service.approved()
        pull.close(service.forge.dave)
        service.settle()
        assert service.check(pull) != "success"
        pull.reopen(service.forge.dave)
        service.settle()
        assert service.check(pull) == "success"

    def test_a_merged_change_keeps_the_check_that_it_was_merged_with(self, service: Service) -> None:
        pull = service.approved()
        pull.merge(service.forge.dave)
        service.settle()
        assert service.check(pull) == "success"


class TestADraft:
    def test_an_approval_of_a_draft_counts_for_the_content_it_was_given_on(self, service: Service) -> None:
        pull = service.forge.a_pull(draft=True)
        service.settle()
        pull.review(service.forge.alice, "APPROVED")
        service.settle()
        service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 'other'\n"}, author=service.forge.dave)
        pull.ready(service.forge.dave)
        service.settle()
        assert service.check(pull) == "in_progress"
        assert not pull.would_merge()

    def test_a_draft_gets_its_check_and_no_comment(self, service: Service) -> None:
        pull = service.forge.a_pull(draft=True)
        service.settle()
        assert service.check(pull) == "in_progress"
        assert pull.comments == []
        pull.ready(service.forge.dave)
        service.settle()
        assert len(pull.comments) == 1
