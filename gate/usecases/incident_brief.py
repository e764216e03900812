"""The brief of a recorded incident: who and how back by the records, suspects by what the gate saw landing."""

import datetime as dt

from gate.core.change.facts import Instant
from gate.core.errors import GateError
from gate.core.explain.json import parse_verdict
from gate.core.forge.snapshot import ForgeRepository, RepositoryKey
from gate.core.incident.brief import Brief, brief_of
from gate.core.incident.suspects import MAX_SUSPECTS, Landing, Signs, rank_suspects
from gate.core.ownership.registry import Component
from gate.core.times import instant, parse_instant
from gate.usecases.gate import Gate
from gate.usecases.incident_stored import StoredIncident, StoredLanding
from gate.usecases.local_suspects import dependencies
from gate.usecases.repository_ownership import OwnershipNow
from gate.usecases.rotation import on_call_of
from gate.usecases.store_ports import Reading


def incident_brief(gate: Gate, now: OwnershipNow, incident: StoredIncident, *, limit: int = MAX_SUSPECTS) -> Brief:
    """Return what whoever responds needs first; a component that the records lost is told by its name alone."""
    component = now.component(incident.component) or Component(incident.component, "default", (), "")
    signs = Signs(component=incident.component, began_at=incident.began_at, paths=incident.paths)
    return brief_for(gate, now, component, signs, limit=limit)


def brief_for(gate: Gate, now: OwnershipNow, component: Component, signs: Signs, *, limit: int = MAX_SUSPECTS) -> Brief:
    """Return the brief of a component with the suspects of some signs."""
    since = instant(parse_instant(signs.began_at) - dt.timedelta(hours=signs.window_hours))
    with gate.store.reading() as reading:
        landed = reading.landings(now.repository.key, since=since, until=signs.began_at)
        landings = [landing_of(gate, reading, one, now.repository) for one in landed]
    suspects = rank_suspects(
        [one for one in landings if one is not None], signs, depends_on=dependencies(now.ownership), limit=limit
    )
    who = on_call_of(now.ownership, component, at=gate.instant(), tree=now.tree, readers=gate.readers)
    return brief_of(now.ownership, component, signs, on_call=who, suspects=suspects)


def landing_of(gate: Gate, reading: Reading, landed: StoredLanding, repository: ForgeRepository) -> Landing | None:
    """Return a merged change as a landing, None where nothing was ever judged of it."""
    stored, change = reading.verdict(landed.key), reading.change(landed.key)
    if stored is None or change is None:
        return None
    try:
        verdict = parse_verdict(stored.verdict)
    except GateError:
        return None  # NOTE: of another version of the gate; `gate replay` reads those
    files = reading.content(stored.content) if stored.content else None
    reverting = reading.reverting(landed.key)
    return Landing(
        id=f"{repository.name}#{landed.key.number}",
        title=change.title,
        landed_at=landed.merged_at,
        components=frozenset(one.name for one in verdict.components),
        paths=tuple(file.path for file in files or ()),
        risk=verdict.risk.level,
        rollback=verdict.rollback.method or "",
        steps=verdict.rollback.steps,
        url=gate.url_of(repository.name, landed.key.number),
        rollback_url=f"{gate.url_of(repository.name, landed.key.number)}/rollback",
        undone_at=reverting.merged_at if reverting else None,
    )


def recent_incidents(reading: Reading, repository: RepositoryKey, *, since: Instant) -> tuple[str, ...] | None:
    """Return the components that had an incident since a time, None where no incident was ever recorded."""
    if not reading.incidents([repository], limit=1):
        return None
    return tuple(sorted({one.component for one in reading.incidents([repository], began_since=since, limit=5000)}))
