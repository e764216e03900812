"""Delegating: somebody who is asked asks another entitled person instead; it never chains, and reaches no author."""

from dataclasses import replace

from gate.core.asks import Asks
from gate.core.change.facts import AccountKey
from gate.core.forge.snapshot import ChangeKey
from gate.core.ledger.entries import EntryDraft, EntryKind
from gate.usecases.gate import Gate, subject_of
from gate.usecases.jobs import judge_job, notify_job
from gate.usecases.kept_facts import facts_of
from gate.usecases.people import Delegation
from gate.usecases.signoff_decisions import SignoffRefusedError


def people_to_ask(asks: Asks, account: AccountKey) -> dict[AccountKey, str]:
    """Return whom somebody may ask instead of deciding: those entitled to the same, by account, with their names."""
    person = asks.person_of(account)
    others = frozenset[str]().union(*(ask.able for ask in asks.of(person))) - {person}
    named = {asks.account_of(other): asks.directory.display(other) for other in others}
    return dict(sorted(named.items(), key=lambda item: item[1]))


def delegate_signoff(
    gate: Gate, key: ChangeKey, account: AccountKey, to: AccountKey, *, authenticated: str, reason: str = ""
) -> Delegation:
    """Record that somebody asks another person, and have that person told.

    SECURITY: it gives nobody a right: whoever is asked must be entitled by policy already, and had no hand in the
    change. Raises SignoffRefusedError where that is not so, or where the asking person was asked by another one.
    """
    try:
        delegation = _delegation(gate, key, account, to)
    except SignoffRefusedError as refused:
        tried = Delegation(key, account, to, gate.instant())
        with gate.store.writing() as writing:
            writing.append(_entry(tried, authenticated, "delegation-refused", why=str(refused)))
        raise
    with gate.store.writing() as writing:
        if writing.save_delegation(delegation):
            writing.append(_entry(delegation, authenticated, "signoff-delegated", reason=reason))
            writing.enqueue(judge_job(key, at=delegation.at, why="somebody else was asked"))
            writing.enqueue(notify_job(key, at=delegation.at))
    return delegation


def end_delegation(gate: Gate, delegation: Delegation, *, authenticated: str, by: AccountKey = "") -> bool:
    """Record that somebody is asked instead no more; False where that was so before. Either of both may say it."""
    with gate.store.writing() as writing:
        is_ended = writing.end_delegation(delegation)
        if is_ended:
            ended = replace(delegation, at=gate.instant())
            writing.append(_entry(ended, authenticated, "delegation-ended", by=by))
    return is_ended


def _delegation(gate: Gate, key: ChangeKey, account: AccountKey, to: AccountKey) -> Delegation:
    with gate.store.reading() as reading:
        change = reading.change(key)
        known = reading.delegations(key)
    facts = facts_of(gate, change.facts_digest) if change is not None and change.state == "open" else None
    if facts is None:
        raise SignoffRefusedError("change-closed", "This change is not open any more.")
    asks = gate.asks(facts, at=gate.instant())
    person, other = asks.person_of(account), asks.person_of(to)
    if any(asks.person_of(one.to) == person for one in known):
        what = "You were asked by somebody else yourself; that goes no further."
        raise SignoffRefusedError("not-eligible", what, next_step="Decide, or tell them that you will not.")
    mine = {ask.subject.id: ask for ask in asks.of(person)}
    subjects = tuple(sorted(subject for subject, ask in mine.items() if other in ask.able))
    if not mine:
        raise SignoffRefusedError("not-eligible", "Nothing of this change waits for you, so you ask nobody instead.")
    if not subjects or other == person:
        name = asks.directory.display(other)
        raise SignoffRefusedError("not-eligible", f"{name} may not sign off on what waits for you.")
    return Delegation(key, account, asks.account_of(other), gate.instant(), subjects)


def _entry(
    delegation: Delegation, authenticated: str, kind: EntryKind, *, why: str = "", by: AccountKey = "", reason: str = ""
) -> EntryDraft:
    payload: dict[str, object] = {"to": delegation.to, "subjects": list(delegation.subjects)[:200]}
    return EntryDraft(
        kind,
        delegation.at,
        subject_of(delegation.key),
        actor=by or delegation.account,
        authenticated=authenticated,
        payload=payload | ({"why": why[:300]} if why else {}),
        personal={"reason": reason} if reason else {},
    )
