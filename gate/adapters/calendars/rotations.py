"""Rotations: who is on call at a time, and whose shifts a span of time holds, from an iCalendar file."""

import datetime as dt

from gate.adapters.calendars.occurrences import CalendarError, Occurrence, occurrences
from gate.adapters.calendars.zones import LocalTimeError, instant, parse_instant, zone_named
from gate.core.change.facts import Instant
from gate.core.errors import Fault, InvalidFileError


def on_call(raw: bytes, at: Instant, *, file: str, timezone: str = "UTC") -> tuple[str, ...]:
    """Return who is on call at a time: the addresses of the attendees, else the event's title; none where nobody is.

    Overrides (an event moved or given to somebody else, a cancelled one) hold as the calendar says. Attendees who
    declined are left out. Raises InvalidFileError where the calendar cannot be read in full.
    """
    moment = parse_instant(at)
    names: dict[str, None] = {}
    for occurrence in _found(raw, moment, moment + dt.timedelta(seconds=1), file, timezone):
        if occurrence.from_at <= moment:
            names.update(dict.fromkeys(_names(occurrence)))
    return tuple(names)


def shifts(
    raw: bytes, *, from_at: Instant, until_at: Instant, file: str, timezone: str = "UTC"
) -> tuple[tuple[Instant, Instant, tuple[str, ...]], ...]:
    """Return every shift that overlaps a span, first ones first: from, until, and who is on call in it.

    The same rules hold as for who is on call at a time. Raises InvalidFileError likewise.
    """
    found = _found(raw, parse_instant(from_at), parse_instant(until_at), file, timezone)
    return tuple((instant(one.from_at), instant(one.until_at), _names(one)) for one in found)


def _found(raw: bytes, from_at: dt.datetime, until_at: dt.datetime, file: str, timezone: str) -> list[Occurrence]:
    try:
        return occurrences(raw, from_at=from_at, until_at=until_at, zone=zone_named(timezone))
    except (CalendarError, LocalTimeError) as error:
        step = "export it again as iCalendar (RFC 5545)"
        raise InvalidFileError(
            [Fault(file, 0, 0, "calendar-invalid", f"the calendar cannot be used: {error}", step)]
        ) from None


def _names(occurrence: Occurrence) -> tuple[str, ...]:
    return tuple(name for name in occurrence.attendees or (occurrence.summary.strip(),) if name)
