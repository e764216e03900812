"""Calling out: the ladder of a component without any change: an incident, or an exercise of the ladder itself."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from gate.core.change.facts import AccountKey, Instant
from gate.core.errors import UsageError
from gate.core.escalation.calling import called_on
from gate.core.escalation.ladder import Ladder, Step, level_ladder
from gate.core.forge.snapshot import ChangeKey, ForgeRepository, RepositoryKey
from gate.core.ledger.entries import EntryDraft
from gate.core.notify.plan import Notice
from gate.core.ownership.registry import Component, Ownership
from gate.core.times import duration
from gate.core.values import dataclass
from gate.usecases.asked_now import is_usable
from gate.usecases.gate import Gate, ledger_subject
from gate.usecases.jobs import call_out_job
from gate.usecases.ladder_end import end_ladder, record_end
from gate.usecases.ladder_step import due_ladder
from gate.usecases.load_rules import load_rules
from gate.usecases.notices import StoredEscalation, escalation_id
from gate.usecases.plan_notice import plan
from gate.usecases.ports import Tree
from gate.usecases.preview_escalation import component_named
from gate.usecases.request_signoff import later
from gate.usecases.rotation import rotations_now
from gate.usecases.stand_ins import standing_in_by_records
from gate.usecases.store_ports import Writing


@dataclass(frozen=True, slots=True)
class _Records:
    """The records of a default branch as they are now."""

    tree: Tree
    ownership: Ownership


def begin_call_out(
    gate: Gate,
    repository: ForgeRepository,
    name: str,
    *,
    cause: Literal["incident", "drill"],
    matter: str,
    by: AccountKey = "",
) -> StoredEscalation:
    """Begin the ladder of a component at once, and return it; of the same matter there is one only.

    `matter` is the incident's id, or what tells one exercise from the next. Quiet hours do not hold. Raises UsageError
    for a component without an escalation policy, UnreadableError where the records cannot be read.
    """
    component = component_named(_records(gate, repository).ownership, name)
    with gate.store.writing() as writing:
        return start_call_out(gate, writing, repository, component, cause=cause, matter=matter, by=by)


def start_call_out(
    gate: Gate,
    writing: Writing,
    repository: ForgeRepository,
    component: Component,
    *,
    cause: Literal["incident", "drill"],
    matter: str,
    by: AccountKey = "",
) -> StoredEscalation:
    """Begin the ladder of a component that has one, in the caller's transaction; of the same matter there is one."""
    at, key = gate.instant(), ChangeKey(repository.key.tenant, repository.key.id, 0)
    subject = f"{cause}:{matter}"
    begun = StoredEscalation(
        id=escalation_id(key, cause, subject, component.name),
        key=key,
        cause=cause,
        subject=subject,
        scope=component.name,
        component=f"{component.section}/{component.name}",
        begun_at=at,
        next_at=at,
    )
    known = writing.escalation(begun.id)
    if known is not None:
        return known
    writing.begin_escalation(begun)
    writing.enqueue(call_out_job(begun.id, step=0, at=at))
    payload = {"escalation": begun.id, "cause": cause, "subject": subject, "component": component.name}
    writing.append(EntryDraft("escalated", at, ledger_subject(key), actor=by, payload={**payload, "outcome": "begun"}))
    return begun


def end_call_out(writing: Writing, key: RepositoryKey, *, matter: str, at: Instant) -> None:
    """End the ladder of an incident that is over: nobody further is called."""
    for found in writing.escalations(ChangeKey(key.tenant, key.id, 0), cause="incident"):
        if found.subject == f"incident:{matter}" and found.state == "running":
            record_end(writing, found, "ended", at)


def climb_call_out(gate: Gate, escalation_id: str) -> None:
    """Take the step that is due, once, on any number of workers. Who is on call is looked up now.

    Raises UnreadableError where the records cannot be read; it is then tried again.
    """
    at = gate.instant()
    running = due_ladder(gate, escalation_id, call_out_job, at)
    if running is None:
        return
    found, repository = running
    records = _records(gate, repository)
    try:
        component = component_named(records.ownership, found.component)
    except UsageError:
        end_ladder(gate, found, "unanswered", at)
        return
    ladder = level_ladder(records.ownership.escalations[component.escalation or ""])
    if found.step >= len(ladder.steps):
        end_ladder(gate, found, "unanswered", at)
        return
    notices = _notices(gate, records, component, found, ladder.steps[found.step])
    with gate.store.writing() as writing:
        if writing.escalation(found.id) == found:
            for notice in notices:
                kind: Literal["incident", "drill"] = "drill" if found.cause == "drill" else "incident"
                plan(gate, writing, found.key, notice, kind=kind, round_=found.step + 1, escalation=found.id)
            _take(writing, found, ladder, notices, at)


def _records(gate: Gate, repository: ForgeRepository) -> _Records:
    access = gate.access(repository)
    tree = access.commit_tree(access.branch_tip(repository.default_branch))
    rules = load_rules(tree, readers=gate.readers, config=gate.settings.config, repository=repository.name)
    return _Records(tree, rules.ownership)


def _notices(
    gate: Gate, records: _Records, component: Component, found: StoredEscalation, step: Step
) -> tuple[Notice, ...]:
    if step.level is None:
        return ()
    at = gate.instant()
    ownership = records.ownership
    on_call = rotations_now(records.tree, ownership, component.owners, readers=gate.readers, at=at)
    with gate.store.reading() as reading:
        named = standing_in_by_records(reading, ownership, at)
    notices = []
    for one in called_on(step.level, component, ownership, on_call, at=at, named=named):
        # A review request needs a change; there is none here.
        usable = [address for address in one.callee.addresses if address.channel != "review-request"]
        addresses = tuple(address for address in usable if is_usable(gate, address))
        notices.append(Notice(one.callee, {found.subject: found.id}, (component.name,), addresses, at, one.instead))
    return tuple(notices)


def _take(writing: Writing, found: StoredEscalation, ladder: Ladder, notices: Sequence[Notice], at: Instant) -> None:
    """Record one step with whom it calls, and set the timer of the next one."""
    step, following = ladder.steps[found.step], found.step + 1
    names = tuple(notice.callee.name for notice in notices)
    within = duration(step.level.acknowledge_within if step.level else "1m")
    next_at = later(at, within)
    told = (*found.told, (found.step, at, names))
    writing.save_escalation(replace(found, step=following, next_at=next_at, told=told))
    writing.enqueue(call_out_job(found.id, step=following, at=next_at))
    payload = {
        "escalation": found.id, "cause": found.cause, "subject": found.subject, "step": found.step,
        "level": step.number, "turn": step.turn, "recipients": list(names)[:200],
    }  # fmt: skip
    writing.append(EntryDraft("escalated", at, ledger_subject(found.key), payload=payload))
