"""The end of a ladder and of a message: always in the ledger; where nobody answered at all, the operator is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from builders_calls import MINUTE, a_world_of_calls, bob_is_called, call_token, ladder_now
from builders_forge_world import OWNERSHIP
from builders_link_pages import a_trial, decide, opened
from builders_notify import NotingNotifier
from builders_service import Service, a_service
from builders_signoff import entries
from doubles.github.pulls import Pull

from gate.usecases.close_incident import Closing, close_incident
from gate.usecases.open_incident import Opening, open_incident

CAROL, OPERATOR = "mailto:carol@example.com", "notify:operator"
HOUR, DAY = 3600, 86_400
LADDER = """\
escalations:
  ladder:
    begin_after: 4h
    levels:
      - {notify: [backup], channel: email, acknowledge_within: 30m}
"""
FILES = {
    ".gate/ownership.yaml": OWNERSHIP.replace(
        "{name: payments-api, owner: payments, paths: [/api/]}",
        "{name: payments-api, owner: payments, backup: platform, escalation: ladder, paths: [/api/]}",
    )
    + LADDER
}


@contextmanager
def carol_is_called(folder: Path) -> Iterator[tuple[Service, NotingNotifier, Pull]]:
    """A service in which carol, the backup, was called just now for a sign-off that nobody gave."""
    notifier = NotingNotifier()
    with a_service(folder, files=FILES, notifier=notifier) as service:
        pull = service.judged_pull()
        service.later(4 * HOUR)
        yield service, notifier, pull


class TestALadderOfASignOff:
    def test_that_was_given_ends_in_the_ledger(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files=FILES, notifier=NotingNotifier()) as service:
            pull = service.approved()
            service.later(DAY)
            ended = [one["payload"]["outcome"] for one in entries(service, pull, "escalated")]
            assert ended == ["begun", "ended"]

    def test_and_its_beginning_anew_are_in_the_ledger_with_when_the_first_step_is_due(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files=FILES, notifier=NotingNotifier()) as service:
            pull = service.approved()
            service.later(DAY)
            pull.reviews[-1].dismiss(service.forge.dave)
            service.settle()
            found = entries(service, pull, "escalated")
            assert [one["payload"]["outcome"] for one in found] == ["begun", "ended", "begun-anew"]
            with service.store.reading() as reading:
                (ladder,) = reading.escalations(service.key(pull))
            anew = found[-1]["payload"]
            assert (anew["escalation"], anew["subject"], anew["scope"]) == (ladder.id, ladder.subject, ladder.scope)
            assert (ladder.state, anew["next_at"]) == ("running", ladder.next_at)

    def test_that_nobody_answered_is_told_to_the_operator_once(self, tmp_path: Path) -> None:
        with carol_is_called(tmp_path) as (service, notifier, pull):
            service.later(30 * MINUTE)
            service.later(DAY)
            (told,) = notifier.to(OPERATOR)
            assert told.subject == "Nobody answered: an escalation ended of payments-api"
            assert "Nobody else is called any more" in told.text
            with service.store.reading() as reading:
                (ladder,) = reading.escalations(service.key(pull))
            assert f"/escalations/{ladder.id}" in told.text
            outcomes = [one["payload"].get("outcome") for one in entries(service, pull, "escalated")]
            assert outcomes == ["begun", None, "unanswered"]

    def test_is_acknowledged_by_the_link_of_a_backup_who_signs_nothing(self, tmp_path: Path) -> None:
        with carol_is_called(tmp_path) as (service, notifier, pull):
            client = a_trial(service)
            page = opened(client, call_token(notifier, CAROL))
            assert "A sign-off that nobody gives: payments-api" in page.text
            assert decide(client, page, decision="acknowledge").status_code == 303
            (entry,) = entries(service, pull, "acknowledged")
            assert (entry["actor"], entry["authenticated"]) == ("github:1003", "by possession of the link")
            service.later(DAY)
            assert notifier.to(OPERATOR) == []
            assert service.check(pull) == "in_progress"

    def test_of_a_link_dies_with_its_scope(self, tmp_path: Path) -> None:
        with carol_is_called(tmp_path) as (service, notifier, pull):
            client = a_trial(service)
            page = opened(client, call_token(notifier, CAROL))
            service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 9\n"}, author=service.forge.dave)
            service.settle()
            assert decide(client, page, decision="acknowledge").status_code == 409
            assert entries(service, pull, "acknowledged") == []
            (refusal,) = entries(service, pull, "link-refused")
            assert refusal["payload"]["code"] == "call-over"


class TestALadderOfAnIncident:
    def test_ends_in_the_ledger_when_the_incident_is_closed(self, tmp_path: Path) -> None:
        with a_world_of_calls(tmp_path) as (service, _):
            at = service.gate.instant()
            incident, _ = open_incident(service.gate, Opening(component="payments-api", title="It fails", began_at=at))
            service.work()
            close_incident(service.gate, Closing(incident=incident.id, restored_at=at))
            subject = f"repository:{incident.repository.tenant}/{incident.repository.id}"
            with service.store.reading() as reading:
                found = [one.payload() for one in reading.entries_about(subject) if one.kind == "escalated"]
            assert found[-1]["outcome"] == "ended"

    def test_that_nobody_answered_is_told_to_the_operator(self, tmp_path: Path) -> None:
        with bob_is_called(tmp_path) as (service, notifier, ladder):
            service.later(15 * MINUTE)
            service.later(30 * MINUTE)
            assert ladder_now(service, ladder).state == "unanswered"
            assert len(notifier.to(OPERATOR)) == 1


class TestAMessageThatHoldsNoLonger:
    def test_is_dropped_in_the_ledger(self, tmp_path: Path) -> None:
        notifier = NotingNotifier()
        records = FILES[".gate/ownership.yaml"].replace(
            "email: bob@example.com", 'email: bob@example.com, quiet_hours: {from: "00:00", to: "23:59"}'
        )
        with a_service(tmp_path, files={".gate/ownership.yaml": records}, notifier=notifier) as service:
            pull = service.approved()
            service.later(DAY)
            (dropped,) = entries(service, pull, "notification-dropped")
            assert dropped["payload"]["recipient"] == "bob"
            assert dropped["payload"]["why"] == "what it says holds no longer"
            assert notifier.to("mailto:bob@example.com") == []
