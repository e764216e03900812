"""Files: every path that differs between the merge base's tree and the head's, with what GitHub counts of each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from gate.adapters.github.answers import Row, is_count, optional_text
from gate.adapters.github.trees import GithubTree, Listing
from gate.core.change.facts import MODE_SYMLINK, ChangedFile
from gate.usecases.ports import TreeEntry

MAX_COMPARED_FILES = 300
_EMPTY_BLOBS = {
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
}


def changed_files(base: Listing, head: Listing) -> list[ChangedFile]:
    """Return every path whose mode or content differs between two trees, sorted by path; line counts are unknown (-1).

    A rename is a deletion and an addition. A change of mode or kind is `changed` (R27).
    """
    before, after = base.by_path, head.by_path
    paths = sorted(before.keys() | after.keys())
    return [_changed(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)]


def with_counts(files: Iterable[ChangedFile], rows: Sequence[Row]) -> Iterator[ChangedFile]:
    """Yield the files with the line counts and halves of renames that GitHub lists; what it does not list stays -1.

    NOTE: GitHub counts a rename's edits only; they stand at the new path, and the old one counts none.
    """
    listed = {optional_text(row, "filename"): row for row in rows}
    came_from = {
        optional_text(row, "filename"): optional_text(row, "previous_filename")
        for row in rows
        if optional_text(row, "status") == "renamed"
    }
    went_to = {old: new for new, old in came_from.items()}
    for file in files:
        if file.path in listed and file.status != "deleted":
            found = _counted(file, listed[file.path])
            old = came_from.get(file.path)
            yield replace(found, other_path=old) if old and file.status == "added" else found
        elif file.path in went_to and file.status == "deleted":
            yield replace(file, additions=0, deletions=0, other_path=went_to[file.path])
        elif file.path in listed:
            yield _counted(file, listed[file.path])
        else:
            yield file


def with_link_targets(files: Iterable[ChangedFile], tree: GithubTree) -> Iterator[ChangedFile]:
    """Yield the files, symbolic links of the head with the place they lead to."""
    for file in files:
        yield replace(file, link_target=tree.link_target(file.path)) if file.mode == MODE_SYMLINK else file


def _changed(path: str, before: TreeEntry | None, after: TreeEntry | None) -> ChangedFile:
    is_counted_elsewhere = before is None or after is None or before.blob != after.blob
    lines = -1 if is_counted_elsewhere else 0
    return ChangedFile(
        path,
        _status(before, after),
        mode=after.mode if after else "",
        base_mode=before.mode if before else "",
        blob=after.blob if after else "",
        base_blob=before.blob if before else "",
        additions=lines,
        deletions=lines,
    )


def _status(before: TreeEntry | None, after: TreeEntry | None) -> Literal["added", "modified", "deleted", "changed"]:
    if before is None or after is None:
        return "added" if before is None else "deleted"
    is_content_alone = before.blob != after.blob and before.mode[:3] == after.mode[:3]
    return "modified" if is_content_alone else "changed"


def _counted(file: ChangedFile, row: Row) -> ChangedFile:
    added, removed = row.get("additions"), row.get("deletions")
    if not is_count(added) or not is_count(removed):
        return file
    blobs = {file.blob, file.base_blob} - {""}
    is_silent = not added and not removed and not optional_text(row, "patch")
    is_rename_alone = optional_text(row, "status") == "renamed" and not row.get("changes")
    # GitHub counts no lines of a binary file: content that differs without one line that does is binary.
    if is_silent and file.status != "changed" and not is_rename_alone and not blobs <= _EMPTY_BLOBS:
        return replace(file, additions=-1, deletions=-1, is_binary=True)
    return replace(file, additions=added, deletions=removed)
