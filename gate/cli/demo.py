"""`gate demo`: what the gate says to one sample change for each state, and to a real change of this repository."""

import shutil
import sys
from pathlib import Path

import click

from gate import bootstrap
from gate.core.errors import UnreadableError

_STATES = ("approved", "waiting", "needs-author", "rejected", "frozen", "error")
_WIDEST = 100


@click.command(name="demo", hidden=True)
@click.option("--once", is_flag=True, help="End after one round.  [this is the default until there is a service]")
def command(*, once: bool) -> int:
    """Judge a sample change for each state with the sample policy, then the last change of this repository."""
    del once
    from gate.usecases.run_samples import run_samples

    samples = _samples()
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    _headline(f"The sample shop: {samples}", width)
    outcomes = run_samples(samples.joinpath, readers=bootstrap.readers())
    for outcome in outcomes[: len(_STATES)]:
        _headline(outcome.scenario.name, width)
        _print(outcome.verdict, width)
    seen = [state for state in _STATES if any(outcome.verdict.state == state for outcome in outcomes)]
    differing = [outcome.scenario.name for outcome in outcomes if outcome.mismatches]
    _own_change(width)
    _headline("Summary", width)
    click.echo(f"{len(outcomes)} sample changes judged; states seen: {', '.join(seen)}.")
    for name in differing:
        click.echo(f"Not as expected: {name}")
    click.echo("Next: `gate init --yes` in a repository of yours, then `gate check --base main`.")
    return 0 if not differing and seen == list(_STATES) else 1


def _samples() -> Path:
    """Return the folder of the sample policies: in the wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_policies" / "sample", package.parent / "policies" / "sample"):
        if folder.is_dir():
            return folder
    raise UnreadableError("The sample policies are not installed.", next_step="Install the package again.")


def _own_change(width: int) -> None:
    """Judge the last change of the repository that this package lies in, where it is one."""
    from gate.core.errors import GateError
    from gate.usecases.judge_local_change import judge_local_change
    from gate.usecases.local_question import LocalQuestion

    _headline("A real change: the last commit of this repository", width)
    try:
        checkout = bootstrap.open_checkout(Path(__file__).resolve().parents[2])
    except GateError as error:
        click.echo(f"Left out: {error}")
        return
    try:
        if len(checkout.first_parents(checkout.resolve("HEAD"), count=2)) < 2:  # noqa: PLR2004  # a change needs a parent
            click.echo("Left out: this clone holds one commit only.")
            return
        question = LocalQuestion(base="HEAD~1", head="HEAD", at=bootstrap.now())
        _print(judge_local_change(checkout, question, readers=bootstrap.readers()).verdict, width)
    finally:
        checkout.close()


def _headline(text: str, width: int) -> None:
    line = f"\n{text}\n{'=' * min(len(text), width)}"
    click.echo(click.style(line, bold=True) if bootstrap.is_coloured(sys.stdout) else line)


def _print(verdict: object, width: int) -> None:
    from gate.core.explain.terminal import terminal
    from gate.core.verdict import Verdict

    if isinstance(verdict, Verdict):
        click.echo(terminal(verdict, width=width, colour=bootstrap.is_coloured(sys.stdout)), nl=False)
