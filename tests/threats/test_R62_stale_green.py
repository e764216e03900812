"""R62, R59: green that went wrong is overwritten on the event; where that was lost, within the published bound."""

from collections.abc import Callable

import pytest
from builders_forge_world import BODY, POLICY
from builders_service import Service
from doubles.github.pulls import Pull

from gate.usecases.sweep import stale_bound_seconds, start_timers

EVENTS = 20
LOST = {4, 14}
SPENT_SECONDS = 41


def tighten(service: Service, _pull: Pull) -> None:
    policy = POLICY + "signoffs: {each_component: 2}\n"
    service.forge.shop.commit("main", {".gate/policy.yaml": policy}, author=service.forge.carol)


LOSSES: dict[str, Callable[[Service, Pull], object]] = {
    "retarget": lambda service, pull: pull.edit(base="dev", by=service.forge.dave),
    "plan": lambda service, pull: pull.edit(body="Nothing to see.\n", by=service.forge.dave),
    "dismissal": lambda service, pull: pull.reviews[-1].dismiss(service.forge.dave),
    "policy": tighten,
}


class TestOnTheEvent:
    @pytest.mark.parametrize("loss", list(LOSSES))
    def test_green_is_overwritten_before_anything_is_thought_about(self, service: Service, loss: str) -> None:
        service.forge.shop.push("dev", service.forge.shop.tip("main"), pusher=service.forge.carol)
        pull = service.approved()
        LOSSES[loss](service, pull)
        service.receive()
        asked = len(service.forge.world.requests)
        service.work()
        requests = service.forge.world.requests[asked:]
        writes = [n for n, (method, target, _) in enumerate(requests) if method == "PATCH" and "/check-runs" in target]
        thoughts = [n for n, (_, target, _) in enumerate(requests) if "/reviews" in target or "/git/trees" in target]
        assert writes[0] < thoughts[0]
        assert service.check(pull) != "success"


class TestUnderLostWebhooks:
    def test_no_green_stands_wrong_for_longer_than_the_bound_says(self, service: Service) -> None:
        """One webhook in ten is lost; every wrong green is gone with the next sweep, and the bound told so before."""
        forge = service.forge
        pulls = [service.approved(forge.a_pull({f"api/{name}.py": "x\n"})) for name in ("one", "two")]
        start_timers(service.gate)
        service.work()
        wrong_since: dict[int, float] = {}
        longest = 0.0
        for number in range(EVENTS):
            service.clock.ahead_seconds += SPENT_SECONDS
            service.settle()
            pull = pulls[number % len(pulls)]
            is_planned = pull.body == BODY
            pull.edit(body="Nothing to see.\n" if is_planned else BODY, by=forge.dave)
            now = service.clock().timestamp()
            if is_planned:
                wrong_since[pull.number] = now
            if number in LOST:
                service.lose_webhooks()
            service.settle()
            for one in pulls:
                if one.body == BODY or service.check(one) != "success":
                    wrong_since.pop(one.number, None)
                elif one.number in wrong_since:
                    longest = max(longest, now - wrong_since[one.number])
                    assert now - wrong_since[one.number] <= stale_bound_seconds(service.gate) + 1
        assert longest > 0, "no green ever stood wrong: nothing was measured"
        service.sweep()
        assert all(service.check(one) != "success" for one in pulls if one.body != BODY)

    def test_what_was_opened_unheard_of_is_found_by_the_sweep(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.lose_webhooks()
        service.sweep()
        assert service.check(pull) == "in_progress"


class TestTheBound:
    def test_is_the_time_since_the_last_sweep_began(self, service: Service) -> None:
        service.approved()
        service.sweep()
        service.clock.ahead_seconds += 100
        assert 100 <= stale_bound_seconds(service.gate) <= 105

    def test_grows_on_where_a_green_change_cannot_be_looked_at(self, service: Service) -> None:
        pull = service.approved()
        service.clock.ahead_seconds += 1000
        service.forge.world.faults.add("*", rf"/pulls/{pull.number}|/check-runs", "status", times=None)
        service.sweep()
        assert stale_bound_seconds(service.gate) >= 1000
        service.forge.world.faults.clear()
        service.later(600)
        service.sweep()
        assert stale_bound_seconds(service.gate) <= 5
