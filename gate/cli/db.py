"""`gate db`: bring the service's database to this version's tables, and tell whether it is there."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gate import bootstrap_parts
from gate.cli.groups import WholeHelpGroup
from gate.cli.output import write_lines
from gate.core.errors import UnreadableError, UsageError
from gate.core.explain.escaping import visible

if TYPE_CHECKING:
    from gate.config import Settings


@click.group(name="db", cls=WholeHelpGroup)
def command() -> None:
    """Migrate the service's database, which GATE_DATABASE_URL names."""


@command.command(name="upgrade")
def upgrade() -> int:
    """Bring the database to the tables of this version, all of it or nothing.

    \b
    Example: GATE_DATABASE_URL=sqlite:///gate.db gate db upgrade

    Exit codes: 0 it is there, 2 wrong settings, 3 it could not be reached or is of a later version.
    """  # noqa: D301  # click reads the backspace
    from gate.adapters.db import migrate

    settings = _settings()
    before, newest = bootstrap_parts.database_revision(settings), migrate.newest()
    if before == newest:
        write_lines([f"The database is at {newest} already."])
        return 0
    _upgrade(settings, before)
    write_lines([f"The database is at {newest} now (before: {visible(before or 'no tables')})."])
    return 0


@command.command(name="current")
def current() -> int:
    """Print the revision of the database, `none` where it has no tables yet.

    \b
    Example: gate db current

    Exit codes: 0 printed, 2 wrong settings, 3 it could not be reached.
    """  # noqa: D301  # click reads the backspace
    write_lines([visible(bootstrap_parts.database_revision(_settings()) or "none")])
    return 0


@command.command(name="check")
def check() -> int:
    """Tell whether the database has exactly the tables of this version.

    \b
    Example: gate db check

    Exit codes: 0 it has, 1 it has others or none, 2 wrong settings, 3 it could not be reached.
    """  # noqa: D301  # click reads the backspace
    from gate.adapters.db import migrate

    found, newest = bootstrap_parts.database_revision(_settings()), migrate.newest()
    if found == newest:
        write_lines([f"The database is at {newest}, as this version needs it."])
        return 0
    where = "has no tables yet" if found is None else f"is at {visible(found)}"
    write_lines([f"The database {where}; this version needs {newest}. Run `gate db upgrade`."])
    return 1


@command.command(name="backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> int:
    """Copy a SQLite database to FILE, whole, while the service runs; for PostgreSQL use pg_dump.

    FILE must not exist yet. Keep the keys beside the database with it: without them nothing that was signed can be
    verified, and no personal value be found again.

    \b
    Example: gate db backup /backup/gate-$(date +%F).db

    Exit codes: 0 copied, 2 wrong usage or settings, 3 the database could not be read.
    """  # noqa: D301  # click reads the backspace
    from gate.adapters.db.backup import copy_database

    source = bootstrap_parts.database_file(_settings())
    if source is None:
        raise UsageError("The database is PostgreSQL.", next_step="Use `pg_dump --format=custom`.")
    if not source.exists():
        raise UnreadableError(f"There is no database {source}.", next_step="Look at GATE_DATABASE_URL.")
    if file.exists():
        raise UsageError(f"{file} is there already.", next_step="Name a new file.")
    copy_database(source, file)
    kept = sorted(one.name for one in source.parent.glob(f"{source.name}.*") if not one.name.endswith(("-wal", "-shm")))
    lines = [f"{visible(str(source))} is in {visible(str(file))}."]
    lines += [f"Keep with it: {visible(', '.join(kept))} of {visible(str(source.parent.resolve()))}."] if kept else []
    write_lines(lines)
    return 0


def _settings() -> "Settings":
    from gate.config import load_settings

    return load_settings()


def _upgrade(settings: "Settings", before: str | None) -> None:
    from alembic.util import CommandError

    from gate.adapters.db import migrate

    try:
        migrate.upgrade(settings.database_url)
    except CommandError:
        step = "Use the version of the gate that migrated it, or a later one."
        raise UnreadableError(f"This version does not know the database's revision {before}.", next_step=step) from None
