"""Calling out: an exercise climbs the ladder for real until whoever was called acknowledges on its page."""

from pathlib import Path
from typing import Any

import pytest
from builders_calls import BOB, CAROL, MINUTE, a_world_of_calls, begin_call, bob_is_called, ladder_now
from builders_login import HTML, an_app, log_in
from builders_service import Service

from gate.core.errors import UsageError
from gate.usecases.close_incident import Closing, close_incident
from gate.usecases.notices import StoredEscalation
from gate.usecases.open_incident import Opening, open_incident


class TestAnExercise:
    def test_calls_level_by_level_even_in_quiet_hours_and_says_that_it_is_one(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, notifier, ladder):
            (message,) = notifier.to(BOB)
            assert message.subject == "EXERCISE: escalation of payments-api"
            assert "Acknowledge that you take care of it:" in message.text
            assert "/signoff/" in message.text
            service.later(15 * MINUTE)
            assert [one.to for one in notifier.sent] == [BOB, CAROL]
            service.later(30 * MINUTE)
            assert ladder_now(service, ladder).state == "unanswered"
            assert service.errors == []

    def test_of_the_same_matter_is_one(self, tmp_path: Path) -> None:
        with a_world_of_calls(tmp_path) as (service, notifier):
            assert begin_call(service).id == begin_call(service).id
            assert begin_call(service, matter="second").id != begin_call(service).id
            service.work()
            assert len(notifier.sent) == 2

    def test_of_an_incident_is_no_exercise(self, tmp_path: Path) -> None:
        with a_world_of_calls(tmp_path) as (service, notifier):
            begin_call(service, cause="incident", matter="PD-1")
            service.work()
            assert [one.subject for one in notifier.sent] == ["Incident of payments-api"]

    def test_begins_with_an_incident_and_ends_with_it(self, tmp_path: Path) -> None:
        with a_world_of_calls(tmp_path) as (service, notifier):
            at = service.gate.instant()
            incident, _ = open_incident(service.gate, Opening(component="payments-api", title="It fails", began_at=at))
            service.work()
            assert [one.subject for one in notifier.sent] == ["Incident of payments-api"]
            close_incident(service.gate, Closing(incident=incident.id, restored_at=at))
            service.later(60 * MINUTE)
            assert len(notifier.sent) == 1
            assert service.errors == []

    def test_needs_a_ladder(self, tmp_path: Path) -> None:
        with (
            a_world_of_calls(tmp_path) as (service, _),
            pytest.raises(UsageError, match="storefront has no escalation policy"),
        ):
            begin_call(service, "storefront")


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
        with bob_is_called(tmp_path) as (service, notifier, ladder):
            page, answer = self.at_the_page(service, "bob", ladder)
            assert "Exercise: payments-api" in page.text
            assert answer.status_code == 303
            assert ladder_now(service, ladder).acknowledged_by == "github:1002"
            service.later(60 * MINUTE)
            assert [one.to for one in notifier.sent] == [BOB]

    def test_by_anybody_else_is_refused(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, _, ladder):
            _, answer = self.at_the_page(service, "erin", ladder)
            assert answer.status_code == 403
            assert ladder_now(service, ladder).state == "running"

    def test_by_looking_at_the_page_alone_changes_nothing(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, _, ladder):
            client = an_app(service).test_client()
            assert client.get(f"/escalations/{ladder.id}").status_code == 401
            assert client.post(f"/escalations/{ladder.id}").status_code in {401, 403}
            assert ladder_now(service, ladder).state == "running"
