"""Observed: a change as a checkout shows it, before people and owners are looked up."""

from collections.abc import Iterable, Mapping
from dataclasses import field

from gate.core.change.facts import Account, AccountKey, ChangedFile, Commit, Problem
from gate.core.identity import Identity, match_accounts
from gate.core.ownership.records import PersonRecord
from gate.core.values import dataclass


@dataclass(frozen=True, slots=True)
class ObservedCommit:
    """One commit as its object says, newest first in a change; identities are unproven claims.

    `author` and `committer` are None where the commit names no address. `authored_at` and `committed_at` are seconds
    since 1970. `message` is the whole text.
    """

    sha: str
    parents: tuple[str, ...]
    author: Identity | None
    committer: Identity | None
    co_authors: tuple[Identity, ...] = ()
    is_mechanical_merge: bool = False
    message: str = ""
    authored_at: int = 0
    committed_at: int = 0


@dataclass(frozen=True, slots=True)
class ObservedChange:
    """A change between two commits: complete, or with `problems` that say what could not be seen.

    `files` is sorted by path: merge base to head, the union where there are several merge bases; `restored` are the
    files that some commit touches and the whole does not (asked for by `commit_paths: every-commit`). `hidden_files`
    tells why a usual diff view does not show a file. `assumptions` are sentences to be listed with the verdict.
    """

    base_sha: str
    head_sha: str
    merge_bases: tuple[str, ...]
    files: tuple[ChangedFile, ...]
    commits: tuple[ObservedCommit, ...]
    restored: tuple[ChangedFile, ...] = ()
    problems: tuple[Problem, ...] = ()
    hidden_files: Mapping[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LandedCommit:
    """A commit of a branch's first-parent history, and the paths by which it differs from its first parent."""

    commit: ObservedCommit
    paths: tuple[str, ...]


def attribute(
    commits: Iterable[ObservedCommit], people: Mapping[str, PersonRecord], *further: Identity
) -> tuple[tuple[Commit, ...], dict[AccountKey, Account], dict[Identity, AccountKey]]:
    """Return the commits by account, the accounts, and the key of every identity (`further` ones included)."""
    listed = tuple(commits)
    identities = [*further]
    for commit in listed:
        identities += [who for who in (commit.author, commit.committer, *commit.co_authors) if who is not None]
    accounts, keys = match_accounts(identities, people)
    attributed = tuple(
        Commit(
            sha=commit.sha,
            author=keys.get(commit.author) if commit.author else None,
            committer=keys.get(commit.committer) if commit.committer else None,
            co_authors=tuple(dict.fromkeys(keys[who] for who in commit.co_authors if who in keys)),
            is_mechanical_merge=commit.is_mechanical_merge,
        )
        for commit in listed
    )
    return attributed, accounts, keys
