"""People ports: the store of who is asked, who was asked instead, and of what is owed after the fact."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from gate.core.change.facts import AccountKey, Instant
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.people import AfterReview, Asked, Delegation, LinkedLogin
from gate.usecases.stored import StoredChange


class ReadingPeople(Protocol):
    """What can be looked up of people."""

    def asked(self, key: ChangeKey) -> Sequence[Asked]: ...  # noqa: D102  # by the last judgement
    def asked_of(self, account: AccountKey, *, limit: int = 200) -> Sequence[tuple[ChangeKey, tuple[Asked, ...]]]:
        """Return the open changes of which something waits for an account, those that wait longest first."""
        ...

    def open_changes_by(self, author: AccountKey, *, limit: int = 50) -> Sequence[StoredChange]:
        """Return the open changes of an author, those that wait longest first."""
        ...

    def delegations(self, key: ChangeKey) -> Sequence[Delegation]: ...  # noqa: D102  # oldest first
    def delegations_about(self, account: AccountKey, *, limit: int = 100) -> Sequence[Delegation]:
        """Return who asked whom instead on open changes, where one of both is this account; newest first."""
        ...

    def linked_login(self, issuer: str, subject: str) -> LinkedLogin | None: ...  # noqa: D102  # letter by letter
    def linked_logins(self, account: AccountKey) -> Sequence[LinkedLogin]: ...  # noqa: D102  # those that hold
    def after_reviews(self, *, is_open: bool = True) -> Sequence[AfterReview]: ...  # noqa: D102  # due first


class WritingPeople(Protocol):
    """What is kept of people."""

    def save_asked(self, key: ChangeKey, asked: Iterable[Asked]) -> None:
        """Keep who is asked on a change now, in place of what was kept of it."""
        ...

    def save_delegation(self, delegation: Delegation) -> bool:
        """Keep a delegation, and return False where the same one is kept."""
        ...

    def end_delegation(self, delegation: Delegation) -> bool:
        """Forget a delegation, and return False where none is kept of these two on this change."""
        ...

    def save_linked_login(self, linked: LinkedLogin) -> bool:
        """Keep whose a login is, once; False where it is kept as anybody's, ended or not."""
        ...

    def end_linked_login(self, linked: LinkedLogin, at: Instant) -> bool:
        """Keep that a login's link does not hold any more; False where it does not hold."""
        ...

    def renew_linked_login(self, linked: LinkedLogin) -> bool:
        """Keep that a login's link holds again; False where it holds."""
        ...

    def open_after_review(self, review: AfterReview) -> bool:
        """Keep what is owed, and return False where it is kept for this head."""
        ...

    def end_after_review(self, review: AfterReview) -> bool:
        """Keep that it was done, once; False where it was done before."""
        ...
