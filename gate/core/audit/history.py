"""History: the commits of a branch by first parents, and what the gate knows of changes that went into it."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Literal, Protocol

from gate.core.change.facts import ChangedFile, Instant
from gate.core.values import dataclass

How = Literal["root", "merge", "squash", "rebase", "fast-forward", "direct-push", "force-push"]
Status = Literal["accounted", "claimed", "bypass", "before-gate"]
Version = tuple[str, str]
"""Mode and blob of a path in one tree."""


@dataclass(frozen=True, slots=True)
class HistoryCommit:
    """One commit of a branch's first-parent history. Names, addresses, times and message are what it claims."""

    sha: str
    parents: tuple[str, ...]
    tree: str
    at: Instant
    author: str
    committer: str
    message: str

    @property
    def subject(self) -> str:
        """Return the first line of the message."""
        return self.message.strip().partition("\n")[0][:300]


@dataclass(frozen=True, slots=True)
class Delta:
    """One path that differs between two trees: what it was and what it is, None where it is not there."""

    old: Version | None
    new: Version | None


class Trees(Protocol):
    """Compares trees and proves merges. Everything is by full id, so that the same question has one answer."""

    def deltas(self, before: str, after: str) -> Mapping[str, Delta]:
        """Return every path that differs between two commits (`before` empty: against nothing)."""
        ...

    def version(self, commit: str, path: str) -> Version | None:
        """Return what a commit holds at a path."""
        ...

    def is_mechanical(self, commit: HistoryCommit) -> bool | None:
        """Return whether a merge holds exactly what git makes of its two parents; None where git cannot tell."""
        ...

    def is_merged_text(self, base: str, ours: str, theirs: str, result: str) -> bool:
        """Return whether a blob is what `git merge-file` makes of three others without a conflict."""
        ...


@dataclass(frozen=True, slots=True)
class MergedChange:
    """A change that the forge reported as merged, with what the gate had last said of the merged head.

    `files` are those of the judgement, None where none is kept for this head. `is_approved` says that the last verdict
    before the merge was `approved` and of this very head. `commits` counts those of the change.
    """

    number: int
    merge_sha: str
    head_sha: str
    base_ref: str
    is_approved: bool
    verdict: str
    files: tuple[ChangedFile, ...] | None
    commits: int = 1


@dataclass(frozen=True, slots=True)
class Records:
    """What the gate knows of one branch.

    `baseline` is the newest commit that was there before the gate (empty: none). `former_names` are names that the
    branch had. `earlier_tips` are commits that were seen as the branch's tip.
    """

    branch: str
    changes: Sequence[MergedChange]
    baseline: str = ""
    former_names: frozenset[str] = frozenset()
    earlier_tips: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CommitAccount:
    """What accounts for one commit of the branch, or why nothing does.

    `change` is the change that accounts for it, or that it claims to come from. `code` is empty unless it is a bypass.
    `is_mechanical` tells of a merge whether git itself makes its tree; `is_exact_revert` of a commit that says it
    takes another back, whether its trees do.
    """

    sha: str
    parent: str
    at: Instant
    subject: str
    author: str
    how: How
    status: Status
    change: int | None = None
    code: str = ""
    why: str = ""
    is_mechanical: bool | None = None
    reverts: str = ""
    is_exact_revert: bool | None = None
    backport_of: str = ""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Every commit of the branch with its account, oldest first, and what is wrong with changes that claim to be in.

    INVARIANT: as many accounts as `git rev-list --first-parent --count` says (tests/cli/test_audit_reconcile.py).
    """

    accounts: tuple[CommitAccount, ...]
    lost: tuple[CommitAccount, ...] = ()
    indirect: tuple[int, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def bypasses(self) -> tuple[CommitAccount, ...]:
        """Return every commit, present or lost, that no approved change accounts for."""
        return tuple(one for one in (*self.lost, *self.accounts) if one.status == "bypass")
