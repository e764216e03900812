"""Reviews: the last confirmation of each component's record."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from sqlalchemy import Connection, select

from gate.adapters.db.rows import storable
from gate.adapters.db.tables_reviews import confirmed_reviews
from gate.adapters.db.upserts import put
from gate.core.forge.snapshot import RepositoryKey
from gate.usecases.review_ports import ConfirmedReview

_TEXTS = ("section", "component", "day", "at", "account", "record")


class ReadingReviews(ABC):
    """Looks confirmations up."""

    @abstractmethod
    def _look(self) -> Connection:
        """Return the connection to look up over."""

    def confirmed_reviews(self, repository: RepositoryKey) -> Sequence[ConfirmedReview]:
        """Return the last confirmation of each component of a repository, by section and name."""
        c = confirmed_reviews.c
        is_there = (c.tenant == repository.tenant) & (c.repository == repository.id)
        wanted = select(confirmed_reviews).where(is_there).order_by(c.section, c.component)
        rows = self._look().execute(wanted).mappings()
        return tuple(ConfirmedReview(repository=repository, **{name: row[name] for name in _TEXTS}) for row in rows)


class WritingReviews(ReadingReviews):
    """Keeps confirmations."""

    def save_confirmed_review(self, review: ConfirmedReview) -> None:
        """Keep a confirmation in place of the component's last one."""
        place = {"tenant": review.repository.tenant, "repository": review.repository.id}
        texts = {name: storable(getattr(review, name)) for name in _TEXTS}
        put(self._look(), confirmed_reviews, {**place, **texts})
