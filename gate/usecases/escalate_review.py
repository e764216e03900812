"""Escalating a review: a record that nobody confirms in time is told up the component's ladder, by days, in calm."""

from collections.abc import Iterable

from gate.core.change.facts import Instant
from gate.core.escalation.calling import called_on
from gate.core.escalation.ladder import Ladder, Step, review_ladder
from gate.core.forge.snapshot import ChangeKey
from gate.core.ledger.entries import EntryDraft
from gate.core.notify.plan import Notice
from gate.core.ownership.registry import Component
from gate.core.times import parse_instant
from gate.usecases.asked_now import is_usable
from gate.usecases.gate import Gate, ledger_subject
from gate.usecases.jobs import climb_review_job
from gate.usecases.ladder_end import end_ladder
from gate.usecases.ladder_step import LadderStep, due_ladder, put_off, take_step
from gate.usecases.notices import StoredEscalation, escalation_id
from gate.usecases.ownership_reviews import OwnershipReview, reviews_by_id
from gate.usecases.plan_notice import plan
from gate.usecases.repository_ownership import OwnershipNow, ownership_now
from gate.usecases.request_signoff import later
from gate.usecases.rest import Rest, rest_in
from gate.usecases.rotation import rotations_now
from gate.usecases.stand_ins import standing_in_by_records
from gate.usecases.store_ports import Writing

_AGAIN_AFTER_DAYS = 30
"""How long somebody who said that they take care has, before a review that is still overdue climbs anew."""


def begin_review_ladders(writing: Writing, now: OwnershipNow, reviews: Iterable[OwnershipReview], at: Instant) -> None:
    """Begin a ladder for each review that is overdue, once for its date, in the caller's transaction.

    One that somebody took care of begins anew where the review is overdue a month later all the same.
    """
    key = ChangeKey(now.repository.key.tenant, now.repository.key.id, 0)
    for one in reviews:
        ladder = _ladder(now, one.component)
        if one.occasion(at) != "overdue" or not ladder.steps:
            continue
        component = f"{one.component.section}/{one.component.name}"
        begun = StoredEscalation(
            id=escalation_id(key, "review", one.id, one.due_at), key=key, cause="review", subject=one.id,
            scope=one.due_at, component=component, begun_at=at, next_at=later(at, ladder.steps[0].after),
        )  # fmt: skip
        known = writing.escalation(begun.id)
        if known is None:
            writing.begin_escalation(begun)
        elif _is_forgotten(known, at):
            writing.save_escalation(begun)
        else:
            continue
        payload = {
            "escalation": begun.id, "cause": begun.cause, "subject": begun.subject, "scope": begun.scope,
            "outcome": "begun-anew" if known else "begun", "next_at": begun.next_at,
        }  # fmt: skip
        writing.append(EntryDraft("escalated", at, ledger_subject(key), payload=payload))
        writing.enqueue(climb_review_job(begun.id, step=0, at=begun.next_at))


def climb_review(gate: Gate, ladder_id: str) -> None:
    """Take the step that is due, once, on any number of workers; a ladder whose review was done ends.

    Raises UnreadableError where the records cannot be read; it is then tried again.
    """
    at = gate.instant()
    running = due_ladder(gate, ladder_id, climb_review_job, at)
    if running is None:
        return
    found, repository = running
    now = ownership_now(gate, repository)
    review = reviews_by_id(now).get(found.subject)
    if review is None or review.due_at != found.scope or now.is_evaluated:
        end_ladder(gate, found, "ended", at)
        return
    ladder = _ladder(now, review.component)
    if found.step >= len(ladder.steps):
        end_ladder(gate, found, "unanswered", at)
        return
    rest = rest_in(gate, now, at)
    notices = _notices(gate, now, review, ladder.steps[found.step], rest, ladder=found.id)
    on_holiday = tuple(one for one in notices if rest.is_on_holiday(one.callee))
    due = LadderStep(found, ladder, found.step, notices, on_holiday, climb_review_job).at_last(at)
    with gate.store.writing() as writing:
        if writing.escalation(found.id) != found:
            return
        if due.put_off_until:
            put_off(writing, due, at)
            return
        for notice in notices:
            plan(gate, writing, found.key, notice, kind="overdue-review", round_=found.step + 1, escalation=found.id)
        take_step(writing, due, at)


def _ladder(now: OwnershipNow, component: Component) -> Ladder:
    """Return the ladder of a component's review; without a policy of its own the policy's owner comes last."""
    last = now.policy.policy.policy_owner or now.policy.policy.default_owner or ""
    kind = "team" if last in now.ownership.teams else "person" if last in now.ownership.people else ""
    policy = now.ownership.escalations.get(component.escalation or "")
    return review_ladder(policy, last=f"{kind}:{last}" if kind else "")


def _is_forgotten(known: StoredEscalation, at: Instant) -> bool:
    if known.state != "acknowledged":
        return False
    return (parse_instant(at) - parse_instant(known.acknowledged_at)).days >= _AGAIN_AFTER_DAYS


def _notices(
    gate: Gate, now: OwnershipNow, review: OwnershipReview, step: Step, rest: Rest, *, ladder: str
) -> tuple[Notice, ...]:
    level, ownership, at = step.level, now.ownership, rest.at
    if level is None:
        return ()
    on_call = rotations_now(now.tree, ownership, review.component.owners, readers=gate.readers, at=at)
    with gate.store.reading() as reading:
        named = standing_in_by_records(reading, ownership, at)
    notices: list[Notice] = []
    for one in called_on(level, review.component, ownership, on_call, at=at, named=named):
        # A review request needs a change; there is none here.
        usable = [address for address in one.callee.addresses if address.channel != "review-request"]
        addresses = tuple(address for address in usable if is_usable(gate, address))
        not_before = max(at, rest.until(one.callee))
        notices.append(Notice(one.callee, {review.id: ladder}, (review.name,), addresses, not_before, one.instead))
    return tuple(notices)
