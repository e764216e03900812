"""Escalating: a ladder is climbed step by step, by the clock, until somebody answers or what it is about is over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gate.core.change.facts import AccountKey, Instant
from gate.core.escalation.calling import Called, OnCallNow, called_on
from gate.core.escalation.ladder import Ladder, Step
from gate.core.forge.snapshot import ChangeKey
from gate.core.ledger.entries import EntryDraft
from gate.core.notify.plan import Circumstances, Notice, is_emergency, plan_notices
from gate.core.notify.wording import NoticeKind
from gate.core.ownership.registry import Component
from gate.usecases.asked_now import AskedNow, asked_now, is_usable
from gate.usecases.gate import Gate, subject_of
from gate.usecases.jobs import escalate_job
from gate.usecases.ladder_end import end_ladder
from gate.usecases.ladder_step import LadderStep, put_off, take_step
from gate.usecases.notices import StoredEscalation
from gate.usecases.plan_notice import plan
from gate.usecases.request_signoff import component_of, ladder_of, later
from gate.usecases.rest import Rest, rest_now
from gate.usecases.rotation import rotations_now
from gate.usecases.stand_ins import standing_in
from gate.usecases.store_ports import Writing


def climb(gate: Gate, escalation_id: str) -> None:
    """Take the step of a ladder that is due, once, on any number of workers; a step too early is put off.

    All ladders of the same change that are due are climbed together, so that nobody hears of each component by itself.
    A ladder whose sign-off was given, voided or asked for anew ends. Who is on call is looked up now. A step that would
    tell only people who are on holiday is put off until one of them works again.
    """
    at = gate.instant()
    with gate.store.reading() as reading:
        found = reading.escalation(escalation_id)
        ladders = reading.escalations(found.key, cause="signoff") if found else ()
    if found is None or found.state != "running":
        return
    if found.next_at > at:
        with gate.store.writing() as writing:
            writing.enqueue(escalate_job(found.id, step=found.step, at=found.next_at))
        return
    asked = asked_now(gate, found.key, at=at)
    together = [one for one in ladders if one.state == "running" and one.next_at <= at]
    rest = rest_now(gate, asked, at) if asked is not None else None
    dues = [due for one in together if (due := _due(gate, asked, one, rest, at)) is not None]
    gate.at_point("steps-planned")
    with gate.store.writing() as writing:
        # Another worker may have taken a step meanwhile: what it took is not taken again.
        dues = [due for due in dues if writing.escalation(due.found.id) == due.found]
        for due, notice, escalation in _merged([due for due in dues if not due.put_off_until]):
            plan(gate, writing, found.key, notice, kind=due.kind, round_=due.place + 1, escalation=escalation)
        for due in dues:
            if due.put_off_until:
                put_off(writing, due, at)
            else:
                take_step(writing, due, at)


def _due(
    gate: Gate, asked: AskedNow | None, found: StoredEscalation, rest: Rest | None, at: Instant
) -> LadderStep | None:
    """Return the step of a ladder that is due; one that has none ends instead."""
    if asked is None or rest is None or asked.open_ask(found.subject, found.scope) is None:
        end_ladder(gate, found, "ended", at)
        return None
    ladder = ladder_of(asked, found.subject)
    if found.step >= len(ladder.steps):
        end_ladder(gate, found, "unanswered", at)
        return None
    place = _place(ladder, found, at)
    notices = tuple(_notices(gate, asked, found, ladder.steps[place], rest))
    on_holiday = () if is_emergency(asked.asks) else tuple(one for one in notices if rest.is_on_holiday(one.callee))
    return LadderStep(found, ladder, place, notices, on_holiday).at_last(at)


def _place(ladder: Ladder, found: StoredEscalation, at: Instant) -> int:
    """Return which step is taken: the next one, but no reminder when the step after it is due as well.

    A reminder that was put off is given all the same: what comes next then has its time from there.
    """
    place = found.step
    while not found.was_put_off(place) and place + 1 < len(ladder.steps) and ladder.steps[place].level is None:
        if later(found.begun_at, ladder.steps[place + 1].after) > at:
            break
        place += 1
    return place


def _merged(dues: Sequence[LadderStep]) -> Iterable[tuple[LadderStep, Notice, str]]:
    """Yield one notice for each recipient, kind and step, of all subjects; with its ladder where it is of one alone."""
    found: dict[tuple[str, NoticeKind, int], tuple[LadderStep, Notice, str]] = {}
    for due in dues:
        for notice in due.notices:
            place = (notice.callee.name, due.kind, due.place)
            if place not in found:
                found[place] = (due, notice, due.found.id)
                continue
            first, merged, _ = found[place]
            subjects = {**merged.subjects, **notice.subjects}
            instead = tuple(dict.fromkeys((*merged.instead, *notice.instead)))
            names = (*merged.names, *notice.names)
            found[place] = (first, replace(merged, subjects=subjects, names=names, instead=instead), "")
    return found.values()


def hasten(gate: Gate, key: ChangeKey, *, by: AccountKey, subjects: Sequence[str] = (), asked_at: Instant = "") -> int:
    """Let the ladders of a change climb at once, those of some subjects where they are named; return how many.

    Reminders are left out. `by` is who asked for it, at a time where one is given: a ladder that began later is another
    one. However often it is asked for, a ladder is hastened once.
    """
    at = gate.instant()
    asked = asked_now(gate, key, at=at)
    if asked is None or not asked.is_waiting:
        return 0
    count = 0
    with gate.store.writing() as writing:
        for found in writing.escalations(key, cause="signoff"):
            is_wanted = not subjects or found.subject in subjects
            if found.state != "running" or not is_wanted or (asked_at and found.begun_at > asked_at):
                continue
            ladder = ladder_of(asked, found.subject)
            first = _first_level(ladder)
            # What was put off already would only be put off again.
            if first is None or found.was_put_off(first):
                continue
            if found.step < first or (found.step == first and found.next_at > at):
                count += 1
                _hasten(writing, found, ladder, first, at, by=by)
    return count


def _notices(gate: Gate, asked: AskedNow, found: StoredEscalation, step: Step, rest: Rest) -> Iterable[Notice]:
    """Yield whom one step tells: those who were asked, or whoever the level calls; never a contributor."""
    at = rest.at
    with gate.store.reading() as reading:
        stand_ins = standing_in(reading, asked.asks, at)
    circumstances = Circumstances(
        at=at,
        told=(),
        quiet_until=rest.until,
        is_usable=lambda address: is_usable(gate, address),
        stand_ins=stand_ins,
    )
    if step.level is None:
        for notice in plan_notices(asked.asks, circumstances):
            if found.subject in notice.subjects:
                name = notice.names[list(notice.subjects).index(found.subject)]
                yield replace(notice, subjects={found.subject: found.scope}, names=(name,))
        return
    ask = asked.open_ask(found.subject, found.scope)
    component = component_of(found.subject, asked.facts.ownership)
    for one in _called(gate, asked, component, step, circumstances):
        if one.callee.person and asked.asks.had_a_hand(one.callee.person):
            continue
        addresses = tuple(address for address in one.callee.addresses if is_usable(gate, address))
        quiet = "" if is_emergency(asked.asks) else rest.until(one.callee)
        names = (ask.subject.name,) if ask else ()
        yield Notice(one.callee, {found.subject: found.scope}, names, addresses, max(at, quiet), one.instead)


def _called(
    gate: Gate, asked: AskedNow, component: Component | None, step: Step, circumstances: Circumstances
) -> Sequence[Called]:
    if step.level is None:
        return ()
    at = circumstances.at
    ownership = asked.facts.ownership
    on_call: Mapping[str, OnCallNow] = {}
    if component is not None and "owner:on-call" in step.level.notify:
        tree = gate.access(asked.repository).commit_tree(asked.facts.change.base_sha)
        on_call = rotations_now(tree, ownership, component.owners, readers=gate.readers, at=at)
    return called_on(step.level, component, ownership, on_call, at=at, named=circumstances.stand_ins)


def _first_level(ladder: Ladder) -> int | None:
    return next((place for place, step in enumerate(ladder.steps) if step.level is not None), None)


def _hasten(
    writing: Writing, found: StoredEscalation, ladder: Ladder, first: int, at: Instant, *, by: AccountKey
) -> None:
    begun_at = later(at, -ladder.steps[first].after)
    # What was put off before the first level is left out, so it is put off no more.
    told = tuple(one for one in found.told if one[2] or one[0] >= first)
    writing.save_escalation(replace(found, step=first, begun_at=begun_at, next_at=at, told=told))
    writing.enqueue(escalate_job(found.id, step=first, at=at))
    payload = {"escalation": found.id, "cause": found.cause, "subject": found.subject, "outcome": "hastened"}
    writing.append(EntryDraft("escalated", at, subject_of(found.key), actor=by, payload=payload))
