"""An incident's ticket: made once where one is asked for, and told once who, how back and what changed."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace

from gate.core.change.facts import Instant
from gate.core.errors import UsageError
from gate.core.explain.escaping import prose
from gate.core.forge.snapshot import ChangeKey
from gate.core.incident.brief import brief_markdown, brief_text
from gate.core.incident.signals import MAX_KEY, ticket_address
from gate.core.lazy_regex import lazy_regex
from gate.core.ledger.entries import EntryDraft
from gate.usecases.gate import Gate, known_repository, repository_subject
from gate.usecases.incident_brief import incident_brief
from gate.usecases.incident_stored import StoredIncident
from gate.usecases.repository_ownership import ownership_now
from gate.usecases.store_ports import Reading
from gate.usecases.stored import Job
from gate.usecases.tracker_ports import FoundTicket, TicketDraft, TicketNote, Tracker, TrackerError, tracker_of

_NAMED = lazy_regex(r"\((inc-[0-9a-f]{12})\)")


def tracker_to_make_at(trackers: Sequence[Tracker], name: str) -> Tracker:
    """Return the tracker of a name where tickets can be made. Raises UsageError where it is not set up for that."""
    tracker = next((one for one in trackers if one.name == name), None)
    if tracker is None:
        able = ", ".join(one.name for one in trackers if not one.lacking_to_create())
        step = "Set it up (docs/tickets.md)" + (f", or name one that is: {able}." if able else ".")
        raise UsageError(f"No tracker {name!r} is set up.", next_step=step)
    lacking = tracker.lacking_to_create()
    if lacking:
        raise UsageError(f"The gate makes no tickets at {name} as it is set up.", next_step=lacking)
    return tracker


def ticket_job(incident: StoredIncident, *, at: Instant) -> Job:
    """Return the job that tells an incident's ticket what the gate knows, or makes the ticket first."""
    lane, payload = f"incident:{incident.id}", {"incident": incident.id}
    if incident.is_ticket_due:
        return Job("make-ticket", payload, at, dedupe=f"make-ticket:{incident.id}", lane=lane)
    return Job("tell-incident", payload, at, dedupe=lane, lane=lane)


def make_ticket(gate: Gate, identity: str) -> bool:
    """Make the ticket that an incident asks for, keep its key, and have it told; False where none is asked for.

    Raises TrackerError where the tracker does not make it; the job is then run again, and finds what it made before by
    the incident's reference. An incident that was closed meanwhile gets the ticket it asked for as well.
    """
    with gate.store.reading() as reading:
        incident = reading.incident(identity)
    if incident is None or not incident.is_ticket_due:
        return False
    tracker = next((one for one in gate.trackers if one.name == incident.tracker), None)
    if tracker is None:
        step = "Give the worker the settings that the command had (docs/tickets.md)."
        raise TrackerError(f"No tracker {incident.tracker!r} is set up here.", next_step=step)
    made = tracker.create(_draft(gate, incident))
    gate.at_point("ticket-made")
    if not tracker.owns(made.key) or len(made.key) > MAX_KEY:
        raise TrackerError(f"{tracker.name} made a ticket whose key is none of its own.")
    return _keep(gate, identity, tracker.name, made)


def is_made_for_an_incident(reading: Reading, tracker: str, title: str) -> bool:
    """Return whether a ticket's title says that it was made for an incident that does not know its key yet.

    A tracker's webhook may be quicker than its answer, and must open no second incident.
    """
    named = [reading.incident(match[1]) for match in _NAMED.finditer(title)]
    return any(one is not None and one.is_ticket_due and one.tracker == tracker for one in named)


def tell_incident(gate: Gate, identity: str) -> bool:
    """Write owner, on call, escalation, links, way back and suspects to an incident's ticket, once; False without one.

    Raises TrackerError where the tracker does not take it; the job is then run again.
    """
    with gate.store.reading() as reading:
        incident = reading.incident(identity)
        repository = known_repository(reading, incident.repository) if incident else None
    tracker = tracker_of(gate.trackers, incident.ticket) if incident and incident.ticket else None
    if incident is None or repository is None or tracker is None:
        return False
    brief = incident_brief(gate, ownership_now(gate, repository), incident)
    url = incident_url(gate, identity)
    salt = gate.salt_for(ChangeKey(repository.key.tenant, repository.key.id, 0))
    marker = hmac.new(salt, f"gate.incident/1\0{identity}".encode(), hashlib.sha256).hexdigest()[:32]
    title = prose(f"{incident.component}: {incident.title}", 250)
    remote = tracker.link(
        incident.ticket,
        TicketNote(
            reference=_reference(identity),
            edition="incident",
            marker=f"gate-{marker}",
            title=title,
            url=url,
            text=brief_text(brief),
            markdown=brief_markdown(brief),
        ),
    )
    payload = {
        "incident": identity,
        "ticket": incident.ticket,
        "tracker": tracker.name,
        "edition": "incident",
        "id": remote[:200],
        "suspects": [one.landing.id for one in brief.suspects],
    }
    with gate.store.writing() as writing:
        if writing.setting(_told(identity)) is None:
            writing.save_setting(_told(identity), gate.instant())
            subject = repository_subject(repository.key)
            writing.append(EntryDraft("ticket-linked", gate.instant(), subject, payload=payload))
    return True


def incident_url(gate: Gate, identity: str) -> str:
    """Return the address of an incident's page."""
    return gate.address(f"/incidents/{identity}")


def _draft(gate: Gate, incident: StoredIncident) -> TicketDraft:
    """Return the ticket of an incident; its title names it, as `is_made_for_an_incident` reads it."""
    title = f"{prose(f'{incident.component}: {incident.title}', 120)} ({incident.id})"
    began = f"Incident {incident.id} of {prose(incident.component)}, which began at {incident.began_at}."
    return TicketDraft(_reference(incident.id), title, f"{began}\n{incident_url(gate, incident.id)}")


def _keep(gate: Gate, identity: str, tracker: str, made: FoundTicket) -> bool:
    """Keep the key of a ticket that was made, and have it told; one that another incident has stays that one's."""
    at = gate.instant()
    with gate.store.writing() as writing:
        incident = writing.incident(identity)
        if incident is None or not incident.is_ticket_due:
            return False
        payload = {"incident": identity, "ticket": made.key, "tracker": tracker}
        if writing.incident_of_ticket(tracker, made.key) is not None:
            writing.save_incident(replace(incident, tracker=""))
            anomaly = {"code": "incident-ticket-taken", **payload}
            writing.append(EntryDraft("anomaly-seen", at, repository_subject(incident.repository), payload=anomaly))
            return False
        kept = replace(incident, ticket=made.key, url=ticket_address(made.url))
        writing.save_incident(kept)
        linked = {**payload, "edition": "made"}
        writing.append(EntryDraft("ticket-linked", at, repository_subject(incident.repository), payload=linked))
        writing.enqueue(ticket_job(kept, at=at))
    gate.measures.count("tickets_made", tracker=tracker)
    return True


def _reference(identity: str) -> str:
    return f"incident:{identity}"


def _told(identity: str) -> str:
    return f"incident-told:{identity}"
