"""Opening an incident: the component's owner, on call, way back and suspects are at hand, and its ticket is told."""

import hashlib

from gate.core.change.facts import AccountKey, Instant
from gate.core.errors import UsageError
from gate.core.explain.escaping import prose, visible
from gate.core.forge.snapshot import ForgeRepository
from gate.core.ledger.entries import EntryDraft
from gate.core.values import dataclass
from gate.usecases.call_out import start_call_out
from gate.usecases.gate import Gate, repository_subject
from gate.usecases.incident_stored import StoredIncident
from gate.usecases.incident_ticket import ticket_job
from gate.usecases.local_suspects import near_names
from gate.usecases.repository_ownership import (
    OwnershipNow,
    component_names,
    ownership_now,
    repositories_with,
)

MAX_TITLE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What is said of an incident when it is opened. `repository` None: the one whose records name the component.

    A `tracker` without a `ticket` makes one (`tracker_to_make_at` says whether it can).
    """

    component: str
    title: str
    began_at: Instant
    repository: ForgeRepository | None = None
    tracker: str = ""
    ticket: str = ""
    url: str = ""
    paths: tuple[str, ...] = ()
    by: AccountKey = ""
    authenticated: str = ""


def open_incident(gate: Gate, opening: Opening) -> tuple[StoredIncident, OwnershipNow]:
    """Record an incident, once for each ticket, and have its ticket made or told; return it with the records over it.

    Raises UsageError for a component that no repository's records name, or several do, and for a time to come;
    UnreadableError where the forge does not answer.
    """
    at = gate.instant()
    if opening.began_at > at:
        raise UsageError("An incident cannot begin in the time to come.", next_step="Give the time it began at.")
    now = place_of(gate, opening.component, opening.repository)
    incident = StoredIncident(
        id=_identity(now, opening, at),
        repository=now.repository.key,
        component=opening.component,
        title=prose(opening.title, MAX_TITLE) or f"{opening.component} fails",
        state="open",
        began_at=opening.began_at,
        opened_at=at,
        opened_by=opening.by,
        tracker=opening.tracker,
        ticket=opening.ticket,
        url=opening.url,
        paths=opening.paths,
    )
    with gate.store.writing() as writing:
        if not writing.add_incident(incident):
            kept = writing.incident_of_ticket(opening.tracker, opening.ticket) or writing.incident(incident.id)
            return kept or incident, now
        writing.append(_entry(incident, opening, at))
        if incident.tracker:
            writing.enqueue(ticket_job(incident, at=at))
        component = now.component(opening.component)
        if component is not None and component.escalation in now.ownership.escalations:
            start_call_out(
                gate, writing, now.repository, component, cause="incident", matter=incident.id, by=opening.by
            )
    gate.measures.count("incidents_opened", tracker=incident.tracker or "none")
    return incident, now


def place_of(gate: Gate, component: str, repository: ForgeRepository | None) -> OwnershipNow:
    """Return the records that name a component: those of a repository, or of the only one that does."""
    found = [ownership_now(gate, repository)] if repository else repositories_with(gate, component)
    found = [one for one in found if one.component(component) is not None]
    if len(found) == 1:
        return found[0]
    shown = visible(component)
    if not found:
        where = f" in {repository.name}" if repository else ""
        step = near_names(component, component_names(gate, repository))
        raise UsageError(f"There is no component {shown!r}{where}.", next_step=step)
    names = ", ".join(one.repository.name for one in found[:5])
    raise UsageError(f"Several repositories name {shown!r}: {names}.", next_step="Name one with --repository.")


def _identity(now: OwnershipNow, opening: Opening, at: Instant) -> str:
    parts = (str(now.repository.key), opening.component, opening.tracker, opening.ticket or f"{opening.began_at}|{at}")
    return "inc-" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _entry(incident: StoredIncident, opening: Opening, at: Instant) -> EntryDraft:
    payload = {
        "incident": incident.id,
        "component": incident.component,
        "began_at": incident.began_at,
        "tracker": incident.tracker,
        "ticket": incident.ticket,
    }
    subject = repository_subject(incident.repository)
    return EntryDraft(
        "incident-opened", at, subject, actor=opening.by, authenticated=opening.authenticated, payload=payload,
        personal={"title": incident.title},
    )  # fmt: skip
