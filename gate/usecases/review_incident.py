"""Reviewing an incident: that its review was held is recorded once, with what was found."""

from dataclasses import replace

from gate.core.change.facts import AccountKey
from gate.core.errors import UsageError
from gate.core.ledger.entries import EntryDraft
from gate.core.values import dataclass
from gate.usecases.close_incident import known_incident
from gate.usecases.gate import Gate, repository_subject
from gate.usecases.incident_stored import StoredIncident

MAX_NOTE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldReview:
    """What is said of the review of an incident: by whom, how they are known, and what was found."""

    incident: str
    note: str
    by: AccountKey = ""
    authenticated: str = ""


def review_incident(gate: Gate, held: HeldReview) -> StoredIncident:
    """Record that the review of a closed incident was held; return it as it is kept. A second time changes nothing.

    The note stands beside the ledger as a personal value. Raises UsageError for an unknown or open incident, and
    without a note.
    """
    note = held.note.strip()[:MAX_NOTE]
    if not any(map(str.isalnum, note)):
        raise UsageError(
            "A review needs a note of what was found.", next_step="Write what is to change, or that nothing is."
        )
    at = gate.instant()
    with gate.store.writing() as writing:
        incident = known_incident(writing, held.incident)
        if incident.state != "closed":
            raise UsageError("An incident is reviewed once it is closed.", next_step="Close it first.")
        if incident.reviewed_at:
            return incident
        reviewed = replace(incident, reviewed_at=at)
        writing.save_incident(reviewed)
        due = incident.review_due_at or ""
        payload = {"of": "incident", "incident": incident.id, "due_at": due, "is_late": bool(due) and at > due}
        entry = EntryDraft("review-done", at, repository_subject(incident.repository), actor=held.by, payload=payload)
        writing.append(replace(entry, authenticated=held.authenticated, personal={"note": note}))
    gate.measures.count("incidents_reviewed", is_late=str(payload["is_late"]).lower())
    return reviewed
