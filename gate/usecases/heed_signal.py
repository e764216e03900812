"""Heeding a signal: a verified webhook is a hint; what its tracker says now opens or closes the incident, once."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from gate.core.change.facts import Instant
from gate.core.errors import GateError, UnreadableError
from gate.core.identity import ascii_lower
from gate.core.incident.signals import Signal
from gate.core.ledger.entries import EntryDraft
from gate.core.ownership.resolve import OwnershipIndex
from gate.core.times import instant
from gate.usecases.close_incident import Closing, close_incident
from gate.usecases.gate import Gate
from gate.usecases.incident_stored import StoredIncident
from gate.usecases.incident_ticket import is_made_for_an_incident
from gate.usecases.open_incident import Opening, open_incident
from gate.usecases.repository_ownership import OwnershipNow, ownership_now
from gate.usecases.stored import Job
from gate.usecases.tracker_ports import tracker_of

OLDEST = dt.timedelta(days=30)
"""An incident that is said to have begun earlier is taken to begin now: its window would accuse nothing real."""


def receive_signal(gate: Gate, tracker: str, signal: Signal) -> None:
    """Keep what a verified webhook said, to be looked into right away; the same ticket waits once."""
    lane = f"signal:{tracker}:{signal.ticket}"
    payload = {"tracker": tracker, **asdict(signal), "hints": list(signal.hints), "paths": list(signal.paths)}
    with gate.store.writing() as writing:
        writing.enqueue(Job("signal", payload, gate.instant(), dedupe=lane, lane=lane))


def heed_signal(gate: Gate, payload: Mapping[str, Any]) -> str:
    """Open or close the incident that a ticket stands for, by what its tracker says now; return what was done.

    Where the tracker is set up, a webhook that is old, doubled or forged changes nothing that the tracker does not
    say itself. Raises TrackerError where it does not answer, and UnreadableError for a ticket that the gate is making;
    the job is then run again.
    """
    name, ticket = str(payload["tracker"]), str(payload["ticket"])
    state, title = str(payload["state"]), str(payload["title"])
    tracker = tracker_of(gate.trackers, ticket)
    if tracker is not None and tracker.name == name:
        found = tracker.fetch(ticket)
        if found is None:
            return "ignored"
        state, title = found.state, found.title or title
    with gate.store.reading() as reading:
        known = reading.incident_of_ticket(name, ticket)
        if known is None and is_made_for_an_incident(reading, name, title):
            step = "It is tried again by itself."
            raise UnreadableError(
                "This ticket is being made for an incident that does not know its key yet.", next_step=step
            )
    if state == "closed":
        return _close(gate, known)
    if known is not None:
        return "known"
    return _open(gate, payload, name, ticket, title)


def _open(gate: Gate, payload: Mapping[str, Any], name: str, ticket: str, title: str) -> str:
    place = _component(gate, [str(hint) for hint in payload["hints"]], [str(path) for path in payload["paths"]])
    if place is None:
        entry = EntryDraft(
            "anomaly-seen", gate.instant(), "service", payload={"code": "incident-unmatched", "tracker": name}
        )
        with gate.store.writing() as writing:
            writing.append(entry)
        gate.measures.count("incidents_unmatched", tracker=name)
        return "unmatched"
    now, component = place
    opening = Opening(
        component=component,
        title=title,
        began_at=_began(gate, str(payload["began_at"])),
        repository=now.repository,
        tracker=name,
        ticket=ticket,
        url=str(payload["url"]),
        paths=tuple(str(path) for path in payload["paths"]),
        by=f"tracker:{name}",
        authenticated="webhook",
    )
    open_incident(gate, opening)
    return "opened"


def _close(gate: Gate, known: StoredIncident | None) -> str:
    if known is None or known.state == "closed":
        return "ignored"
    closing = Closing(
        incident=known.id, restored_at=gate.instant(), by=f"tracker:{known.tracker}", authenticated="webhook"
    )
    close_incident(gate, closing)
    return "closed"


def _component(gate: Gate, hints: list[str], paths: list[str]) -> tuple[OwnershipNow, str] | None:
    """Return the component that a hint names, by name or title, else the one that owns a file; None where none does.

    Raises UnreadableError where a repository could not be read: it may be the one.
    """
    with gate.store.reading() as reading:
        known = list(reading.repositories())
    places, is_whole = [], True
    for repository in known:
        try:
            places.append(ownership_now(gate, repository))
        except GateError:
            is_whole = False
    for hint in hints:
        for now in places:
            for one in now.ownership.components:
                if ascii_lower(hint) in {ascii_lower(one.name), ascii_lower(one.title or "")}:
                    return now, one.name
    for now in places:
        index = OwnershipIndex(now.ownership) if paths else None
        for number in (n for path in paths if index for n in sorted(index.components_of(path))):
            return now, now.ownership.components[number].name
    if not is_whole:
        raise UnreadableError("Not every repository could be read.", next_step="It is tried again by itself.")
    return None


def _began(gate: Gate, said: Instant) -> Instant:
    now, oldest = gate.instant(), instant(gate.now() - OLDEST)
    return said if oldest <= said <= now else now
