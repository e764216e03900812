"""Stored: what the service keeps, as values: changes, verdicts, sign-offs, deliveries, jobs, tokens, sessions."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from gate.core.change.facts import AccountKey, Instant
from gate.core.forge.snapshot import ChangeKey, RepositoryKey, Snapshot
from gate.core.values import dataclass

Role = Literal["viewer", "owner", "auditor", "admin"]


@dataclass(frozen=True, slots=True)
class StoredChange:
    """What is kept of a change besides its judgements.

    `generation` counts the judgements that began, `judged_generation` is the last one that was recorded. `published`
    is what the forge shows for `head_sha` (`success`, `failure`, `action_required`, `in_progress`, empty: nothing
    yet). `valid_until` is when the verdict may change by the clock.
    """

    key: ChangeKey
    state: Literal["open", "closed", "merged"]
    title: str
    author: AccountKey
    base_ref: str
    base_sha: str
    head_sha: str
    url: str = ""
    is_draft: bool = False
    generation: int = 0
    judged_generation: int = 0
    verdict_state: str = ""
    facts_digest: str = ""
    judged_at: Instant = ""
    valid_until: Instant | None = None
    published: str = ""
    body_digest: str = ""
    check_run_id: int | None = None
    comment_id: int | None = None
    first_seen_at: Instant = ""
    waiting_since: Instant = ""

    @classmethod
    def of(cls, snapshot: Snapshot) -> "StoredChange":
        """Return a change as the forge shows it, never judged."""
        return cls(
            key=snapshot.key,
            state=snapshot.state,
            title=snapshot.title,
            author=snapshot.author.key if snapshot.author else "",
            base_ref=snapshot.base_ref,
            base_sha=snapshot.base_sha,
            head_sha=snapshot.head_sha,
            url=snapshot.url,
        )


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """One judgement as recorded: the exact bytes of `gate.verdict/1`, and under which ledger entry.

    `content` is the digest of the files that were judged (`content_digest`).
    """

    key: ChangeKey
    generation: int
    at: Instant
    state: str
    head_sha: str
    base_ref: str
    plan_digest: str
    facts_digest: str
    verdict: bytes
    ledger_index: int
    content: str = ""


@dataclass(frozen=True, slots=True)
class StoredSignoff:
    """A sign-off with what was in force when the gate first saw it (or when it was given, for a link).

    `content` is the digest of the files as they were then; `facts_digest` names the facts that hold them. `base_ref`
    and `plan_digest` are empty where it is not known what the person saw: such a sign-off never counts.
    """

    key: ChangeKey
    id: str
    account: AccountKey
    source: Literal["review", "link", "comment", "api"]
    decision: Literal["approve", "reject", "withdraw", "lift-veto"]
    at: Instant
    first_seen_at: Instant
    commit: str = ""
    content: str = ""
    facts_digest: str = ""
    base_ref: str = ""
    plan_digest: str = ""
    subjects: tuple[str, ...] = ()
    scopes: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    void: str = ""
    voided_by: AccountKey | None = None
    authenticated: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook delivery as it came: the raw bytes, verified, not yet understood."""

    guid: str
    event: str
    received_at: Instant
    body: bytes
    tenant: int = 0
    repository: int = 0
    action: str = ""
    digest: str = ""


JobKind = Literal[
    "react",
    "deliver", "judge", "judge-group", "withdraw", "publish", "comment", "sweep", "poll-deliveries", "remind",
    "protection", "reconcile", "compare-checks",
    "notify", "tell", "escalate", "climb-review", "call-out",
    "link-ticket", "signal", "make-ticket", "tell-incident",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job:
    """Work to be done at least once, at or after a time. A job with a `dedupe` that is already ready is not doubled.

    A timer is a job whose `run_at` lies ahead. `urgent` jobs (deliveries, and the withdrawals of a green check
    that follow from them) go before all others.
    """

    kind: JobKind
    payload: Mapping[str, Any]
    run_at: Instant
    dedupe: str = ""
    is_urgent: bool = False
    lane: str = ""


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that this worker holds until `lease_until`. `attempts` counts this one. One lane runs one job at a time."""

    id: int
    job: Job
    attempts: int
    lease_until: Instant


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token of `gate tokens create`, without the secret: only its hash is kept.

    `signs_as` is the account at the forge whose sign-offs its bearer gives, empty for a token that gives none.
    """

    id: str
    name: str
    role: Role
    repositories: tuple[str, ...]
    created_at: Instant
    expires_at: Instant
    is_revoked: bool = False
    signs_as: AccountKey = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A login session: the secret is kept as its hash. `account` is `github:<id>` where the forge account is known."""

    id: str
    account: AccountKey
    display: str
    role: Role
    issuer: str
    subject: str
    created_at: Instant
    expires_at: Instant
    reauthenticated_at: Instant = ""


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes to list: newest judged first, `after` the cursor of the last page.

    `repositories` None means all, an empty tuple none. `text` is looked for in titles, ASCII case aside.
    """

    repositories: tuple[RepositoryKey, ...] | None = None
    states: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    text: str = ""
    after: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of changes, with the cursor of the next one (empty: this was the last).

    A page may hold fewer changes than asked for, none even, while `next` says that there is more to look through.
    """

    changes: tuple[StoredChange, ...]
    next: str
