"""Reconciling at the forge: what came onto a governed branch is accounted for as it comes, and owners are told."""

from collections.abc import Iterator, Sequence

from gate.core.audit.history import CommitAccount, Reconciliation, Records
from gate.core.audit.reconcile import counts_of, reconcile
from gate.core.forge.snapshot import ForgeRepository, RepositoryKey
from gate.core.values import dataclass
from gate.usecases.audit_stored import BranchCommit, BranchState
from gate.usecases.forge_history import ForgeHistory
from gate.usecases.forge_ports import ForgeRepositoryAccess, GoneError
from gate.usecases.gate import Gate
from gate.usecases.jobs import SETTLE_SECONDS, judge_job, reconcile_job
from gate.usecases.record_reconciliation import BranchQuestion, merged_change, record_reconciliation, state_of
from gate.usecases.store_ports import Reading
from gate.usecases.tell_bypass import Bypass, tell_bypasses

MOST_NEW = 250
"""How many new commits are looked at without a clone; more are left to `gate audit reconcile`."""
REVISITED = 30
"""How many of the newest commits are looked at again: a merge may be reported after its push."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of a branch: how far it was read, its commits in order, and where the gate's time begins."""

    repository: ForgeRepository
    state: BranchState | None
    commits: Sequence[BranchCommit]
    baseline: str
    is_settled_at: str


def reconcile_at_forge(gate: Gate, key: RepositoryKey, branch: str) -> str:
    """Account for what is new on a branch, and return what became of it: `done`, `nothing`, `moved`, `waits` or `left`.

    `waits` says that the forge holds a change for ended that was not looked at since: that is done first.
    `left` says that there is more than is looked at without a clone: the branch stays unreconciled, as exports say.
    Raises UnreadableError where the forge does not answer in full; nothing is recorded then.
    """
    outcome = _reconcile(gate, key, branch)
    gate.measures.count("reconciliations", outcome=outcome)
    return outcome


def _reconcile(gate: Gate, key: RepositoryKey, branch: str) -> str:
    with gate.store.reading() as reading:
        known = _known(reading, key, branch)
    if known is None:
        return "nothing"
    access = gate.access(known.repository)
    try:
        tip = access.branch_tip(branch)
    except GoneError:
        return "nothing"
    if tip == known.is_settled_at:
        return "nothing"
    if _look_first(gate, access, key, branch):
        return "waits"
    shas = list(access.first_parents(tip, count=MOST_NEW))
    places = {one.sha: place for place, one in enumerate(known.commits)} or {known.baseline: -1}
    joint = next((number for number, sha in enumerate(shas) if sha in places), None)
    if joint is None:
        return "left"
    kept = list(known.commits[: places[shas[joint]] + 1])
    fresh = shas[:joint][::-1] if known.commits else shas[: joint + 1][::-1]
    window = [one.sha for one in _after_baseline(kept, known.baseline)[-REVISITED:]]
    history = ForgeHistory(access)
    with gate.store.reading() as reading:
        wanted = {*window, *fresh}
        merges = [entry for entry in reading.merges(key) if entry.payload().get("merge") in wanted]
        records = Records(branch, [merged_change(reading, entry) for entry in merges], known.baseline)
    seen = reconcile(history.commits([*window, *fresh]), history, records)
    accounts = _together(kept, seen.accounts, set(fresh))
    found = Reconciliation(accounts, (), seen.indirect, counts_of(accounts, ()))
    question = BranchQuestion(known.repository, branch, tip, gate.instant())
    with gate.store.writing() as writing:
        if state_of(writing, key, branch) != known.state:
            return "moved"  # another reconciliation came first and left a job or knows more
        new = record_reconciliation(writing, question, found, known.baseline)
        tell = [one for one in new if one.code != "content-unproven"]
    tell_bypasses(gate, known.repository, [_bypass(history, one) for one in tell])
    return "done"


def _look_first(gate: Gate, access: ForgeRepositoryAccess, key: RepositoryKey, branch: str) -> bool:
    """Have changes judged whose end no webhook told; return whether there are any. Their end reconciles the branch."""
    present = set(access.open_changes(base_ref=branch))
    at = gate.instant()
    with gate.store.writing() as writing:
        ended = [one.key for one in writing.open_changes(key, base_ref=branch) if one.key.number not in present]
        for one in ended:
            writing.enqueue(judge_job(one, at=at, why="it seems to have ended"))
        if ended:
            writing.enqueue(reconcile_job(key, branch, at=gate.instant(later_seconds=SETTLE_SECONDS)))
    return bool(ended)


def _known(reading: Reading, key: RepositoryKey, branch: str) -> _Known | None:
    """Return what is kept of a branch, None where no change onto it was ever judged."""
    repository, state = reading.repository(key), state_of(reading, key, branch)
    baseline = state.baseline if state else reading.first_judged_base(key, branch)
    if repository is None or not baseline:
        return None
    commits = [one for one in reading.branch_commits(key, branch) if one.position >= 0]
    last = max((entry.index for entry in reading.merges(key)), default=-1)
    is_settled = state is not None and last < state.entry
    return _Known(repository, state, commits, baseline, state.tip if state and is_settled else "")


def _after_baseline(kept: Sequence[BranchCommit], baseline: str) -> Sequence[BranchCommit]:
    place = next((place for place, one in enumerate(kept) if one.sha == baseline), -1)
    return kept[place + 1 :]


def _together(
    kept: Sequence[BranchCommit], seen: Sequence[CommitAccount], fresh: set[str]
) -> tuple[CommitAccount, ...]:
    """Return the accounts of the whole branch: what was accounted for stays, what was a bypass may be settled now."""
    found = {one.sha: one for one in seen}
    told = []
    for row in kept:
        again = found.get(row.sha)
        is_settled = row.status == "bypass" and again is not None and again.status == "accounted"
        told.append(again if again is not None and is_settled else _as_kept(row))
    return (*told, *(one for one in seen if one.sha in fresh))


def _as_kept(row: BranchCommit) -> CommitAccount:
    return CommitAccount(
        sha=row.sha,
        parent=row.parent,
        at=row.at,
        subject="",
        author="",
        how=row.how,
        status=row.status,
        change=row.change or None,
        code=row.code,
    )


def _bypass(history: ForgeHistory, row: BranchCommit) -> Bypass:
    """Return a bypass with the paths it touched; of a commit that is gone nothing is looked up."""
    paths = sorted(history.deltas(row.parent, row.sha)) if row.position >= 0 else []
    return Bypass(row.branch, row.sha, row.code, tuple(paths))


def branches_to_reconcile(reading: Reading, key: RepositoryKey) -> Iterator[str]:
    """Yield the branches of a repository that are reconciled as they move, each once."""
    repository = reading.repository(key)
    names = [state.branch for state in reading.branches(key)]
    names += [repository.default_branch] if repository and repository.default_branch else []
    yield from dict.fromkeys(names)
