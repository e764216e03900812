"""`gate db`: bring the service's database to this version's tables, and tell whether it is there."""

from typing import TYPE_CHECKING

import click

from gate import bootstrap_parts
from gate.cli.output import WholeHelpGroup, write_lines
from gate.core.errors import UnreadableError
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

    Exit codes: 0 printed, 2 wrong settings, 3 it could not be reached.
    """
    write_lines([visible(bootstrap_parts.database_revision(_settings()) or "none")])
    return 0


@command.command(name="check")
def check() -> int:
    """Tell whether the database has exactly the tables of this version.

    Exit codes: 0 it has, 1 it has others or none, 2 wrong settings, 3 it could not be reached.
    """
    from gate.adapters.db import migrate

    found, newest = bootstrap_parts.database_revision(_settings()), migrate.newest()
    if found == newest:
        write_lines([f"The database is at {newest}, as this version needs it."])
        return 0
    where = "has no tables yet" if found is None else f"is at {visible(found)}"
    write_lines([f"The database {where}; this version needs {newest}. Run `gate db upgrade`."])
    return 1


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
