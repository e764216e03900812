"""People ports: the store of who is asked, who was asked instead, and of what is owed after the fact."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from gate.core.change.facts import AccountKey
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.people import AfterReview, Asked, Delegation, LinkedLogin


class ReadingPeople(Protocol):
    """What can be looked up of people."""

    def asked(self, key: ChangeKey) -> Sequence[Asked]: ...  # noqa: D102  # by the last judgement
    def asked_of(self, account: AccountKey, *, limit: int = 200) -> Sequence[tuple[ChangeKey, tuple[Asked, ...]]]:
        """Return the open changes of which something waits for an account, those that wait longest first."""
        ...

    def delegations(self, key: ChangeKey) -> Sequence[Delegation]: ...  # noqa: D102  # oldest first
    def linked_login(self, issuer: str, subject: str) -> LinkedLogin | None: ...  # noqa: D102  # letter by letter
    def after_reviews(self, *, is_open: bool = True) -> Sequence[AfterReview]: ...  # noqa: D102  # due first


class WritingPeople(Protocol):
    """What is kept of people."""

    def save_asked(self, key: ChangeKey, asked: Iterable[Asked]) -> None:
        """Keep who is asked on a change now, in place of what was kept of it."""
        ...

    def save_delegation(self, delegation: Delegation) -> bool:
        """Keep a delegation, and return False where the same one is kept."""
        ...

    def save_linked_login(self, linked: LinkedLogin) -> bool:
        """Keep whose a login is, once; False where it is kept as anybody's."""
        ...

    def open_after_review(self, review: AfterReview) -> bool:
        """Keep what is owed, and return False where it is kept for this head."""
        ...

    def end_after_review(self, review: AfterReview) -> bool:
        """Keep that it was done, once; False where it was done before."""
        ...
