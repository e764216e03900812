"""The calendar: freezes, reviews that are due and one's own on-call shifts, as a page and as an iCalendar feed."""

from flask import Blueprint, Response, current_app, render_template, request

from gate.core.explain.calendar_feed import CalendarEntry, calendar_text
from gate.core.values import dataclass
from gate.usecases.acknowledge import person_behind
from gate.usecases.due_calendar import fault_entry, repository_calendar
from gate.usecases.on_call_shifts import OwnShifts, shifts_of
from gate.usecases.repository_ownership import OwnershipNow
from gate.web.door import Door
from gate.web.ownership_sight import seen_ownership
from gate.web.visitors import visitor

MAX_NAME = 200
blueprint = Blueprint("calendar", __name__)


@dataclass(frozen=True, slots=True)
class _Dates:
    """All dates that a visitor may see, earliest first, and by repository what could not be told."""

    entries: tuple[CalendarEntry, ...]
    faults: tuple[tuple[str, str], ...]
    left_out: int


@blueprint.get("/calendar")
def page() -> str:
    """Show what is frozen when, and which reviews are due, from today on and what is overdue."""
    door: Door = current_app.extensions["gate"]
    dates, at = _dates(door), door.gate.instant()
    coming = [one for one in dates.entries if not one.until_at or one.until_at > at]
    return render_template(
        "calendar.html",
        dates=dates,
        entries=[(one, _place(door, one), not one.until_at and one.from_at < at) for one in coming],
        feed=door.gate.address("/calendar.ics"),
        has_login=door.has_login,
        visitor=visitor(),
    )


@blueprint.get("/calendar.ics")
def feed() -> Response:
    """Return the same dates for calendar programs; what could not be told stands in it as a date of today."""
    door: Door = current_app.extensions["gate"]
    dates, at = _dates(door), door.gate.instant()
    missing = [fault_entry(name, text, at=at) for name, text in dates.faults]
    text = calendar_text([*missing, *dates.entries], name="Sign-off gate", at=at)
    return Response(text, content_type="text/calendar; charset=utf-8")


def _dates(door: Door) -> _Dates:
    repository = request.args.get("repository") or None
    seen = seen_ownership(repository[:MAX_NAME] if repository else None)
    entries: list[CalendarEntry] = []
    faults = [(name, "The repository cannot be read at the forge right now.") for name in seen.unreadable]
    for now in seen.places:
        found, shifts = repository_calendar(door.gate, now), _shifts(door, now)
        entries += [*found.entries, *shifts.entries]
        faults += [(now.repository.name, text) for text in (*found.faults, *shifts.faults)]
    return _Dates(tuple(sorted(entries, key=lambda one: (one.from_at, one.id))), tuple(faults), seen.left_out)


def _shifts(door: Door, now: OwnershipNow) -> OwnShifts:
    """Return when the visitor is on call, or whoever else of the records is named by `?person=`."""
    account = visitor().account_in(now.repository)
    own = person_behind(now.ownership, account) if account is not None else ""
    person = request.args.get("person", "")[:MAX_NAME] or own
    return shifts_of(door.gate, now, person) if person in now.ownership.people else OwnShifts()


def _place(door: Door, entry: CalendarEntry) -> str:
    """Return the path of an entry's page on this very site."""
    return entry.url.removeprefix(door.gate.address("")) if entry.url else ""
