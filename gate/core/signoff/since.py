"""Since: what has changed in a subject between what somebody saw and what would be merged now, in words."""

from collections.abc import Mapping, Sequence

from gate.core.change.facts import ChangedFile, Facts
from gate.core.change.plan_digest import plan_digest
from gate.core.signoff.scope import Subject, files_of

MOST_FILES = 20


def changed_since(before: Facts, now: Facts, subjects: Sequence[Subject]) -> tuple[str, ...]:
    """Return one sentence for each difference that voids a sign-off of some subjects, none where nothing has."""
    told = []
    old, new = before.change, now.change
    if old.base_ref != new.base_ref:
        told.append(f"It went to `{old.base_ref}` then, and goes to `{new.base_ref}` now.")
    if plan_digest(before.declaration.rollback) != plan_digest(now.declaration.rollback):
        told.append("The rollback plan has changed.")
    differing = _differing(before.files, now.files, subjects)
    told += [f"`{path}` {how}." for path, how in list(differing.items())[:MOST_FILES]]
    if len(differing) > MOST_FILES:
        told.append(f"{len(differing) - MOST_FILES} more files have changed.")
    if not told and old.head_sha != new.head_sha:
        told.append(f"The head is `{new.head_sha[:12]}` now; it was `{old.head_sha[:12]}`.")
    return tuple(told)


def _differing(
    before: Sequence[ChangedFile], now: Sequence[ChangedFile], subjects: Sequence[Subject]
) -> Mapping[str, str]:
    old, new = ({file.path: file for file in files} for files in (before, now))
    covered = {file.path for subject in subjects for files in (old, new) for file in files_of(subject, files)}
    found = {}
    for path in sorted(covered):
        if old.get(path) != new.get(path):
            is_new, is_gone = path not in old, path not in new
            found[path] = "is new in it" if is_new else "is no longer in it" if is_gone else "has changed"
    return found
