"""Reminding of ownership: the people behind a component are asked to confirm its record, each by a link."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gate.core.change.facts import Instant
from gate.core.forge.snapshot import ChangeKey, ForgeRepository
from gate.core.notify.plan import MOST_PEOPLE, Notice
from gate.core.notify.reach import Address, Callee, callee_of, party_callees
from gate.core.signoff.reviewers import Reviewers
from gate.core.values import dataclass
from gate.usecases.asked_now import is_usable
from gate.usecases.escalate_review import begin_review_ladders
from gate.usecases.gate import Gate
from gate.usecases.notices import StoredNotice
from gate.usecases.ownership_reviews import OwnershipReview, ownership_reviews, reviewers_now, reviews_by_id
from gate.usecases.plan_notice import plan
from gate.usecases.repository_ownership import OwnershipNow, ownership_now
from gate.usecases.rest import Rest, rest_in


def remind_of_ownership(gate: Gate, now: OwnershipNow) -> int:
    """Plan who is asked to confirm which record, and begin the ladders of those overdue; return how many messages.

    Of each record somebody hears when it is soon due, when it is overdue, and when it changes meanwhile, once each.
    Raises UnreadableError where a team cannot be asked for.
    """
    at = gate.instant()
    near = [one for one in ownership_reviews(now) if one.occasion(at)]
    owed: dict[Callee, list[OwnershipReview]] = {}
    reviewers = reviewers_now(gate, now, near)
    for one in near:
        for callee in _callees(gate, now, one, reviewers[one.id]):
            owed.setdefault(callee, []).append(one)
    if not near:
        return 0
    rest, count = rest_in(gate, now, at), 0
    key = ChangeKey(now.repository.key.tenant, now.repository.key.id, 0)
    with gate.store.writing() as writing:
        told = writing.told(key, "ownership-review")
        for callee, reviews in owed.items():
            new = [one for one in reviews if (callee.name, one.id, _scope(one, at)) not in told]
            if new:
                count += plan(gate, writing, key, _notice(gate, callee, new, rest), kind="ownership-review", round_=0)
        begin_review_ladders(writing, now, near, at)
    return count


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """A message with what of it is still to be confirmed.

    `records` maps each review that its recipient may confirm to the digest of the record as it is now.
    """

    notice: StoredNotice
    records: Mapping[str, str]


def still_to_confirm(gate: Gate, repository: ForgeRepository, notice: StoredNotice) -> ToConfirm | None:
    """Return a message with the records that nobody confirmed yet, None where none is left. Raises UnreadableError."""
    now, at = ownership_now(gate, repository), gate.instant()
    known = reviews_by_id(now)
    left = [known[one] for one in notice.subjects if one in known and known[one].occasion(at)]
    if not left or now.is_evaluated:
        return None
    subjects = {one.id: notice.subjects[one.id] for one in left}
    reviewers = reviewers_now(gate, now, left) if notice.person else {}
    theirs = [one for one in left if one.id in reviewers and reviewers[one.id].may_confirm(notice.person)]
    narrowed = replace(notice, subjects=subjects, names=tuple(one.name for one in left))
    return ToConfirm(narrowed, {one.id: one.record for one in theirs})


def _callees(gate: Gate, now: OwnershipNow, one: OwnershipReview, reviewers: Reviewers) -> Iterator[Callee]:
    """Yield whom to ask: the owner's people who can be reached, and for the others, or too many, its own contacts."""
    people = sorted(reviewers.owners.members)
    found = [callee_of(person, now.ownership) for person in people]
    reached = [callee for callee in found if _addresses(gate, callee)] if len(found) <= MOST_PEOPLE else []
    yield from reached
    if len(reached) < len(found) or not found:
        named = {callee.name for callee in reached}
        for party in one.component.owners:
            yield from (callee for callee in party_callees(party, now.ownership) if callee.name not in named)


def _notice(gate: Gate, callee: Callee, new: Sequence[OwnershipReview], rest: Rest) -> Notice:
    subjects = {one.id: _scope(one, rest.at) for one in new}
    names = tuple(one.name for one in new)
    return Notice(callee, subjects, names, _addresses(gate, callee), max(rest.at, rest.until(callee)))


def _addresses(gate: Gate, callee: Callee) -> tuple[Address, ...]:
    # A review request of the forge needs a change; there is none here.
    usable = [address for address in callee.addresses if address.channel != "review-request"]
    return tuple(address for address in usable if is_usable(gate, address))


def _scope(one: OwnershipReview, at: Instant) -> str:
    """Return what somebody is told of, once: the record as it is, its date, and whether that is past."""
    return f"{one.due_at} {one.occasion(at)} {one.record}"
