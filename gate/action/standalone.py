"""Standalone: a change judged within its own job, from the checkout and what GitHub says; no service is needed."""

from gate import bootstrap
from gate.action.job import Inputs, Job
from gate.action.outcome import tell
from gate.action.rehearsal import rehearsed
from gate.action.runner import Runner
from gate.bootstrap_pulls import judge_pull
from gate.core.errors import UnreadableError, UsageError
from gate.usecases.change_port import ChangeReader
from gate.usecases.judge_at_once import SingleLook
from gate.usecases.judge_local_change import Judgement

ADVISORY = (
    "_Advisory: this workflow is part of the repository that it judges, so a change can edit it. It holds a merge back "
    "for certain only where the organisation requires it from a protected repository (docs/action.md)._"
)
REQUIRED = "_The workflow stands in another repository, where this change cannot edit it._"


def judge_standalone(inputs: Inputs, job: Job, runner: Runner) -> int:
    """Judge the job's change and return the exit code: 0 for `approved`, 1 for every other state, 2 for a broken base.

    INVARIANT: no input weakens that (tests/threats/test_R49_job_as_gate.py).
    Raises UsageError or UnreadableError where nothing can be judged.
    """
    from gate.adapters.github.forge import GithubForge

    if not inputs.token:
        raise UsageError("The input `token` is empty.", next_step="Leave it out; the job's own token is used then.")
    forge = GithubForge(token=inputs.token, base_url=job.api_url)
    found = forge.find(job.repository)
    if found is None:
        step = "Grant the job `contents: read` and `pull-requests: read`."
        raise UnreadableError(f"The token does not show {job.repository}.", next_step=step)
    trial = rehearsed(inputs, job, runner)
    look = SingleLook(
        number=job.number,
        at=bootstrap.now(),
        config=inputs.config,
        rehearsals=trial.report.rehearsals() if trial.report else (),
        assumptions=(trial.note,) if trial.note else (),
    )
    judgement = _judged(forge.access(found.key, installation=found.installation, name=found.name), look, job, runner)
    verdict = judgement.verdict
    if verdict.change.head_sha != job.head_sha:
        runner.notice(f"The change has moved on: {verdict.change.head_sha[:12]} was judged, as it is now.")
    tell(runner, verdict, url=verdict.change.url, note=REQUIRED if job.is_protected else ADVISORY)
    if verdict.state == "approved":
        return 0
    return 2 if judgement.is_base_broken and verdict.state == "error" else 1


def _judged(access: ChangeReader, look: SingleLook, job: Job, runner: Runner) -> Judgement:
    """Return the judgement from the checkout, or wholly through the API where the checkout does not have it all."""
    try:
        return judge_pull(access, look, checkout=job.workspace)
    except UnreadableError as error:
        runner.notice(f"Judged through the API alone, which takes longer: {error}")
        return judge_pull(access, look, checkout=None)
