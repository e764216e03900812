"""Migrations: brings a database to the tables of this version, and tells whether it is there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, func, select, text

from gate.adapters.db.engine import Transactions, open_engine

_TURN = 0x6761_7466  # any constant will do: replicas that start at once migrate one after the other


def upgrade(url: str) -> None:
    """Bring a database to the newest revision, all of it or nothing; one that is there stays as it is."""
    with _writing(url) as connection:
        command.upgrade(_config(connection), "head")


def downgrade(url: str, revision: str) -> None:
    """Take a database back to an earlier revision (`base`: no tables at all, nothing that was kept)."""
    with _writing(url) as connection:
        command.downgrade(_config(connection), revision)


def current(url: str) -> str | None:
    """Return the revision of a database, None where it has no tables yet."""
    engine = open_engine(url)
    try:
        with Transactions(engine).reading() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def newest() -> str:
    """Return the revision that this version works with."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    if head is None:
        raise RuntimeError("this installation has no migrations")
    return head


@contextmanager
def _writing(url: str) -> Iterator[Connection]:
    engine = open_engine(url)
    try:
        _make_private(engine.url)
        with Transactions(engine, takes_turns=False).writing() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL lock_timeout = 0"))  # another replica may migrate for long
                connection.execute(select(func.pg_advisory_xact_lock(_TURN)))
            yield connection
    finally:
        engine.dispose()


def _make_private(url: URL) -> None:
    """Make a new SQLite file that its owner alone may read; SQLite gives its companions the same rights."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    try:
        os.close(os.open(url.database, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError:
        return  # it is there already; or it cannot be made, and connecting tells why


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _folder() -> Path:
    """Return where the migrations lie: in the installed package, or beside it in a checkout."""
    package = Path(str(files("gate")))
    installed = package / "_migrations"
    return installed if installed.is_dir() else package.parent / "migrations"
