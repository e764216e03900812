"""Commits: those of a change, complete by GitHub's own count, and merges proven to be mechanical by trees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from gate.adapters.github.accounts import account_at
from gate.adapters.github.answers import (
    Row,
    number_at,
    optional_row,
    optional_text,
    row_at,
    row_of,
    rows_of,
    sha_at,
    text_at,
)
from gate.adapters.github.place import Place
from gate.adapters.github.trees import Listing, Objects
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import ForgeCommit

MAX_COMMITS = 5_000
MAX_PROVEN_MERGES = 20
_MERGE_SIDES = 2


@dataclass(frozen=True, slots=True)
class Comparison:
    """What GitHub says of two commits: where they part, the commits since, oldest first, up to 300 files' counts."""

    merge_base: str
    commits: tuple[ForgeCommit, ...]
    total: int
    files: tuple[Row, ...]

    @property
    def is_complete(self) -> bool:
        """Return whether the commits are all there are."""
        return len({commit.sha for commit in self.commits}) == self.total


def compare(place: Place, objects: Objects, base: str, head: str) -> Comparison:
    """Return the comparison of two commits by their ids, which never changes. Raises GoneError where one is gone."""
    return place.once("compare", (base, head), lambda: _ask(place, objects, base, head), weight=10)


def commit_of(row: Row) -> ForgeCommit:
    """Return a commit of GitHub's as it is, its accounts by id."""
    inner = row_at(row, "commit")
    author, committer = optional_row(inner, "author") or {}, optional_row(inner, "committer") or {}
    verification = optional_row(inner, "verification")
    is_verified = verification.get("verified") if verification else None
    return ForgeCommit(
        sha=sha_at(row),
        parents=tuple(sha_at(parent) for parent in rows_of(row.get("parents"), "parents")),
        tree=sha_at(row_at(inner, "tree")),
        message=text_at(inner, "message"),
        author=account_at(row, "author"),
        author_name=optional_text(author, "name"),
        author_email=optional_text(author, "email"),
        committer=account_at(row, "committer"),
        committer_name=optional_text(committer, "name"),
        committer_email=optional_text(committer, "email"),
        is_verified=is_verified if isinstance(is_verified, bool) else None,
        committed_at=optional_text(committer, "date"),
    )


def read_commit(place: Place, sha: str) -> ForgeCommit:
    """Return one commit. Raises GoneError where there is none, UnreadableError for an answer about another."""
    found = commit_of(row_of(place.get("commits", sha), "commit"))
    if found.sha != sha:
        raise UnreadableError(f"GitHub answered for another commit than {sha[:12]}.", next_step="Try again.")
    return found


def first_parents(place: Place, sha: str, count: int) -> Sequence[str]:
    """Return a commit and its first-parent ancestors, newest first, at most `count`."""
    found: list[str] = []
    parents: dict[str, tuple[str, ...]] = {}
    at: str | None = sha
    while at is not None and len(found) < count:
        if at not in parents:
            for row in rows_of(place.get("commits", sha=at, per_page=100), "commits"):
                parents[sha_at(row)] = tuple(sha_at(one) for one in rows_of(row.get("parents"), "parents"))
        if at not in parents:
            raise UnreadableError(f"GitHub's history of {sha[:12]} has a hole at {at[:12]}.", next_step="Try again.")
        found.append(at)
        at = next(iter(parents[at]), None)
    return found


def with_proven_merges(place: Place, objects: Objects, commits: Sequence[ForgeCommit]) -> tuple[ForgeCommit, ...]:
    """Return the commits, those marked that merge the base and hold what the two sides give path by path.

    SECURITY: the merged side must be in the base's own history: a parent that is not among the change's own commits
    is reachable from the base, by what the comparison means. A side branch that only looks like the base is not, and
    its commits are listed as the change's own (R54). A path that both sides changed proves nothing.
    """
    listed = {commit.sha for commit in commits}
    merges = [
        commit
        for commit in commits
        if len(commit.parents) == _MERGE_SIDES and commit.parents[0] in listed and commit.parents[1] not in listed
    ]
    proven = {merge.sha for merge in merges[:MAX_PROVEN_MERGES] if _is_mechanical(place, objects, merge)}
    return tuple(replace(commit, is_mechanical_merge=True) if commit.sha in proven else commit for commit in commits)


def _is_mechanical(place: Place, objects: Objects, merge: ForgeCommit) -> bool:
    ours, theirs = merge.parents

    def prove() -> bool:
        base = compare(place, objects, theirs, ours).merge_base
        listings = [objects.listing(objects.tree_of(sha)) for sha in (base, ours, theirs)]
        return merged_paths(*listings) == _paths(objects.listing(merge.tree))

    return place.once("mechanical", merge.sha, prove)


def merged_paths(base: Listing, ours: Listing, theirs: Listing) -> dict[str, tuple[str, str]] | None:
    """Return mode and blob of every path of the merge, None where both sides changed a path in different ways."""
    before, here, there = _paths(base), _paths(ours), _paths(theirs)
    merged = {}
    for path in before.keys() | here.keys() | there.keys():
        old, mine, other = before.get(path), here.get(path), there.get(path)
        if mine != other and old not in {mine, other}:
            return None
        result = other if mine == old else mine
        if result is not None:
            merged[path] = result
    return merged


def _paths(listing: Listing) -> dict[str, tuple[str, str]]:
    return {path: (entry.mode, entry.blob) for path, entry in listing.by_path.items()}


def _ask(place: Place, objects: Objects, base: str, head: str) -> Comparison:
    row = row_of(place.get("compare", f"{base}...{head}", is_fresh=True), "comparison")
    total = number_at(row, "total_commits")
    listed: Sequence[Any] = rows_of(row.get("commits"), "commits")
    if len(listed) < total <= MAX_COMMITS:
        listed = place.pages("compare", f"{base}...{head}", inside="commits", page=1)
    merge_base = row_at(row, "merge_base_commit")
    commits = tuple({commit.sha: commit for commit in map(commit_of, listed)}.values())
    for commit in commits:
        objects.remember_tree_of(commit.sha, commit.tree)
    objects.remember_tree_of(sha_at(merge_base), sha_at(row_at(row_at(merge_base, "commit"), "tree")))
    tip = row_at(row, "base_commit")
    objects.remember_tree_of(sha_at(tip), sha_at(row_at(row_at(tip, "commit"), "tree")))
    found = Comparison(sha_at(merge_base), commits, total, tuple(rows_of(row.get("files") or [], "files")))
    ends = {commit.sha for commit in commits} if total else {found.merge_base}
    if sha_at(tip) != base or (found.is_complete and head not in ends):
        raise UnreadableError(
            f"GitHub compared something else than {base[:12]} and {head[:12]}.", next_step="Try again."
        )
    return found
