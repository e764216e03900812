"""Facts: the immutable snapshot of all that a decision depends on."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from gate.core.change.declaration import Declaration
from gate.core.ownership.registry import Ownership
from gate.core.policy.model import PolicyDocument
from gate.core.values import dataclass

AccountKey = str
"""Names an account: `github:1001` by its numeric id, or in a local checkout `person:alice`, `mail:bob@example.com`."""
PersonKey = str
"""Names a person: the name in the records, or the key of an account that no record mentions."""
Instant = str
"""A time as RFC 3339 in UTC, to the second: `2026-12-01T10:00:00Z`. Compares as text in the order of time."""

MODE_SYMLINK = "120000"
MODE_SUBMODULE = "160000"


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One path that the change touches. A rename is two of these, a deletion and an addition.

    `status` is `added`, `modified`, `deleted` or `changed` (mode or kind only, or a status never seen before).
    `mode` and `blob` are the head's, `base_mode` and `base_blob` the merge base's; empty where the path is absent
    there. `other_path` is the other half of a rename, for display. `link_target` is a symbolic link's target resolved
    within the tree, None where it leads outside or cannot be resolved. Additions and deletions count lines; -1 where
    unknown (binary).
    """

    path: str
    status: Literal["added", "modified", "deleted", "changed"]
    mode: str = "100644"
    base_mode: str = "100644"
    blob: str = ""
    base_blob: str = ""
    additions: int = 0
    deletions: int = 0
    other_path: str | None = None
    link_target: str | None = None
    is_binary: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """An account or mail address that had a hand in the change, and the person it belongs to.

    `person` is resolved while observing: the name in the records where one matches (by numeric id, then login, then
    address), else the account's own key. `platform` is the forge's own committer, who is nobody.
    """

    person: PersonKey
    kind: Literal["user", "bot", "platform", "unknown"] = "user"
    login: str | None = None
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of the change, from the merge base to the head.

    `author` and `committer` are None where no account and no address is known. `is_mechanical_merge` says that it
    merges the base and its tree is the mechanical merge, proven by trees: it adds and excludes nobody.
    """

    sha: str
    author: AccountKey | None
    committer: AccountKey | None
    co_authors: tuple[AccountKey, ...] = ()
    is_verified: bool | None = None
    is_mechanical_merge: bool = False


@dataclass(frozen=True, slots=True)
class Push:
    """Somebody moved the branch to `sha`, as the forge recorded it."""

    account: AccountKey
    sha: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A label, and who set it where that is known."""

    name: str
    set_by: AccountKey | None = None


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository: the numeric id decides, the name is for display (0: a local checkout)."""

    id: int
    name: str
    default_branch: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """The change request itself: who opened it, from where to where."""

    repository: Repository
    number: int
    title: str
    author: AccountKey
    base_ref: str
    base_sha: str
    head_sha: str
    merge_bases: tuple[str, ...]
    url: str = ""
    is_draft: bool = False
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """Who is in a team now. `unreadable` says why its members could not be read; an empty text means they could."""

    members: tuple[PersonKey, ...] = ()
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class SignOff:
    """One act of one person on one channel.

    `commit` is the commit it was given on. `base_ref` and `plan_digest` are what was in force then (empty: unknown,
    which never counts). `content` is the key of the earlier content that was seen; empty means the present files.
    `scopes` holds the scope digest of every subject that was shown or named; a review has none: it counts for every
    subject its author is entitled to, at its commit. `subjects` limits a sign-off to those named; empty means all.
    `void` is why it can never count again (`dismissed`, `withdrawn`, `edited`, `expired`, `old-commit`), empty where
    it stands;
    `voided_by` who did it.
    """

    id: str
    account: AccountKey
    source: Literal["review", "link", "comment", "api"]
    decision: Literal["approve", "reject", "withdraw", "lift-veto"]
    at: Instant
    commit: str = ""
    content: str = ""
    base_ref: str = ""
    plan_digest: str = ""
    subjects: tuple[str, ...] = ()
    scopes: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    void: str = ""
    voided_by: AccountKey | None = None
    authenticated: str = ""


@dataclass(frozen=True, slots=True)
class EarlierContent:
    """The files of the change as somebody saw them: at an earlier head, or against an earlier merge base."""

    key: str
    files: tuple[ChangedFile, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the diff shows that a rollback must reckon with.

    `is_reversible` is True or False where the tool's down step was examined, None where it cannot be told. `why` is
    a sentence that names the tool and what was seen.
    """

    kind: Literal["data-migration", "artifact", "infrastructure-destroy", "removed-public-api"]
    path: str
    tool: str
    is_reversible: bool | None
    why: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One part of a rehearsal of the rollback plan, bound to a head: what was tried, by whom, how it ended."""

    step: str
    is_passed: bool
    head_sha: str
    source: Literal["gate", "reported"]
    why: str
    component: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket named in the declaration. `state` is `unknown` where the tracker could not be asked."""

    key: str
    kind: str
    state: Literal["open", "closed", "missing", "unknown"]
    title: str = ""


@dataclass(frozen=True, slots=True)
class CheckRun:
    """Another check run on this head, pinned to the app that made it."""

    name: str
    app: str
    conclusion: str


@dataclass(frozen=True, slots=True)
class FreezePeriod:
    """One period of a freeze window in UTC; `until_at` is excluded. `freeze` is the index in the policy's freezes."""

    freeze: int
    from_at: Instant
    until_at: Instant


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A touched path that looks like an owned path without being it, and the owned path it looks like."""

    path: str
    looks_like: str
    why: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be seen or understood in full: the verdict is `error` with this reason."""

    code: str
    why: str
    next: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwedReview:
    """What break-glass left open: somebody looks at a change, by a time. `components` are those that it touched."""

    change: int
    due_at: Instant
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GateFiles:
    """What the change does to the gate's own files: whether they are valid at its head, and the faults if not."""

    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision depends on, except the time at which it is made.

    `pushers` is None where they cannot be known (a local checkout). `broken_base` says what is wrong with policy or
    records on the base: `ownership` and `policy` are then the newest valid version on its first-parent history.
    `title_hits` maps each title pattern of the policy to its outcome. `on_call` maps a team to who is on call (None:
    cannot be told). `recent_incidents` names the components that had an incident within 30 days (None: none were ever
    recorded). `owed_reviews` are those of earlier changes that nobody closed. `flag_found` tells whether the
    declared feature flag was found. `hidden_files` maps a path to why a reader does not see its diff. `digest` is set
    when the facts are sealed (see `sealing`).
    """

    engine: str
    change: Change
    files: tuple[ChangedFile, ...]
    commits: tuple[Commit, ...]
    accounts: Mapping[AccountKey, Account]
    ownership: Ownership
    policy: PolicyDocument
    declaration: Declaration = field(default_factory=Declaration)
    pushers: tuple[Push, ...] | None = None
    unattributed: tuple[str, ...] = ()
    teams: Mapping[str, Team] = field(default_factory=dict)
    signoffs: tuple[SignOff, ...] = ()
    earlier_contents: tuple[EarlierContent, ...] = ()
    findings: tuple[Finding, ...] = ()
    rehearsals: tuple[Rehearsal, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    checks: tuple[CheckRun, ...] = ()
    freeze_periods: tuple[FreezePeriod, ...] = ()
    look_alikes: tuple[LookAlike, ...] = ()
    title_hits: Mapping[str, bool] = field(default_factory=dict)
    on_call: Mapping[str, tuple[PersonKey, ...] | None] = field(default_factory=dict)
    flag_found: bool | None = None
    is_first_contribution: bool | None = None
    recent_incidents: tuple[str, ...] | None = None
    owed_reviews: tuple[OwedReview, ...] = ()
    gate_files: GateFiles = field(default_factory=GateFiles)
    broken_base: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    assumptions: tuple[str, ...] = ()
    hidden_files: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
