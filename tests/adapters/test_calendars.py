"""Calendars: freeze windows and on-call rotations as instants in UTC."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gate.adapters.calendars import occurrences as occurrences_module
from gate.adapters.calendars.freezes import ExpandedFreezes, expand_freezes
from gate.adapters.calendars.rotations import on_call
from gate.core.change.facts import FreezePeriod
from gate.core.errors import InvalidFileError, UnreadableError
from gate.core.policy.model import Freeze

CALENDARS = Path(__file__).parents[1] / "fixtures" / "calendars"
AT = "2026-11-24T12:00:00Z"
FROM, UNTIL = "2026-10-15T12:00:00Z", "2027-12-29T12:00:00Z"


def a_freeze(**keys: Any) -> Freeze:
    return Freeze.model_validate({"name": "Close", **keys})


def expanded(*freezes: Freeze, files: Mapping[str, bytes] | None = None) -> ExpandedFreezes:
    return expand_freezes(
        freezes, read=(files or {}).get, from_at=FROM, until_at=UNTIL, file=".gate/policy.yaml", lines={"freezes/0": 7}
    )


def period_of(**keys: Any) -> tuple[str, str]:
    """The one period of a freeze between two times."""
    found = expanded(a_freeze(**keys))
    assert found.faults == ()
    (period,) = found.periods
    return period.from_at, period.until_at


def periods_in(name: str, **keys: Any) -> list[tuple[str, str]]:
    """The periods of a freeze by one of the calendars of the fixtures."""
    found = expanded(a_freeze(calendar=name, **keys), files={name: (CALENDARS / name).read_bytes()})
    assert found.faults == ()
    return [(period.from_at, period.until_at) for period in found.periods]


def a_calendar(*events: str, head: str = "") -> bytes:
    """A calendar of events given by their lines."""
    wrapped = "".join(f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT\n" for number, event in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{head}{wrapped}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def of_events(*events: str, head: str = "", **keys: Any) -> ExpandedFreezes:
    return expanded(a_freeze(calendar="c.ics", **keys), files={"c.ics": a_calendar(*events, head=head)})


class TestTwoTimes:
    def test_are_local_to_the_zone_named(self) -> None:
        times = {"from": "2026-12-18T18:00", "to": "2027-01-04T08:00", "timezone": "Europe/Berlin"}
        assert period_of(**times) == ("2026-12-18T17:00:00Z", "2027-01-04T07:00:00Z")

    def test_are_utc_without_a_zone(self) -> None:
        assert period_of(**{"from": "2026-12-18T18:00", "to": "2026-12-19T18:00:30"}) == (
            "2026-12-18T18:00:00Z",
            "2026-12-19T18:00:30Z",
        )

    def test_keep_their_own_offset_whatever_the_zone(self) -> None:
        times = {"from": "2026-12-18T18:00-05:00", "to": "2026-12-19T00:00Z", "timezone": "Asia/Tokyo"}
        assert period_of(**times) == ("2026-12-18T23:00:00Z", "2026-12-19T00:00:00Z")

    def test_a_date_is_a_whole_day_at_both_ends(self) -> None:
        times = {"from": "2026-12-24", "to": "2026-12-26", "timezone": "Europe/Berlin"}
        assert period_of(**times) == ("2026-12-23T23:00:00Z", "2026-12-26T23:00:00Z")

    def test_one_day_is_a_freeze_of_24_hours(self) -> None:
        assert period_of(**{"from": "2026-12-24", "to": "2026-12-24"}) == (
            "2026-12-24T00:00:00Z",
            "2026-12-25T00:00:00Z",
        )


class TestWhenClocksChange:
    def test_a_time_that_comes_twice_begins_with_the_first_and_ends_with_the_second(self) -> None:
        begins = period_of(**{"from": "2026-10-25T02:30", "to": "2026-10-26T00:00", "timezone": "Europe/Berlin"})
        assert begins[0] == "2026-10-25T00:30:00Z"
        ends = period_of(**{"from": "2026-10-24T00:00", "to": "2026-10-25T02:30", "timezone": "Europe/Berlin"})
        assert ends[1] == "2026-10-25T01:30:00Z"

    def test_a_time_that_never_comes_begins_early_and_ends_late(self) -> None:
        begins = period_of(**{"from": "2027-03-28T02:30", "to": "2027-03-29T00:00", "timezone": "Europe/Berlin"})
        assert begins[0] == "2027-03-28T00:30:00Z"
        ends = period_of(**{"from": "2027-03-27T00:00", "to": "2027-03-28T02:30", "timezone": "Europe/Berlin"})
        assert ends[1] == "2027-03-28T01:30:00Z"

    def test_a_day_without_midnight_begins_before_it(self) -> None:
        """In Beirut the clock goes from 00:00 to 01:00 on the last Sunday of March."""
        times = {"from": "2027-03-28", "to": "2027-03-28", "timezone": "Asia/Beirut"}
        assert period_of(**times) == ("2027-03-27T21:00:00Z", "2027-03-28T21:00:00Z")

    def test_a_day_of_25_hours_is_frozen_for_25_hours(self) -> None:
        times = {"from": "2026-10-25", "to": "2026-10-25", "timezone": "Europe/Berlin"}
        assert period_of(**times) == ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")


class TestCalendarFiles:
    def test_german_holidays_come_every_year(self) -> None:
        days = periods_in("german-holidays.ics", timezone="Europe/Berlin")
        assert days == [
            ("2026-12-24T23:00:00Z", "2026-12-26T23:00:00Z"),
            ("2026-12-31T23:00:00Z", "2027-01-01T23:00:00Z"),
            ("2027-03-25T23:00:00Z", "2027-03-26T23:00:00Z"),
            ("2027-03-28T22:00:00Z", "2027-03-29T22:00:00Z"),
            ("2027-04-30T22:00:00Z", "2027-05-01T22:00:00Z"),
            ("2027-05-05T22:00:00Z", "2027-05-06T22:00:00Z"),
            ("2027-05-16T22:00:00Z", "2027-05-17T22:00:00Z"),
            ("2027-10-02T22:00:00Z", "2027-10-03T22:00:00Z"),
            ("2027-12-24T23:00:00Z", "2027-12-26T23:00:00Z"),
        ]

    def test_floating_times_are_read_in_the_zone_of_the_freeze(self) -> None:
        periods = periods_in("quarter-end.ics", timezone="Europe/Berlin")
        assert ("2026-12-31T15:00:00Z", "2027-01-01T05:00:00Z") in periods
        assert ("2027-06-30T14:00:00Z", "2027-07-01T04:00:00Z") in periods

    def test_an_event_with_its_own_zone_keeps_it(self) -> None:
        assert ("2026-11-16T14:00:00Z", "2026-11-18T22:00:00Z") in periods_in("quarter-end.ics", timezone="Asia/Tokyo")

    def test_cancelled_events_and_those_without_length_freeze_nothing(self) -> None:
        assert [start for start, _ in periods_in("quarter-end.ics") if start.startswith("2026-11-2")] == []

    def test_a_zone_defined_in_the_file_is_used(self) -> None:
        head = (
            "BEGIN:VTIMEZONE\nTZID:Company\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0530\n"
            "TZOFFSETTO:+0530\nEND:STANDARD\nEND:VTIMEZONE\n"
        )
        found = of_events("DTSTART;TZID=Company:20261201T120000\nDURATION:PT1H", head=head)
        assert found.periods == (FreezePeriod(0, "2026-12-01T06:30:00Z", "2026-12-01T07:30:00Z"),)

    def test_periods_name_their_freeze_by_its_number(self) -> None:
        day = a_calendar("DTSTART;VALUE=DATE:20261201")
        found = expanded(
            a_freeze(**{"from": "2026-12-24", "to": "2026-12-24"}), a_freeze(calendar="c.ics"), files={"c.ics": day}
        )
        assert [period.freeze for period in found.periods] == [0, 1]

    def test_an_event_that_began_long_ago_and_still_lasts_is_there(self) -> None:
        found = of_events("DTSTART:20200101T000000Z\nDTEND:20300101T000000Z")
        assert found.periods == (FreezePeriod(0, "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"),)

    def test_what_lies_outside_the_span_is_not_listed(self) -> None:
        assert of_events("DTSTART:20200101T000000Z\nDTEND:20200102T000000Z").periods == ()

    def test_overlapping_events_are_one_period(self) -> None:
        found = of_events("DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261203", "DTSTART;VALUE=DATE:20261203")
        assert found.periods == (FreezePeriod(0, "2026-12-01T00:00:00Z", "2026-12-04T00:00:00Z"),)

    def test_an_override_moves_one_of_many(self) -> None:
        rule = "UID:same\nDTSTART:20261201T100000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2"
        moved = "UID:same\nRECURRENCE-ID:20261208T100000Z\nDTSTART:20261209T100000Z\nDURATION:PT2H"
        raw = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + b"".join(
            f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n".replace("\n", "\r\n").replace("\r\r", "\r").encode()
            for event in (rule, moved)
        )
        found = expanded(a_freeze(calendar="c.ics"), files={"c.ics": raw + b"END:VCALENDAR\r\n"})
        assert [period.from_at for period in found.periods] == ["2026-12-01T10:00:00Z", "2026-12-09T10:00:00Z"]


class TestWhatCannotBeWorkedOut:
    @pytest.mark.parametrize(
        ("keys", "code", "words"),
        [
            (
                {"from": "2026-12-01", "to": "2026-12-02", "timezone": "Europe/Berlim"},
                "freeze-time-invalid",
                "no time zone",
            ),
            (
                {"from": "2026-12-01", "to": "2026-12-02", "timezone": "../../etc"},
                "freeze-time-invalid",
                "no time zone",
            ),
            ({"from": "2026-12-01", "to": "2026-12-02", "timezone": "Europe"}, "freeze-time-invalid", "no time zone"),
            ({"from": "2026-02-30", "to": "2026-12-02"}, "freeze-time-invalid", "`2026-02-30` is no date"),
            ({"from": "2026-12-02", "to": "2026-12-01"}, "freeze-time-invalid", "ends before it begins"),
            ({"from": "0001-01-01", "to": "2026-12-01", "timezone": "Asia/Tokyo"}, "freeze-time-invalid", "beyond"),
            ({"from": "2026-12-01", "to": "9999-12-31"}, "freeze-time-invalid", "beyond"),
            ({"calendar": "gone.ics"}, "freeze-calendar-missing", "does not exist on the base branch"),
        ],
    )
    def test_is_a_fault_with_the_line_of_the_freeze(self, keys: dict[str, str], code: str, words: str) -> None:
        found = expanded(a_freeze(**keys))
        assert found.periods == ()
        (fault,) = found.faults
        assert (fault.file, fault.line, fault.code) == (".gate/policy.yaml", 7, code)
        assert words in fault.message
        assert fault.suggestion

    def test_an_unreadable_file_is_a_fault_and_no_crash(self) -> None:
        def read(_path: str) -> bytes:
            raise UnreadableError("The blob is larger than 25 MiB.")

        found = expand_freezes([a_freeze(calendar="c.ics")], read=read, from_at=FROM, until_at=UNTIL)
        assert "larger than 25 MiB" in found.faults[0].message

    @pytest.mark.parametrize(
        "event",
        [
            "DTSTART:soon\nDURATION:PT1H",
            "DTSTART:20261201T000000Z\nDTEND:later",
            "DTSTART:20261201T000000Z\nDURATION:long",
            "DTSTART:20261201T000000Z\nDURATION:PT1H\nRRULE:nonsense",
            "DTSTART:20261201T000000Z\nDURATION:PT1H\nRRULE:FREQ=OFTEN",
            "DTSTART:20261201T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=x",
            "DTSTART:20261201T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:never",
            "DTSTART:20261201T000000Z\nDURATION:PT1H\nRDATE:never",
            "DTSTART:20261201T000000Z\nDURATION:PT1H\nRECURRENCE-ID:never",
            "DTSTART:20261201T000000Z\nDTSTART:20261202T000000Z\nDURATION:PT1H",
            "DTSTART:20261201T000000Z\nDURATION:PT1H\nthis is no line",
            "DTSTART;TZID=Mars/Base:20261201T000000\nDURATION:PT1H",
            "DTSTART:20261201T000000Z\nDTEND;TZID=Mars/Base:20261201T010000",
            "DTSTART:20261201T000000Z\nDURATION:PT1H\nRDATE;TZID=Mars/Base:20261202T000000",
            "SUMMARY:no start",
        ],
    )
    def test_an_event_that_cannot_be_read_spoils_the_calendar(self, event: str) -> None:
        found = of_events("DTSTART:20261210T000000Z\nDURATION:PT1H", event)
        assert found.periods == ()
        assert [fault.code for fault in found.faults] == ["freeze-calendar-invalid"]
        assert "`c.ics` cannot be used" in found.faults[0].message

    @pytest.mark.parametrize(
        "raw", [b"", b"hello", b"\xff\xfe\x00", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", a_calendar()[:-20]]
    )
    def test_what_is_no_calendar(self, raw: bytes) -> None:
        found = expanded(a_freeze(calendar="c.ics"), files={"c.ics": raw})
        assert [fault.code for fault in found.faults] == ["freeze-calendar-invalid"]

    def test_one_fault_does_not_hide_other_freezes(self) -> None:
        found = expanded(a_freeze(calendar="gone.ics"), a_freeze(**{"from": "2026-12-01", "to": "2026-12-01"}))
        assert len(found.faults) == len(found.periods) == 1


class TestHostileCalendars:
    @pytest.mark.parametrize(
        "raw",
        [
            a_calendar("DTSTART:19700101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY"),
            a_calendar("DTSTART:20260101T000000Z\nDURATION:PT1S\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
            a_calendar("DTSTART:20260101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"),
            a_calendar("DTSTART:00010101T000000Z\nDURATION:PT1S\nRRULE:FREQ=DAILY"),
            a_calendar("DTSTART:20260101T000000Z\nDURATION:PT1S\nRRULE:FREQ=MINUTELY;COUNT=999999999"),
            a_calendar(*["DTSTART:20000101T000000Z\nDURATION:PT1S\nRRULE:FREQ=DAILY"] * 3_000),
            a_calendar("DTSTART:20261101T000000Z\nDURATION:PT1S\nRRULE:FREQ=HOURLY"),
            a_calendar(*[f"DTSTART:202612{1 + n % 28:02}T000000Z\nDURATION:PT1S" for n in range(5_001)]),
            b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 60_000,
            b"BEGIN:VCALENDAR\r\nX:" + b"x" * 1_000_000 + b"\r\nEND:VCALENDAR\r\n",
            a_calendar(
                "DTSTART;TZID=X:20261101T000000\nDURATION:PT1H",
                head="BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\n"
                "TZOFFSETTO:+0100\nRRULE:FREQ=SECONDLY\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T030000\n"
                "TZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=MINUTELY\nEND:DAYLIGHT\nEND:VTIMEZONE\n",
            ),
        ],
        ids=[
            "secondly",
            "never",
            "never by second",
            "year one",
            "count",
            "many",
            "hourly",
            "5001",
            "nested",
            "big",
            "zone",
        ],
    )
    def test_end_in_a_fault_soon(self, raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(occurrences_module, "MAX_CALLS", 1_000_000)
        began = time.monotonic()
        found = expanded(a_freeze(calendar="c.ics"), files={"c.ics": raw})
        assert time.monotonic() - began < 10
        assert [fault.code for fault in found.faults] == ["freeze-calendar-invalid"]
        assert found.periods == ()

    def test_the_work_of_a_day_that_never_comes_ends_at_the_limit_in_force(self) -> None:
        found = of_events("DTSTART:20260101T000000Z\nDURATION:PT1S\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
        assert "repeat too often" in found.faults[0].message

    def test_the_profiler_of_before_is_put_back(self) -> None:
        def mine(*_: object) -> None:
            return None

        sys.setprofile(mine)
        try:
            of_events("DTSTART:20261201T000000Z\nDURATION:PT1H")
            assert sys.getprofile() is mine
        finally:
            sys.setprofile(None)

    def test_a_long_but_honest_calendar_is_read(self) -> None:
        events = [f"DTSTART;VALUE=DATE:2026{1 + n % 12:02}{1 + n % 28:02}\nRRULE:FREQ=YEARLY" for n in range(300)]
        assert of_events(*events).faults == ()
        assert occurrences_module.MAX_OCCURRENCES == 5_000


class TestOnCall:
    def who(self, at: str) -> tuple[str, ...]:
        raw = (CALENDARS / "payments-on-call.ics").read_bytes()
        return on_call(raw, at, file="payments-on-call.ics")

    def test_the_rotation_changes_at_nine_local_time(self) -> None:
        assert self.who("2026-11-02T07:59:59Z") == ()
        assert self.who("2026-11-02T08:00:00Z") == ("alice@example.com",)
        assert self.who("2026-11-09T07:59:59Z") == ("alice@example.com",)
        assert self.who("2026-11-09T08:00:00Z") == ("bob@example.com",)

    def test_nine_local_time_is_another_instant_in_summer(self) -> None:
        assert self.who("2027-04-05T06:59:59Z") == ("bob@example.com",)
        assert self.who("2027-04-05T07:00:00Z") == ("alice@example.com",)

    def test_an_override_gives_one_week_to_somebody_else(self) -> None:
        assert self.who("2026-12-01T12:00:00Z") == ("carol@example.com",)
        assert self.who("2026-12-15T12:00:00Z") == ("alice@example.com",)

    def test_a_week_taken_out_has_nobody(self) -> None:
        assert self.who("2026-12-08T12:00:00Z") == ()

    def test_without_attendees_the_title_names_who(self) -> None:
        raw = a_calendar("SUMMARY:alice\nDTSTART:20261201T000000Z\nDURATION:P1D")
        assert on_call(raw, "2026-12-01T12:00:00Z", file="c.ics") == ("alice",)

    def test_who_declined_is_not_on_call(self) -> None:
        raw = a_calendar(
            "SUMMARY:x\nATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.com\nATTENDEE:mailto:carol@example.com\n"
            "DTSTART:20261201T000000Z\nDURATION:P1D"
        )
        assert on_call(raw, "2026-12-01T12:00:00Z", file="c.ics") == ("carol@example.com",)

    def test_whole_days_are_read_in_the_zone_given(self) -> None:
        raw = a_calendar("SUMMARY:alice\nDTSTART;VALUE=DATE:20261201")
        assert on_call(raw, "2026-11-30T23:30:00Z", file="c.ics", timezone="Europe/Berlin") == ("alice",)
        assert on_call(raw, "2026-11-30T23:30:00Z", file="c.ics") == ()

    @pytest.mark.parametrize("timezone", ["UTC", "Nowhere/Land"])
    def test_a_calendar_that_cannot_be_read_is_an_error(self, timezone: str) -> None:
        with pytest.raises(InvalidFileError, match=r"c\.ics: the calendar cannot be used"):
            on_call(b"hello", AT, file="c.ics", timezone=timezone)
