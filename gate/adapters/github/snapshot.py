"""Snapshot: one change request, read by ids between two equal looks at what can move."""

from dataclasses import dataclass
from typing import Literal

from gate.adapters.github import commits as history
from gate.adapters.github.accounts import account_at, repository_of
from gate.adapters.github.answers import (
    Row,
    instant_at,
    number_at,
    optional_row,
    optional_text,
    row_at,
    row_of,
    rows_of,
    sha_at,
    text_at,
)
from gate.adapters.github.comments import read_comments
from gate.adapters.github.files import MAX_COMPARED_FILES, changed_files, with_counts, with_link_targets
from gate.adapters.github.hidden import hidden_files
from gate.adapters.github.place import Place
from gate.adapters.github.pushes import read_pushes
from gate.adapters.github.reviews import read_labels, read_reviews
from gate.adapters.github.trees import GithubTree, Objects, TooManyFilesError
from gate.core.change.facts import ChangedFile, Problem
from gate.core.change.paths import path_problems
from gate.core.forge.snapshot import ChangeKey, Snapshot, body_digest
from gate.usecases.forge_ports import Glance, GoneError, InconsistentSnapshotError

_ATTEMPTS = 2
_HAVE_COMMITTED = {"CONTRIBUTOR"}
_HAVE_NOT = {"FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "NONE"}
_MAX_LISTED_FILES = 3_000


@dataclass(frozen=True, slots=True)
class Look:
    """A change request and the tip of its base, at one moment."""

    row: Row
    state: Literal["open", "closed", "merged"]
    head_sha: str
    base_ref: str
    base_sha: str
    body: str
    changed_files: int

    def moves(self) -> tuple[str | int, ...]:
        """Return what must not change while the rest is read."""
        return (self.state, self.head_sha, self.base_ref, self.base_sha, self.body, self.changed_files)

    def glance(self) -> Glance:
        """Return the look as the use cases compare it."""
        return Glance(self.state, self.head_sha, self.base_ref, self.base_sha, body_digest(self.body))


def look(place: Place, number: int, *, is_fresh: bool = False) -> Look:
    """Return a change request as it is now. Raises GoneError for one that is not there or of another repository."""
    row = row_of(place.get("pulls", number, is_fresh=is_fresh), "pull request")
    base, head = row_at(row, "base"), row_at(row, "head")
    owner = row_at(base, "repo")
    # SECURITY: a repository that was renamed may have left its name to another one.
    if number_at(owner, "id") != place.key.id or number_at(row, "number") != number:
        raise GoneError(f"{place.name} is another repository now.", next_step="Look it up by its new name.")
    is_merged = bool(row.get("merged")) or bool(row.get("merged_at"))
    state: Literal["open", "closed", "merged"] = "merged" if is_merged else "closed"
    if not is_merged and text_at(row, "state") == "open":
        state = "open"
    base_ref = text_at(base, "ref")
    return Look(
        row=row,
        state=state,
        head_sha=sha_at(head),
        base_ref=base_ref,
        # What a merged change was based on is history: the tip holds the change itself by now.
        base_sha=sha_at(base) if is_merged else branch_tip(place, base_ref, is_fresh=is_fresh),
        body=optional_text(row, "body"),
        changed_files=number_at(row, "changed_files"),
    )


def branch_tip(place: Place, branch: str, *, is_fresh: bool = False) -> str:
    """Return the commit of `refs/heads/<branch>`. Raises GoneError where there is no such branch."""
    name = f"refs/heads/{branch}"
    row = row_of(place.reference("ref", f"heads/{branch}", is_fresh=is_fresh), "reference")
    # SECURITY: the full name must be this one: neither a tag nor a longer name stands for it (R21).
    if text_at(row, "ref") != name:
        raise GoneError(f"GitHub has no branch {branch!r}.", next_step="Check the branch's name.")
    return sha_at(row_at(row, "object"))


def read_snapshot(place: Place, objects: Objects, number: int, *, app_id: int | None) -> Snapshot:
    """Return a change request. Raises InconsistentSnapshotError where it moved during both of two attempts."""
    before = look(place, number)
    for _ in range(_ATTEMPTS):
        found = _read(place, objects, before, app_id=app_id)
        after = look(place, number)
        if after.moves() == before.moves():
            return found
        before = after
    raise InconsistentSnapshotError(
        f"The change {place.name}#{number} moved while it was read.", next_step="It is read again in a moment."
    )


def files_between(place: Place, objects: Objects, base: str, head: str) -> tuple[ChangedFile, ...]:
    """Return the files of a change, merge base to head, with what GitHub counts of them.

    Raises TooManyFilesError where the trees cannot be listed in full.
    """
    comparison = history.compare(place, objects, base, head)
    tree = GithubTree(head, objects)
    files = changed_files(GithubTree(comparison.merge_base, objects).listing, tree.listing)
    return tuple(with_link_targets(with_counts(files, comparison.files), tree))


def _read(place: Place, objects: Objects, seen: Look, *, app_id: int | None) -> Snapshot:
    row, number = seen.row, number_at(seen.row, "number")
    comparison = history.compare(place, objects, seen.base_sha, seen.head_sha)
    problems: list[Problem] = []
    files: tuple[ChangedFile, ...] = ()
    commits = comparison.commits
    if not comparison.is_complete:
        problems.append(_too_many_commits(len(commits), comparison.total))
    try:
        files = files_between(place, objects, seen.base_sha, seen.head_sha)
        if len(files) > MAX_COMPARED_FILES:
            files = _with_listed_counts(place, number, seen, files)
        commits = history.with_proven_merges(place, objects, commits)
    except TooManyFilesError as error:
        problems.append(Problem(error.code, error.message, "Split the change, or make the repository smaller."))
    problems += path_problems(file.path for file in files)
    trees = [] if problems else [GithubTree(sha, objects) for sha in (comparison.merge_base, seen.head_sha)]
    head = row_at(row, "head")
    source = optional_row(head, "repo")
    pushed = read_pushes(place.client, text_at(source, "full_name") if source else "", text_at(head, "ref"))
    reviews, has_dismissed = read_reviews(place, number)
    reviews, labels = read_labels(place, row, reviews, has_dismissed=has_dismissed)
    return Snapshot(
        key=ChangeKey(place.key.tenant, place.key.id, number),
        repository=repository_of(row_at(row_at(row, "base"), "repo"), place.key.tenant, place.installation),
        state=seen.state,
        title=text_at(row, "title"),
        body=seen.body,
        author=account_at(row, "user"),
        base_ref=seen.base_ref,
        base_sha=seen.base_sha,
        head_ref=text_at(head, "ref"),
        head_sha=seen.head_sha,
        head_repository=number_at(source, "id") if source else None,
        merge_bases=(comparison.merge_base,),
        url=optional_text(row, "html_url"),
        files=files,
        commits=commits,
        reviews=reviews,
        comments=read_comments(place, number, app_id),
        pushes=pushed.pushes,
        pushes_unreadable=pushed.why,
        hidden_files=hidden_files(objects, trees, files, comparison.files),
        is_first_contribution=_is_first_contribution(place, row, seen.base_sha),
        labels=labels,
        is_draft=bool(row.get("draft")),
        problems=tuple(problems),
        merge_sha=optional_text(row, "merge_commit_sha") if seen.state == "merged" else "",
        merged_by=account_at(row, "merged_by"),
        created_at=instant_at(row, "created_at"),
    )


def _with_listed_counts(
    place: Place, number: int, seen: Look, files: tuple[ChangedFile, ...]
) -> tuple[ChangedFile, ...]:
    """Return the files with the counts of the longer list, which ends at 3,000; the paths come from trees alone."""
    if len(files) > _MAX_LISTED_FILES:
        return files
    rows = place.once(
        "listed-files",
        (number, seen.base_sha, seen.head_sha),
        lambda: rows_of(place.pages("pulls", number, "files"), "files"),
        weight=len(files) // 100 + 1,
    )
    return tuple(with_counts(files, rows))


def _is_first_contribution(place: Place, row: Row, base_sha: str) -> bool | None:
    """Return whether the author has no commit on the base yet, None where there is no author any more.

    GitHub's word for members and owners does not tell, so that they are looked up, until they have one.
    """
    association, author = optional_text(row, "author_association"), account_at(row, "user")
    if author is None:
        return None
    if association in _HAVE_COMMITTED | _HAVE_NOT:
        return association in _HAVE_NOT

    def ask() -> bool | None:
        return bool(place.get("commits", sha=base_sha, author=author.login, per_page=1)) or None

    return place.once("has-committed", author.id, ask) is None


def _too_many_commits(read: int, total: int) -> Problem:
    return Problem(
        "too-many-commits",
        f"The change has {total} commits, of which GitHub lists {read}: who wrote the others cannot be told.",
        "Split the change, or squash its commits.",
    )
