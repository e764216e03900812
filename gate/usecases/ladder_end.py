"""The end of a ladder: in the ledger with its outcome; where nobody answered at all, the operator is told."""

from dataclasses import replace

from gate.core.change.facts import Instant
from gate.core.ledger.entries import EntryDraft
from gate.core.notify.plan import Notice
from gate.core.notify.reach import Address, Callee
from gate.usecases.asked_now import is_usable
from gate.usecases.gate import Gate, ledger_subject
from gate.usecases.notices import EscalationState, StoredEscalation
from gate.usecases.plan_notice import plan
from gate.usecases.store_ports import Writing

OPERATOR = Address("chat", "notify:operator")
"""Where the operator is told: the addresses of GATE_NOTIFY_URLS that have no other name."""


def end_ladder(gate: Gate, found: StoredEscalation, state: EscalationState, at: Instant) -> None:
    """End a ladder that still stands as it was found; the operator is told, once, of one that nobody answered."""
    with gate.store.writing() as writing:
        if writing.escalation(found.id) != found:
            return
        record_end(writing, found, state, at)
        if state == "unanswered" and is_usable(gate, OPERATOR):
            name = found.component.partition("/")[2] or found.subject
            notice = Notice(Callee("operator", (OPERATOR,)), {found.subject: found.id}, (name,), (OPERATOR,), at)
            plan(gate, writing, found.key, notice, kind="unanswered", round_=0, escalation=found.id)
    gate.measures.count("escalations", outcome=state)


def record_end(writing: Writing, found: StoredEscalation, state: EscalationState, at: Instant) -> None:
    """Record within the caller's transaction that a ladder is climbed no further, and why."""
    writing.save_escalation(replace(found, state=state))
    payload = {"escalation": found.id, "cause": found.cause, "subject": found.subject, "outcome": state}
    writing.append(EntryDraft("escalated", at, ledger_subject(found.key), payload=payload))
