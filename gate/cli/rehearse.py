"""`gate rehearse`: prove the way back in a throw-away worktree."""

import sys
from pathlib import Path

import click

from gate.bootstrap_rehearsal import rehearse
from gate.core.change.paths import shown
from gate.core.change.rehearsal import RehearsalReport
from gate.core.errors import UnreadableError, UsageError

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
    report = rehearse(
        repo, base=base, head=head, config=config, component=component,
        is_with_migrations=migrations, is_with_commands=commands,
    )  # fmt: skip
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
