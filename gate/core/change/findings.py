"""Findings: everything in a diff that a rollback must reckon with, each with its file and a sentence."""

from collections.abc import Callable, Sequence

from gate.core.change.facts import Finding
from gate.core.change.finding_kinds.artifacts import find_artifacts, may_be_artifact
from gate.core.change.finding_kinds.infrastructure import find_destroyed, may_be_infrastructure
from gate.core.change.finding_kinds.public_api import find_removed, may_be_public_api
from gate.core.change.migrations import FileContent, find_migrations, is_migration_candidate

__all__ = ["FileContent", "examine", "is_candidate"]


def is_candidate(path: str) -> bool:
    """Return whether `examine` needs the content of a path; paths of a component's own patterns it needs besides."""
    lower = path.lower()
    return (
        is_migration_candidate(path)
        or may_be_artifact(lower)
        or may_be_infrastructure(lower)
        or may_be_public_api(lower)
    )


def examine(
    files: Sequence[FileContent],
    *,
    extra_patterns: Sequence[str] = (),
    read_head: Callable[[str], bytes | None] | None = None,
) -> tuple[Finding, ...]:
    """Return all findings of a change, sorted by path and kind, each once; what cannot be told is a finding.

    A finding too many costs its author a sentence in the plan, one too few a rollback that does not work. See
    `find_migrations` for `extra_patterns` and `read_head`.
    """
    changed = [file for file in files if file.base != file.head]
    found = list(find_migrations(files, extra_patterns=extra_patterns, read_head=read_head))
    for file in changed:
        found += find_artifacts(file)
    found += find_destroyed(changed)
    found += find_removed(changed)
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.path, one.kind, one.tool, one.why)))
