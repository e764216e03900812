"""Answering a job: its change is judged anew, and what it tried is taken as evidence; it never approves anything."""

from gate.core.change.rehearsal import RehearsalReport
from gate.core.errors import UsageError
from gate.core.forge.snapshot import ChangeKey, ForgeRepository
from gate.core.ledger.entries import EntryDraft
from gate.core.values import dataclass
from gate.usecases.forge_ports import GoneError
from gate.usecases.gate import Gate, subject_of
from gate.usecases.judge_change import judge_change
from gate.usecases.store_ports import StaleGenerationError
from gate.usecases.stored import StoredVerdict
from gate.usecases.workload_ports import ReportedRehearsal, Workload, WorkloadRefusedError

EVENTS = frozenset({"pull_request", "pull_request_review"})
"""What a job may run on. SECURITY: `pull_request_target` runs with the base's rights beside a change's code (R51)."""


@dataclass(frozen=True, slots=True)
class WorkloadAnswer:
    """The newest verdict, and one sentence on what became of the evidence, empty where none was brought."""

    verdict: StoredVerdict
    evidence: str


def answer_workload(
    gate: Gate,
    repository: ForgeRepository,
    number: int,
    workload: Workload,
    *,
    head_sha: str,
    report: RehearsalReport | None,
) -> WorkloadAnswer:
    """Judge the job's change from what the forge says now, with its evidence where that is taken.

    SECURITY: who the job is gives no right but this one. Evidence binds to one head, is `reported`, and comes from
    workflows alone that the operator names, since a branch of the same repository can mint a token, too (L24).
    Raises WorkloadRefusedError for a job that is about something else, or whose token was used before; UsageError for
    a change that is not open; UnreadableError where the forge does not answer.
    """
    key = ChangeKey(repository.key.tenant, repository.key.id, number)
    problem = _problem_of(workload, key)
    with gate.store.writing() as writing:
        if not problem and not writing.use_workload_token(workload.jti, ends_at=workload.ends_at, now=gate.instant()):
            problem = "This token was used before."
        if problem:
            writing.append(_entry(gate, key, workload, "evidence-refused", why=problem))
    if problem:
        raise WorkloadRefusedError(problem, next_step="Run the Action on `pull_request`.")
    _judge(gate, key)
    evidence = _taken(gate, key, workload, head_sha, report) if report is not None else ""
    if not evidence.startswith("The rehearsal is not taken") and report is not None:
        _judge(gate, key)
    with gate.store.reading() as reading:
        change, verdict = reading.change(key), reading.verdict(key)
    if change is None or change.state != "open" or verdict is None:
        raise UsageError(f"{repository.name}#{number} is not open.", next_step="Open it again, or close this run.")
    return WorkloadAnswer(verdict, evidence)


def _judge(gate: Gate, key: ChangeKey) -> None:
    try:
        judge_change(gate, key)
    except StaleGenerationError:
        return  # a judgement that began later is as fresh as this one


def _problem_of(workload: Workload, key: ChangeKey) -> str:
    """Return why a job has nothing to say about a change, empty where it has."""
    if workload.repository != key.repository or (key.tenant and workload.owner != key.tenant):
        return "This token is of a job of another repository."
    if workload.event not in EVENTS:
        return f"This token is of a job that runs on `{workload.event}`."
    if workload.ref != f"refs/pull/{key.number}/merge":
        return "This token is of a job about another change."
    return ""


def _taken(gate: Gate, key: ChangeKey, workload: Workload, head_sha: str, report: RehearsalReport) -> str:
    """Keep a report where it may count, and return what became of it."""
    why = _why_not_taken(gate, key, workload, head_sha, report)
    with gate.store.writing() as writing:
        if why:
            writing.append(_entry(gate, key, workload, "evidence-refused", why=why))
            return f"The rehearsal is not taken: {why}"
        for one in report.rehearsals():
            writing.save_rehearsal(
                ReportedRehearsal(
                    key=key, rehearsal=one, workflow=workload.workflow, run=workload.run, at=gate.instant()
                )
            )
        writing.append(_entry(gate, key, workload, "evidence-reported", why="", head=head_sha))
    return f"The rehearsal is taken as reported for {head_sha[:12]}."


def _why_not_taken(gate: Gate, key: ChangeKey, workload: Workload, head_sha: str, report: RehearsalReport) -> str:
    if workload.workflow not in gate.settings.evidence_workflows:
        return "the workflow of this job is not named in GATE_ACTIONS_WORKFLOWS."
    with gate.store.reading() as reading:
        change = reading.change(key)
        known = reading.repository(key.repository_key)
    if change is None or known is None or not change.head_sha == head_sha == report.head_sha:
        return "the change has another head by now."
    if workload.sha == head_sha:
        return ""
    try:
        is_its_merge = head_sha in gate.access(known).commit(workload.sha).parents
    except GoneError:
        is_its_merge = False
    return "" if is_its_merge else "the run is about another commit."


def _entry(gate: Gate, key: ChangeKey, workload: Workload, kind: str, *, why: str, head: str = "") -> EntryDraft:
    payload = {"event": workload.event, "workflow": workload.workflow, "workflow_sha": workload.workflow_sha,
               "run": workload.run, "repository": workload.repository}  # fmt: skip
    return EntryDraft(
        kind="evidence-reported" if kind == "evidence-reported" else "evidence-refused",
        at=gate.instant(),
        subject=subject_of(key),
        actor=f"workload:{workload.repository}",
        authenticated="GitHub's token for jobs",
        payload={**payload, **({"head": head} if head else {"why": why})},
    )
