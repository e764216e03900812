"""People: who is asked for what, who stands in for whom, who asked whom instead, and whose login is whose account."""

from dataclasses import dataclass

from gate.core.change.facts import AccountKey, Instant
from gate.core.forge.snapshot import ChangeKey


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that waits for an account: a subject of a change, and the digest of what would be signed."""

    account: AccountKey
    subject: str
    scope: str


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody is asked as well in place of another one, from a day until another (both included, `YYYY-MM-DD`).

    It gives no right: only who is entitled by policy is ever asked.
    """

    account: AccountKey
    stand_in: AccountKey
    from_day: str
    until_day: str


@dataclass(frozen=True, slots=True)
class Delegation:
    """Somebody asked another entitled person to decide on what waited for them. It never goes further than once."""

    key: ChangeKey
    account: AccountKey
    to: AccountKey
    at: Instant
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkedIdentity:
    """A login's subject that belongs to an account at the forge, proven by having logged in with both."""

    issuer: str
    subject: str
    account: AccountKey
    at: Instant


@dataclass(frozen=True, slots=True)
class AfterReview:
    """What is owed after break-glass: somebody looks at it in calm, by a time. `done_at` is empty until then."""

    key: ChangeKey
    head_sha: str
    opened_at: Instant
    due_at: Instant
    done_at: Instant = ""
    done_by: AccountKey = ""
    note: str = ""
