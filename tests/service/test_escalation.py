"""Escalation of a sign-off that nobody gives: by the clock, across restarts, each step once, until somebody answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from builders_forge_world import OWNERSHIP
from builders_notify import NotingNotifier
from builders_service import Service, a_service
from builders_signoff import entries

from gate.usecases.acknowledge import Acknowledgement, acknowledge
from gate.usecases.escalate import climb, hasten
from gate.usecases.notices import StoredEscalation

ALICE, BOB, CAROL = "mailto:alice@example.com", "mailto:bob@example.com", "mailto:carol@example.com"
ROTATION = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//acme//on-call//EN\r\n"
    "BEGIN:VEVENT\r\nUID:1@acme\r\nDTSTAMP:20200101T000000Z\r\nDTSTART:20200101T000000Z\r\nDTEND:20200102T000000Z\r\n"
    "RRULE:FREQ=DAILY\r\nSUMMARY:On call\r\nATTENDEE:mailto:bob@example.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
LADDER = """\
escalations:
  ladder:
    remind_after: 4h
    begin_after: 1d
    levels:
      - {notify: [owner:on-call], channel: email, acknowledge_within: 15m}
      - {notify: [backup], channel: email, acknowledge_within: 30m}
"""
FILES = {
    ".gate/ownership.yaml": OWNERSHIP.replace(
        "payments: {members: [alice, bob]}", "payments: {members: [alice, bob], on_call: {schedule: on-call.ics}}"
    ).replace(
        "{name: payments-api, owner: payments, paths: [/api/]}",
        "{name: payments-api, owner: payments, backup: platform, escalation: ladder, paths: [/api/]}",
    )
    + LADDER,
    "on-call.ics": ROTATION,
}
MINUTE, HOUR, DAY = 60, 3600, 86_400


@contextmanager
def a_waiting_change(folder: Path) -> Iterator[tuple[Service, NotingNotifier, Any]]:
    """A change that its owners were told of."""
    notifier = NotingNotifier()
    with a_service(folder, files=FILES, notifier=notifier) as service:
        pull = service.forge.a_pull()
        service.settle()
        assert service.errors == []
        assert told(notifier) == [ALICE, BOB]
        yield service, notifier, pull


def told(notifier: NotingNotifier) -> list[str]:
    """Who was told since the last look, by address."""
    found = [message.to for message in notifier.sent]
    notifier.sent.clear()
    return sorted(found)


def ladder(service: Service, pull: Any) -> StoredEscalation:
    with service.store.reading() as reading:
        (found,) = reading.escalations(service.key(pull))
    return found


def ledger(service: Service, pull: Any, kind: str) -> int:
    with service.store.reading() as reading:
        return len([entry for entry in reading.timeline(service.key(pull)) if entry.kind == kind])


class TestByTheClock:
    def test_a_reminder_then_who_is_on_call_then_the_backup_then_nobody(self, tmp_path: Path) -> None:
        with a_waiting_change(tmp_path) as (service, notifier, pull):
            service.later(4 * HOUR - MINUTE)
            assert told(notifier) == []
            service.later(2 * MINUTE)
            assert {message.subject.partition(":")[0] for message in notifier.sent} == {"Reminder"}
            assert told(notifier) == [ALICE, BOB]
            service.later(20 * HOUR)
            assert "Escalation" in notifier.sent[0].subject
            assert told(notifier) == [BOB]
            service.later(15 * MINUTE)
            assert "Acknowledge that you take care of it:" in notifier.sent[0].text  # the backup signs nothing off
            assert told(notifier) == [CAROL]
            service.later(DAY)
            assert told(notifier) == ["notify:operator"]
            assert ladder(service, pull).state == "unanswered"
            assert [step for step, _, _ in ladder(service, pull).told] == [0, 1, 2]
            assert ledger(service, pull, "escalated") == 5

    def test_as_before_after_a_restart_in_between(self, tmp_path: Path) -> None:
        with a_waiting_change(tmp_path) as (service, notifier, _):
            service.restart()
            service.later(DAY + MINUTE)
            assert told(notifier) == [BOB]
            service.restart()
            service.later(15 * MINUTE)
            assert told(notifier) == [CAROL]

    def test_each_step_once_however_many_workers_take_it(self, tmp_path: Path) -> None:
        with a_waiting_change(tmp_path) as (service, notifier, pull):
            service.clock.ahead_seconds += 4 * HOUR
            other = replace(service.gate)
            service.points.once("steps-planned", lambda: climb(other, ladder(service, pull).id))
            climb(service.gate, ladder(service, pull).id)
            service.work()
            assert told(notifier) == [ALICE, BOB]
            assert ladder(service, pull).step == 1

    def test_the_whole_team_where_the_calendar_cannot_be_read(self, tmp_path: Path) -> None:
        with a_waiting_change(tmp_path) as (service, notifier, pull):
            service.forge.shop.commit("main", {"on-call.ics": "nothing"}, author=service.forge.carol)
            service.settle()
            hasten(service.gate, service.key(pull), by="github:1004")
            service.work()
            assert told(notifier) == [ALICE, BOB]


class TestWhatEndsIt:
    def test_the_sign_off(self, tmp_path: Path) -> None:
        with a_waiting_change(tmp_path) as (service, notifier, pull):
            pull.review(service.forge.alice, "APPROVED")
            service.settle()
            service.later(2 * DAY)
            assert told(notifier) == []
            assert ladder(service, pull).state == "ended"

    def test_closing_the_change(self, tmp_path: Path) -> None:
        with a_waiting_change(tmp_path) as (service, notifier, pull):
            pull.close(by=service.forge.dave)
            service.settle()
            service.later(2 * DAY)
            assert told(notifier) == []

    def test_an_acknowledgement(self, tmp_path: Path) -> None:
        with a_waiting_change(tmp_path) as (service, notifier, pull):
            key, ladders = service.key(pull), frozenset({ladder(service, pull).id})
            taken = Acknowledgement(key=key, ladders=ladders, by="github:1002", authenticated="session")
            assert acknowledge(service.gate, taken) == 1
            assert acknowledge(service.gate, taken) == 0
            service.later(2 * DAY)
            assert told(notifier) == []
            assert (ladder(service, pull).state, ladder(service, pull).acknowledged_by) == (
                "acknowledged",
                "github:1002",
            )
            assert ledger(service, pull, "acknowledged") == 1

    def test_not_a_push_that_asks_anew_which_begins_another(self, tmp_path: Path) -> None:
        with a_waiting_change(tmp_path) as (service, notifier, pull):
            service.forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 9\n"}, author=service.forge.dave)
            service.settle()
            assert told(notifier) == [ALICE, BOB]
            service.later(4 * HOUR + MINUTE)
            assert told(notifier) == [ALICE, BOB]
            with service.store.reading() as reading:
                assert sorted(one.state for one in reading.escalations(service.key(pull))) == ["ended", "running"]


class TestHastening:
    def test_the_first_level_is_called_at_once_and_no_reminder(self, tmp_path: Path) -> None:
        with a_waiting_change(tmp_path) as (service, notifier, pull):
            assert hasten(service.gate, service.key(pull), by="github:1004") == 1
            service.work()
            assert told(notifier) == [BOB]
            service.later(15 * MINUTE)
            assert told(notifier) == [CAROL]

    def test_by_a_comment_of_somebody_in_the_records_once(self, tmp_path: Path) -> None:
        with a_waiting_change(tmp_path) as (service, notifier, pull):
            pull.comment(service.forge.dave, "It is urgent.\n/escalate payments-api")
            service.settle()
            service.settle()
            assert told(notifier) == [BOB]
            climbing = entries(service, pull, "escalated")
            hastened = [one["actor"] for one in climbing if one["payload"].get("outcome") == "hastened"]
            assert hastened == ["github:1004"]
            service.later(15 * MINUTE)
            assert told(notifier) == [CAROL]

    def test_not_by_a_stranger_in_a_quote_or_for_what_nobody_waits_for(self, tmp_path: Path) -> None:
        with a_waiting_change(tmp_path) as (service, notifier, pull):
            stranger = service.forge.world.user("mallory")
            pull.comment(stranger, "/escalate")
            pull.comment(service.forge.dave, "> /escalate")
            pull.comment(service.forge.dave, "/escalate storefront")
            service.settle()
            assert told(notifier) == []

    def test_the_author_is_never_called(self, tmp_path: Path) -> None:
        notifier = NotingNotifier()
        with a_service(tmp_path, files=FILES, notifier=notifier) as service:
            pull = service.forge.a_pull(author=service.forge.bob)
            service.settle()
            hasten(service.gate, service.key(pull), by="github:1002")
            service.work()
            assert BOB not in [message.to for message in notifier.sent]
