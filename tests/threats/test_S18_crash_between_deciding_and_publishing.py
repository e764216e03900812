"""S18: a worker killed at any point of its work loses nothing, doubles nothing that people see, leaves no false green.

The worker is a process of its own and ends by SIGKILL: before and after commits, before and after writes to the forge,
and at the points that the use cases name. `GATE_CRASH_EVERYWHERE=1` kills it at every single point of a whole round.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_postgresql import emptied, postgresql_url
from builders_service import Service, a_service
from crash_worker import CrashWorkers, Ended, crash_workers
from doubles.github.pulls import Pull

LEASE_SECONDS = 60
MOST_POINTS = 100
STEP = 1 if os.environ.get("GATE_CRASH_EVERYWHERE") else 13
TO_GREEN = [
    "claimed-deliver", "before a commit", "after a commit", "claimed-judge", "decided", "recorded", "claimed-comment",
    "before PATCH issues", "after PATCH issues", "commented", "claimed-publish", "before-green",
    "before PATCH check-runs", "after PATCH check-runs", "posted", "after-green",
]  # fmt: skip
FROM_GREEN = [
    "claimed-deliver", "after a commit", "claimed-withdraw", "before PATCH check-runs", "after PATCH check-runs",
    "posted", "claimed-judge", "decided", "recorded", "claimed-publish",
]  # fmt: skip


@pytest.fixture
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    url = emptied(postgresql_url()) if getattr(request, "param", "") == "postgresql" else ""
    with a_service(tmp_path, url=url) as one:
        yield one


@pytest.fixture(scope="module")
def workers() -> Iterator[CrashWorkers]:
    with crash_workers() as one:
        yield one


def crash(service: Service, workers: CrashWorkers, at: str) -> Ended:
    """Let a worker process do what is due, and die at one of its points."""
    return workers.run(
        cut_at=at,
        url=str(service.store._transactions.engine.url),
        forge_url=service.forge.url,
        key=service.forge.private_key,
        now=service.clock().isoformat(),
    )


def start_again(service: Service) -> None:
    """A new process takes over once the leases of the dead one are over."""
    service.clock.ahead_seconds += LEASE_SECONDS
    service.restart()
    service.settle()
    assert service.errors == []


def nothing_is_doubled(service: Service, pull: Pull) -> None:
    runs = [run for run in service.forge.shop.checks.on(pull.head_sha) if run.name == "Sign-off gate"]
    assert len(runs) == 1
    assert len(pull.comments) == 1
    with service.store.reading() as reading:
        entries = reading.timeline(service.key(pull))
        signed = [entry for entry in entries if entry.kind == "signoff-recorded"]
        verdicts = [verdict.ledger_index for verdict in reading.verdicts(service.key(pull))]
    assert len(signed) <= 1
    assert len(set(verdicts)) == len(verdicts)


class TestAWorkerThatIsKilled:
    def test_at_every_named_point_of_a_round_the_next_one_goes_on(
        self, service: Service, workers: CrashWorkers
    ) -> None:
        pull = service.forge.a_pull()
        service.settle()
        pull.review(service.forge.alice, "APPROVED")
        service.receive()
        for point in TO_GREEN:
            ended = crash(service, workers, point)
            assert ended.was_killed, f"{point} was not passed, but {ended.points}"
            service.clock.ahead_seconds += LEASE_SECONDS
        start_again(service)
        assert service.check(pull) == "success"
        nothing_is_doubled(service, pull)

    @pytest.mark.parametrize("service", ["sqlite", "postgresql"], indirect=True)
    def test_while_a_green_check_is_taken_back_nothing_turns_green_again(
        self, service: Service, workers: CrashWorkers
    ) -> None:
        pull = service.approved()
        run = service.forge.shop.checks.on(pull.head_sha)[0]
        pull.reviews[-1].dismiss(service.forge.dave)
        service.receive()
        before = len(run.history)
        for point in FROM_GREEN:
            ended = crash(service, workers, point)
            assert ended.was_killed, f"{point} was not passed, but {ended.points}"
            service.clock.ahead_seconds += LEASE_SECONDS
        start_again(service)
        assert service.check(pull) == "in_progress"
        assert ("completed", "success") not in run.history[before:]
        nothing_is_doubled(service, pull)

    def test_once_anywhere_the_outcome_is_the_same(self, service: Service, workers: CrashWorkers) -> None:
        for number in range(2, MOST_POINTS, STEP):
            pull = service.forge.a_pull()
            service.settle()
            pull.review(service.forge.alice, "APPROVED")
            service.receive()
            ended = crash(service, workers, str(number))
            if not ended.was_killed:
                return
            start_again(service)
            assert service.check(pull) == "success", ended.points[-1]
            nothing_is_doubled(service, pull)
        raise AssertionError("it never came through")
