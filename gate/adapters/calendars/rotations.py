"""Rotations: who is on call at a time, from an iCalendar file."""

import datetime as dt

from gate.adapters.calendars.occurrences import CalendarError, occurrences
from gate.adapters.calendars.zones import LocalTimeError, parse_instant, zone_named
from gate.core.change.facts import Instant
from gate.core.errors import Fault, InvalidFileError


def on_call(raw: bytes, at: Instant, *, file: str, timezone: str = "UTC") -> tuple[str, ...]:
    """Return who is on call at a time: the addresses of the attendees, else the event's title; none where nobody is.

    Overrides (an event moved or given to somebody else, a cancelled one) hold as the calendar says. Attendees who
    declined are left out. Raises InvalidFileError where the calendar cannot be read in full.
    """
    moment = parse_instant(at)
    try:
        found = occurrences(raw, from_at=moment, until_at=moment + dt.timedelta(seconds=1), zone=zone_named(timezone))
    except (CalendarError, LocalTimeError) as error:
        step = "export it again as iCalendar (RFC 5545)"
        raise InvalidFileError(
            [Fault(file, 0, 0, "calendar-invalid", f"the calendar cannot be used: {error}", step)]
        ) from None
    names: dict[str, None] = {}
    for occurrence in found:
        if occurrence.from_at <= moment:
            names.update(dict.fromkeys(occurrence.attendees or (occurrence.summary.strip(),)))
    return tuple(name for name in names if name)
