"""State: what a database says of itself, and the head of the ledger in it; nothing is written or made."""

import stat
from pathlib import Path

from sqlalchemy import Connection, text

from gate.adapters.db import migrate
from gate.adapters.db.engine import Transactions, open_engine
from gate.adapters.db.reading import DatabaseReading
from gate.core.examination import DatabaseState
from gate.core.ledger.entries import SignedCheckpoint

_PRAGMAS = ("journal_mode", "synchronous", "foreign_keys")
_PARAMETERS = ("fsync", "full_page_writes", "synchronous_commit", "server_version")


def read_state(url: str) -> DatabaseState:
    """Return how a database stands. Raises StoreError where it cannot be reached; its file must be there."""
    revision, newest = migrate.current(url), migrate.newest()
    engine = open_engine(url)
    try:
        with Transactions(engine).reading() as connection:
            if engine.dialect.name == "sqlite":
                settings = {name: _value(connection, f"PRAGMA {name}") for name in _PRAGMAS}
                is_exposed = _is_exposed(Path((engine.url.database or "").removeprefix("file:")))
                return DatabaseState(
                    kind="SQLite", revision=revision, newest=newest, settings=settings, is_exposed=is_exposed
                )
            settings = {name: _value(connection, f"SHOW {name}") for name in _PARAMETERS}
            return DatabaseState(kind="PostgreSQL", revision=revision, newest=newest, settings=settings)
    finally:
        engine.dispose()


def read_head(url: str, *, setting: str) -> tuple[SignedCheckpoint | None, str | None]:
    """Return the head of the ledger and a setting of the service, each None where there is none yet.

    The database must be at the newest revision.
    """
    engine = open_engine(url)
    try:
        with Transactions(engine).reading() as connection:
            reading = DatabaseReading(connection)
            return reading.checkpoint(), reading.setting(setting)
    finally:
        engine.dispose()


def _value(connection: Connection, statement: str) -> str:
    return str(connection.execute(text(statement)).scalar_one())


def _is_exposed(file: Path) -> bool:
    try:
        return bool(file.stat().st_mode & stat.S_IRWXO)
    except OSError:
        return True  # SECURITY: unknown is never fine
