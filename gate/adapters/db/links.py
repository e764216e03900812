"""Links: what was issued to whom, revoked or used; a use is an insert that may fail."""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, insert, select, update

from gate.adapters.db.rows import change_key_of, is_change, key_values, storable
from gate.adapters.db.tables_links import link_uses, links
from gate.adapters.db.upserts import is_inserted
from gate.core.change.facts import AccountKey
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.links import IssuedLink, LinkUse

_TEXTS = ("jti", "account", "purpose", "issued_at", "expires_at", "facts_digest", "revoked_at", "why")


class ReadingLinks(ABC):
    """Looks links up."""

    @abstractmethod
    def _look(self) -> Connection:
        """Return the connection to look up over."""

    def link(self, jti: str) -> IssuedLink | None:
        """Return a link by its id, whatever became of it."""
        row = self._look().execute(select(links).where(links.c.jti == storable(jti))).mappings().one_or_none()
        return None if row is None else _link_of(row)

    def link_use(self, jti: str) -> LinkUse | None:
        """Return the use of a link, None while it is unused."""
        wanted = select(link_uses).where(link_uses.c.jti == storable(jti))
        row = self._look().execute(wanted).mappings().one_or_none()
        return None if row is None else LinkUse(row["jti"], row["at"], row["decision"], row["signoff"])

    def links(
        self, key: ChangeKey | None = None, *, account: AccountKey | None = None, limit: int = 200
    ) -> Sequence[IssuedLink]:
        """Return links, newest first; of one change, of one account."""
        wanted = select(links).order_by(links.c.issued_at.desc(), links.c.jti).limit(limit)
        if key is not None:
            wanted = wanted.where(is_change(links, key))
        if account is not None:
            wanted = wanted.where(links.c.account == storable(account))
        return tuple(_link_of(row) for row in self._look().execute(wanted).mappings())


class WritingLinks(ReadingLinks):
    """Keeps links."""

    def save_link(self, link: IssuedLink) -> None:
        """Keep a new link; one that was issued never changes, save that it is revoked."""
        row = {name: storable(getattr(link, name)) for name in _TEXTS}
        row["subjects"] = json.dumps(dict(link.subjects), ensure_ascii=True, sort_keys=True)
        self._look().execute(insert(links), [{**row, **key_values(link.key)}])

    def use_link(self, use: LinkUse) -> bool:
        """Use a link up, and return False where it was used before."""
        row = {"jti": storable(use.jti), "at": use.at, "decision": use.decision, "signoff": storable(use.signoff)}
        return is_inserted(self._look(), link_uses, row)

    def revoke_links(
        self, *, at: str, why: str, jti: str = "", key: ChangeKey | None = None, account: AccountKey | None = None
    ) -> Sequence[str]:
        """Revoke links that hold, all of them unless some are named, and return their ids."""
        wanted = (links.c.revoked_at == "") & (links.c.expires_at > at)
        if jti:
            wanted &= links.c.jti == storable(jti)
        if key is not None:
            wanted &= is_change(links, key)
        if account is not None:
            wanted &= links.c.account == storable(account)
        connection = self._look()
        found = sorted(connection.execute(select(links.c.jti).where(wanted)).scalars())
        connection.execute(update(links).where(wanted).values(revoked_at=at, why=storable(why)))
        return found


def _link_of(row: RowMapping) -> IssuedLink:
    return IssuedLink(
        key=change_key_of(row), subjects=json.loads(row["subjects"]), **{name: row[name] for name in _TEXTS}
    )
