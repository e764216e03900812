"""`gate audit reconcile`: account for every first-parent commit of a branch."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gate import bootstrap
from gate.bootstrap import open_checkout
from gate.cli.output import Cell, table, write_json, write_lines
from gate.cli.times import written_time
from gate.core.audit.history import CommitAccount, Reconciliation
from gate.core.errors import UsageError
from gate.core.explain.escaping import prose, visible
from gate.core.times import instant

if TYPE_CHECKING:
    from gate.adapters.git.branch_history import BranchHistory

_MOST_LISTED = 30


@click.command()
@click.argument("clone", type=click.Path(path_type=Path), metavar="PATH-TO-CLONE")
@click.option("--branch", default="", help="Which branch.  [default: the clone's default branch]")
@click.option("--since", default="", help="Only commits from this day or time on (UTC).")
@click.option("--until", default="", help="Only commits before this day or time (UTC).")
@click.option("--repository", default="", metavar="OWNER/NAME", help="Compare with what the service knows of this one.")
@click.option("--formerly", multiple=True, metavar="BRANCH", help="A name that the branch had; repeatable.")
@click.option("--all", "is_all", is_flag=True, help="List every commit, not only those that nothing accounts for.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON: every commit with its account.")
def command(
    *,
    clone: Path,
    branch: str,
    since: str,
    until: str,
    repository: str,
    formerly: tuple[str, ...],
    is_all: bool,
    is_json: bool,
) -> int:
    """Account for every first-parent commit of a branch: merged, squashed, rebased, reverted or pushed directly.

    Works on any clone, also of a repository that the gate never saw: then it tells which commits claim a change by
    their message, which proves nothing, and which came by a direct push. With --repository only an approved change
    whose content is exactly what came onto the branch accounts for a commit; every other one is a bypass, recorded in
    the ledger and open until `gate audit explain`.

    \b
    Example: gate audit reconcile ../shop --branch main --since 2026-07-01 --until 2026-10-01

    Exit codes: 0 told, 1 with --repository: bypasses, 2 wrong usage, 3 the history could not be read in full.
    """  # noqa: D301  # click reads the backspace
    from gate.adapters.git.branch_history import BranchHistory
    from gate.usecases.reconcile_history import HistoryQuestion, reconcile_history, within

    period = moment_of(since), moment_of(until)
    if formerly and not repository:
        raise UsageError("--formerly needs --repository.", next_step="Name the repository as owner/name.")
    checkout = open_checkout(clone)
    try:
        name = branch or checkout.default_branch or "HEAD"
        tip = checkout.resolve(name)
        history = BranchHistory(checkout)
        if repository:
            found = within(_recorded(history, repository, name, tip, formerly), *period)
        else:
            found = reconcile_history(history, HistoryQuestion(tip, *period))
    finally:
        checkout.close()
    if is_json:
        write_json(as_json(found, branch=name, tip=tip))
    else:
        write_lines(_as_text(found, branch=name, is_all=is_all, is_known=bool(repository)))
    return 1 if repository and found.bypasses else 0


def _recorded(
    history: "BranchHistory", repository: str, branch: str, tip: str, formerly: tuple[str, ...]
) -> Reconciliation:
    from gate.cli.service_store import known_repository, opened_store
    from gate.usecases.record_reconciliation import BranchQuestion, reconcile_branch

    with opened_store() as store:
        question = BranchQuestion(
            known_repository(store, repository), branch, tip, instant(bootstrap.now()), frozenset(formerly)
        )
        return reconcile_branch(store, history, question)


def moment_of(text: str) -> str:
    """Return a day or time as an instant in UTC, empty for nothing. Raises UsageError for anything else."""
    if not text:
        return ""
    return instant(written_time(text, step="Write it as 2026-07-01 or 2026-07-01T12:00:00Z."))


def as_json(found: Reconciliation, *, branch: str, tip: str) -> dict[str, object]:
    """Return a reconciliation as it is printed for programs, `gate.reconciliation/1`."""
    return {
        "schema": "gate.reconciliation/1",
        "branch": branch,
        "tip": tip,
        "counts": dict(found.counts),
        "commits": [_row(one) for one in found.accounts],
        "lost": [_row(one) for one in found.lost],
        "rode_along": list(found.indirect),
    }


def _row(one: CommitAccount) -> dict[str, object]:
    row: dict[str, object] = {
        "sha": one.sha,
        "at": one.at,
        "subject": one.subject,
        "author": one.author,
        "how": one.how,
        "status": one.status,
        "change": one.change,
        "why": one.why,
    }
    extra: dict[str, object] = {
        "code": one.code,
        "is_mechanical": one.is_mechanical,
        "reverts": one.reverts,
        "is_exact_revert": one.is_exact_revert,
        "backport_of": one.backport_of,
    }
    return row | {name: value for name, value in extra.items() if value not in {None, ""}}


def _as_text(found: Reconciliation, *, branch: str, is_all: bool, is_known: bool) -> Iterator[str]:
    counts = found.counts
    done = "every one of them accounted for" if is_known else "every one of them looked at, by git alone"
    yield f"{counts['commits']} first-parent commits on {visible(branch)}, {done}:"
    yield ""
    known = (
        (counts["accounted"], "are exactly what was approved"),
        (counts["before_gate"], "were there before the gate"),
        (counts["bypasses"], "are bypasses: no approved change accounts for them"),
        (counts["force_pushes"], "of them were pushed away by force"),
    )
    survey = (
        (counts["claimed"], "name a change in their message, which proves nothing"),
        (counts["changes"], "changes are named"),
        (counts["direct_pushes"], "direct pushes, or rebased changes: their message names no change"),
    )
    told = (
        *(known if is_known else survey),
        (counts["merges"], "merges"),
        (counts["merges_by_hand"], "of them hold what git alone does not make of the two sides"),
        (counts["squashes"], "squashed or rebased onto the branch, by their message"),
        (counts["reverts"], "say that they take another commit back"),
        (counts["exact_reverts"], "of them do so exactly, by their trees"),
        (counts["backports"], "say that they are copies of another commit"),
    )
    yield from (f"{number:>8}  {what}" for number, what in told)
    listed = found.accounts if is_all else found.bypasses
    if not listed:
        return
    yield ""
    shown = listed if is_all else listed[-_MOST_LISTED:]
    rows: list[list[Cell | str]] = [
        [one.sha[:12], one.at[:10], Cell(one.how), prose(one.subject, 60), one.why] for one in shown
    ]
    yield from table(["commit", "date", "how", "subject", "why"], rows)
    if len(shown) < len(listed):
        yield f"... and {len(listed) - len(shown)} earlier ones; --all or --json lists every commit."
