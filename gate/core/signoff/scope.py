"""Scope: exactly what one sign-off covers, and the digest of it."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from gate.core.canonical import digest_of
from gate.core.change.facts import Change, ChangedFile


class Subject(NamedTuple):
    """What one sign-off is about: a component's part of the change, or what a rule asks for.

    `id` is stable and in the scope digest: `component:SECTION/NAME`, `rule:NAME`, `unowned`, `policy-change`,
    `emergency`. `name` is what people type. `paths` are the paths that belong to it, whether touched now or in an
    earlier content; `has_all_files` stands for every file of the change. `is_by_touch` says that its files were chosen
    by what they are (a migration, a link), which an earlier content no longer tells.
    """

    id: str
    name: str
    paths: Collection[str] = ()
    has_all_files: bool = False
    is_by_touch: bool = False


def files_of(subject: Subject, files: Mapping[str, ChangedFile]) -> list[ChangedFile]:
    """Return the files that a subject covers, sorted by path, from all files by path."""
    paths = files if subject.has_all_files else files.keys() & subject.paths
    return [files[path] for path in sorted(paths)]


def scope_digest(
    change: Change, subject: Subject, files: Mapping[str, ChangedFile], *, plan_digest: str, binds_head: bool
) -> str:
    """Return the digest of exactly what a sign-off of this subject covers.

    A rename is a deletion and an addition, so that no detector's opinion enters. Policy is not part of it: a changed
    policy judges the same sign-offs anew. With `binds_head` (`on_push: invalidate-all`, and every emergency) any new
    head is a new scope.
    """
    return digest_of(
        {
            "base": change.base_ref,
            "files": [
                [file.path, file.status, file.base_mode, file.mode, file.base_blob, file.blob]
                for file in files_of(subject, files)
            ],
            "head": change.head_sha if binds_head else None,
            "number": change.number,
            "repository": change.repository.id or change.repository.name,
            "rollback": plan_digest,
            "subject": subject.id,
        }
    )
