"""The calendar feed: dates as an iCalendar text (RFC 5545) that every calendar program reads and none can be led by."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from gate import __version__
from gate.core.change.facts import Instant
from gate.core.explain.escaping import prose
from gate.core.values import dataclass

MAX_ENTRIES = 5000
LINE_OCTETS = 75
_TEXT_LIMIT = 400
_REFRESH = "PT1H"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One date. `id` is the same whenever it is the same matter; `until_at` is when it is over, empty for a whole day.

    `summary` and `description` may hold other people's words; `url` is an address of the gate's own.
    """

    id: str
    summary: str
    from_at: Instant
    until_at: Instant = ""
    description: str = ""
    url: str = ""


def calendar_text(entries: Sequence[CalendarEntry], *, name: str, at: Instant) -> str:
    """Return a whole calendar, lines ended by CRLF and folded at 75 octets, the same text for the same dates.

    SECURITY: no text can begin a line of its own: line breaks and all that hides itself are made visible before they
    are escaped (S08).
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//sign-off gate//{__version__}//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        f"NAME:{_text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{_REFRESH}",
        f"X-PUBLISHED-TTL:{_REFRESH}",
        *(line for entry in entries[:MAX_ENTRIES] for line in _event(entry, at)),
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(entry: CalendarEntry, at: Instant) -> Iterable[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{hashlib.sha256(entry.id.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}@sign-off-gate"
    yield f"DTSTAMP:{_moment(at)}"
    if entry.until_at:
        yield f"DTSTART:{_moment(entry.from_at)}"
        yield f"DTEND:{_moment(entry.until_at)}"
    else:
        yield f"DTSTART;VALUE=DATE:{entry.from_at[:10].replace('-', '')}"
    yield f"SUMMARY:{_text(entry.summary)}"
    if entry.description:
        yield f"DESCRIPTION:{_text(entry.description)}"
    if entry.url:
        yield f"URL:{prose(entry.url)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _moment(at: Instant) -> str:
    return at.replace("-", "").replace(":", "")


def _text(text: str) -> str:
    """Return a text as one escaped value (RFC 5545, 3.3.11)."""
    shown = prose(text, _TEXT_LIMIT)
    return shown.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[str]:
    """Yield a line as parts of at most 75 octets, never cut within a letter; every further one begins with a blank."""
    part, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > LINE_OCTETS:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + octets
    yield part
