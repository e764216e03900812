"""The report of a rehearsal: what was tried of a rollback plan, and its file format `gate.rehearsal/1`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gate.core.change.facts import Rehearsal
from gate.core.errors import Fault, InvalidFileError

_MAX_REPORT_BYTES = 1024 * 1024
_Sha = Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class RehearsedStep(_Part):
    """One step that was tried, and how it ended."""

    step: str = Field(min_length=1, max_length=200)
    is_passed: bool
    source: Literal["gate", "reported"]
    why: str = Field(max_length=4000)
    component: str = Field(default="", max_length=200)


class UntriedStep(_Part):
    """One step that could not be tried, and why: neither passed nor failed."""

    step: str
    why: str = Field(max_length=4000)


class RehearsalReport(_Part):
    """All steps of one rehearsal of one change, bound to its head."""

    schema_: Literal["gate.rehearsal/1"] = Field(
        default="gate.rehearsal/1", alias="schema", serialization_alias="schema"
    )
    base_sha: str = _Sha
    head_sha: str = _Sha
    steps: list[RehearsedStep]
    untried: list[UntriedStep]

    @property
    def is_passed(self) -> bool:
        """Return whether something was tried, all of it passed, and nothing was left untried."""
        return bool(self.steps) and not self.untried and all(step.is_passed for step in self.steps)

    @property
    def is_failed(self) -> bool:
        """Return whether some step failed."""
        return not all(step.is_passed for step in self.steps)

    def rehearsals(self) -> tuple[Rehearsal, ...]:
        """Return the report as facts; a step that could not be tried is one that did not pass."""
        tried = tuple(
            Rehearsal(
                step=step.step,
                is_passed=step.is_passed,
                head_sha=self.head_sha,
                source=step.source,
                why=step.why,
                component=step.component,
            )
            for step in self.steps
        )
        untried = tuple(
            Rehearsal(step=one.step, is_passed=False, head_sha=self.head_sha, source="gate", why=one.why)
            for one in self.untried
        )
        return tried + untried


def parse_report(raw: bytes, *, file: str) -> RehearsalReport:
    """Return a saved report. Raises InvalidFileError where the file is anything else."""
    if len(raw) > _MAX_REPORT_BYTES:
        raise InvalidFileError([Fault(file, 0, 0, "too-large", "A rehearsal report is at most 1 MiB.")])
    try:
        return RehearsalReport.model_validate_json(raw)
    except ValidationError as error:
        faults = [
            Fault(
                file,
                0,
                0,
                "invalid-report",
                f"{'.'.join(str(part) for part in one['loc']) or 'The file'}: {one['msg']}.",
                "Write it with `gate rehearse --save FILE`.",
            )
            for one in error.errors(include_url=False, include_input=False)
        ]
        raise InvalidFileError(faults) from error
