"""Planning a message: kept with what of it is new to its recipient, once a former address has heard of a new one."""

from collections.abc import Iterable
from dataclasses import replace

from gate.core.canonical import digest_of
from gate.core.change.facts import Instant
from gate.core.forge.snapshot import ChangeKey
from gate.core.ledger.entries import EntryDraft
from gate.core.notify.plan import Notice
from gate.core.notify.reach import Address, Callee
from gate.core.notify.wording import NoticeKind
from gate.usecases.asked_now import is_usable
from gate.usecases.gate import Gate, ledger_subject
from gate.usecases.jobs import tell_job
from gate.usecases.notices import KnownContacts, StoredNotice, notice_id
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
    """Keep a notice that is to be sent, and return whether any of it is new to its recipient.

    Whoever nobody can reach is in the ledger. SECURITY: every message passes here, so that nobody is sent anything at
    an address that changed before the former one is told (L20).
    """
    _note_contacts(gate, writing, key, notice.callee)
    return _keep(gate, writing, key, notice, kind=kind, round_=round_, escalation=escalation)


def _keep(
    gate: Gate, writing: Writing, key: ChangeKey, notice: Notice, *, kind: NoticeKind, round_: int, escalation: str
) -> bool:
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


def _note_contacts(gate: Gate, writing: Writing, key: ChangeKey, callee: Callee) -> None:
    """Keep by which addresses somebody is reached; where they changed, tell the former ones (L20)."""
    if not callee.person:
        return
    addresses = [address for address in callee.addresses if address.channel != "review-request"]
    now = tuple(sorted(address.to for address in addresses))
    known = writing.known_contacts(key, callee.person)
    if known is None:
        writing.save_known_contacts(KnownContacts(key, callee.person, now))
    elif known.addresses != now:
        added = tuple(sorted(set(now) - set(known.addresses)))
        writing.save_known_contacts(KnownContacts(key, callee.person, now, gate.instant(), added))
        _tell_former(gate, writing, key, callee, sorted(set(known.addresses) - set(now)))


def _tell_former(gate: Gate, writing: Writing, key: ChangeKey, callee: Callee, former: Iterable[str]) -> None:
    at = gate.instant()
    for to in former:
        address = Address("email" if to.startswith("mailto:") else "chat", to)
        if not is_usable(gate, address):
            continue
        subjects = {f"contact:{callee.person}": digest_of([to, at])}
        notice = Notice(callee, subjects, (), (address,), at)
        _keep(gate, writing, key, notice, kind="contact-changed", round_=0, escalation="")


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
