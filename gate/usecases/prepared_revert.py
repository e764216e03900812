"""The prepared revert of a merged change, by what the service recorded of it and how the forge merged it."""

from dataclasses import replace

from gate.core.change.facts import ChangedFile, Facts
from gate.core.errors import GateError
from gate.core.explain.json import parse_verdict
from gate.core.forge.snapshot import ChangeKey, ForgeRepository
from gate.core.incident.brief import Brief
from gate.core.incident.revert import MergedAs, MergedChange, PreparedRevert, prepare_revert
from gate.core.incident.suspects import Suspect
from gate.core.values import dataclass
from gate.core.verdict import RollbackView
from gate.usecases.forge_ports import ForgeRepositoryAccess
from gate.usecases.gate import Gate
from gate.usecases.kept_facts import facts_of

_TWO_PARENTS = 2
_WITH_COMMANDS = 3


@dataclass(frozen=True, slots=True)
class WayBack:
    """How a merged change is taken back: the revert, its own rollback plan, and by which change it was (0: none)."""

    revert: PreparedRevert
    plan: RollbackView
    reverted_by: int


def way_back(gate: Gate, repository: ForgeRepository, number: int) -> WayBack | None:
    """Return how a change is taken back, None for one that was not merged or never judged.

    Raises UnreadableError where the forge does not answer.
    """
    key = ChangeKey(repository.key.tenant, repository.key.id, number)
    with gate.store.reading() as reading:
        change, stored, landing = reading.change(key), reading.verdict(key), reading.landing(key)
        undone = reading.reverting(key)
        files = reading.content(stored.content) if stored and stored.content else None
    if change is None or stored is None or landing is None or not landing.merge_sha:
        return None
    facts = facts_of(gate, stored.facts_digest)
    plan = parse_verdict(stored.verdict).rollback
    merged = MergedChange(
        repository=repository.name,
        number=number,
        title=change.title,
        url=change.url,
        base_ref=change.base_ref,
        merge_sha=landing.merge_sha,
        merged_as=_merged_as(gate.access(repository), landing.merge_sha, facts, files or ()),
        commits=len(facts.commits) if facts else 1,
        method=plan.method or "",
        steps=plan.steps,
        restore_minutes=plan.restore_minutes,
    )
    return WayBack(prepare_revert(merged), plan, undone.key.number if undone else 0)


def with_commands(gate: Gate, repository: ForgeRepository, brief: Brief) -> Brief:
    """Return a brief whose likeliest suspects say by which commands they are taken back, where the forge answers."""
    likeliest = [_with_commands(gate, repository, one) for one in brief.suspects[:_WITH_COMMANDS]]
    return replace(brief, suspects=(*likeliest, *brief.suspects[_WITH_COMMANDS:]))


def _with_commands(gate: Gate, repository: ForgeRepository, suspect: Suspect) -> Suspect:
    try:
        found = way_back(gate, repository, int(suspect.landing.id.rpartition("#")[2]))
    except GateError:
        return suspect  # its page is named all the same
    if found is None or suspect.landing.undone_at is not None:
        return suspect
    hint = (f"# {found.revert.hint}",) if found.revert.hint else ()
    return replace(suspect, landing=replace(suspect.landing, commands=(*hint, *found.revert.commands)))


def _merged_as(
    access: ForgeRepositoryAccess, sha: str, facts: Facts | None, files: tuple[ChangedFile, ...]
) -> MergedAs:
    """Return how a change reached its branch, by its commit alone: a merge, one commit, or the last of several."""
    parents = access.commit(sha).parents
    if len(parents) >= _TWO_PARENTS:
        return "merge"
    if facts is None or len(facts.commits) <= 1 or not parents:
        return "one-commit"
    before = access.commit_tree(parents[0])
    entries = [(file, before.entry(file.path)) for file in files]
    # Before the last of several commits some file of the change is no more what it was at the base.
    is_whole = all((entry.blob if entry else "") == (file.base_blob or "") for file, entry in entries)
    return "one-commit" if is_whole else "several-commits"
