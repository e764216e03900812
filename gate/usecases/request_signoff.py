"""Requesting sign-offs: those who are waited for are told, each once for exactly what they are asked."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gate.core.change.facts import Instant
from gate.core.escalation.ladder import Ladder, signoff_ladder
from gate.core.forge.snapshot import ChangeKey
from gate.core.ledger.entries import EntryDraft
from gate.core.notify.plan import Circumstances, Notice, is_emergency, plan_notices
from gate.core.ownership.registry import Component, Ownership
from gate.core.times import instant, parse_instant
from gate.usecases.asked_now import AskedNow, asked_now, is_usable
from gate.usecases.gate import Gate, ledger_subject
from gate.usecases.jobs import escalate_job
from gate.usecases.notices import (
    StoredEscalation,
    escalation_id,
)
from gate.usecases.plan_notice import plan
from gate.usecases.rest import Rest, rest_now
from gate.usecases.stand_ins import standing_in
from gate.usecases.store_ports import Writing


def request_signoffs(gate: Gate, key: ChangeKey) -> int:
    """Plan what has to be told about a change that waits, and begin a ladder for each sign-off; return how many.

    However often it runs, each recipient is told once of a subject in one scope: what is planned is an insert that may
    fail. Whoever cannot be reached is in the ledger as such.
    """
    at = gate.instant()
    asked = asked_now(gate, key, at=at)
    if asked is None or not asked.is_waiting:
        return 0
    rest = rest_now(gate, asked, at)
    with gate.store.writing() as writing:
        circumstances = _circumstances(gate, writing, asked, rest, at)
        planned = plan_notices(asked.asks, circumstances)
        kept = sum(plan(gate, writing, key, notice, kind="signoff", round_=0) for notice in planned)
        everything = plan_notices(asked.asks, replace(circumstances, told=()))
        for notice in _delegated(writing, asked, everything):
            kept += plan(gate, writing, key, notice, kind="delegated", round_=0)
        _begin_ladders(writing, asked, _holiday_ends(asked, everything, rest), at)
    return kept


def _delegated(writing: Writing, asked: AskedNow, notices: Sequence[Notice]) -> Iterator[Notice]:
    """Yield what to tell those whom somebody asks instead, of what is asked of them and still missing."""
    by_person = {notice.callee.person: notice for notice in notices if notice.callee.person}
    for delegation in writing.delegations(asked.change.key):
        notice = by_person.get(asked.asks.person_of(delegation.to))
        if notice is None:
            continue
        named = dict(zip(notice.subjects, notice.names, strict=True))
        subjects = {one: scope for one, scope in notice.subjects.items() if one in delegation.subjects}
        if subjects:
            yield replace(notice, subjects=subjects, names=tuple(named[one] for one in subjects))


def component_of(subject: str, ownership: Ownership) -> Component | None:
    """Return the component that a subject is about, None where it is about a rule, the gate's files or none."""
    kind, _, name = subject.partition(":")
    if kind != "component":
        return None
    return next((one for one in ownership.components if f"{one.section}/{one.name}" == name), None)


def ladder_of(asked: AskedNow, subject: str) -> Ladder:
    """Return the ladder that a subject's component climbs while nobody signs off."""
    component = component_of(subject, asked.facts.ownership)
    policy = asked.facts.ownership.escalations.get(component.escalation or "") if component else None
    return signoff_ladder(policy, is_emergency=is_emergency(asked.asks))


def _circumstances(gate: Gate, writing: Writing, asked: AskedNow, rest: Rest, at: Instant) -> Circumstances:
    return Circumstances(
        at=at,
        told=writing.told(asked.change.key, "signoff"),
        quiet_until=rest.until,
        is_usable=lambda address: is_usable(gate, address),
        stand_ins=standing_in(writing, asked.asks, at),
    )


def _holiday_ends(asked: AskedNow, notices: Sequence[Notice], rest: Rest) -> dict[str, Instant]:
    """Return when the first is told of each subject of which only people on holiday are told."""
    found: dict[str, list[Notice]] = {}
    for notice in notices:
        for subject in notice.subjects:
            found.setdefault(subject, []).append(notice)
    if is_emergency(asked.asks):
        return {}
    return {
        subject: min(one.not_before for one in told)
        for subject, told in found.items()
        if all(rest.is_on_holiday(one.callee) for one in told)
    }


def _begin_ladders(writing: Writing, asked: AskedNow, holiday_ends: Mapping[str, Instant], at: Instant) -> None:
    """Begin a ladder for each sign-off that is missing; one that ended when it was given begins anew.

    Where everybody who is asked is on holiday its first step counts from when the first of them hears of it.
    """
    for ask in asked.asks.all:
        if not ask.is_open:
            continue
        key, subject = asked.change.key, ask.subject.id
        component = component_of(subject, asked.facts.ownership)
        first, first_told = ladder_of(asked, subject).steps[0], holiday_ends.get(subject, at)
        is_late_reminder = first_told > at and first.level is None
        begun = StoredEscalation(
            id=escalation_id(key, "signoff", subject, ask.scope),
            key=key,
            cause="signoff",
            subject=subject,
            scope=ask.scope,
            component=f"{component.section}/{component.name}" if component else "",
            begun_at=at,
            next_at=later(first_told, first.after),
            told=((0, at, ()),) if is_late_reminder else (),
        )
        known = writing.escalation(begun.id)
        if known is None:
            writing.begin_escalation(begun)
        elif known.state == "ended":
            writing.save_escalation(begun)
        else:
            continue
        writing.append(_begun_entry(begun, is_anew=known is not None))
        writing.enqueue(escalate_job(begun.id, step=0, at=begun.next_at))


def _begun_entry(begun: StoredEscalation, *, is_anew: bool) -> EntryDraft:
    payload = {
        "escalation": begun.id, "cause": begun.cause, "subject": begun.subject, "scope": begun.scope,
        "outcome": "begun-anew" if is_anew else "begun", "next_at": begun.next_at,
    }  # fmt: skip
    return EntryDraft("escalated", begun.begun_at, ledger_subject(begun.key), payload=payload)


def later(at: Instant, after: dt.timedelta) -> Instant:
    """Return the time so long after another."""
    return instant(parse_instant(at) + after)
