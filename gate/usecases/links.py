"""Links: what a link to one person is for, what is kept of it, and its use, which happens once."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from gate.core.canonical import digest_of
from gate.core.change.facts import AccountKey, Instant
from gate.core.forge.snapshot import ChangeKey
from gate.core.values import dataclass

Purpose = Literal["signoff", "review", "acknowledge"]
"""`signoff`: decide on subjects of a change; `review`: confirm ownership records; `acknowledge`: take care."""


@dataclass(frozen=True, slots=True)
class LinkClaims:
    """What stands in a link's token, all of it signed. Times are seconds since 1970.

    `scope` is `scope_of_link` of the subjects with their scope digests: what was asked is what can be decided.
    """

    jti: str
    account: AccountKey
    change: ChangeKey
    scope: str
    purpose: Purpose
    issued_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """A link that was issued. `subjects` maps each subject that was asked to the digest of its scope then.

    `facts_digest` names the facts that it was issued on, empty where none were at hand. `revoked_at` is empty while it
    holds; `why` says who or what revoked it.
    """

    jti: str
    key: ChangeKey
    account: AccountKey
    purpose: Purpose
    issued_at: Instant
    expires_at: Instant
    subjects: Mapping[str, str] = field(default_factory=dict)
    facts_digest: str = ""
    revoked_at: Instant = ""
    why: str = ""

    def holds(self, at: Instant) -> bool:
        """Return whether the link is good at a time by the store's word, whatever its signature says (L10)."""
        return not self.revoked_at and at < self.expires_at


@dataclass(frozen=True, slots=True)
class LinkUse:
    """The one use of a link: when, to decide what, and the sign-off that came of it (empty for other purposes)."""

    jti: str
    at: Instant
    decision: str
    signoff: str = ""


def scope_of_link(subjects: Mapping[str, str]) -> str:
    """Return the digest of all subjects with their scopes that a link asks about."""
    return digest_of(dict(subjects))
