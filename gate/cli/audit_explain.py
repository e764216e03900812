"""`gate audit explain`: close an open bypass with a reason, on the record."""

import click

from gate import bootstrap
from gate.cli.output import write_lines
from gate.core.errors import UsageError
from gate.core.times import instant

_MOST_REASON = 2000
_SHORTEST_REASON = 10


@click.command()
@click.argument("repository", metavar="OWNER/NAME")
@click.argument("sha")
@click.option("--reason", required=True, help="Why it happened, and who decided so.")
@click.option("--outcome", type=click.Choice(["accepted", "reverted", "reviewed-afterwards"]), required=True)
def command(*, repository: str, sha: str, reason: str, outcome: str) -> int:
    """Explain a commit that came past the gate. The bypass stays on the record, and so does this reason.

    \b
    Example: gate audit explain acme/shop 1a2b3c4 --outcome reverted --reason "Hotfix of INC-7"

    Exit codes: 0 explained, 2 there is no such open bypass, 3 the database could not be reached.
    """  # noqa: D301  # click reads the backspace
    from gate.cli.service_store import known_repository, opened_store
    from gate.usecases.record_reconciliation import explain_bypass

    if not _SHORTEST_REASON <= len(reason.strip()) <= _MOST_REASON:
        step = "Say what happened and who decided so."
        raise UsageError(f"A reason has {_SHORTEST_REASON} to {_MOST_REASON} characters.", next_step=step)
    with opened_store() as store:
        entry = explain_bypass(
            store,
            known_repository(store, repository),
            sha,
            reason=reason.strip(),
            outcome=outcome,
            actor="",
            at=instant(bootstrap.now()),
            authenticated="command-line",
        )
    write_lines([f"Explained; entry {entry} of the ledger says so."])
    return 0
