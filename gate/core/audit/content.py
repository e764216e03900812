"""Content: whether what came onto a branch is what was approved, by comparing trees."""

from collections.abc import Callable, Mapping, Sequence

from gate.core.audit.history import Delta, Trees, Version
from gate.core.change.facts import ChangedFile
from gate.core.change.paths import shown

Lookup = Callable[[str], Version | None]


def why_not_content(
    files: Sequence[ChangedFile], deltas: Mapping[str, Delta], *, before: Lookup, trees: Trees
) -> tuple[str, str]:
    """Return a code and a sentence where a step of the branch is not exactly a change's files, two empty texts else.

    `before` looks a path up in the tree that the step started from. A path that the branch changed as well is merged
    as git does it. SECURITY: what cannot be proven is `content-unproven`, never equal.
    """
    approved = {file.path: file for file in files}
    unproven = ""
    for path in sorted(deltas):
        file, delta = approved.get(path), deltas[path]
        if file is None:
            return "content-differs", f"{shown(path)} changed, which is no part of what was approved."
        if delta.old == base_of(file) and delta.new == head_of(file):
            continue
        if delta.old == base_of(file):
            return "content-differs", f"{shown(path)} is not what was approved."
        if delta.new != head_of(file) and not _is_merged(file, delta, trees):
            unproven = unproven or path
    for path in sorted(approved.keys() - deltas.keys()):
        file = approved[path]
        there = before(path)
        if there != head_of(file) and head_of(file) != base_of(file):
            return "content-differs", f"{shown(path)} was approved and is not in it."
    if unproven:
        why = f"{shown(unproven)} changed on the branch as well, and git does not make this of the two."
        return "content-unproven", why
    return "", ""


def is_inverse(undone: Mapping[str, Delta], undoing: Mapping[str, Delta]) -> bool:
    """Return whether one step takes another back exactly: the same paths, each back to what it was."""
    if undone.keys() != undoing.keys():
        return False
    return all(undoing[path].old == delta.new and undoing[path].new == delta.old for path, delta in undone.items())


def head_of(file: ChangedFile) -> Version | None:
    """Return what a change leaves at a path, None where it deletes it."""
    return (file.mode, file.blob) if file.blob else None


def base_of(file: ChangedFile) -> Version | None:
    """Return what a change found at a path, None where it adds it."""
    return (file.base_mode, file.base_blob) if file.base_blob else None


def _is_merged(file: ChangedFile, delta: Delta, trees: Trees) -> bool:
    base, head = base_of(file), head_of(file)
    if base is None or head is None or delta.old is None or delta.new is None:
        return False
    if len({base[0], head[0], delta.old[0], delta.new[0]}) != 1:
        return False  # a mode changed on one side: rare, and left to a person
    return trees.is_merged_text(base[1], delta.old[1], head[1], delta.new[1])
