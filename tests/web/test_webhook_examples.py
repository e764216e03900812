"""Every webhook that GitHub publishes an example of is taken, and worked on without a failure."""

from collections.abc import Iterator
from typing import Any

import pytest
from builders_login import an_app
from builders_service import Service, a_service
from builders_webhooks import examples, hand_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gate.core.forge.hints import hints_of
from gate.usecases.deliver import deliver, origin_of

ODD: list[Any] = [None, True, -1, 0, 2**70, 1.5, "", "x" * 300, "\u202e", [], [None], [[]], {}, {"id": {}}, "2026"]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with a_service(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture(scope="module")
def client(service: Service) -> Any:
    return an_app(service).test_client()


def leave_no_work(service: Service) -> None:
    """Take the jobs away that follow: the repositories of GitHub's examples are not in this world."""
    while claimed := service.store.claim(service.gate.instant(), lease_seconds=60):
        service.store.finish(claimed)


def of_one_owner(payload: dict[str, Any]) -> dict[str, Any]:
    """A payload whose installation is its owner's alone: GitHub's examples share one number among strangers."""
    installation = payload.get("installation")
    if not isinstance(installation, dict):
        return payload
    return {**payload, "installation": {**installation, "id": 10**9 + origin_of(payload).tenant}}


@pytest.mark.parametrize("event", sorted(examples()))
def test_every_example_is_answered_202_and_worked_on(service: Service, client: Any, event: str) -> None:
    for payload in examples()[event]:
        answer = hand_in(client, event, of_one_owner(payload))
        assert answer.status_code == 202, answer.text
        assert deliver(service.gate, answer.get_json()["delivery"]) in {"done", "ignored"}
    leave_no_work(service)


class TestWhatIsUnderstood:
    @pytest.mark.parametrize(
        "event",
        ["pull_request", "pull_request_review", "push", "check_run", "membership", "member", "organization", "team",
         "installation", "installation_repositories", "repository", "branch_protection_rule", "merge_group"],
    )  # fmt: skip
    def test_what_matters_leads_to_a_look(self, event: str) -> None:
        looked = [hints_of(event, payload, received_at="2026-12-01T10:00:00Z").kind for payload in examples()[event]]
        assert "look" in looked

    @pytest.mark.parametrize("event", ["pull_request_review_thread", "ping", "star", "workflow_job", "deployment"])
    def test_what_does_not_is_let_be(self, event: str) -> None:
        looked = {hints_of(event, payload, received_at="2026-12-01T10:00:00Z").kind for payload in examples()[event]}
        assert looked == {"ignore"}


def places_of(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in inner:
        yield (*place, step)
        yield from places_of(below, (*place, step))


def with_odd(value: Any, place: tuple[Any, ...], odd: Any) -> Any:
    if not place:
        return odd
    step, *rest = place
    if isinstance(value, dict):
        return {name: with_odd(inner, tuple(rest), odd) if name == step else inner for name, inner in value.items()}
    return [with_odd(inner, tuple(rest), odd) if index == step else inner for index, inner in enumerate(value)]


@st.composite
def odd_payloads(draw: st.DrawFn) -> tuple[str, Any]:
    """One of GitHub's examples, with something odd in up to three places."""
    event = draw(st.sampled_from(sorted(examples())))
    payload = draw(st.sampled_from(examples()[event]))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(list(places_of(payload)) or [()]))
        payload = with_odd(payload, place, draw(st.sampled_from(ODD)))
        if not isinstance(payload, dict):
            payload = {"payload": payload}
    return event, payload


class TestWhateverIsInAPayload:
    @given(told=odd_payloads())
    @settings(max_examples=200, deadline=None, database=None)
    def test_reading_it_never_fails(self, told: tuple[str, Any]) -> None:
        event, payload = told
        hints_of(event, payload, received_at="2026-12-01T10:00:00Z")
        origin_of(payload)

    @given(told=odd_payloads())
    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def test_it_is_taken_and_worked_on_or_refused_and_never_an_error(
        self, service: Service, client: Any, told: tuple[str, Any]
    ) -> None:
        answer = hand_in(client, *told)
        assert answer.status_code in {202, 400}, answer.text
        if answer.status_code == 202:
            deliver(service.gate, answer.get_json()["delivery"])
            leave_no_work(service)
