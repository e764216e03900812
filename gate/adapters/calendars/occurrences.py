"""Occurrences: what an iCalendar file says happens in a span of time, recurring events and overrides included."""

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import icalendar
import recurring_ical_events

from gate.adapters.calendars.zones import earliest, latest

MAX_BYTES = 1_000_000
MAX_OCCURRENCES = 5_000
MAX_CALLS = 4_000_000
"""How much work one calendar may cause, in function calls: about a second. A country's holidays take below 40,000."""
_TIMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "TZID", "TZOFFSETTO")
_DAY = dt.timedelta(days=1)


class CalendarError(ValueError):
    """A calendar that cannot be used: one sentence."""


class _TooCostlyError(Exception):
    """The work that was allowed is used up."""


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """One occurrence of an event: from, until (excluded), who is named in it, and whether it has dates and no times."""

    from_at: dt.datetime
    until_at: dt.datetime
    summary: str = ""
    attendees: tuple[str, ...] = ()
    is_whole_days: bool = False


def occurrences(raw: bytes, *, from_at: dt.datetime, until_at: dt.datetime, zone: dt.tzinfo) -> list[Occurrence]:
    """Return all occurrences that overlap a span, sorted, each in its full length.

    Whole days and floating times are read in `zone`. Cancelled events and those without any length are left out.
    Raises CalendarError where anything that matters cannot be read: a calendar is used as a whole or not at all.
    SECURITY: a file of a few bytes can ask for a year of seconds, or for a day that never comes; the work is counted
    in function calls, which no rule can avoid, and stops at a fixed number.
    """
    if len(raw) > MAX_BYTES:
        raise CalendarError(f"it is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        with _bounded_work():
            found = _found(raw, from_at, until_at, zone)
    except _TooCostlyError:
        raise CalendarError("its rules repeat too often to be worked out; write fewer or simpler ones") from None
    except CalendarError:
        raise
    except Exception as error:  # noqa: BLE001  # a foreign parser on hostile input: whatever it raises, unusable
        raise CalendarError(f"it cannot be read as iCalendar: {str(error)[:200]}") from None
    return sorted(found)


def _found(raw: bytes, from_at: dt.datetime, until_at: dt.datetime, zone: dt.tzinfo) -> list[Occurrence]:
    calendar = icalendar.Calendar.from_ical(raw)
    if not isinstance(calendar, icalendar.Calendar):
        raise CalendarError("it does not begin with VCALENDAR")
    for component in calendar.walk():
        _require_readable(component)
    found = []
    # The library compares whole days and floating times in UTC: a day more on each side, then exactly.
    for event in recurring_ical_events.of(calendar).between(from_at - _DAY, until_at + _DAY):
        occurrence = _occurrence(event, zone)
        if occurrence is not None and occurrence.from_at < until_at and occurrence.until_at > from_at:
            found.append(occurrence)
        if len(found) > MAX_OCCURRENCES:
            raise CalendarError(f"it has more than {MAX_OCCURRENCES:,} occurrences")
    return found


def _require_readable(component: Any) -> None:
    """Refuse what the library would skip: a line it cannot read, a time or rule it drops, a zone nobody defined."""
    for name, why in component.errors:
        if name is None or name in _TIMES:
            raise CalendarError(f"{name or 'a line'} cannot be read: {str(why)[:200]}")
    for rule in _each(component.get("RRULE")):
        if "FREQ" not in rule:
            raise CalendarError("RRULE names no FREQ")
    if component.name != "VEVENT":
        return
    if "DTSTART" not in component:
        raise CalendarError("an event has no DTSTART")
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE"):
        for value in _each(component.get(name)):
            moments = [getattr(one, "dt", None) for one in getattr(value, "dts", [value])]
            zone = value.params.get("TZID")
            if zone and any(isinstance(one, dt.datetime) and one.tzinfo is None for one in moments):
                raise CalendarError(f"{name} names the time zone {str(zone)[:60]!r}, which is not known")


def _each(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _occurrence(event: Any, zone: dt.tzinfo) -> Occurrence | None:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    start, end = event["DTSTART"].dt, event["DTEND"].dt
    from_at, until_at = earliest(start, zone), latest(end, zone)
    if start == end:
        return None
    going = [
        address
        for address in _each(event.get("ATTENDEE"))
        if str(address.params.get("PARTSTAT", "")).upper() != "DECLINED"
    ]
    names = tuple(_address(one) for one in going)
    is_whole_days = not isinstance(start, dt.datetime)
    return Occurrence(from_at, until_at, str(event.get("SUMMARY", "")), names, is_whole_days)


def _address(attendee: Any) -> str:
    text = str(attendee)
    return text[len("mailto:") :] if text.lower().startswith("mailto:") else text


@contextmanager
def _bounded_work() -> Iterator[None]:
    """Count function calls of this thread and stop at MAX_CALLS; a profiler that is at work is put back afterwards."""
    calls = 0

    def count(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal calls
        calls += 1
        if calls > MAX_CALLS:
            raise _TooCostlyError

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)
    if calls > MAX_CALLS:
        raise _TooCostlyError
