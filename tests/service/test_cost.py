"""What a judgement costs at the forge: few requests at first, fewer where nothing changed, all of them counted."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from builders_service import Service, a_service
from doubles.github.pulls import Pull

from gate.adapters.measures_prometheus import PrometheusMeasures
from gate.usecases.gate import Gate
from gate.usecases.judge_change import judge_change

FIRST, AGAIN = 10, 3


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with a_service(tmp_path) as service:
        service.forge.a_pull({"web/page.html": "<p>\n"})
        service.settle()  # the tokens are there, and the repository is known
        yield service


def a_pull_of_30_files(service: Service) -> Pull:
    return service.forge.a_pull({f"api/part{number}.py": f"x = {number}\n" for number in range(30)})


def requests(service: Service, pull: Pull, gate: Gate | None = None) -> list[tuple[str, str, int]]:
    """What one judgement asks the forge: method, address and status of each request."""
    before = len(service.forge.world.requests)
    judge_change(gate or service.gate, service.key(pull))
    return service.forge.world.requests[before:]


class TestAJudgementOfThirtyFiles:
    def test_asks_ten_times_at_most(self, service: Service) -> None:
        asked = requests(service, a_pull_of_30_files(service))
        assert len(asked) <= FIRST, asked

    def test_asks_less_where_nothing_changed(self, service: Service) -> None:
        pull = a_pull_of_30_files(service)
        requests(service, pull)
        again = requests(service, pull)
        assert len(again) <= AGAIN, again

    def test_is_counted_with_all_others(self, service: Service) -> None:
        measures = PrometheusMeasures({})
        asked = requests(service, a_pull_of_30_files(service), replace(service.gate, measures=measures))
        assert f"gate_judgement_requests_total {len(asked)}.0" in measures.render().decode()
