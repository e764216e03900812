"""Workload ports: jobs of GitHub Actions that say which job they are, and the evidence that they bring."""

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from gate.core.change.facts import Instant, Rehearsal
from gate.core.errors import GateError
from gate.core.forge.snapshot import ChangeKey
from gate.core.values import dataclass


class WorkloadRefusedError(GateError):
    """A token does not say which job this is, or of a job that has nothing to say here."""

    exit_code = 2
    code = "workload-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A job of GitHub Actions by the verified claims of its token; names are for display, the ids decide.

    `sha` is what the run is about: of a change, the merge that the forge tried. `workflow` is where the job's own
    definition stands, `owner/repo/path@ref`. `ends_at` is when its token ends.
    """

    jti: str
    ends_at: Instant
    repository: int
    owner: int
    event: str
    ref: str
    sha: str
    workflow: str
    workflow_sha: str
    run: int


class WorkloadTokens(Protocol):
    """Verifies the tokens of jobs."""

    def verify(self, unverified_token: str, *, at: dt.datetime) -> Workload:
        """Return the job that a token is of. Raises WorkloadRefusedError for every text that is no token for us."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRehearsal:
    """One step of a rehearsal that a job reported for exactly one head of a change."""

    key: ChangeKey
    rehearsal: Rehearsal
    workflow: str
    run: int
    at: Instant


class ReadingWorkloads(Protocol):
    """Looks evidence up."""

    def rehearsals(self, key: ChangeKey, head_sha: str) -> Sequence[Rehearsal]:
        """Return what was reported for one head of a change, by step."""
        ...


class WritingWorkloads(ReadingWorkloads, Protocol):
    """Keeps evidence, and which tokens were used."""

    def use_workload_token(self, jti: str, *, ends_at: Instant, now: Instant) -> bool:
        """Use a token up until it ends, and return False where it was used before; ended ones are forgotten."""
        ...

    def save_rehearsal(self, reported: ReportedRehearsal) -> None:
        """Keep a step; a later report of the same step and head takes its place."""
        ...
