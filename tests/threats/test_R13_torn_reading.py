"""R13: a reading that mixes two states of a change, or lags behind, decides nothing and leaves nothing green."""

from builders_service import Service
from doubles.github.pulls import Pull

PULL = r"/repos/acme/shop/pulls/\d+$"
REVIEWS = r"/pulls/\d+/reviews"


def push(service: Service, pull: Pull, text: str) -> None:
    service.forge.shop.commit(pull.head_ref, {"api/pay.py": f"amount = {text!r}\n"}, author=service.forge.dave)


def stored_head(service: Service, pull: Pull) -> str:
    with service.store.reading() as reading:
        stored = reading.verdict(service.key(pull))
    assert stored is not None
    return stored.head_sha


class TestAHeadThatMovesWhileItIsRead:
    def test_the_second_reading_is_of_one_state(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.forge.world.faults.add("GET", REVIEWS, "before", call=lambda: push(service, pull, "second"))
        service.settle()
        assert service.errors == []
        assert service.check(pull) == "in_progress"
        assert stored_head(service, pull) == pull.head_sha

    def test_one_that_never_rests_is_not_judged_and_nothing_green_stays(self, service: Service) -> None:
        pull = service.approved()
        texts = iter(f"text {number}" for number in range(100))
        fault = service.forge.world.faults.add(
            "GET", REVIEWS, "before", times=None, call=lambda: push(service, pull, next(texts))
        )
        pull.edit(title="Another title", by=service.forge.dave)
        service.settle()
        assert any("InconsistentSnapshotError" in error for error in service.errors)
        assert service.check(pull) != "success"
        fault.times = 0
        service.later(400)
        assert service.check(pull) == "in_progress"
        assert stored_head(service, pull) == pull.head_sha


class TestAListThatLagsBehind:
    def test_a_change_whose_commits_are_not_there_yet_is_asked_for_again(self, service: Service) -> None:
        pull = service.approved()
        push(service, pull, "other")
        fault = service.forge.world.faults.add("GET", r"/compare/", "status", status=404, times=None)
        service.settle()
        assert service.check(pull) != "success"
        assert pull.would_merge() is False
        fault.times = 0
        service.later(10)
        assert service.check(pull) == "in_progress"
        assert service.verdict(pull).state == "waiting"
