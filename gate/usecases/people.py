"""People: who is asked for what, who asked whom instead, who stands in for whom, and what is owed after break-glass."""

from gate.core.change.facts import AccountKey, Instant
from gate.core.forge.snapshot import ChangeKey
from gate.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that waits for an account: a subject of a change, and the digest of what would be signed."""

    account: AccountKey
    subject: str
    scope: str


@dataclass(frozen=True, slots=True)
class Delegation:
    """Somebody asked another entitled person to decide on what waited for them. It never goes further than once."""

    key: ChangeKey
    account: AccountKey
    to: AccountKey
    at: Instant
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody is told in another one's place, from one day to another, both included, in UTC: `2026-12-21`.

    It gives nobody a right: they are told of what they may sign off on themselves.
    """

    account: AccountKey
    to: AccountKey
    begins_on: str
    ends_on: str
    at: Instant
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LinkedLogin:
    """A login at another provider that its person said, once, belongs to an account at the forge.

    `ended_at` is when they took that back, empty while it holds. It is never any other account's.
    """

    issuer: str
    subject: str
    account: AccountKey
    at: Instant
    ended_at: Instant = ""


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
