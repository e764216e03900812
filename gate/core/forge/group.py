"""Merge groups: whether a commit of a merge queue is exactly the mechanical merge of one change."""

from collections.abc import Sequence
from typing import Protocol

from gate.core.change.facts import ChangedFile
from gate.core.change.paths import shown


class Entry(Protocol):
    """One file of a tree."""

    @property
    def path(self) -> str: ...  # noqa: D102  # name and types say it
    @property
    def mode(self) -> str: ...  # noqa: D102  # name and types say it
    @property
    def blob(self) -> str: ...  # noqa: D102  # name and types say it


def why_not_the_merge(files: Sequence[ChangedFile], before: Sequence[Entry], after: Sequence[Entry]) -> str:
    """Return why a tree is not the one before it with exactly a change's files replaced, empty where it is.

    SECURITY: a path that both the change and the branch changed since they parted cannot be proven from trees alone,
    and what is not proven is not equal.
    """
    old = {entry.path: (entry.mode, entry.blob) for entry in before}
    new = {entry.path: (entry.mode, entry.blob) for entry in after}
    wanted = dict(old)
    for file in files:
        here = old.get(file.path)
        parted = (file.base_mode, file.base_blob) if file.base_blob else None
        if here != parted and here != _head_of(file):
            return f"{shown(file.path)} was changed on the branch as well, so that the merge cannot be proven"
        head = _head_of(file)
        if head is None:
            wanted.pop(file.path, None)
        else:
            wanted[file.path] = head
    if wanted == new:
        return ""
    differing = min(path for path in {**wanted, **new} if wanted.get(path) != new.get(path))
    return f"the group's content differs from what was approved in {shown(differing)}"


def _head_of(file: ChangedFile) -> tuple[str, str] | None:
    return (file.mode, file.blob) if file.blob else None
