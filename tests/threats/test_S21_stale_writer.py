"""S21: two workers at one change: the one that read earlier and writes later never has the last word.

On SQLite and on PostgreSQL. A worker stands still at a named point while another one does all there
is to do, its leases having run out.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders_postgresql import emptied, postgresql_url
from builders_service import Service, a_service
from doubles.github.pulls import Pull

LONG = 60
POINTS = [
    *(("sqlite", point) for point in ("decided", "claimed-publish", "before-green", "posted", "after-green")),
    *(("postgresql", point) for point in ("decided", "before-green", "posted")),
]


@pytest.fixture
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    url = emptied(postgresql_url()) if getattr(request, "param", "") == "postgresql" else ""
    with a_service(tmp_path, url=url) as one:
        yield one


def overtaken_at(service: Service, point: str, act: Callable[[], object]) -> None:
    """Let the worker sleep at a point, past its lease, while something happens and another worker sees to it."""

    def sleep() -> None:
        service.clock.ahead_seconds += LONG
        act()
        service.settle()

    service.points.once(point, sleep)
    service.settle()
    assert point not in service.points.due, "the worker never came there"


def kept(service: Service, pull: Pull) -> str:
    with service.store.reading() as reading:
        change = reading.change(service.key(pull))
    return change.published if change else ""


def reviewed(service: Service) -> Pull:
    pull = service.forge.a_pull()
    service.settle()
    pull.review(service.forge.alice, "APPROVED")
    return pull


class TestAGreenThatWasOvertaken:
    @pytest.mark.parametrize(("service", "point"), POINTS, indirect=["service"])
    def test_by_a_dismissal_does_not_stay(self, service: Service, point: str) -> None:
        pull = reviewed(service)
        overtaken_at(service, point, lambda: pull.reviews[-1].dismiss(service.forge.dave))
        assert service.check(pull) == "in_progress"
        assert kept(service, pull) == "in_progress"
        assert service.verdict(pull).state == "waiting"

    def test_by_a_rejection_does_not_stay(self, service: Service) -> None:
        pull = reviewed(service)
        overtaken_at(service, "before-green", lambda: pull.review(service.forge.bob, "CHANGES_REQUESTED"))
        assert service.check(pull) == "failure"
        assert kept(service, pull) == "failure"


class TestARedThatWasOvertaken:
    @pytest.mark.parametrize(
        ("service", "point"), [("sqlite", "decided"), ("postgresql", "posted")], indirect=["service"]
    )
    def test_by_an_approval_gives_way_within_one_sweep(self, service: Service, point: str) -> None:
        pull = service.forge.a_pull()
        service.settle()
        pull.edit(body=f"{pull.body}\n", by=service.forge.dave)
        overtaken_at(service, point, lambda: pull.review(service.forge.alice, "APPROVED"))
        service.sweep()
        assert service.check(pull) == "success"
        assert kept(service, pull) == "success"

    def test_nothing_is_ever_recorded_out_of_order(self, service: Service) -> None:
        pull = reviewed(service)
        overtaken_at(service, "decided", lambda: pull.reviews[-1].dismiss(service.forge.dave))
        with service.store.reading() as reading:
            generations = [verdict.generation for verdict in reading.verdicts(service.key(pull))]
        assert generations == sorted(generations, reverse=True)
        assert len(set(generations)) == len(generations)
