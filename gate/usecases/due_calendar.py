"""The calendar of a repository: freeze windows in force and reviews that are due, for the page and the feed."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from gate.core.change.facts import Instant
from gate.core.errors import GateError
from gate.core.explain.calendar_feed import CalendarEntry
from gate.core.notify.due import last_moment
from gate.core.times import instant
from gate.core.values import dataclass
from gate.usecases.due_reviews import due_reviews
from gate.usecases.forge_rules import organisation_policy
from gate.usecases.gate import Gate
from gate.usecases.governing_rules import under_organisation
from gate.usecases.load_rules import Rules
from gate.usecases.observing import FREEZE_HORIZON, FREEZE_LOOK_BACK
from gate.usecases.repository_ownership import OwnershipNow

_MOST_FREEZES = 1000


@dataclass(frozen=True, slots=True)
class RepositoryCalendar:
    """The dates of one repository, earliest first, and what could not be worked out: one sentence each.

    SECURITY: a freeze that cannot be placed is told, never left out as if there were none.
    """

    entries: tuple[CalendarEntry, ...]
    faults: tuple[str, ...] = ()


def repository_calendar(gate: Gate, now: OwnershipNow) -> RepositoryCalendar:
    """Return the freezes of a repository's default branch, the organisation's included, and its reviews that are due.

    Nothing is raised for what cannot be read: it is among the faults.
    """
    at = gate.now()
    faults = [f"The present records are not in force: {text}" for text in now.broken]
    entries = [*_reviews(gate, now)]
    try:
        entries += _freezes(gate, now, at, faults)
    except GateError as error:
        faults.append(f"The freeze windows cannot be told: {error}")
    entries.sort(key=lambda entry: (entry.from_at, entry.id))
    return RepositoryCalendar(tuple(entries), tuple(faults))


def fault_entry(repository: str, fault: str, *, at: Instant) -> CalendarEntry:
    """Return a fault as a date of today, for whoever sees the feed alone."""
    return CalendarEntry(f"fault:{repository}:{fault}", f"{repository}: this calendar is not complete", at, "", fault)


def _reviews(gate: Gate, now: OwnershipNow) -> Iterator[CalendarEntry]:
    name = now.repository.name
    for one in due_reviews(gate, now):
        day = last_moment(one.due_at)
        identity = f"{now.repository.key.tenant}/{now.repository.key.id} {one.id} {one.due_at}"
        yield CalendarEntry(identity, f"{name}: {one.name} is due", day, "", "", gate.address(one.path))


def _freezes(gate: Gate, now: OwnershipNow, at: dt.datetime, faults: list[str]) -> Iterator[CalendarEntry]:
    organisation = organisation_policy(
        gate.forge,
        now.repository,
        name=gate.settings.config_repository,
        readers=gate.readers,
        config=gate.settings.config,
    )
    own = Rules(now.policy, now.ownership, now.broken)
    rules = own if organisation is None else under_organisation(own, organisation)
    faults += [text for text in rules.broken if text not in now.broken]
    freezes = rules.policy.policy.freezes
    expanded = gate.readers.expand_freezes(
        freezes,
        read=now.tree.read,
        from_at=instant(at - FREEZE_LOOK_BACK),
        until_at=instant(at + FREEZE_HORIZON),
        file=rules.policy.file,
        lines=rules.policy.lines,
    )
    faults += [str(fault) for fault in expanded.faults]
    for period in expanded.periods[:_MOST_FREEZES]:
        freeze = freezes[period.freeze]
        what = f"{now.repository.name}: freeze {freeze.name}"
        identity = f"{now.repository.key.tenant}/{now.repository.key.id} freeze {freeze.name} {period.from_at}"
        entry = CalendarEntry(identity, what, period.from_at, period.until_at)
        open_to = ", ".join(freeze.except_ or ())
        yield replace(entry, description=f"Open to: {open_to} changes.") if open_to else entry
