"""R60: deliveries in any order, twice, late, or captured and sent again lead to the same end: each is only a hint."""

from collections.abc import Callable

import pytest
from builders_forge_world import BODY
from builders_service import Service
from doubles.github.hooks import Delivery
from doubles.github.pulls import Pull


def a_story(service: Service) -> Pull:
    """Opened, seen, approved, plan edited there and back, pushed, approved again, dismissed, approved by another."""
    forge = service.forge
    pull = forge.a_pull()
    service.settle()
    pull.review(forge.alice, "APPROVED")
    service.settle()
    pull.edit(body=BODY.replace("Deploy main", "Pray"), by=forge.dave)
    pull.edit(body=BODY, by=forge.dave)
    forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 'story'\n"}, author=forge.dave)
    pull.review(forge.alice, "APPROVED")
    pull.reviews[-1].dismiss(forge.dave)
    pull.review(forge.bob, "APPROVED")
    pull.close(forge.dave)
    pull.reopen(forge.dave)
    return pull


ORDERS: dict[str, Callable[[Delivery], object]] = {
    "as sent": lambda delivery: delivery.id,
    "reversed": lambda delivery: -delivery.id,
    "shuffled": lambda delivery: delivery.id * 37 % 101,
    "by event": lambda delivery: (delivery.event, delivery.id),
}


class TestAnyOrder:
    @pytest.mark.parametrize("order", list(ORDERS))
    def test_leads_to_the_same_end(self, service: Service, order: str) -> None:
        pull = a_story(service)
        service.forge.world.hooks.waiting.sort(key=ORDERS[order])
        service.receive(twice=True)
        service.work()
        assert service.check(pull) == "success"
        assert service.verdict(pull).state == "approved"

    def test_one_at_a_time_too(self, service: Service) -> None:
        pull = a_story(service)
        batch, service.forge.world.hooks.waiting = service.forge.world.hooks.waiting, []
        for delivery in reversed(batch):
            service.hand_over(delivery)
            service.work()
        assert service.check(pull) == "success"


class TestACapturedDelivery:
    def test_of_an_approval_brings_nothing_back(self, service: Service) -> None:
        pull = service.approved()
        captured = [one for one in service.received if one.event == "pull_request_review"]
        pull.reviews[-1].dismiss(service.forge.dave)
        service.settle()
        assert service.check(pull) == "in_progress"
        for number, delivery in enumerate(captured):
            service.hand_over(delivery, guid=f"captured-{number}")
        service.settle()
        assert service.check(pull) == "in_progress"

    def test_of_everything_changes_nothing(self, service: Service) -> None:
        pull = service.approved()
        with service.store.reading() as reading:
            before = len(reading.timeline(service.key(pull)))
            verdicts = len(reading.verdicts(service.key(pull)))
        for number, delivery in enumerate(list(service.received)):
            service.hand_over(delivery, guid=f"captured-{number}")
        service.settle()
        assert service.check(pull) == "success"
        with service.store.reading() as reading:
            assert len(reading.verdicts(service.key(pull))) == verdicts
            posted = reading.timeline(service.key(pull))[before:]
        assert {entry.kind for entry in posted} <= {"check-posted"}

    def test_handed_over_again_under_its_own_guid_is_not_even_kept(self, service: Service) -> None:
        service.approved()
        for delivery in list(service.received):
            service.hand_over(delivery)
        assert service.work() == 0
