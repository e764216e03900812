"""Calling out: an exercise climbs the ladder for real until whoever was called acknowledges on its page."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from builders_forge_world import OWNERSHIP
from builders_login import HTML, an_app, log_in
from builders_notify import NotingNotifier
from builders_service import Service, a_service

from gate.core.errors import UsageError
from gate.usecases.call_out import begin_call_out
from gate.usecases.close_incident import Closing, close_incident
from gate.usecases.notices import StoredEscalation
from gate.usecases.open_incident import Opening, open_incident

BOB, CAROL = "mailto:bob@example.com", "mailto:carol@example.com"
NIGHT = '{from: "00:00", to: "23:59"}'
RECORDS = (
    OWNERSHIP.replace("email: bob@example.com", f"email: bob@example.com, quiet_hours: {NIGHT}").replace(
        "{name: payments-api, owner: payments, paths: [/api/]}",
        "{name: payments-api, owner: payments, backup: platform, escalation: ladder, paths: [/api/]}",
    )
    + """\
escalations:
  ladder:
    levels:
      - {notify: [person:bob], channel: email, acknowledge_within: 15m}
      - {notify: [backup], channel: email, acknowledge_within: 30m}
"""
)
MINUTE = 60


@contextmanager
def a_world(folder: Path) -> Iterator[tuple[Service, NotingNotifier]]:
    notifier = NotingNotifier()
    with a_service(folder, files={".gate/ownership.yaml": RECORDS}, notifier=notifier) as service:
        service.forge.a_pull({"web/page.html": "<p>x</p>\n"})
        service.settle()
        notifier.sent.clear()
        yield service, notifier


def begin(service: Service, name: str = "payments-api", **fields: Any) -> StoredEscalation:
    with service.store.reading() as reading:
        repository = reading.repository_named("acme/shop")
    assert repository is not None
    return begin_call_out(service.gate, repository, name, **{"cause": "drill", "matter": "first", **fields})


def now(service: Service, ladder: StoredEscalation) -> StoredEscalation:
    with service.store.reading() as reading:
        found = reading.escalation(ladder.id)
    assert found is not None
    return found


class TestAnExercise:
    def test_calls_level_by_level_even_in_quiet_hours_and_says_that_it_is_one(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            ladder = begin(service)
            service.work()
            (message,) = notifier.to(BOB)
            assert message.subject == "EXERCISE: escalation of payments-api"
            assert f"/escalations/{ladder.id}" in message.text
            service.later(15 * MINUTE)
            assert [one.to for one in notifier.sent] == [BOB, CAROL]
            service.later(30 * MINUTE)
            assert now(service, ladder).state == "unanswered"
            assert service.errors == []

    def test_of_the_same_matter_is_one(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            assert begin(service).id == begin(service).id
            assert begin(service, matter="second").id != begin(service).id
            service.work()
            assert len(notifier.sent) == 2

    def test_of_an_incident_is_no_exercise(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            begin(service, cause="incident", matter="PD-1")
            service.work()
            assert [one.subject for one in notifier.sent] == ["Incident of payments-api"]

    def test_begins_with_an_incident_and_ends_with_it(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            at = service.gate.instant()
            incident, _ = open_incident(service.gate, Opening(component="payments-api", title="It fails", began_at=at))
            service.work()
            assert [one.subject for one in notifier.sent] == ["Incident of payments-api"]
            close_incident(service.gate, Closing(incident=incident.id, restored_at=at))
            service.later(60 * MINUTE)
            assert len(notifier.sent) == 1
            assert service.errors == []

    def test_needs_a_ladder(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, _), pytest.raises(UsageError, match="storefront has no escalation policy"):
            begin(service, "storefront")


class TestAcknowledging:
    def at_the_page(self, service: Service, login: str, ladder: StoredEscalation) -> tuple[Any, Any]:
        """The page as an account sees it, and the answer to its button."""
        service.forge.world.browser_user = getattr(service.forge, login)
        client = an_app(service).test_client()
        log_in(client)
        address = f"/escalations/{ladder.id}"
        page = client.get(address, headers=HTML)
        token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
        return page, client.post(address, data={"csrf_token": token}, headers=HTML)

    def test_by_whoever_was_called_ends_the_ladder(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, notifier):
            ladder = begin(service)
            service.work()
            page, answer = self.at_the_page(service, "bob", ladder)
            assert "Exercise: payments-api" in page.text
            assert answer.status_code == 303
            assert now(service, ladder).acknowledged_by == "github:1002"
            service.later(60 * MINUTE)
            assert [one.to for one in notifier.sent] == [BOB]

    def test_by_anybody_else_is_refused(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, _):
            ladder = begin(service)
            service.work()
            _, answer = self.at_the_page(service, "erin", ladder)
            assert answer.status_code == 403
            assert now(service, ladder).state == "running"

    def test_by_looking_at_the_page_alone_changes_nothing(self, tmp_path: Path) -> None:
        with a_world(tmp_path) as (service, _):
            ladder = begin(service)
            service.work()
            client = an_app(service).test_client()
            assert client.get(f"/escalations/{ladder.id}").status_code == 401
            assert client.post(f"/escalations/{ladder.id}").status_code in {401, 403}
            assert now(service, ladder).state == "running"
