"""R14: one check speaks for all open changes of a head, so that the strictest of their verdicts holds."""

from builders_forge_world import BODY
from builders_service import Service
from doubles.github.pulls import Pull


def twin(service: Service, pull: Pull, *, body: str = "-") -> Pull:
    """Another change of the same head onto the same base, by another author, without a plan."""
    branch = f"twin-{service.forge.shop.next_number()}"
    service.forge.shop.push(branch, pull.head_sha, pusher=service.forge.erin)
    other = service.forge.shop.open_pull(head=branch, author=service.forge.erin, title="Again", body=body)
    assert other.head_sha == pull.head_sha
    return other


class TestTheStrictestHolds:
    def test_a_second_change_takes_the_green_of_the_first_away(self, service: Service) -> None:
        first = service.approved()
        second = twin(service, first)
        service.settle()
        assert service.check(first) == "action_required"
        assert not first.would_merge()
        assert not second.would_merge()

    def test_the_check_names_all_that_share_it(self, service: Service) -> None:
        first = service.approved()
        second = twin(service, first)
        service.settle()
        run = service.forge.shop.checks.newest(first.head_sha, "Sign-off gate", 4242)
        assert run is not None
        assert f"shared by #{first.number}, #{second.number}" in (run.summary or "")
        assert "`shared-head`" in (run.summary or "")

    def test_both_approved_make_it_green(self, service: Service) -> None:
        first = service.approved()
        second = twin(service, first, body=BODY)
        service.settle()
        assert service.check(first) == "in_progress"
        second.review(service.forge.alice, "APPROVED")
        service.settle()
        assert service.check(first) == "success"

    def test_one_that_no_webhook_told_of_is_looked_up_before_green(self, service: Service) -> None:
        first = service.forge.a_pull()
        service.settle()
        second = twin(service, first)
        service.lose_webhooks()
        first.review(service.forge.alice, "APPROVED")
        service.settle()
        assert service.check(first) == "action_required"
        assert not second.would_merge()


class TestGreenIsWithdrawnFirst:
    def test_before_anybody_thinks_about_the_second_change(self, service: Service) -> None:
        first = service.approved()
        second = twin(service, first)
        service.forge.world.faults.add("GET", rf"/pulls/{second.number}$", "status", status=502, times=None)
        service.settle()  # the second change cannot be read at all
        assert service.check(first) != "success"
        assert not second.would_merge()

    def test_a_change_opened_with_a_commit_that_was_green_once_starts_without_green(self, service: Service) -> None:
        first = service.approved()
        once_green = first.head_sha
        service.forge.shop.commit(first.head_ref, {"api/pay.py": "amount = 3\n"}, author=service.forge.dave)
        service.settle()
        service.forge.shop.push("old", once_green, pusher=service.forge.erin)
        second = service.forge.shop.open_pull(head="old", author=service.forge.erin, title="Again", body="-")
        assert not second.would_merge()  # before the gate has heard of it

    def test_nor_with_the_head_of_a_change_that_was_closed(self, service: Service) -> None:
        first = service.approved()
        first.close(service.forge.dave)
        service.settle()
        second = twin(service, first)
        assert not second.would_merge()


class TestWhoLeavesAHead:
    def test_a_closed_change_holds_the_other_back_no_longer(self, service: Service) -> None:
        first = service.approved()
        second = twin(service, first)
        service.settle()
        assert service.check(first) == "action_required"
        second.close(service.forge.erin)
        service.settle()
        assert service.check(first) == "success"

    def test_nor_does_one_that_moved_on(self, service: Service) -> None:
        first = service.approved()
        second = twin(service, first)
        service.settle()
        service.forge.shop.commit(second.head_ref, {"web/page.html": "<p>x</p>\n"}, author=service.forge.erin)
        service.settle()
        assert service.check(first) == "success"
        assert service.check(second) == "action_required"
