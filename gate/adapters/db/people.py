"""People: who is asked, who was asked instead, and what is owed afterwards."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from itertools import groupby

from sqlalchemy import Connection, RowMapping, and_, delete, func, insert, or_, select, update

from gate.adapters.db.changes import SELECT
from gate.adapters.db.rows import change_key_of, change_of, is_change, key_values, storable
from gate.adapters.db.tables import changes
from gate.adapters.db.tables_people import after_reviews, asked, delegations, linked_logins, unlinked_logins
from gate.adapters.db.upserts import is_inserted
from gate.core.change.facts import AccountKey, Instant
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.people import AfterReview, Asked, Delegation, LinkedLogin
from gate.usecases.stored import StoredChange

_LINKED = select(
    linked_logins.c.issuer,
    linked_logins.c.subject,
    linked_logins.c.account,
    linked_logins.c.at,
    func.coalesce(unlinked_logins.c.at, ""),
).outerjoin(unlinked_logins)
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
        return tuple(_delegation(row) for row in self._look().execute(wanted).mappings())

    def delegations_about(self, account: AccountKey, *, limit: int = 100) -> Sequence[Delegation]:
        """Return who asked whom instead on open changes, where one of both is this account; newest first."""
        d, c, who = delegations.c, changes.c, storable(account)
        same = and_(d.tenant == c.tenant, d.repository == c.repository, d.number == c.number)
        is_about = or_(d.account == who, d.to_account == who)
        wanted = select(delegations).join(changes, same).where(c.state == "open", is_about).order_by(d.at.desc())
        return [_delegation(row) for row in self._look().execute(wanted.limit(limit)).mappings()]

    def open_changes_by(self, author: AccountKey, *, limit: int = 50) -> Sequence[StoredChange]:
        """Return the open changes of an author, those that wait longest first."""
        c = changes.c
        wanted = SELECT.where(c.state == "open", c.author == storable(author))
        wanted = wanted.order_by(c.waiting_since == "", c.waiting_since, c.first_seen_at, c.number).limit(limit)
        return [change_of(row) for row in self._look().execute(wanted).mappings()]

    def linked_login(self, issuer: str, subject: str) -> LinkedLogin | None:
        """Return whose a login is or was, None where nobody ever said so."""
        t = linked_logins.c
        where = and_(t.issuer == storable(issuer), t.subject == storable(subject))
        row = self._look().execute(_LINKED.where(where)).one_or_none()
        return None if row is None else LinkedLogin(*row)

    def linked_logins(self, account: AccountKey) -> Sequence[LinkedLogin]:
        """Return the logins whose link to an account holds."""
        t, u = linked_logins.c, unlinked_logins.c
        wanted = _LINKED.where(t.account == storable(account), u.at.is_(None)).order_by(t.issuer, t.at)
        return [LinkedLogin(*row) for row in self._look().execute(wanted)]

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

    def end_delegation(self, delegation: Delegation) -> bool:
        """Forget a delegation, and return False where none is kept of these two on this change."""
        d = delegations.c
        who, to = storable(delegation.account), storable(delegation.to)
        is_this = and_(is_change(delegations, delegation.key), d.account == who, d.to_account == to)
        return self._look().execute(delete(delegations).where(is_this)).rowcount == 1

    def save_linked_login(self, linked: LinkedLogin) -> bool:
        """Keep whose a login is, once; False where it is kept as anybody's, ended or not."""
        row = {name: storable(getattr(linked, name)) for name in ("issuer", "subject", "account", "at")}
        return is_inserted(self._look(), linked_logins, row)

    def end_linked_login(self, linked: LinkedLogin, at: Instant) -> bool:
        """Keep that a login's link does not hold any more; False where it does not hold."""
        row = {"issuer": storable(linked.issuer), "subject": storable(linked.subject), "at": at}
        return is_inserted(self._look(), unlinked_logins, row)

    def renew_linked_login(self, linked: LinkedLogin) -> bool:
        """Keep that a login's link holds again; False where it holds."""
        u = unlinked_logins.c
        is_this = and_(u.issuer == storable(linked.issuer), u.subject == storable(linked.subject))
        return self._look().execute(delete(unlinked_logins).where(is_this)).rowcount == 1

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


def _delegation(row: RowMapping) -> Delegation:
    return Delegation(
        change_key_of(row), row["account"], row["to_account"], row["at"], tuple(json.loads(row["subjects"]))
    )


_ASKED = asked
