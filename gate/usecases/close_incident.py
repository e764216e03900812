"""Closing an incident: when service was back, which change caused it, and until when its review must be held."""

import datetime as dt
from dataclasses import replace

from gate.core.change.facts import AccountKey, Instant
from gate.core.errors import UsageError
from gate.core.explain.escaping import prose, visible
from gate.core.forge.snapshot import ChangeKey
from gate.core.ledger.entries import EntryDraft
from gate.core.times import instant, parse_instant
from gate.core.values import dataclass
from gate.usecases.call_out import end_call_out
from gate.usecases.gate import Gate, payload_of, repository_subject, subject_of
from gate.usecases.incident_stored import ChangeRelation, Confirmation, IncidentChange, StoredIncident
from gate.usecases.store_ports import Writing

REVIEW_WITHIN = dt.timedelta(days=7)
"""How long after its end an incident's review is due."""
MAX_REASON = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What is said of an incident when it is closed. `cause` is a change of the same repository, None where unknown."""

    incident: str
    restored_at: Instant
    cause: int | None = None
    by: AccountKey = ""
    authenticated: str = ""
    reason: str = ""


def close_incident(gate: Gate, closing: Closing) -> StoredIncident:
    """Record the end of an incident, once, with its cause where it is known; return it as it is kept.

    Raises UsageError for an unknown incident or change, and for an end before the beginning or in the time to come.
    """
    at = gate.instant()
    with gate.store.writing() as writing:
        incident = known_incident(writing, closing.incident)
        if not incident.began_at <= closing.restored_at <= at:
            step = f"It began at {incident.began_at}; give a time between then and now."
            raise UsageError("That is no time at which service can have been back.", next_step=step)
        if closing.cause is not None:
            link_change(
                writing, incident, closing.cause, relation="caused-by", confirmation="confirmed", at=at,
                by=closing.by, reason=closing.reason,
            )  # fmt: skip
        if incident.state == "closed":
            return incident
        due = instant(parse_instant(at) + REVIEW_WITHIN)
        closed = replace(incident, state="closed", restored_at=closing.restored_at, closed_at=at, review_due_at=due)
        writing.save_incident(closed)
        end_call_out(writing, incident.repository, matter=incident.id, at=at)
        payload = {
            "incident": incident.id,
            "component": incident.component,
            "restored_at": closing.restored_at,
            "review_due_at": due,
            "cause": closing.cause or 0,
        }
        subject = repository_subject(incident.repository)
        writing.append(
            EntryDraft(
                "incident-closed", at, subject, actor=closing.by, authenticated=closing.authenticated, payload=payload
            )
        )
    gate.measures.count("incidents_closed", has_cause=str(closing.cause is not None).lower())
    return closed


def link_change(
    writing: Writing,
    incident: StoredIncident,
    number: int,
    *,
    relation: ChangeRelation,
    confirmation: Confirmation,
    at: Instant,
    by: AccountKey = "",
    reason: str = "",
) -> None:
    """Keep what a change had to do with an incident, in the ledger too. Raises UsageError for an unknown change."""
    key = ChangeKey(incident.repository.tenant, incident.repository.id, number)
    if writing.change(key) is None:
        step = "Name a change of the repository that the incident is in, by its number."
        raise UsageError(f"There is no change {number} that the gate has seen.", next_step=step)
    if relation == "caused-by" and writing.landing(key) is None:
        step = "Name a change that was merged."
        raise UsageError(f"Change {number} was not merged, so it caused nothing.", next_step=step)
    link = IncidentChange(incident.id, key, relation, confirmation, at, by, prose(reason, MAX_REASON))
    if link in writing.incident_changes(incident.id):
        return
    writing.save_incident_change(link)
    payload = {"incident": incident.id, "change": payload_of(key), "relation": relation, "confirmation": confirmation}
    subject = subject_of(key)
    writing.append(
        EntryDraft(
            "incident-linked", at, subject, actor=by, payload=payload,
            personal={"reason": link.reason} if link.reason else {},
        )
    )  # fmt: skip


def known_incident(writing: Writing, identity: str) -> StoredIncident:
    """Return an incident by its id, or by its ticket's key. Raises UsageError for any other."""
    found = writing.incident(identity)
    if found is None:
        found = next((one for one in writing.incidents(limit=5000) if one.ticket and one.ticket == identity), None)
    if found is None:
        raise UsageError(f"There is no incident {visible(identity)!r}.", next_step="See the page `/incidents`.")
    return found
