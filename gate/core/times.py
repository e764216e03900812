"""Times: instants as RFC 3339 in UTC to the second, and the lengths of time that policies and records write."""

import datetime as dt

from gate.core.change.facts import Instant

FIRST_YEAR, LAST_YEAR = 1900, 9900
"""Between these days may be that others write and the gate reckons with: a calendar has an end on both sides."""
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_instant(text: Instant) -> dt.datetime:
    """Return the aware time that an instant names."""
    return dt.datetime.fromisoformat(text)


def moment_of(text: str, *, needs_zone: bool = False) -> dt.datetime:
    """Return the time in UTC that a text from outside names; a day is its beginning, and without a zone it is UTC.

    Raises ValueError for any other text, and for a time that UTC puts beyond the calendar.
    """
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        if needs_zone:
            raise ValueError("a time without a zone")
        return moment.replace(tzinfo=dt.UTC)
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("a time beyond the calendar") from None


def instant(moment: dt.datetime) -> Instant:
    """Return a time as RFC 3339 in UTC, to the second."""
    return moment.astimezone(dt.UTC).isoformat()[:19] + "Z"  # what comes behind is fractions and +00:00


def duration(text: str) -> dt.timedelta:
    """Return the length of time that a policy's `15m`, `4h`, `30d` or `2w` means."""
    return dt.timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
