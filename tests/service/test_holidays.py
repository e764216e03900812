"""Holidays: messages wait for the next working day, and a ladder for whoever works first; never an incident."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from builders_holidays import (
    ALICE,
    BOB,
    CAROL,
    DAY,
    HOUR,
    MINUTE,
    a_shop,
    calendar,
    keep,
    outcomes,
    today,
    told,
    until,
)
from builders_signoff import entries

from gate.core.errors import UnreadableError
from gate.usecases.call_out import begin_call_out
from gate.usecases.escalate import hasten
from gate.usecases.ports import RemoteCalendar
from gate.usecases.remind import remind


class TestWhoeverIsAsked:
    def test_hears_of_it_on_the_next_working_day(self, tmp_path: Path) -> None:
        with a_shop(tmp_path) as (service, notifier):
            keep(service, calendar(today(service), 2))
            service.forge.a_pull()
            service.settle()
            assert told(notifier) == []
            service.later(until(service, today(service) + dt.timedelta(days=2)))
            assert {message.subject.partition(":")[0] for message in notifier.sent} == {"Sign-off asked"}
            assert told(notifier) == [ALICE, BOB]
            service.later(4 * HOUR)
            assert {message.subject.partition(":")[0] for message in notifier.sent} == {"Reminder"}
            assert told(notifier) == [ALICE, BOB]
            service.later(20 * HOUR - 2 * MINUTE)
            assert told(notifier) == []
            service.later(5 * MINUTE)
            assert {message.subject.partition(":")[0] for message in notifier.sent} == {"Escalation"}

    def test_hears_of_it_at_once_where_the_day_is_a_meeting_or_the_calendar_cannot_be_read(
        self, tmp_path: Path
    ) -> None:
        with a_shop(tmp_path) as (service, notifier):
            for number, raw in enumerate((calendar(today(service), 2, times=""), "nothing")):
                keep(service, raw)
                service.forge.a_pull({f"api/{number}.py": "x = 1\n"})
                service.settle()
                assert told(notifier) == [ALICE, BOB]

    def test_keeps_their_own_days_and_not_those_of_others(self, tmp_path: Path) -> None:
        with a_shop(tmp_path, who="alice") as (service, notifier):
            keep(service, calendar(today(service), 2))
            service.forge.a_pull()
            service.settle()
            assert told(notifier) == [BOB]


class TestALadder:
    def test_waits_while_everybody_whom_its_step_tells_is_on_holiday_and_the_ledger_says_so(
        self, tmp_path: Path
    ) -> None:
        with a_shop(tmp_path) as (service, notifier):
            pull = service.forge.a_pull()
            service.settle()
            assert told(notifier) == [ALICE, BOB]
            first = today(service) + dt.timedelta(days=1)
            keep(service, calendar(first, 3))
            other = service.forge.a_pull({"web/page.html": "<p>x</p>\n"})
            other.close(by=service.forge.dave)
            service.settle()
            service.later(DAY + MINUTE)
            put_off = entries(service, pull, "escalated")[-1]["payload"]
            assert (put_off["outcome"], put_off["until"]) == ("put-off", f"{first + dt.timedelta(days=3)}T00:00:00Z")
            assert [name for name, _ in put_off["on_holiday"]] == ["alice", "bob"]
            assert put_off["why"] == "everybody whom this step tells is on holiday"
            assert told(notifier) == []
            service.later(until(service, first + dt.timedelta(days=3)))
            assert told(notifier) == [ALICE, BOB]
            service.later(15 * MINUTE)
            assert told(notifier) == [CAROL]
            assert outcomes(service, pull)[-3:] == ["put-off", "level 1", "level 2"]

    def test_calls_those_who_work_and_says_who_does_not(self, tmp_path: Path) -> None:
        with a_shop(tmp_path, who="alice") as (service, notifier):
            keep(service, calendar(today(service), 5))
            pull = service.forge.a_pull()
            service.settle()
            service.later(DAY + MINUTE)
            assert told(notifier) == [BOB, BOB]
            called = entries(service, pull, "escalated")[-1]["payload"]
            assert (called["level"], [name for name, _ in called["on_holiday"]]) == (1, ["alice"])


class TestAHastenedLadder:
    def test_is_put_off_all_the_same_and_calls_the_first_who_works_again_once(self, tmp_path: Path) -> None:
        with a_shop(tmp_path) as (service, notifier):
            first = today(service)
            keep(service, calendar(first, 3))
            pull = service.forge.a_pull()
            service.settle()
            assert hasten(service.gate, service.key(pull), by="github:1004") == 1
            service.work()
            assert told(notifier) == []
            assert outcomes(service, pull)[-2:] == ["hastened", "put-off"]
            assert hasten(service.gate, service.key(pull), by="github:1004") == 0
            service.later(until(service, first + dt.timedelta(days=3)))
            assert {message.subject.partition(":")[0] for message in notifier.sent} == {"Sign-off asked", "Escalation"}
            assert told(notifier) == [ALICE, ALICE, BOB, BOB]
            service.later(15 * MINUTE)
            assert told(notifier) == [CAROL]


class TestWhatDoesNotWait:
    def test_an_incident_or_an_exercise(self, tmp_path: Path) -> None:
        with a_shop(tmp_path) as (service, notifier):
            keep(service, calendar(today(service), 5))
            service.forge.a_pull()
            service.settle()
            with service.store.reading() as reading:
                shop = reading.repository_named("acme/shop")
            assert shop is not None
            begin_call_out(service.gate, shop, "payments-api", cause="drill", matter="first")
            service.work()
            assert told(notifier) == [ALICE, BOB]


class TestAReminderOfAReview:
    def test_waits_for_the_next_working_day(self, tmp_path: Path) -> None:
        with a_shop(tmp_path, who="alice") as (service, notifier):
            keep(service, calendar(today(service), 2))
            service.forge.a_pull({"web/page.html": "<p>x</p>\n"})
            service.settle()
            notifier.sent.clear()
            assert remind(service.gate) == 2
            service.work()
            assert told(notifier) == [BOB]
            service.later(until(service, today(service) + dt.timedelta(days=2)))
            assert ALICE in told(notifier)


class TestACalendarAtAnAddress:
    @pytest.mark.parametrize("is_there", [True, False])
    def test_is_read_with_the_same_care_as_a_rotation(self, tmp_path: Path, *, is_there: bool) -> None:
        address = "https://calendar.example.com/days.ics"
        with a_shop(tmp_path, at=f'"{address}"') as (service, notifier):
            raw = calendar(today(service), 2).encode()

            def read(asked: str) -> RemoteCalendar:
                assert asked == address
                if not is_there:
                    raise UnreadableError("The calendar at calendar.example.com cannot be read: it does not answer.")
                return RemoteCalendar(raw, 7200)

            service.gate = replace(service.gate, readers=replace(service.gate.readers, remote_calendar=read))
            service.forge.a_pull()
            service.settle()
            assert told(notifier) == ([] if is_there else [ALICE, BOB])
