"""Review ports: the store of ownership records that somebody confirmed, as protocols that adapters fulfil."""

from collections.abc import Sequence
from typing import Protocol

from gate.core.change.facts import AccountKey, Instant
from gate.core.forge.snapshot import RepositoryKey
from gate.core.ownership.reviewing import Day
from gate.core.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedReview:
    """The last time that somebody looked at a component's record and confirmed it.

    `day` is the day of it, UTC: the component counts as reviewed on it. `record` is the digest of what was confirmed.
    """

    repository: RepositoryKey
    section: str
    component: str
    day: Day
    at: Instant
    account: AccountKey
    record: str


class ReadingReviews(Protocol):
    """What can be looked up of confirmed records."""

    def confirmed_reviews(self, repository: RepositoryKey) -> Sequence[ConfirmedReview]:
        """Return the last confirmation of each component of a repository, by section and name."""
        ...


class WritingReviews(Protocol):
    """What is kept of confirmed records."""

    def save_confirmed_review(self, review: ConfirmedReview) -> None:
        """Keep a confirmation in place of the component's last one."""
        ...
