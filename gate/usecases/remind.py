"""Reminding: whoever owes a review is told when it is soon due and when it is overdue, once each, in one message."""

from collections.abc import Mapping
from dataclasses import replace

from gate.core.change.facts import Instant
from gate.core.errors import GateError
from gate.core.forge.snapshot import ChangeKey, ForgeRepository
from gate.core.notify.due import last_moment, occasion_of
from gate.core.notify.plan import Notice
from gate.core.notify.reach import Callee
from gate.usecases.asked_now import is_usable
from gate.usecases.due_reviews import DueReview, due_reviews
from gate.usecases.gate import Gate
from gate.usecases.jobs import remind_job
from gate.usecases.notices import StoredNotice
from gate.usecases.plan_notice import plan
from gate.usecases.remind_of_ownership import remind_of_ownership
from gate.usecases.repository_ownership import OwnershipNow, ownership_now
from gate.usecases.rest import Rest, rest_in

EVERY_SECONDS = 3600
_NO_CHANGE = 0


def remind(gate: Gate) -> int:
    """Plan who is told of reviews that are owed, in every repository; return how many messages.

    What somebody is told of is an insert that may fail: of each review they hear once that it is soon due and once that
    it is overdue, however often this runs. A repository that cannot be read is looked at again an hour later.
    """
    with gate.store.reading() as reading:
        repositories = list(reading.repositories())
    count = 0
    for repository in repositories:
        try:
            now = ownership_now(gate, repository)
            if not now.is_evaluated:
                count += remind_of_ownership(gate, now) + _remind_in(gate, now)
        except GateError:
            gate.measures.count("reminders_unread")
    with gate.store.writing() as writing:
        writing.enqueue(remind_job(at=gate.instant(later_seconds=EVERY_SECONDS)))
    return count


def still_due(gate: Gate, repository: ForgeRepository, notice: StoredNotice) -> StoredNotice | None:
    """Return a reminder with what of it is still owed, None where nothing is. Raises UnreadableError."""
    now, at = ownership_now(gate, repository), gate.instant()
    owed = {one.id: one for one in due_reviews(gate, now)}
    left = {subject: due for subject, due in notice.subjects.items() if subject in owed and _scope(owed[subject], at)}
    if not left or now.is_evaluated:
        return None
    return replace(notice, subjects=left, names=tuple(_named(owed[subject]) for subject in left))


def _remind_in(gate: Gate, now: OwnershipNow) -> int:
    """Plan who is told of all reviews but those of ownership, which are confirmed by a link of their own."""
    at = gate.instant()
    owed: dict[Callee, list[DueReview]] = {}
    for one in due_reviews(gate, now):
        if one.kind != "ownership-review" and _scope(one, at):
            for callee in one.callees:
                owed.setdefault(callee, []).append(one)
    if not owed:
        return 0
    rest, count = rest_in(gate, now, at), 0
    key = ChangeKey(now.repository.key.tenant, now.repository.key.id, _NO_CHANGE)
    with gate.store.writing() as writing:
        told = writing.told(key, "review-due")
        for callee, reviews in owed.items():
            new = {one.id: one for one in reviews if (callee.name, one.id, _scope(one, at)) not in told}
            if new:
                notice = _notice(gate, callee, new, rest)
                count += plan(gate, writing, key, notice, kind="review-due", round_=0)
    return count


def _notice(gate: Gate, callee: Callee, new: Mapping[str, DueReview], rest: Rest) -> Notice:
    # A review request of the forge needs a change; there is none here.
    usable = [address for address in callee.addresses if address.channel != "review-request"]
    addresses = tuple(address for address in usable if is_usable(gate, address))
    subjects = {name: _scope(one, rest.at) for name, one in new.items()}
    return Notice(
        callee, subjects, tuple(_named(one) for one in new.values()), addresses, max(rest.at, rest.until(callee))
    )


def _scope(one: DueReview, at: Instant) -> str:
    """Return on which occasion somebody is told of a review, by its date; empty where that is far away."""
    occasion = occasion_of(one.due_at, at)
    return f"{one.due_at} {occasion}" if occasion else ""


def _named(one: DueReview) -> str:
    return f"{one.name}, due {last_moment(one.due_at)[:10]}"
