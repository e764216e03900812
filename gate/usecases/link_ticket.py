"""Linking a ticket: it shows once what became of a change that names it, whatever fails on the way."""

import datetime as dt
import hashlib
import hmac
from collections.abc import Sequence

from gate.core.change.facts import Instant, Ticket
from gate.core.change.sealing import unseal
from gate.core.errors import GateError
from gate.core.explain.escaping import prose
from gate.core.explain.json import parse_verdict
from gate.core.explain.ticket_note import Became, note_markdown, note_text, note_title
from gate.core.forge.snapshot import ChangeKey, ForgeRepository
from gate.core.ledger.entries import EntryDraft
from gate.core.times import parse_instant
from gate.core.values import dataclass
from gate.usecases.declared_tickets import issue_number, look_up_ticket
from gate.usecases.gate import Gate, known_repository, payload_of, subject_of
from gate.usecases.incident_stored import WrittenNote
from gate.usecases.store_ports import Reading, Writing
from gate.usecases.stored import Job, StoredChange, StoredVerdict
from gate.usecases.tracker_ports import TicketNote, Tracker, TrackerError, tracker_of

PATIENCE = dt.timedelta(days=7)
"""How long a ticket is looked for whose tracker did not answer when the change was decided."""


def ticket_jobs(key: ChangeKey, tickets: Sequence[Ticket], *, at: Instant) -> list[Job]:
    """Return the jobs that tell tickets what became of a change, each in a lane of its own.

    Those that do not exist are told nothing; those whose tracker did not answer are looked for again first.
    """
    return [_job(key, ticket.key, at) for ticket in tickets if ticket.state != "missing"]


def enqueue_notes(writing: Writing, change: StoredChange, *, at: Instant) -> None:
    """Have the tickets of a change told what became of it, by the facts that were recorded last."""
    for job in ticket_jobs(change.key, tickets_of(writing, change), at=at):
        writing.enqueue(job)


def tickets_of(reading: Reading, change: StoredChange) -> Sequence[Ticket]:
    """Return the tickets in a change's newest facts; none where these cannot be read."""
    sealed = reading.facts(change.facts_digest) if change.facts_digest else None
    try:
        return unseal(sealed.content, sealed.personal).tickets if sealed else ()
    except GateError:
        return ()  # erased facts name no tickets any more


def link_ticket(gate: Gate, key: ChangeKey, ticket: str) -> str:
    """Make a ticket show what became of a change; return which edition, empty where there is nothing to say.

    Raises TrackerError where the tracker does not take it; the job is then run again, and looks for its own trace
    before it writes. INVARIANT: one visible effect for each edition (tests/contracts/test_trackers.py).
    """
    with gate.store.reading() as reading:
        told = _told(reading, key)
    if told is None:
        return ""
    place = _place(gate, told, ticket)
    if place is None:
        return ""
    tracker, known = place
    if not _exists(gate, told, ticket):
        return ""
    remote = tracker.link(known, _note(gate, told, ticket))
    gate.at_point("ticket-linked")
    _record(gate, told, WrittenNote(key, ticket, told.became, remote, gate.instant()), tracker.name)
    return told.became


@dataclass(frozen=True, slots=True)
class _Told:
    """What there is to tell of a change."""

    repository: ForgeRepository
    change: StoredChange
    stored: StoredVerdict
    became: Became
    at: Instant
    by: str = ""


def _told(reading: Reading, key: ChangeKey) -> _Told | None:
    """Return what became of a change by now; None while there is nothing that a ticket should know."""
    repository = known_repository(reading, key.repository_key)
    change, stored = reading.change(key), reading.verdict(key)
    if change is None or stored is None:
        return None
    reverting = reading.reverting(key)
    if reverting is not None:
        by = f"{repository.name}#{reverting.key.number}"
        return _Told(repository, change, stored, "reverted", reverting.merged_at, by)
    landing = reading.landing(key)
    if landing is not None:
        return _Told(repository, change, stored, "merged", landing.merged_at)
    if change.state == "open" and stored.state == "approved":
        return _Told(repository, change, stored, "approved", stored.at)
    return None


def _place(gate: Gate, told: _Told, ticket: str) -> tuple[Tracker, str] | None:
    """Return the tracker of a ticket and the key that it knows; None where it is told nothing.

    SECURITY: another repository at the forge has other readers; what is private is not told there.
    """
    name = told.repository.name
    number = issue_number(ticket, repository=name, url=told.change.url)
    known = ticket if number is None else f"{name}#{number}"
    tracker = tracker_of(gate.trackers, known)
    is_elsewhere_at_forge = tracker is not None and tracker.name == "github" and number is None
    if tracker is None or (is_elsewhere_at_forge and told.repository.is_private):
        return None
    return tracker, known


def _exists(gate: Gate, told: _Told, ticket: str) -> bool:
    """Return whether a ticket is there, by the facts, or as it is now where its tracker did not answer then.

    Raises TrackerError while it still does not; for one that stays silent for days nothing is kept waiting.
    """
    with gate.store.reading() as reading:
        known = {one.key: one.state for one in tickets_of(reading, told.change)}
    if known.get(ticket, "unknown") != "unknown":
        return True
    if gate.now() - parse_instant(told.at) > PATIENCE:
        return False
    found = look_up_ticket(
        gate.access(told.repository), ticket, repository=told.repository, url=told.change.url,
        trackers=gate.trackers,
    )  # fmt: skip
    if found.state == "unknown":
        raise TrackerError(f"The tracker of {prose(ticket, 100)} does not answer yet.")
    return found.state != "missing"


def _note(gate: Gate, told: _Told, ticket: str) -> TicketNote:
    key = told.change.key
    verdict = parse_verdict(told.stored.verdict)
    url = gate.url_of(told.repository.name, key.number)
    reference = subject_of(key)
    marker = hmac.new(gate.salt_for(key), f"gate.ticket/1\0{reference}\0{ticket}".encode(), hashlib.sha256)
    return TicketNote(
        reference=reference,
        edition=told.became,
        marker=f"gate-{marker.hexdigest()[:32]}",
        title=note_title(verdict),
        url=url,
        text=note_text(verdict, told.became, at=told.at, url=url, by=told.by),
        markdown=note_markdown(verdict, told.became, at=told.at, url=url, by=told.by),
    )


def _record(gate: Gate, told: _Told, note: WrittenNote, tracker: str) -> None:
    payload = {"ticket": note.ticket, "tracker": tracker, "edition": note.edition, "id": note.remote_id[:200]}
    with gate.store.writing() as writing:
        if writing.add_written_note(note):
            facts = told.stored.facts_digest
            writing.append(EntryDraft("ticket-linked", note.at, subject_of(note.key), facts=facts, payload=payload))
    gate.measures.count("tickets_linked", tracker=tracker, edition=note.edition)


def _job(key: ChangeKey, ticket: str, at: Instant) -> Job:
    lane = f"ticket:{key.tenant}/{key.repository}/{key.number}:{ticket}"
    return Job("link-ticket", {**payload_of(key), "ticket": ticket}, at, dedupe=lane, lane=lane)
