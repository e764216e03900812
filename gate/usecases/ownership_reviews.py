"""Ownership reviews: which records must be looked at until when, and who may confirm each."""

from collections.abc import Iterable, Iterator

from gate.core.change.facts import Instant
from gate.core.notify.due import Occasion, last_moment, occasion_of
from gate.core.ownership.registry import Component
from gate.core.ownership.reviewing import Day, record_digest
from gate.core.policy.governance import review_due_at
from gate.core.signoff.reviewers import Reviewers, reviewers_of
from gate.core.values import dataclass
from gate.usecases.gate import Gate
from gate.usecases.repository_ownership import OwnershipNow
from gate.usecases.teams_now import teams_now

_PREFIX = "ownership-review:"


@dataclass(frozen=True, slots=True)
class OwnershipReview:
    """The review of one component's record: until when it is due, and the digest of what would be confirmed."""

    component: Component
    due_at: Instant
    record: str

    @property
    def id(self) -> str:
        """Return what it is known by among all that a repository owes."""
        return review_id(self.component)

    @property
    def name(self) -> str:
        """Return it in words."""
        return f"{self.component.name}, due {self.due_on}"

    @property
    def due_on(self) -> Day:
        """Return the last day on which it is in time, UTC."""
        return last_moment(self.due_at)[:10]

    def occasion(self, at: Instant) -> Occasion:
        """Return whether it is soon due or overdue at a time, neither while that is far away."""
        return occasion_of(self.due_at, at)


def review_id(component: Component) -> str:
    """Return by what the review of a component is known."""
    return f"{_PREFIX}{component.section}/{component.name}"


def component_of_review(review: str) -> str:
    """Return `SECTION/NAME` of the component that a review is of."""
    return review.removeprefix(_PREFIX)


def ownership_reviews(now: OwnershipNow) -> Iterator[OwnershipReview]:
    """Yield the review of every component that is reviewed from time to time."""
    for component in now.ownership.components:
        due = review_due_at(component)
        if due is not None:
            yield OwnershipReview(component, due, record_digest(now.ownership, component))


def reviews_by_id(now: OwnershipNow) -> dict[str, OwnershipReview]:
    """Return the reviews of a repository by what they are known by."""
    return {one.id: one for one in ownership_reviews(now)}


def reviewers_now(gate: Gate, now: OwnershipNow, reviews: Iterable[OwnershipReview]) -> dict[str, Reviewers]:
    """Return who may confirm each record now, by its review; each team is asked for once.

    Raises UnreadableError where a team cannot be asked for.
    """
    components = {one.id: one.component for one in reviews}
    known = teams_now(gate, now, [component.name for component in components.values()]) if components else None
    return {
        review: reviewers_of(
            component, ownership=now.ownership, policy=now.policy, teams=known.teams, accounts=known.accounts
        )
        for review, component in components.items()
        if known is not None
    }
