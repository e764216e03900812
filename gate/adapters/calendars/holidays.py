"""Holidays: the whole days of an iCalendar file, by the clock of a time zone."""

from gate.adapters.calendars.occurrences import CalendarError, occurrences
from gate.adapters.calendars.zones import LocalTimeError, instant, parse_instant, zone_named
from gate.core.change.facts import Instant
from gate.core.errors import Fault, InvalidFileError


def whole_days(
    raw: bytes, *, from_at: Instant, until_at: Instant, file: str, timezone: str
) -> tuple[tuple[Instant, Instant], ...]:
    """Return the events of a calendar that have dates and no times and overlap a span, each from and until, sorted.

    An event with times is no holiday: a calendar of holidays may hold meetings as well. Raises InvalidFileError for a
    zone that nobody knows and for a calendar that cannot be read in full.
    """
    try:
        zone = zone_named(timezone)
        found = occurrences(raw, from_at=parse_instant(from_at), until_at=parse_instant(until_at), zone=zone)
    except (CalendarError, LocalTimeError) as error:
        step = "export it again as iCalendar (RFC 5545), and write the zone as `Europe/Berlin`"
        message = f"the calendar cannot be used: {error}"
        raise InvalidFileError([Fault(file, 0, 0, "holidays-invalid", message, step)]) from None
    return tuple((instant(one.from_at), instant(one.until_at)) for one in found if one.is_whole_days)
