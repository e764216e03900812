"""S16, S17, S19, R50: limits, lost answers and failures leave nothing green that is not approved, and nothing twice."""

import pytest
from builders_service import Service

from gate.usecases.store_ports import StoreError


def fail() -> None:
    raise StoreError("The database is full.", next_step="Make room.")


class TestLimits:
    def test_green_is_taken_back_before_everything_that_waits(self, service: Service) -> None:
        pull = service.approved()
        others = [service.forge.a_pull() for _ in range(3)]
        pull.reviews[-1].dismiss(service.forge.dave)
        service.receive()
        asked = len(service.forge.world.requests)
        service.work()
        written = [target for method, target, _ in service.forge.world.requests[asked:] if method != "GET"]
        assert "/check-runs/" in written[0]
        assert all(service.check(one) == "in_progress" for one in [pull, *others])

    def test_a_change_that_cannot_be_read_for_want_of_requests_does_not_stay_green(self, service: Service) -> None:
        pull = service.approved()
        service.forge.world.faults.add("GET", r"/reviews", "status", status=403, retry_after=60, times=None)
        pull.comment(service.forge.erin, "/signoff")
        service.settle()
        assert any("RateLimitedError" in error for error in service.errors)
        service.forge.world.faults.clear()
        service.later(120)
        assert service.check(pull) == "success"
        assert [state for state in service.forge.shop.checks.on(pull.head_sha)[0].history if state[0] == "in_progress"]


class TestWritesWhoseAnswerIsLost:
    def test_make_one_check_and_one_comment(self, service: Service) -> None:
        faults = service.forge.world.faults
        faults.add("POST", r"/check-runs", "after-success")
        faults.add("POST", r"/comments", "after-success")
        pull = service.forge.a_pull()
        service.settle()
        service.later(60)
        assert service.check(pull) == "in_progress"
        assert len(service.forge.shop.checks.on(pull.head_sha)) == 1
        assert len(pull.comments) == 1


class TestACheckThatCannotBeWritten:
    def test_is_an_alarm_and_never_taken_for_green(self, service: Service) -> None:
        pull = service.forge.a_pull()
        service.settle()
        service.forge.world.faults.add("*", r"/check-runs/?\d*$", "status", status=422, times=None)
        pull.review(service.forge.alice, "APPROVED")
        service.settle()
        assert any(error.startswith("publish: ") for error in service.errors)
        assert not pull.would_merge()
        service.forge.world.faults.clear()
        service.later(60)
        assert pull.would_merge()


class TestADatabaseThatFails:
    @pytest.mark.parametrize("point", ["decided", "recorded", "before-green", "posted"])
    def test_turns_nothing_green_that_is_not_recorded_and_loses_nothing(self, service: Service, point: str) -> None:
        pull = service.forge.a_pull()
        service.settle()
        pull.review(service.forge.alice, "APPROVED")
        service.points.once(point, fail)
        service.settle()
        assert service.errors
        if service.check(pull) == "success":
            assert service.verdict(pull).state == "approved"
        service.later(60)
        assert service.check(pull) == "success"

    def test_green_does_not_outlive_a_judgement_that_fails(self, service: Service) -> None:
        pull = service.approved()
        service.points.once("decided", fail)
        pull.comment(service.forge.erin, "/signoff")
        run = service.forge.shop.checks.on(pull.head_sha)[0]
        before = len(run.history)
        service.settle()
        assert run.history[before] == ("in_progress", None)
        service.later(60)
        assert service.check(pull) == "success"
