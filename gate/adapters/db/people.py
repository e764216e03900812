"""People: who is asked, who was asked instead, and what is owed afterwards."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from itertools import groupby

from sqlalchemy import Connection, and_, delete, insert, select, update

from gate.adapters.db.rows import change_key_of, is_change, key_values, storable
from gate.adapters.db.tables import changes
from gate.adapters.db.tables_people import after_reviews, asked, delegations, linked_logins
from gate.adapters.db.upserts import is_inserted
from gate.core.change.facts import AccountKey
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.people import AfterReview, Asked, Delegation, LinkedLogin

_REVIEW = ("head_sha", "opened_at", "due_at", "done_at", "done_by", "note")


class ReadingPeople(ABC):
    """Looks people up."""

    @abstractmethod
    def _look(self) -> Connection:
        """Return the connection to look up over."""

    def asked(self, key: ChangeKey) -> Sequence[Asked]:
        """Return who was asked for what on a change when it was judged last."""
        wanted = select(asked).where(is_change(asked, key)).order_by(asked.c.account, asked.c.subject)
        return tuple(Asked(row.account, row.subject, row.scope) for row in self._look().execute(wanted))

    def asked_of(self, account: AccountKey, *, limit: int = 200) -> Sequence[tuple[ChangeKey, tuple[Asked, ...]]]:
        """Return the open changes of which something waits for an account, those that wait longest first."""
        a, c = asked.c, changes.c
        same = and_(a.tenant == c.tenant, a.repository == c.repository, a.number == c.number)
        wanted = (
            select(asked)
            .join(changes, same)
            .where(a.account == storable(account), c.state == "open", c.is_draft.is_(False))
            .order_by(c.waiting_since == "", c.waiting_since, a.tenant, a.repository, a.number, a.subject)
            .limit(20 * limit)
        )
        rows = self._look().execute(wanted).mappings()
        grouped = groupby(rows, key=change_key_of)
        found = [(key, tuple(Asked(r["account"], r["subject"], r["scope"]) for r in group)) for key, group in grouped]
        return found[:limit]

    def delegations(self, key: ChangeKey) -> Sequence[Delegation]:
        """Return who asked whom instead on a change, oldest first."""
        d = delegations.c
        wanted = select(delegations).where(is_change(delegations, key)).order_by(d.at, d.account, d.to_account)
        rows = self._look().execute(wanted)
        return tuple(
            Delegation(key, row.account, row.to_account, row.at, tuple(json.loads(row.subjects))) for row in rows
        )

    def linked_login(self, issuer: str, subject: str) -> LinkedLogin | None:
        """Return whose a login is, None where nobody said so."""
        t = linked_logins.c
        where = and_(t.issuer == storable(issuer), t.subject == storable(subject))
        row = self._look().execute(select(linked_logins).where(where)).one_or_none()
        return None if row is None else LinkedLogin(row.issuer, row.subject, row.account, row.at)

    def after_reviews(self, *, is_open: bool = True) -> Sequence[AfterReview]:
        """Return what is owed, or what was done; due first."""
        r = after_reviews.c
        is_wanted = r.done_at == "" if is_open else r.done_at != ""
        rows = self._look().execute(select(after_reviews).where(is_wanted).order_by(r.due_at, r.head_sha)).mappings()
        return tuple(AfterReview(change_key_of(row), **{name: row[name] for name in _REVIEW}) for row in rows)


class WritingPeople(ReadingPeople):
    """Keeps people."""

    def save_asked(self, key: ChangeKey, asked: Iterable[Asked]) -> None:
        """Keep who is asked on a change now, in place of what was kept of it."""
        table, connection = _ASKED, self._look()
        connection.execute(delete(table).where(is_change(table, key)))
        rows = [
            {**key_values(key), "account": storable(a), "subject": storable(s), "scope": scope}
            for (a, s), scope in sorted({(one.account, one.subject): one.scope for one in asked}.items())
        ]
        if rows:
            connection.execute(insert(table), rows)

    def save_delegation(self, delegation: Delegation) -> bool:
        """Keep a delegation, and return False where the same one is kept."""
        row = {
            **key_values(delegation.key),
            "account": storable(delegation.account),
            "to_account": storable(delegation.to),
            "at": delegation.at,
            "subjects": json.dumps(list(delegation.subjects)),
        }
        return is_inserted(self._look(), delegations, row)

    def save_linked_login(self, linked: LinkedLogin) -> bool:
        """Keep whose a login is, once; False where it is kept as anybody's."""
        row = {name: storable(getattr(linked, name)) for name in ("issuer", "subject", "account", "at")}
        return is_inserted(self._look(), linked_logins, row)

    def open_after_review(self, review: AfterReview) -> bool:
        """Keep what is owed, and return False where it is kept for this head."""
        row = {name: storable(getattr(review, name)) for name in _REVIEW}
        return is_inserted(self._look(), after_reviews, {**key_values(review.key), **row})

    def end_after_review(self, review: AfterReview) -> bool:
        """Keep that it was done, once; False where it was done before."""
        r = after_reviews.c
        is_this = and_(is_change(after_reviews, review.key), r.head_sha == storable(review.head_sha), r.done_at == "")
        values = {"done_at": review.done_at, "done_by": storable(review.done_by), "note": storable(review.note)}
        return self._look().execute(update(after_reviews).where(is_this).values(values)).rowcount == 1


_ASKED = asked
