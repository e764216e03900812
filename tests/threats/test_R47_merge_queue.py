"""R47: a merge group is green only while each of its changes is approved afresh, for exactly what it merges."""

from builders_forge_world import GATE_CHECK, POLICY
from builders_service import Service
from doubles.github.pulls import Pull
from doubles.github.queueing import QueueGroup


def queued(service: Service, *pulls: Pull) -> list[QueueGroup]:
    groups = service.forge.shop.queue(list(pulls), by=service.forge.dave)
    service.settle()
    return groups


def check(service: Service, group: QueueGroup) -> str | None:
    return service.check_on(group.head_sha)


def two_pulls(service: Service) -> tuple[Pull, Pull]:
    forge = service.forge
    first = service.approved(forge.a_pull({"api/pay.py": "amount = 'first'\n"}))
    second = service.approved(forge.a_pull({"api/tax.py": "rate = 19\n"}))
    return first, second


class TestAGroup:
    def test_of_approved_changes_is_green_at_once_and_merges(self, service: Service) -> None:
        groups = queued(service, *two_pulls(service))
        assert [check(service, group) for group in groups] == ["success", "success"]
        groups[-1].merge()

    def test_with_one_stale_member_fails_and_names_it(self, service: Service) -> None:
        first, second = two_pulls(service)
        second.reviews[-1].dismiss(service.forge.dave)
        service.lose_webhooks()
        groups = queued(service, first, second)
        assert [check(service, group) for group in groups] == ["success", "failure"]
        run = service.forge.shop.checks.on(groups[1].head_sha)[0]
        assert run.title == f"Change {second.number}: its verdict is waiting."
        assert not groups[1].would_merge()

    def test_of_a_policy_that_only_tries_shows_the_trial_check_alone(self, service: Service) -> None:
        forge = service.forge
        policy = POLICY + "enforcement: evaluate\n"
        forge.shop.commit("main", {".gate/policy.yaml": policy}, author=forge.carol)
        pull = forge.a_pull({"api/pay.py": "amount = 'first'\n"})
        service.settle()
        pull.review(forge.alice, "APPROVED")
        service.settle()
        (group,) = queued(service, pull)
        assert check(service, group) is None
        assert service.check_on(group.head_sha, name=f"{GATE_CHECK} (evaluate)") == "success"

    def test_holds_what_was_approved_and_not_what_was_pushed_since(self, service: Service) -> None:
        first, second = two_pulls(service)
        groups = service.forge.shop.queue([first, second], by=service.forge.dave)
        service.forge.shop.commit(second.head_ref, {"api/tax.py": "rate = 0\n"}, author=service.forge.dave)
        service.settle()
        assert check(service, groups[1]) == "failure"

    def test_is_judged_however_often_a_delivery_overtakes_that(self, service: Service) -> None:
        first, second = two_pulls(service)
        service.forge.shop.queue([first, second], by=service.forge.dave)
        service.receive()

        def again() -> None:
            first.edit(title="Another title", by=service.forge.dave)
            service.receive()
            service.work()

        service.points.once("decided", again)
        service.settle()
        assert {check(service, group) for group in service.forge.shop.groups} == {"success"}


class TestAGroupThatWasGreen:
    def test_fails_when_one_of_its_changes_loses_its_approval_while_it_waits(self, service: Service) -> None:
        first, second = two_pulls(service)
        groups = queued(service, first, second)
        second.reviews[-1].dismiss(service.forge.dave)
        service.settle()
        assert [check(service, group) for group in groups] == ["success", "failure"]

    def test_or_within_one_sweep_where_no_webhook_told(self, service: Service) -> None:
        first, second = two_pulls(service)
        groups = queued(service, first, second)
        second.reviews[-1].dismiss(service.forge.dave)
        service.lose_webhooks()
        service.sweep()
        assert [check(service, group) for group in groups] == ["success", "failure"]
