"""Reminders of reviews: when one is soon due and when it is overdue, once each, in one message, outside quiet hours."""

from pathlib import Path

import pytest
from builders_forge_world import OWNERSHIP
from builders_login import HTML, an_app, log_in
from builders_notify import NotingNotifier
from builders_service import Service, a_service
from builders_signoff import EMERGENCY, an_emergency, entries

from gate.core.errors import UsageError
from gate.core.notify.due import occasion_of
from gate.usecases.close_incident import Closing, close_incident
from gate.usecases.incident_stored import StoredIncident
from gate.usecases.open_incident import Opening, open_incident
from gate.usecases.remind import remind
from gate.usecases.review_afterwards import end_after_review
from gate.usecases.review_incident import HeldReview, review_incident

DAY = 86_400
ALICE, BOB, ERIN = "mailto:alice@example.com", "mailto:bob@example.com", "mailto:erin@example.com"
PAYMENTS = "{name: payments-api, owner: payments, paths: [/api/]}"
STOREFRONT = "{name: storefront, owner: web, paths: [/web/]}"


def records(*, reviewed: str, quiet: str = "") -> dict[str, str]:
    """The records of the shop, payments-api reviewed on a day and then every 30 days."""
    text = OWNERSHIP.replace(PAYMENTS, f"{PAYMENTS[:-1]}, reviewed: {reviewed}, review_every_days: 30}}")
    if quiet:
        text = text.replace("email: bob@example.com", f"email: bob@example.com, quiet_hours: {quiet}")
    return {".gate/ownership.yaml": text}


def known(service: Service) -> None:
    """Let the service know its repository."""
    service.forge.a_pull({"web/page.html": "<p>x</p>\n"})
    service.settle()


def texts(notifier: NotingNotifier, to: str) -> list[str]:
    return [one.text for one in notifier.to(to) if one.subject.startswith("Reviews that wait")]


def asked(notifier: NotingNotifier, to: str) -> list[str]:
    """What somebody was sent that asks them to confirm the record of a component."""
    return [one.text for one in notifier.to(to) if one.subject.startswith("Please confirm: ownership in acme/shop")]


def an_incident(service: Service) -> StoredIncident:
    at = service.gate.instant()
    return open_incident(service.gate, Opening(component="storefront", title="It fails", began_at=at))[0]


class TestTheOccasions:
    @pytest.mark.parametrize(
        ("due", "occasion"),
        [("2026-12-09T00:00:01Z", ""), ("2026-12-09T00:00:00Z", "soon"), ("2026-12-02T00:00:01Z", "soon"),
         ("2026-12-02T00:00:00Z", "overdue"), ("2020-01-01T00:00:00Z", "overdue")],
    )  # fmt: skip
    def test_are_a_week_before_and_the_day_itself(self, due: str, occasion: str) -> None:
        assert occasion_of(due, "2026-12-02T00:00:00Z") == occasion


class TestAnOwnershipReview:
    def test_is_reminded_of_once_before_it_is_due_and_once_after(self, tmp_path: Path) -> None:
        notifier = NotingNotifier()
        with a_service(tmp_path, files=records(reviewed="2026-11-01"), notifier=notifier) as service:
            known(service)
            due = "2026-12-02T00:00:00Z"
            service.ask_for_a_sweep()
            while service.gate.instant() < "2026-11-24T00:00:00Z":
                service.clock.ahead_seconds += DAY // 2
            service.settle()
            assert asked(notifier, ALICE) == []
            service.later(2 * DAY)
            service.later(DAY)
            (text,) = asked(notifier, ALICE)
            assert "To be confirmed: payments-api, due 2026-12-01" in text
            assert "Look at it and confirm:\nhttp://127.0.0.1:8000/signoff/" in text
            while service.gate.instant() < due:
                service.later(DAY)
            service.later(DAY)
            assert len(asked(notifier, ALICE)) == len(asked(notifier, BOB)) == 2
            assert asked(notifier, ERIN) == []
            assert service.errors == []

    def test_waits_for_the_end_of_quiet_hours_and_is_dropped_where_it_was_done_meanwhile(self, tmp_path: Path) -> None:
        notifier = NotingNotifier()
        night = '{from: "00:00", to: "23:59"}'
        with a_service(tmp_path, files=records(reviewed="2026-01-01", quiet=night), notifier=notifier) as service:
            known(service)
            assert remind(service.gate) == 2
            service.work()
            assert len(asked(notifier, ALICE)) == 1
            assert asked(notifier, BOB) == []
            done = records(reviewed=service.gate.instant()[:10])
            service.forge.shop.commit("main", dict(done), author=service.forge.alice)
            service.later(DAY)
            assert asked(notifier, BOB) == []

    def test_disturbs_nobody_where_the_policy_only_evaluates(self, tmp_path: Path) -> None:
        notifier = NotingNotifier()
        files = {**records(reviewed="2026-01-01"), ".gate/policy.yaml": "version: 1\nenforcement: evaluate\n"}
        with a_service(tmp_path, files=files, notifier=notifier) as service:
            known(service)
            assert remind(service.gate) == 0


class TestAReviewAfterBreakGlass:
    def test_is_asked_of_those_who_may_do_it_until_it_is_done(self, tmp_path: Path) -> None:
        notifier = NotingNotifier()
        with a_service(tmp_path, files={".gate/policy.yaml": EMERGENCY}, notifier=notifier) as service:
            pull = an_emergency(service, called_by=service.forge.carol, approved_by=service.forge.carol)
            remind(service.gate)
            service.work()
            assert len(texts(notifier, ERIN)) == 1
            assert f"Review after break-glass of #{pull.number}" in texts(notifier, ERIN)[0]
            for part in ("mailto:carol@example.com", "mailto:dave@example.com"):
                assert texts(notifier, part) == []
            service.later(2 * DAY)
            remind(service.gate)
            service.work()
            assert len(texts(notifier, ERIN)) == 2
            end_after_review(service.gate, service.key(pull), "github:1005", note="Fine.", authenticated="test")
            assert remind(service.gate) == 0
            assert entries(service, pull, "review-done")


class TestTheReviewOfAnIncident:
    def test_is_in_a_message_of_its_own_beside_the_records_to_be_confirmed(self, tmp_path: Path) -> None:
        notifier = NotingNotifier()
        files = records(reviewed="2026-01-01")
        files[".gate/ownership.yaml"] = files[".gate/ownership.yaml"].replace("owner: web", "owner: payments")
        with a_service(tmp_path, files=files, notifier=notifier) as service:
            known(service)
            incident = an_incident(service)
            close_incident(service.gate, Closing(incident=incident.id, restored_at=incident.began_at))
            remind(service.gate)
            service.work()
            (text,) = texts(notifier, ALICE)
            assert len(asked(notifier, ALICE)) == 1
            assert "payments-api" not in text
            assert f"Review of the incident of storefront ({incident.id})" in text

    def test_is_no_more_owed_once_it_was_held(self, tmp_path: Path) -> None:
        notifier = NotingNotifier()
        with a_service(tmp_path, notifier=notifier) as service:
            known(service)
            incident = an_incident(service)
            with pytest.raises(UsageError, match="once it is closed"):
                review_incident(service.gate, HeldReview(incident=incident.id, note="x"))
            close_incident(service.gate, Closing(incident=incident.id, restored_at=incident.began_at))
            service.later(8 * DAY)
            with pytest.raises(UsageError, match="needs a note"):
                review_incident(service.gate, HeldReview(incident=incident.id, note=" . "))
            held = review_incident(
                service.gate, HeldReview(incident=incident.id, note="Add an alert.", by="github:1005")
            )
            assert review_incident(service.gate, HeldReview(incident=incident.id, note="Again.")) == held
            assert remind(service.gate) == 0
            subject = f"repository:{incident.repository.tenant}/{incident.repository.id}"
            with service.store.reading() as reading:
                (entry,) = [one for one in reading.entries_about(subject) if one.kind == "review-done"]
            assert entry.payload()["is_late"] is True
            assert b"Add an alert" not in entry.content

    def test_is_recorded_on_its_page(self, tmp_path: Path) -> None:
        with a_service(tmp_path, notifier=NotingNotifier()) as service:
            known(service)
            incident = an_incident(service)
            close_incident(service.gate, Closing(incident=incident.id, restored_at=incident.began_at))
            service.forge.world.browser_user = service.forge.erin
            client = an_app(service, admins=frozenset({"github:1005"})).test_client()
            log_in(client)
            page = client.get(f"/incidents/{incident.id}", headers=HTML)
            token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
            form = {"csrf_token": token, "note": "Add an alert."}
            assert client.post(f"/incidents/{incident.id}/review", data=form, headers=HTML).status_code == 303
            assert "its review was held" in client.get(f"/incidents/{incident.id}", headers=HTML).text
