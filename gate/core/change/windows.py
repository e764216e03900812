"""Windows of deployment as people write them: a start with its zone, and a length or an end."""

import datetime as dt
import re

from gate.core.change.declaration import Window
from gate.core.change.durations import MAX_MINUTES, parse_minutes
from gate.core.lazy_regex import lazy_regex

_SPAN = lazy_regex(r"\s+(?:to|until|for|\u2013|\u2014|-)\s+|\s*/\s*|\s*,\s*")
_MOMENT = lazy_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)", re.ASCII)


def parse_window(text: str) -> Window | None:
    """Return the window that a text names (`2026-12-01T10:00Z / 1h`), None where it names none."""
    begin, *rest = _SPAN.split(text.strip(), maxsplit=1)
    if not rest:
        return None
    end = parse_moment(rest[0])
    return window_of(parse_moment(begin), end if end is not None else parse_minutes(rest[0]))


def parse_moment(text: str) -> dt.datetime | None:
    """Return an instant in UTC as people write it, None where it is none or has no zone."""
    plain = re.sub(r"\s*(?:UTC|GMT|z)$", "Z", text.strip())
    if not _MOMENT.fullmatch(plain):
        return None
    try:
        return dt.datetime.fromisoformat(plain).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def window_of(start: dt.datetime | None, end: dt.datetime | int | None) -> Window | None:
    """Return the window from a start to an end, or of a length in minutes; None where it has none or none at all."""
    if start is None or end is None:
        return None
    try:
        until = start + dt.timedelta(minutes=end) if isinstance(end, int) else end
    except OverflowError:
        return None
    is_sound = start < until and until - start <= dt.timedelta(minutes=MAX_MINUTES)
    return Window(_rfc3339(start), _rfc3339(until)) if is_sound else None


def _rfc3339(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
