"""What happened to a change, in words: one for each kind of ledger entry, with the outcome where it says more."""

from collections.abc import Mapping, Sequence

from gate.core.audit.exceptions import exception_of
from gate.core.ledger.entries import EntryKind, LedgerEntry
from gate.web.rows import STATE_WORDS

ENTRY_WORDS: Mapping[EntryKind, str] = {
    "change-observed": "First seen",
    "facts-recorded": "Facts recorded",
    "verdict-changed": "Verdict",
    "check-posted": "Check published",
    "notification-sent": "Somebody was told",
    "notification-failed": "A message could not be sent",
    "notification-dropped": "A message was left unsent, as it held no longer",
    "link-issued": "An approval link was made",
    "link-opened": "An approval link was opened",
    "link-refused": "A decision by link was refused",
    "signoff-given": "Signed off",
    "signoff-refused": "A sign-off was refused",
    "signoff-delegated": "Somebody else was asked",
    "delegation-refused": "Asking somebody else was refused",
    "delegation-ended": "Nobody else is asked any more",
    "signoff-voided": "Sign-off no longer holds",
    "signoff-withdrawn": "Sign-off withdrawn",
    "signoff-rejected": "Rejected",
    "escalated": "The escalation went on",
    "acknowledged": "Somebody acknowledged",
    "break-glass-used": "Break-glass was used",
    "review-done": "The after-review was done",
    "change-merged": "Merged",
    "bypass-found": "A commit came past the gate",
    "protection-changed": "The branch's protection changed",
    "ticket-linked": "A ticket was told",
    "incident-opened": "An incident was opened",
    "incident-linked": "An incident was traced to it",
    "incident-closed": "An incident was closed",
    "ownership-changed": "Ownership changed",
    "ownership-reviewed": "Ownership was reviewed",
    "ownership-transferred": "Ownership was handed over",
    "policy-changed": "The policy changed",
    "standard-change-approved": "Approved as a standard change",
    "export-made": "An export was made",
    "key-rotated": "A key was rotated",
    "personal-data-erased": "Personal data was erased",
    "access-changed": "Access changed",
    "anomaly-seen": "Something was out of order",
    "evidence-reported": "A job reported evidence",
    "evidence-refused": "A job's evidence was refused",
}
_OUTCOMES: Mapping[str, str] = {
    "begun": "The escalation began",
    "put-off": "The escalation waits for the end of a holiday",
    "hastened": "The escalation was brought forward",
    "acknowledged": "The escalation stopped: somebody takes care",
    "ended": "The escalation ended: nobody is waited for",
    "unanswered": "The escalation ended without an answer",
}


def told_entry(entry: LedgerEntry) -> dict[str, str]:
    """Return an entry as a page shows it: when, what in words, and its place in the ledger."""
    return {"at": entry.at, "word": _word(entry), "index": str(entry.index)}


def merge_past_the_gate(entries: Sequence[LedgerEntry]) -> LedgerEntry | None:
    """Return the last merge among a change's entries if it was of something that the gate had not approved."""
    merges = [one for one in entries if one.kind == "change-merged"]
    return merges[-1] if merges and exception_of(merges[-1]) is not None else None


def _word(entry: LedgerEntry) -> str:
    word = ENTRY_WORDS.get(entry.kind, entry.kind)
    if entry.kind == "verdict-changed":
        state = str(entry.payload().get("state", ""))
        return f"{word}: {STATE_WORDS.get(state, state).lower()}" if state else word
    if entry.kind == "escalated":
        payload = entry.payload()
        level = payload.get("level")
        further = f"The escalation called level {level}" if isinstance(level, int) else word
        return _OUTCOMES.get(str(payload.get("outcome", "")), further)
    if entry.kind == "change-merged" and exception_of(entry) is not None:
        return "Merged without approval"
    return word
