"""Rest: until when somebody is not to be disturbed, by their quiet hours and their holidays taken together."""

from collections.abc import Mapping

from gate.core.change.facts import Instant
from gate.core.errors import GateError
from gate.core.escalation.holidays import Holidays
from gate.core.notify.reach import Callee
from gate.core.ownership.records import PersonRecord
from gate.core.values import dataclass
from gate.usecases.asked_now import AskedNow
from gate.usecases.gate import Gate
from gate.usecases.holidays import load_holidays
from gate.usecases.ports import Readers
from gate.usecases.repository_ownership import OwnershipNow

_MOST_TURNS = 10


@dataclass(frozen=True, slots=True)
class Rest:
    """When recipients rest, as seen at one time; an emergency or an incident does not ask for it."""

    people: Mapping[str, PersonRecord]
    holidays: Holidays
    readers: Readers
    at: Instant

    def until(self, callee: Callee) -> Instant:
        """Return until when a person or team is not to be disturbed, empty where they may be.

        A holiday that ends within quiet hours goes on until these are over, and the other way round.
        """
        moment = self.at
        for _ in range(_MOST_TURNS):
            later = self.holidays.until(_name(callee), moment) or self._quiet_until(callee, moment)
            if not later:
                break
            moment = later
        return moment if moment > self.at else ""

    def is_on_holiday(self, callee: Callee) -> bool:
        """Return whether a person or team is on holiday now."""
        return bool(self.holidays.until(_name(callee), self.at))

    def _quiet_until(self, callee: Callee, at: Instant) -> Instant:
        record = self.people.get(callee.person)
        return self.readers.quiet_until(record.quiet_hours, at) if record and record.quiet_hours else ""


def rest_in(gate: Gate, now: OwnershipNow, at: Instant) -> Rest:
    """Return when those of a repository rest, by its records as they are now. Raises UnreadableError."""
    holidays = load_holidays(now.tree, readers=gate.readers, at=at, config=gate.settings.config)
    return Rest(now.ownership.people, holidays, gate.readers, at)


def rest_now(gate: Gate, asked: AskedNow, at: Instant) -> Rest:
    """Return when those rest who are asked about a change, by the records of its base.

    Where these cannot be read now nobody is on holiday: a message too early does less harm than none.
    """
    try:
        tree = gate.access(asked.repository).commit_tree(asked.facts.change.base_sha)
        holidays = load_holidays(tree, readers=gate.readers, at=at, config=gate.settings.config)
    except GateError:
        gate.measures.count("holidays_unread")
        holidays = Holidays()
    return Rest(asked.facts.ownership.people, holidays, gate.readers, at)


def _name(callee: Callee) -> str:
    return callee.person or callee.name
