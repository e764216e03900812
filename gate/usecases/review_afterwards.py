"""Reviewing afterwards: every break-glass opens an item that somebody else closes in calm, with a note."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gate.core.asks import Asks
from gate.core.change.facts import AccountKey, Instant, PersonKey
from gate.core.forge.snapshot import ChangeKey, Snapshot
from gate.core.ledger.entries import EntryDraft
from gate.core.times import duration, instant, parse_instant
from gate.usecases.gate import Gate, subject_of
from gate.usecases.jobs import judge_job
from gate.usecases.kept_facts import facts_of
from gate.usecases.people import AfterReview
from gate.usecases.signoff_decisions import MAX_REASON, SignoffRefusedError
from gate.usecases.store_ports import Writing


def open_after_review(writing: Writing, asks: Asks, snapshot: Snapshot, *, at: Instant) -> bool:
    """Keep what is owed where an approval rests on the emergency path, once for each head; return whether it does."""
    used = next((one for one in asks.verdict.relaxations if one.kind == "emergency"), None)
    policy = asks.facts.policy.policy.emergency
    if used is None or policy is None or asks.verdict.state != "approved":
        return False
    due = instant(parse_instant(at) + duration(policy.review_within))
    if writing.open_after_review(AfterReview(snapshot.key, snapshot.head_sha, at, due)):
        payload = {"head": snapshot.head_sha, "label": used.name, "review_due_at": due}
        writing.append(EntryDraft("break-glass-used", at, subject_of(snapshot.key), payload=payload))
    return True


def end_after_review(gate: Gate, key: ChangeKey, account: AccountKey, *, note: str, authenticated: str) -> None:
    """Record that somebody looked at a break-glass in calm.

    Changes that wait for it are judged anew. Raises SignoffRefusedError where nothing is owed, without a note, and for
    who signed it off or had a hand in it.
    """
    note = note.strip()[:MAX_REASON]
    if not any(map(str.isalnum, note)):
        raise SignoffRefusedError("reason-missing", "A review needs a note of what was found.")
    with gate.store.reading() as reading:
        owed = [one for one in reading.after_reviews() if one.key == key]
        change = reading.change(key)
    facts = facts_of(gate, change.facts_digest) if change is not None else None
    if not owed or facts is None:
        raise SignoffRefusedError("nothing-to-withdraw", "No review of this change is owed.")
    asks = gate.asks(facts, at=gate.instant())
    person = asks.person_of(account)
    if any(_had_a_part(past, person) for past in (asks, *_pasts(gate, key, owed))):
        raise SignoffRefusedError("not-eligible", "Somebody who neither made nor signed off the change reviews it.")
    if not asks.concerning(person):
        raise SignoffRefusedError("not-eligible", "You are not among those who are asked about this change.")
    at = gate.instant()
    with gate.store.writing() as writing:
        for one in owed:
            if writing.end_after_review(replace(one, done_at=at, done_by=account, note=note)):
                is_late = at > one.due_at
                found = [
                    entry.index
                    for entry in writing.timeline(key)
                    if entry.kind == "break-glass-used" and entry.payload().get("head") == one.head_sha
                ]
                payload = {"of": "break-glass", "head": one.head_sha, "due_at": one.due_at, "is_late": is_late}
                payload |= {"found": found}
                entry = EntryDraft("review-done", at, subject_of(key), actor=account, payload=payload)
                writing.append(replace(entry, authenticated=authenticated, personal={"note": note}))
        for other in writing.open_changes(key.repository_key):
            writing.enqueue(judge_job(other.key, at=at, why="an after-review was done"))


def people_who_may_review(gate: Gate, key: ChangeKey) -> list[PersonKey]:
    """Return who may close what a change owes after break-glass: asked about it by its last facts, no part in it."""
    with gate.store.reading() as reading:
        owed = [one for one in reading.after_reviews() if one.key == key]
        change = reading.change(key)
    facts = facts_of(gate, change.facts_digest) if change is not None else None
    if not owed or facts is None:
        return []
    asks = gate.asks(facts, at=gate.instant())
    judgements = (asks, *_pasts(gate, key, owed))
    members = frozenset[PersonKey]().union(*(ask.circle.members for ask in asks.all))
    return [person for person in sorted(members) if not any(_had_a_part(past, person) for past in judgements)]


def _pasts(gate: Gate, key: ChangeKey, owed: Sequence[AfterReview]) -> Iterator[Asks]:
    """Yield the judgements by which a break-glass was approved: what came later may no longer show who stood for it."""
    with gate.store.reading() as reading:
        digests = [
            one.facts_digest
            for one in reading.verdicts(key)
            if one.state == "approved" and one.head_sha in {item.head_sha for item in owed}
        ]
    for digest in dict.fromkeys(digests):
        facts = facts_of(gate, digest)
        if facts is not None:
            yield gate.asks(facts, at=gate.instant())


def _had_a_part(asks: Asks, person: PersonKey) -> bool:
    """Return whether somebody made a change, called it an emergency, or signed it off as one, as of one judgement."""
    policy = asks.facts.policy.policy.emergency
    labels = [label for label in asks.facts.change.labels if policy is not None and label.name == policy.label]
    called = {asks.directory.person_of(label.set_by) for label in labels}
    signed = {asks.person_of(act.account) for act in asks.facts.signoffs if act.decision == "approve"}
    return person in called or asks.had_a_hand(person) or (person in signed and bool(asks.concerning(person)))
