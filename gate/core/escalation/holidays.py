"""Holidays: until when a person or team does not work, by the calendars that they keep."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import field

from gate.core.change.facts import Instant
from gate.core.ownership.records import OwnershipRecords
from gate.core.ownership.teams import within
from gate.core.times import instant, parse_instant
from gate.core.values import dataclass

LONGEST = dt.timedelta(days=31)
"""For how long a calendar may hold back what is told; one that knows no working day sooner holds nothing back."""
MOST_CALENDARS = 50
"""How many calendars of one repository are read; by others nobody has holidays, and whoever looks is told so."""
Days = Sequence[tuple[Instant, Instant]]


@dataclass(frozen=True, slots=True)
class Holidays:
    """The days of each calendar that could be read, and which calendars each person and team keeps.

    `unread` says of every other calendar why it could not be read; nobody has holidays by it.
    """

    days: Mapping[str, Days] = field(default_factory=dict)
    kept_by: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)

    def until(self, name: str, at: Instant) -> Instant:
        """Return when somebody works again who is on holiday at a time; empty where they are not.

        SECURITY: days that follow one another are one holiday, but nothing is held back for more than 31 days: whoever
        may write a calendar must not be able to silence a ladder for good.
        """
        spans = [span for calendar in self.kept_by.get(name, ()) for span in self.days.get(calendar, ())]
        end, latest = at, instant(parse_instant(at) + LONGEST)
        while later := max((until for since, until in spans if since <= end < until), default=""):
            end = later
            if end > latest:
                return ""
        return end if end > at else ""


def who_keeps(records: OwnershipRecords) -> dict[str, tuple[str, ...]]:
    """Return which calendars each person and team keeps: those that name them, else those of all teams they are in."""
    named = {who for calendar in records.holidays.values() for who in calendar.observed_by}
    logins = {f"@{one.github.lower()}": name for name, one in records.people.items() if one.github}
    found: dict[str, dict[str, None]] = {}
    for calendar, one in sorted(records.holidays.items()):
        others = named.difference(one.observed_by)
        for reached in within(one.observed_by, records.teams, is_end=others.__contains__):
            who = logins.get(reached.lower(), reached)
            if who not in others and (who in records.people or who in records.teams):
                found.setdefault(who, {})[calendar] = None
    return {who: tuple(calendars) for who, calendars in found.items()}
