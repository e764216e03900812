"""Since: what has changed in a subject between what somebody saw and what would be merged now, in words."""

from collections.abc import Mapping, Sequence

from gate.core.change.facts import ChangedFile, Facts
from gate.core.change.plan_digest import plan_digest
from gate.core.counting import agreeing, count_of
from gate.core.signoff.scope import Subject, files_of
from gate.core.values import dataclass

MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Version:
    """A change as somebody saw it: where it went, the digest of its plan, its head, its files."""

    base_ref: str
    plan_digest: str
    head_sha: str
    files: Sequence[ChangedFile]


def version_of(facts: Facts) -> Version:
    """Return the version of a change that facts describe."""
    change = facts.change
    return Version(change.base_ref, plan_digest(facts.declaration.rollback), change.head_sha, facts.files)


def changed_since(before: Version, now: Version, subjects: Sequence[Subject]) -> tuple[str, ...]:
    """Return one sentence for each difference that voids a sign-off of some subjects, none where nothing has."""
    told = []
    if before.base_ref != now.base_ref:
        told.append(f"It went to `{before.base_ref}` then, and goes to `{now.base_ref}` now.")
    if before.plan_digest != now.plan_digest:
        told.append("The rollback plan has changed.")
    differing = differing_files(before, now, subjects)
    told += [f"`{path}` {how}." for path, how in list(differing.items())[:MOST_FILES]]
    more = len(differing) - MOST_FILES
    if more > 0:
        told.append(f"{count_of(more, 'more file')} {agreeing(more, 'has', 'have')} changed.")
    return tuple(told)


def differing_files(before: Version, now: Version, subjects: Sequence[Subject]) -> Mapping[str, str]:
    """Return the paths of some subjects that are not as they were, each with how it differs."""
    old, new = ({file.path: file for file in version.files} for version in (before, now))
    covered = {file.path for subject in subjects for files in (old, new) for file in files_of(subject, files)}
    found = {}
    for path in sorted(covered):
        if old.get(path) != new.get(path):
            is_new, is_gone = path not in old, path not in new
            found[path] = "is new in it" if is_new else "is no longer in it" if is_gone else "has changed"
    return found
