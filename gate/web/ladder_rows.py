"""Rows of a ladder: what happened on each of its steps, and which holidays cannot be told, as people read them."""

from collections.abc import Iterator

from gate.core.errors import GateError
from gate.core.explain.escaping import prose, visible
from gate.core.values import dataclass
from gate.usecases.holidays import load_holidays
from gate.usecases.notices import StoredEscalation
from gate.usecases.repository_ownership import OwnershipNow
from gate.web.door import Door

MOST_NOTES = 10


@dataclass(frozen=True, slots=True)
class LadderRow:
    """One step: when, and whom it told. `is_put_off` says that it told nobody since all of them were on holiday.

    `until` is when it is taken, where it still waits.
    """

    at: str
    names: tuple[str, ...]
    is_put_off: bool = False
    until: str = ""


def ladder_rows(found: StoredEscalation) -> Iterator[LadderRow]:
    """Yield what happened on each step of a ladder, in order."""
    for number, (place, at, names) in enumerate(found.told):
        later = [one for one, _, _ in found.told[number + 1 :]]
        is_put_off = not names and (place in later or place >= found.step)
        is_waiting = is_put_off and place not in later and found.state == "running"
        yield LadderRow(at, tuple(visible(name) for name in names), is_put_off, found.next_at if is_waiting else "")


def holiday_notes(door: Door, now: OwnershipNow | None) -> list[str]:
    """Return which calendars of holidays cannot be used now, one sentence each: by those nobody has a holiday."""
    if now is None:
        return []
    gate = door.gate
    try:
        found = load_holidays(now.tree, readers=gate.readers, at=gate.instant(), config=gate.settings.config)
    except GateError as error:
        return [prose(f"Holidays cannot be told right now: {error.message}", 300)]
    notes = [
        prose(f"The holidays {name} cannot be used, so nobody has a holiday by them: {why}", 300)
        for name, why in found.unread.items()
    ]
    more = len(notes) - MOST_NOTES
    return [*notes[:MOST_NOTES], f"And {more} more calendars cannot be used."] if more > 0 else notes
