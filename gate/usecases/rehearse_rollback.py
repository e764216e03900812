"""Rehearsing a rollback: merge the change, take it back, run its migrations up and down, run the owners' commands."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

from gate.core.change.paths import shown
from gate.core.change.rehearsal import RehearsalReport, RehearsedStep, UntriedStep
from gate.core.errors import UsageError
from gate.core.ownership.registry import Ownership
from gate.core.ownership.resolve import OwnershipIndex
from gate.core.values import dataclass

Result = Literal["passed", "failed", "untried"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one step ended, and a sentence on what was seen."""

    step: str
    result: Result
    why: str


class Workshop(Protocol):
    """A throw-away worktree of the change's repository, which is itself never written to."""

    @property
    def folder(self) -> Path:
        """Return the folder of the worktree."""
        ...

    def merge(self) -> Attempt:
        """Merge the head onto the base."""
        ...

    def revert(self) -> Attempt:
        """Revert that merge and compare the tree with the base's."""
        ...

    def fill_with_merge(self) -> None:
        """Fill the folder with the merged tree, nothing else in it."""
        ...


class RunMigrations(Protocol):
    """Runs the change's database migrations up and down on an embedded database."""

    def __call__(self, folder: Path, changed_paths: Sequence[str]) -> Iterable[Attempt]:
        """Return one attempt for each migration environment that the change touches."""
        ...


class RunCommand(Protocol):
    """Runs a rehearsal command of a component."""

    def __call__(self, folder: Path, command: str) -> tuple[bool, str]:
        """Return whether it ended with 0, and a sentence with the end of what it printed."""
        ...


def commands_of(ownership: Ownership, paths: Iterable[str], *, component: str = "") -> dict[str, str]:
    """Return the rehearsal commands of the components that own some of the paths, by name; of one alone if named.

    Raises UsageError where the named component is not touched, or has no command.
    """
    index = OwnershipIndex(ownership)
    touched = frozenset[int]().union(*map(index.components_of, paths))
    found = {}
    for number in sorted(touched):
        one = ownership.components[number]
        if one.rollback is not None and one.rollback.rehearse and component in {"", one.name}:
            found[one.name] = one.rollback.rehearse
    if component and not found:
        what = f"The change touches no component {shown(component)!r} that has a rehearsal command on the base."
        raise UsageError(what, next_step="Write `rollback: {rehearse: ...}` into its record on the base branch.")
    return found


def rehearse_rollback(
    workshop: Workshop,
    *,
    base_sha: str,
    head_sha: str,
    changed_paths: Sequence[str],
    run_migrations: RunMigrations | None,
    run_command: RunCommand,
    commands: Mapping[str, str],
) -> RehearsalReport:
    """Return what was tried of the way back, and how each step ended.

    SECURITY: merge and revert are judged before any code of the change runs, so that it cannot touch their outcome.
    What a command says of itself is `reported`, never `gate`.
    """
    attempts = [workshop.merge()]
    is_merged = attempts[0].result == "passed"
    if is_merged:
        attempts.append(workshop.revert())
    if is_merged and run_migrations is not None:
        workshop.fill_with_merge()
        attempts += run_migrations(workshop.folder, changed_paths)
    steps = [
        RehearsedStep(step=one.step, is_passed=one.result == "passed", source="gate", why=one.why[:4000])
        for one in attempts
        if one.result != "untried"
    ]
    for component, command in sorted(commands.items()) if is_merged else ():
        workshop.fill_with_merge()
        is_passed, why = run_command(workshop.folder, command)
        steps.append(
            RehearsedStep(
                step=f"command:{component}", is_passed=is_passed, source="reported", why=why[:4000], component=component
            )
        )
    untried = [UntriedStep(step=one.step, why=one.why[:4000]) for one in attempts if one.result == "untried"]
    return RehearsalReport(base_sha=base_sha, head_sha=head_sha, steps=steps, untried=untried)
