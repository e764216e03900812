"""The calendar feed: what an independent reader of iCalendar makes of it, whatever other people wrote."""

import icalendar
from hypothesis import given
from hypothesis import strategies as st

from gate.core.explain.calendar_feed import LINE_OCTETS, CalendarEntry, calendar_text
from gate.core.explain.escaping import prose

AT = "2026-11-24T10:00:00Z"
FREEZE = CalendarEntry("1", "acme/shop: freeze Year end", "2026-12-20T00:00:00Z", "2027-01-03T00:00:00Z", "Open to: x.")
REVIEW = CalendarEntry("2", "acme/shop: review", "2026-12-01T23:59:59Z", url="https://gate.example/ownership/api")


def read(*entries: CalendarEntry) -> list[icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(calendar_text(entries, name="Gate", at=AT))
    assert (calendar.name, calendar.errors) == ("VCALENDAR", [])
    events: list[icalendar.Event] = calendar.walk("VEVENT")
    assert all(event.errors == [] for event in events)
    return events


class TestAnIndependentReader:
    def test_finds_periods_and_whole_days(self) -> None:
        freeze, review = read(FREEZE, REVIEW)
        assert (freeze.start.isoformat(), freeze.end.isoformat()) == (
            "2026-12-20T00:00:00+00:00",
            "2027-01-03T00:00:00+00:00",
        )
        assert (str(freeze["SUMMARY"]), str(freeze["DESCRIPTION"])) == (FREEZE.summary, "Open to: x.")
        assert (review.start.isoformat(), review["URL"]) == ("2026-12-01", "https://gate.example/ownership/api")
        assert freeze["UID"] != review["UID"]

    def test_finds_an_empty_calendar(self) -> None:
        assert read() == []

    @given(st.text(max_size=300))
    def test_finds_every_text_as_it_is_shown_and_never_a_property_of_it(self, text: str) -> None:
        (event,) = read(CalendarEntry("1", text, AT, description=text))
        assert str(event["SUMMARY"]) == prose(text, 400)
        assert set(event) <= {"UID", "DTSTAMP", "DTSTART", "SUMMARY", "DESCRIPTION", "TRANSP"}

    def test_is_led_into_nothing_by_line_breaks(self) -> None:
        evil = "x\r\nEND:VEVENT\r\nBEGIN:VALARM\r\nACTION:EMAIL\nATTENDEE:mailto:eve@evil.example\u2028\x0bURL:https://evil.example"
        (event,) = read(CalendarEntry("1", evil, AT))
        assert "ATTENDEE" not in event
        assert event.subcomponents == []


class TestTheText:
    @given(st.text(max_size=300))
    def test_has_no_line_above_75_octets_and_every_one_ends_with_crlf(self, text: str) -> None:
        lines = calendar_text([CalendarEntry("1", text, AT)], name=text, at=AT).encode().split(b"\r\n")
        assert lines.pop() == b""
        assert all(len(line) <= LINE_OCTETS and b"\n" not in line and b"\r" not in line for line in lines)

    def test_is_the_same_for_the_same_dates(self) -> None:
        assert calendar_text([FREEZE], name="Gate", at=AT) == calendar_text([FREEZE], name="Gate", at=AT)
