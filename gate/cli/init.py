"""`gate init`: write the gate's files from what the repository already says."""

import sys
from pathlib import Path

import click

from gate import __version__
from gate.bootstrap import open_checkout
from gate.core.change.paths import shown
from gate.core.errors import UsageError

_NEXT = (
    "gate lint",
    "git add .gate .github && git commit -m 'Add the sign-off gate'",
    "gate check --base HEAD --head my-change",
)


@click.command()
@click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="The git checkout (default: here).")
@click.option("--yes", "is_sure", is_flag=True, help="Ask nothing.")
@click.option("--force", "is_forced", is_flag=True, help="Overwrite files that exist already.")
def command(repo: Path, is_sure: bool, is_forced: bool) -> None:  # noqa: FBT001 (click passes options by name)
    """Write records, policy, pull-request template and workflow for a repository.

    A CODEOWNERS file, a Backstage catalog or OWNERS files stay the source of ownership; the records add what they
    cannot say. Without any of them, the most active committers own everything until you say otherwise.

    \b
    Example: gate init --yes

    Exit codes: 0 written (or all there already), 2 wrong usage, 3 could not read or write something.
    """  # noqa: D301 (click reads the backspace)
    from gate.adapters.git.new_files import existing_of, write_files
    from gate.core.change.template import PULL_REQUEST_TEMPLATE
    from gate.usecases.initialise import POLICY, RECORDS, plan_initial_files, suggested

    checkout = open_checkout(repo)
    if checkout.is_bare:
        raise UsageError("This repository is bare: it has no working tree to write to.", next_step="Clone it first.")
    plan = plan_initial_files(
        checkout.tree(), suggested(checkout.recent_authors()), template=PULL_REQUEST_TEMPLATE, version=__version__
    )
    kept = () if is_forced else existing_of(checkout.root, plan.files)
    files = {path: text for path, text in plan.files.items() if path not in kept}
    is_theirs = RECORDS in kept and POLICY in kept
    _confirm(tuple(files), is_sure=is_sure)
    write_files(checkout.root, files)
    for path in files:
        click.echo(f"wrote {shown(path)}")
    for path in kept:
        click.echo(f"kept  {shown(path)} (it exists; --force overwrites it)")
    for note in (*(() if is_theirs else plan.notes), *plan.template_notes):
        click.echo(f"note  {shown(note)}")
    click.echo("\nNext:")
    for line in _NEXT:
        click.echo(f"  {line}")


def _confirm(paths: tuple[str, ...], *, is_sure: bool) -> None:
    """Ask before anything is written. Raises UsageError where nobody can answer."""
    if is_sure or not paths:
        return
    if not sys.stdin.isatty():
        raise UsageError("Nobody is here to be asked before files are written.", next_step="Run `gate init --yes`.")
    click.echo("These files will be written:")
    for path in paths:
        click.echo(f"  {shown(path)}")
    click.confirm("Write them?", default=True, abort=True)
