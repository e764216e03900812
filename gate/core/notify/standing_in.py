"""Standing in: who is told in whose place on a day, by the records or by their own word; one step, never a chain."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping

from gate.core.change.facts import Instant, PersonKey
from gate.core.ownership.records import PersonRecord
from gate.core.values import dataclass


@dataclass(frozen=True, slots=True)
class StandsIn:
    """Who is told in somebody's place, and the last day of it, UTC: `2026-12-24`."""

    person: PersonKey
    until: str


@dataclass(frozen=True, slots=True)
class InPlaceOf:
    """In whose place somebody is told something, and the last day of it, UTC."""

    person: PersonKey
    until: str


def stand_ins_of(
    person: PersonKey, people: Mapping[str, PersonRecord], named: Mapping[PersonKey, StandsIn], at: Instant
) -> Iterator[StandsIn]:
    """Yield who stands in for a person on the day of a time: whom they named themselves first, then by their record."""
    if person in named:
        yield named[person]
    record, today = people.get(person), dt.date.fromisoformat(at[:10])
    for away in record.away if record else ():
        if away.from_ <= today <= away.to and away.stand_in:
            yield StandsIn(away.stand_in, away.to.isoformat())


def stand_in_among(
    able: Collection[PersonKey],
    person: PersonKey,
    people: Mapping[str, PersonRecord],
    named: Mapping[PersonKey, StandsIn],
    at: Instant,
) -> StandsIn | None:
    """Return who is told in a person's place of what only some may do, None where they are told themselves."""
    return next((one for one in stand_ins_of(person, people, named, at) if one.person in able), None)
