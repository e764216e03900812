"""`gate ownership drift`: where the records and what people really do have parted."""

import dataclasses
from typing import TYPE_CHECKING, Any

import click

from gate import bootstrap, bootstrap_parts
from gate.cli.output import table, write_json, write_lines
from gate.cli.ownership_input import open_source, source_options
from gate.core.explain.escaping import prose

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command(name="drift")
@click.option("--days", type=click.IntRange(1, 3650), default=180, show_default=True, help="How far back to look.")
@source_options
def drift_command(days: int, **options: Any) -> int:
    """Compare the records with practice: who writes what, owners who never act, people not seen, gaps, overdue reviews.

    Practice is the history of the checkout, with the sign-offs that the service keeps where its database is here and
    knows the repository that --repository names. A team whose members only GitHub knows is left alone.

    \b
    Examples:
      gate ownership drift
      gate ownership drift --days 90 --json

    Exit codes: 0 no drift, 1 findings, 2 wrong usage or invalid file, 3 could not read something.
    """  # noqa: D301 (click reads the backspace)
    from gate.core.ownership.drift import find_drift
    from gate.core.times import instant
    from gate.usecases.ownership_drift import practice_of

    source = open_source(options)
    source.mention_faults()
    now = bootstrap.now()
    sha = source.checkout.resolve(options["rev"] or "HEAD")
    signed = _signed(options["repository"], days)
    practice = practice_of(source.checkout, sha, now=now, days=days, signed=signed)
    found = find_drift(source.ownership, source.index, source.paths, practice, at=instant(now))
    if options["is_json"]:
        write_json([dataclasses.asdict(one) for one in found])
    elif found:
        write_lines(table(["what", "about", ""], [[one.code, prose(one.about, 60), prose(one.text)] for one in found]))
    else:
        write_lines(["The records and practice agree."])
    return int(bool(found))


def _signed(repository: str | None, days: int) -> "Mapping[str, frozenset[str]] | None":
    """Return who signed off on what by the service's own store, None where there is none that knows the repository."""
    from gate.config import load_settings
    from gate.core.times import instant
    from gate.usecases.ownership_drift import signed_by_component, since_days

    settings = load_settings()
    file = bootstrap_parts.database_file(settings)
    if not repository or (file is not None and not file.exists()):
        return None
    bootstrap_parts.require_current_database(settings)
    store = bootstrap_parts.store_to_look_at(settings)
    try:
        with store.reading() as reading:
            known = reading.repository_named(repository)
            if known is None:
                return None
            now = bootstrap.now()
            since, until = since_days(now, days), instant(now)
            return signed_by_component(reading, known.key, since=since, until=until)
    finally:
        store.close()
