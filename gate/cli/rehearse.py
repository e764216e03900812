"""`gate rehearse`: prove the way back in a throw-away worktree."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gate.bootstrap import open_checkout
from gate.core.change.observed import ObservedChange
from gate.core.change.paths import shown
from gate.core.change.rehearsal import RehearsalReport
from gate.core.errors import UnreadableError, UsageError

if TYPE_CHECKING:
    from gate.adapters.git.checkout import Checkout

_UNTRIED = 3


@click.command()
@click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="The git checkout (default: here).")
@click.option("--base", required=True, help="What the change goes onto: a branch, tag or commit.")
@click.option("--head", default="HEAD", show_default=True, help="The change.")
@click.option("--migrations/--no-migrations", default=True, help="Run the change's Alembic migrations up and down.")
@click.option("--commands", is_flag=True, help="Run the `rehearse` commands of touched components, as on the base.")
@click.option("--component", default="", help="With --commands: of this component alone.")
@click.option("--config", default=".gate", show_default=True, help="The folder of the gate's files.")
@click.option("--save", type=click.Path(path_type=Path), help="Write the report for `gate check --rehearsal FILE`.")
@click.option("--json", "is_json", is_flag=True, help="Print the report as JSON.")
def command(  # noqa: PLR0913, PLR0917 (one argument for each option)
    repo: Path,
    base: str,
    head: str,
    migrations: bool,  # noqa: FBT001 (click passes options by name)
    commands: bool,  # noqa: FBT001 (click passes options by name)
    component: str,
    config: str,
    save: Path | None,
    is_json: bool,  # noqa: FBT001 (click passes options by name)
) -> int:
    """Prove the way back of a change as far as a machine can, without touching your checkout.

    The change is merged onto its base and reverted again: the tree must be the base's. Alembic migrations go up and
    down on an embedded database: the schema must be what it was.

    Migrations and commands are code: running them runs the change's code as you, without your environment and home,
    but without a sandbox. Use --no-migrations for a change that you do not trust.

    \b
    Example: gate rehearse --base main --head my-change --save rehearsal.json

    Exit codes: 0 all passed, 1 something failed, 2 wrong usage, 3 something could not be tried.
    """  # noqa: D301 (click reads the backspace)
    if component and not commands:
        raise UsageError("--component chooses among commands.", next_step="Add --commands.")
    checkout = open_checkout(repo)
    try:
        base_revision, head_revision = checkout.revisions(base, head)
        change = checkout.changes(base_revision.sha, head_revision.sha)
        chosen = _commands(checkout, change, config, component) if commands else {}
        report = _rehearse(checkout, change, chosen, is_with_migrations=migrations)
    finally:
        checkout.close()
    text = report.model_dump_json(by_alias=True, indent=2)
    if save is not None:
        try:
            save.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise UnreadableError(f"{save} cannot be written: {error.strerror}.") from error
    click.echo(text if is_json else _as_text(report))
    if report.is_failed:
        return 1
    return 0 if report.is_passed else _UNTRIED


def _commands(checkout: "Checkout", change: ObservedChange, config: str, component: str) -> Mapping[str, str]:
    """Return the commands as the base's records have them: a change cannot choose how it is rehearsed."""
    from gate.bootstrap import readers
    from gate.usecases.load_rules import load_rules
    from gate.usecases.rehearse_rollback import commands_of

    base = checkout.commit_tree(change.base_sha)
    rules = load_rules(base, readers=readers(), config=config, repository=None)
    return commands_of(rules.ownership, [file.path for file in change.files], component=component)


def _rehearse(
    checkout: "Checkout", change: ObservedChange, commands: Mapping[str, str], *, is_with_migrations: bool
) -> RehearsalReport:
    from gate.adapters.git.workshop import GitWorkshop
    from gate.adapters.rehearsal.alembic import rehearse_alembic
    from gate.adapters.rehearsal.children import run_shell_command
    from gate.usecases.rehearse_rollback import rehearse_rollback

    with GitWorkshop(checkout, change.base_sha, change.head_sha) as workshop:
        return rehearse_rollback(
            workshop,
            base_sha=change.base_sha,
            head_sha=change.head_sha,
            changed_paths=[file.path for file in change.files],
            run_migrations=rehearse_alembic if is_with_migrations else None,
            run_command=run_shell_command,
            commands=commands,
        )


def _as_text(report: RehearsalReport) -> str:
    is_plain = not sys.stdout.isatty()
    lines = [f"Rehearsal of {report.head_sha[:12]} onto {report.base_sha[:12]}"]
    for step in report.steps:
        mark = click.style("passed", fg="green") if step.is_passed else click.style("FAILED", fg="red")
        said = " (reported by the command itself)" if step.source == "reported" else ""
        lines.append(f"  {mark}  {shown(step.step)}: {shown(step.why)}{said}")
    untried = click.style("untried", fg="yellow")
    lines += [f"  {untried} {shown(one.step)}: {shown(one.why)}" for one in report.untried]
    text = "\n".join(lines)
    return click.unstyle(text) if is_plain else text
