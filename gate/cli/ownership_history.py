"""`gate ownership history`: who changed a component's record, what, when and why."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from gate import bootstrap
from gate.cli.output import paint, warn, write_json, write_lines
from gate.cli.ownership_input import source_options
from gate.core.errors import UsageError
from gate.core.explain.escaping import prose, visible

if TYPE_CHECKING:
    from gate.core.ownership.history import Version


@click.command(name="history")
@click.argument("name")
@click.option("--days", type=click.IntRange(1, 36500), default=3650, show_default=True, help="How far back to look.")
@source_options
def history_command(name: str, days: int, **options: Any) -> None:
    """Show the versions of one component's record, newest first: field by field, with commit, author and subject.

    They come from the first-parent history, so that a merged change is one version however many commits it has.

    \b
    Example: gate ownership history payments-api

    Exit codes: 0 fine, 2 wrong usage, 3 could not read something.
    """  # noqa: D301 (click reads the backspace)
    from gate.core.ownership.history import version_value
    from gate.usecases.ownership_history import ownership_history

    checkout = bootstrap.open_checkout(options["repo"])
    versions, broken = ownership_history(
        checkout,
        checkout.resolve(options["rev"] or "HEAD"),
        name,
        since=max(bootstrap.now() - dt.timedelta(days=days), dt.datetime(1970, 1, 1, tzinfo=dt.UTC)),
        readers=bootstrap.readers(),
        config=options["config"].strip("/") or ".gate",
        repository=options["repository"],
    )
    if broken:
        count = f"{len(broken)} commits" if len(broken) > 1 else "one commit"
        warn(f"The records of {count} are invalid and left out, such as {broken[-1][:12]}.")
    if options["is_json"]:
        write_json([version_value(one) for one in versions])
    elif versions:
        write_lines(_shown(versions))
    else:
        step = "See `gate ownership list`, or look further back with --days."
        raise UsageError(f"No change of a record named {visible(name)!r} was found.", next_step=step)


def _shown(versions: "Iterable[Version]") -> Iterable[str]:
    for one in versions:
        yield f"{paint(one.sha[:12], 'yellow')} {one.at} {prose(one.author, 60)}: {one.kind}"
        yield f"  {prose(one.subject, 200)}"
        for change in one.changes:
            before, after = prose(change.before, 200) or "nothing", prose(change.after, 200) or "nothing"
            yield f"    {change.field}: {after}" if one.kind == "added" else f"    {change.field}: {before} -> {after}"
