"""Snapshot: one change request, read by ids between two equal looks at what can move, or known to be as it was."""

from dataclasses import replace

from gate.adapters.github import commits as history
from gate.adapters.github.accounts import account_at, repository_of
from gate.adapters.github.answers import (
    Row,
    instant_at,
    number_at,
    optional_row,
    optional_text,
    row_at,
    rows_of,
    text_at,
)
from gate.adapters.github.comments import read_comments
from gate.adapters.github.files import MAX_COMPARED_FILES, changed_files, with_counts, with_link_targets
from gate.adapters.github.glance import Look, look
from gate.adapters.github.hidden import hidden_files
from gate.adapters.github.place import Place
from gate.adapters.github.pushes import read_pushes
from gate.adapters.github.reviews import read_labels, read_reviews
from gate.adapters.github.trees import GithubTree, Objects, TooManyFilesError
from gate.adapters.github.unchanged import LastRead, remember, unchanged_snapshot
from gate.core.change.facts import ChangedFile, Problem
from gate.core.change.paths import path_problems
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import ChangeKey, ForgeCommit, ForgeContent, Snapshot
from gate.usecases.change_port import ReadContent
from gate.usecases.forge_ports import GoneError, InconsistentSnapshotError

_ATTEMPTS = 2
_HAVE_COMMITTED = {"CONTRIBUTOR"}
_HAVE_NOT = {"FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "NONE"}
_MAX_LISTED_FILES = 3_000


_Read = tuple[ForgeContent, tuple[ForgeCommit, ...]]


def read_snapshot(place: Place, objects: Objects, number: int, *, content: ReadContent | None) -> Snapshot:
    """Return a change request, its files by `content` where that is given.

    Where one query shows that all is as it was read last, that is returned. Raises InconsistentSnapshotError where it
    moved during both of two attempts.
    """
    if content is None and (same := unchanged_snapshot(place, number)) is not None:
        return same
    before = look(place, number)
    for _ in range(_ATTEMPTS):
        found, missing = _attempt(place, objects, before, content)
        after = look(place, number)
        if after.moves() == before.moves():
            if found is None:
                # NOTE: gone is said of the change alone; what it is made of may lag behind, and is asked for again.
                raise UnreadableError(f"{place.name}#{number} cannot be read in full: {missing}")
            if content is None:
                remember(place, LastRead(found, optional_text(before.row, "author_association"), _source(before.row)))
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


def _attempt(place: Place, objects: Objects, seen: Look, content: ReadContent | None) -> tuple[Snapshot | None, str]:
    """Return the snapshot, or what GitHub says is not there."""
    try:
        return _read(place, objects, seen, content), ""
    except GoneError as error:
        return None, str(error)


def _read(place: Place, objects: Objects, seen: Look, read_content: ReadContent | None) -> Snapshot:
    row, number = seen.row, number_at(seen.row, "number")
    content, commits = _read_content(place, objects, seen, read_content)
    head = row_at(row, "head")
    source = optional_row(head, "repo")
    pushed = read_pushes(place.client, _source(row), text_at(head, "ref"))
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
        merge_bases=content.merge_bases,
        url=optional_text(row, "html_url"),
        files=content.files,
        commits=commits,
        reviews=reviews,
        comments=read_comments(place, number),
        pushes=pushed.pushes,
        pushes_unreadable=pushed.why,
        labels=labels,
        is_draft=bool(row.get("draft")),
        problems=content.problems,
        hidden_files=content.hidden_files,
        is_first_contribution=_is_first_contribution(place, row, seen.base_sha),
        merge_sha=optional_text(row, "merge_commit_sha") if seen.state == "merged" else "",
        merged_at=optional_text(row, "merged_at") if seen.state == "merged" else "",
        merged_by=account_at(row, "merged_by"),
        created_at=instant_at(row, "created_at"),
    )


def _source(row: Row) -> str:
    """Return the name of the repository that a change comes from, empty where that is gone."""
    source = optional_row(row_at(row, "head"), "repo")
    return text_at(source, "full_name") if source else ""


def _read_content(place: Place, objects: Objects, seen: Look, read_content: ReadContent | None) -> _Read:
    """Return what the change is made of, by ids alone; what cannot be seen in full is a problem."""
    comparison = history.compare(place, objects, seen.base_sha, seen.head_sha)
    lost = () if comparison.is_complete else (_too_many_commits(len(comparison.commits), comparison.total),)
    if read_content is not None:
        given = read_content(seen.base_sha, seen.head_sha)
        return replace(given, problems=(*lost, *given.problems)), tuple(
            replace(commit, is_mechanical_merge=commit.sha in given.mechanical_merges) for commit in comparison.commits
        )
    try:
        files = files_between(place, objects, seen.base_sha, seen.head_sha)
        if len(files) > MAX_COMPARED_FILES:
            files = _with_listed_counts(place, number_at(seen.row, "number"), seen, files)
        trees = [GithubTree(sha, objects) for sha in (comparison.merge_base, seen.head_sha)]
        content = ForgeContent(
            merge_bases=(comparison.merge_base,),
            files=files,
            hidden_files=hidden_files(objects, trees, files, comparison.files),
            problems=(*lost, *path_problems(file.path for file in files)),
        )
        return content, history.with_proven_merges(place, objects, comparison.commits)
    except TooManyFilesError as error:
        problem = Problem(error.code, error.message, "Split the change, or make the repository smaller.")
        return ForgeContent((comparison.merge_base,), (), {}, (*lost, problem)), comparison.commits


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

    def ask() -> bool:
        return bool(place.get("commits", sha=base_sha, author=author.login, per_page=1))

    def ask_of_this_base() -> bool | None:
        return place.once("has-committed-at", (author.id, base_sha), ask) or None

    return place.once("has-committed", author.id, ask_of_this_base) is None


def _too_many_commits(read: int, total: int) -> Problem:
    return Problem(
        "too-many-commits",
        f"The change has {total} commits, of which GitHub lists {read}: who wrote the others cannot be told.",
        "Split the change, or squash its commits.",
    )
