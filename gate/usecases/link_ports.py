"""Link ports: tokens of links, and the store of links, as protocols that adapters fulfil."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gate.core.change.facts import AccountKey
from gate.core.errors import GateError, UsageError
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.links import IssuedLink, LinkClaims, LinkUse, Purpose


class LinkRefusedError(GateError):
    """A token is none of ours, has ended, or is for something else; which of them is told to nobody."""

    exit_code = 2
    code = "link-refused"


class LinkTokens(Protocol):
    """Signs and verifies the tokens of links."""

    def new_id(self) -> str:
        """Return an id for a link that nobody can guess."""
        ...

    def sign(self, claims: LinkClaims, *, at: dt.datetime) -> str:
        """Return the token of some claims, signed with the key in force."""
        ...

    def verify(self, unverified_token: str, *, purpose: Purpose, at: dt.datetime) -> LinkClaims:
        """Return the claims of a token of ours that holds now. Raises LinkRefusedError for every other text."""
        ...

    def public_keys(self, *, at: dt.datetime) -> Sequence[Mapping[str, Any]]:
        """Return the public keys that verify, as JWKs (RFC 7517), the signing one first."""
        ...


class NoLinks:
    """Issues no links: for a gate that has no key for them."""

    def new_id(self) -> str:
        """Refuse."""
        raise _no_key()

    def sign(self, claims: LinkClaims, *, at: dt.datetime) -> str:
        """Refuse."""
        del claims, at
        raise _no_key()

    def verify(self, unverified_token: str, *, purpose: Purpose, at: dt.datetime) -> LinkClaims:
        """Refuse every token."""
        del unverified_token, purpose, at
        raise LinkRefusedError("This link does not hold.")

    def public_keys(self, *, at: dt.datetime) -> Sequence[Mapping[str, Any]]:
        """Return no key."""
        del at
        return ()


def _no_key() -> UsageError:
    return UsageError("There is no key to sign links with.", next_step="Set GATE_SIGNING_KEY_FILE.")


class ReadingLinks(Protocol):
    """What can be looked up of links."""

    def link(self, jti: str) -> IssuedLink | None: ...  # noqa: D102  # name and types say it
    def link_use(self, jti: str) -> LinkUse | None: ...  # noqa: D102  # name and types say it
    def links(
        self, key: ChangeKey | None = None, *, account: AccountKey | None = None, limit: int = 200
    ) -> Sequence[IssuedLink]:
        """Return links, newest first; of one change, of one account."""
        ...


class WritingLinks(Protocol):
    """What is kept of links."""

    def save_link(self, link: IssuedLink) -> None:
        """Keep a new link."""
        ...

    def use_link(self, use: LinkUse) -> bool:
        """Use a link up, and return False where it was used before: of two at once, one gets True."""
        ...

    def revoke_links(
        self, *, at: str, why: str, jti: str = "", key: ChangeKey | None = None, account: AccountKey | None = None
    ) -> Sequence[str]:
        """Revoke links that hold, all of them unless some are named, and return their ids."""
        ...
