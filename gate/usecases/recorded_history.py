"""Recorded history: the versions of a component's record since the gate watches its branch, by what it saw landing."""

from collections.abc import Iterator

from gate.core.errors import GateError
from gate.core.forge.snapshot import ChangeKey
from gate.core.ownership.history import Fields, Revision, Version, versions_of
from gate.core.values import dataclass
from gate.usecases.audit_stored import BranchCommit
from gate.usecases.forge_ports import ForgeRepositoryAccess
from gate.usecases.gate import Gate
from gate.usecases.observing import touches_rules
from gate.usecases.ownership_history import fields_at
from gate.usecases.repository_ownership import OwnershipNow
from gate.usecases.store_ports import Reading

MOST_REVISIONS = 30


@dataclass(frozen=True, slots=True)
class SeenVersion:
    """A version of a record, and the change that brought it (0: it came past the gate)."""

    version: Version
    change: int


@dataclass(frozen=True, slots=True)
class RecordedHistory:
    """Versions newest first. `is_cut` says that older ones are left out.

    `unreadable` are commits of which nothing is known: the next version tells all that changed since.
    """

    versions: tuple[SeenVersion, ...]
    is_cut: bool = False
    unreadable: tuple[str, ...] = ()


def recorded_history(gate: Gate, now: OwnershipNow, component: str, *, most: int = MOST_REVISIONS) -> RecordedHistory:
    """Return who changed a component's record on the default branch, what, when and why, since the gate watches it.

    Looked at are the commits that touched files of the gate, as far as the branch was reconciled. Raises
    UnreadableError where the forge does not answer.
    """
    key, branch = now.repository.key, now.repository.default_branch
    with gate.store.reading() as reading:
        seen = [one for one in reading.branch_commits(key, branch) if one.position >= 0 and _is_watched(one)]
        candidates = list(_newest(gate, reading, seen, most + 1))
    is_cut = len(candidates) > most
    candidates = candidates[:most][::-1]
    access = gate.access(now.repository)
    broken: list[str] = []

    def known(sha: str) -> Fields | None:
        tree = access.commit_tree(sha)
        return fields_at(
            tree, component, readers=gate.readers, config=gate.settings.config, repository=now.repository.name
        )

    revisions, before = [], None
    for number, one in enumerate(candidates):
        try:
            if number == 0 and one.parent:
                before = known(one.parent)
            revisions.append(_revision(access, one, known(one.sha)))
        except GateError:
            broken.append(one.sha)
    changes = {one.sha: one.change for one in candidates}
    versions = tuple(SeenVersion(one, changes[one.sha]) for one in versions_of(revisions, before=before))
    return RecordedHistory(versions, is_cut, tuple(broken))


def _is_watched(one: BranchCommit) -> bool:
    """Return whether a commit came after the gate began to watch: accounted for by a change, or past it."""
    return bool(one.change) or one.status == "bypass"


def _newest(gate: Gate, reading: Reading, seen: list[BranchCommit], most: int) -> Iterator[BranchCommit]:
    """Yield commits that may have changed a record, newest first."""
    count = 0
    for one in reversed(seen):
        if count == most:
            return
        if one.change and not _touches_rules(gate, reading, one):
            continue
        count += 1
        yield one


def _touches_rules(gate: Gate, reading: Reading, one: BranchCommit) -> bool:
    """Return whether a change touched the gate's own files; one whose files are not kept may have."""
    stored = reading.verdict(ChangeKey(one.repository.tenant, one.repository.id, one.change))
    files = reading.content(stored.content) if stored and stored.content else None
    return files is None or touches_rules(files, gate.settings.config)


def _revision(access: ForgeRepositoryAccess, one: BranchCommit, fields: Fields | None) -> Revision:
    commit = access.commit(one.sha)
    subject = commit.message.partition("\n")[0].strip()
    return Revision(sha=one.sha, at=one.at, author=commit.author_name, subject=subject, fields=fields)
