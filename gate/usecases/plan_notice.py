"""Planning a message: kept with what of it is new to its recipient; whoever nobody can reach is in the ledger."""

from dataclasses import replace

from gate.core.change.facts import Instant
from gate.core.forge.snapshot import ChangeKey
from gate.core.ledger.entries import EntryDraft
from gate.core.notify.plan import Notice
from gate.core.notify.wording import NoticeKind
from gate.usecases.gate import Gate, ledger_subject
from gate.usecases.jobs import tell_job
from gate.usecases.notices import StoredNotice, notice_id
from gate.usecases.store_ports import Writing


def plan(
    gate: Gate,
    writing: Writing,
    key: ChangeKey,
    notice: Notice,
    *,
    kind: NoticeKind,
    round_: int,
    escalation: str = "",
) -> bool:
    """Keep a notice that is to be sent, and return whether any of it is new to its recipient."""
    at = gate.instant()
    stored = StoredNotice(
        id=notice_id(key, kind, round_, notice.callee.name, notice.subjects),
        key=key,
        kind=kind,
        round=round_,
        recipient=notice.callee.name,
        person=notice.callee.person,
        addresses=notice.addresses,
        subjects=notice.subjects,
        names=notice.names,
        planned_at=at,
        not_before=notice.not_before,
        escalation=escalation,
        instead=notice.instead,
    )
    kept = writing.plan_notice(stored)
    if kept is None:
        return False
    if kept.addresses:
        writing.enqueue(tell_job(kept.id, at=kept.not_before))
    else:
        why = "nobody knows an address that can be used from here"
        writing.save_notice(replace(kept, state="failed", done_at=at, why=why))
        writing.append(failed_entry(kept, at, why=why))
        gate.measures.count("notices_failed", kind=kind)
    return True


def failed_entry(notice: StoredNotice, at: Instant, *, why: str) -> EntryDraft:
    """Return the entry that somebody could not be told."""
    payload = {**notice_payload(notice), "why": why[:300]}
    return EntryDraft("notification-failed", at, ledger_subject(notice.key), payload=payload)


def notice_payload(notice: StoredNotice) -> dict[str, object]:
    """Return what the ledger says of a message besides where it went."""
    return {
        "notice": notice.id,
        "kind": notice.kind,
        "round": notice.round,
        "recipient": notice.recipient,
        "subjects": [[subject, scope] for subject, scope in sorted(notice.subjects.items())][:200],
    }
