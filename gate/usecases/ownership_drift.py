"""Ownership drift: the practice of a checkout's history, and of a service's sign-offs where there is one."""

import datetime as dt
from collections.abc import Mapping

from gate.core.change.facts import Instant, PersonKey
from gate.core.errors import GateError
from gate.core.explain.json import parse_verdict
from gate.core.forge.snapshot import RepositoryKey
from gate.core.ownership.drift import Practice
from gate.core.times import instant
from gate.usecases.ports import LocalCheckout
from gate.usecases.store_ports import Reading

_OF_COMPONENT = "ownership:"


def practice_of(
    checkout: LocalCheckout,
    sha: str,
    *,
    now: dt.datetime,
    days: int,
    signed: Mapping[str, frozenset[PersonKey]] | None = None,
) -> Practice:
    """Return what was done in the last days. Raises UnreadableError where a shallow clone hides some of it."""
    since = max(now - dt.timedelta(days=days), dt.datetime(1970, 1, 1, tzinfo=dt.UTC))
    return Practice(checkout.written(sha, since_seconds=int(since.timestamp())), days, signed)


def signed_by_component(
    reading: Reading, repository: RepositoryKey, *, since: Instant, until: Instant
) -> dict[str, frozenset[PersonKey]]:
    """Return whose sign-off counted for each component of what was merged in a time, by a service's verdicts.

    A verdict of another version of the gate tells nothing here.
    """
    found: dict[str, set[PersonKey]] = {}
    for landing in reading.landings(repository, since=since, until=until):
        stored = reading.verdict(landing.key)
        try:
            requirements = parse_verdict(stored.verdict).requirements if stored is not None else ()
        except GateError:
            continue
        for one in requirements:
            if one.id.startswith(_OF_COMPONENT):
                people = {each.person for each in one.signoffs.counted}
                found.setdefault(one.id.removeprefix(_OF_COMPONENT), set()).update(people)
    return {name: frozenset(people) for name, people in found.items()}


def since_days(now: dt.datetime, days: int) -> Instant:
    """Return the time so many days ago."""
    return instant(now - dt.timedelta(days=days))
