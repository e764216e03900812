"""On-call shifts: when one person is on call in the weeks to come, by the calendars of their teams, as dates."""

import datetime as dt
from collections.abc import Iterator

from gate.core.change.facts import PersonKey
from gate.core.errors import GateError
from gate.core.escalation.calling import person_named
from gate.core.explain.calendar_feed import CalendarEntry
from gate.core.times import instant, parse_instant
from gate.core.values import dataclass
from gate.usecases.gate import Gate
from gate.usecases.repository_ownership import OwnershipNow
from gate.usecases.rotation import rotation_file

AHEAD = dt.timedelta(days=60)


@dataclass(frozen=True, slots=True)
class OwnShifts:
    """The shifts of one person, and what could not be told of them: one sentence for each calendar."""

    entries: tuple[CalendarEntry, ...] = ()
    faults: tuple[str, ...] = ()


def shifts_of(gate: Gate, now: OwnershipNow, person: PersonKey) -> OwnShifts:
    """Return when somebody is on call for any team of a repository, from now on for 60 days.

    Only a calendar that names them by the records' address, login or name counts. Nothing is raised for what cannot be
    read: it is among the faults, so that an empty feed is never taken for a quiet month.
    """
    entries: list[CalendarEntry] = []
    faults: list[str] = []
    for team, record in sorted(now.ownership.teams.items()):
        if record.on_call is not None:
            try:
                entries += _of_team(gate, now, team, record.on_call.schedule, person)
            except GateError as error:
                faults.append(f"Who is on call for {team} cannot be told: {error.message}")
    return OwnShifts(tuple(entries), tuple(faults))


def _of_team(gate: Gate, now: OwnershipNow, team: str, schedule: str, person: PersonKey) -> Iterator[CalendarEntry]:
    at = gate.instant()
    file = rotation_file(now.tree, schedule, readers=gate.readers)
    until = instant(parse_instant(at) + AHEAD)
    name = now.repository.name
    for began, ended, names in gate.readers.shifts(file.raw, from_at=at, until_at=until, file=file.name):
        people = {found.person for one in names if (found := person_named(one, now.ownership)) is not None}
        if person in people:
            identity = f"{now.repository.key.tenant}/{now.repository.key.id} on call {team} {person} {began}"
            yield CalendarEntry(identity, f"{name}: {person} is on call for {team}", began, ended)
