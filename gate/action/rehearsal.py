"""Rehearsal in a job: merge and revert always; the change's own code only where it can do no harm to the job."""

from dataclasses import dataclass

from gate.action.job import Inputs, Job
from gate.action.runner import Runner, hide_environment
from gate.bootstrap_rehearsal import rehearse
from gate.core.change.rehearsal import RehearsalReport
from gate.core.errors import GateError


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What was tried, None where nothing was; and what is to be said of it, empty where nothing is."""

    report: RehearsalReport | None
    note: str = ""


def rehearsed(inputs: Inputs, job: Job, runner: Runner) -> Rehearsed:
    """Return the rehearsal that was asked for.

    SECURITY: migrations and commands are the change's own code. In a job that can prove who it is, or that runs with
    the base's rights, that code would have both; in one that holds merges back it could edit the gate and the checkout
    that the verdict is made from. There only merge and revert are tried, which run nothing.
    """
    if not inputs.may_rehearse:
        return Rehearsed(None)
    why = _why_nothing_runs(job)
    hide_environment()
    try:
        report = rehearse(
            job.workspace, base=job.base_sha, head=job.head_sha, config=inputs.config,
            is_with_migrations=not why, is_with_commands=not why,
        )  # fmt: skip
    except GateError as error:
        return Rehearsed(None, f"The way back could not be rehearsed: {error}")
    for step in report.steps:
        runner.show(f"rehearsal: {step.step} {'passed' if step.is_passed else 'FAILED'}: {step.why}")
    return Rehearsed(report, f"Only merge and revert were rehearsed: {why}" if why else "")


def _why_nothing_runs(job: Job) -> str:
    if job.event == "pull_request_target":
        return "a job of `pull_request_target` has the base's rights, and never runs a change's code."
    if job.has_identity:
        return "a job with `id-token: write` never runs a change's code; use a job of its own without it."
    if job.is_protected:
        return "a job whose workflow no change can edit holds merges back, and never runs a change's code."
    return ""
