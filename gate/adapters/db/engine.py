"""Engine: connections that lose nothing: SQLite in WAL mode with full synchronisation, or PostgreSQL."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from gate.adapters.db.turns import Turns
from gate.core.errors import UsageError
from gate.usecases.store_ports import StoreError

BUSY_SECONDS = 4
"""How long a writer waits for its turn, and again for the file's lock: GitHub gives a webhook up after 10 seconds."""
IDLE_SECONDS = 120
_ATTEMPT_SECONDS = 0.002
_BUSY_TIMEOUT = f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}"
_PRIMARY = 0xFF  # the bits of an error code of SQLite that say which kind it is
_WRITES = "gate_writes"
_SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a commit that was answered survives a power cut
    "foreign_keys": 1,
    "recursive_triggers": 1,  # so that INSERT OR REPLACE meets the triggers of the ledger as well
    "trusted_schema": 0,
    "wal_autocheckpoint": 4000,  # 16 MB: pages that every commit writes are copied into the file a quarter as often
}
_TAKE_TURN = f"SELECT pg_advisory_xact_lock({0x6761_7465})"  # any number will do, the same one in all processes
_POSTGRESQL_SETTINGS = (
    "SET TIME ZONE 'UTC'",
    "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE",
    "SET synchronous_commit = on",
    f"SET lock_timeout = '{2 * BUSY_SECONDS}s'",
    f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'",
)


def open_engine(url: str) -> Engine:
    """Return an engine whose transactions are durable once they are committed; nothing is connected yet.

    Raises UsageError for a database that is neither a SQLite file nor PostgreSQL.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, hide_parameters=True, poolclass=QueuePool, pool_size=8, max_overflow=56)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(parsed, hide_parameters=True, pool_size=8, max_overflow=24, pool_pre_ping=True)
        # NOTE: before SQLAlchemy asks for the server's version, which fails on bytes where the text has no encoding.
        event.listen(engine, "connect", _prepare_postgresql, insert=True)
    return engine


def _parsed(url: str) -> URL:
    step = "Set GATE_DATABASE_URL to `sqlite:///gate.db` or `postgresql+psycopg://user@host/name`."
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UsageError("The address of the database cannot be read.", next_step=step) from None
    kind = parsed.get_backend_name()
    if kind == "sqlite" and parsed.database and parsed.database != ":memory:" and "mode" not in parsed.query:
        return parsed
    if kind == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise UsageError("The database must be a SQLite file or PostgreSQL.", next_step=step)


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    del record
    # NOTE: with isolation_level None the driver starts no transaction of its own; `_begin_sqlite` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(_BUSY_TIMEOUT)
    for name, value in _SQLITE_PRAGMAS.items():
        cursor.execute(f"PRAGMA {name} = {value}")
        got = cursor.execute(f"PRAGMA {name}").fetchone()
        # SECURITY: a database that quietly keeps another mode would lose what was promised (S22).
        if got is not None and got[0] != value:
            raise StoreError(
                f"SQLite keeps {name} at {got[0]!r}; {value!r} is needed.",
                next_step="Put the database on a local disk that can be written.",
            )
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # NOTE: a transaction that reads first and writes later fails at once where another one wrote in between.
    is_writing = connection.get_execution_options().get(_WRITES)
    # NOTE: straight to the driver: SQLAlchemy's way costs as much as a statement that writes something.
    driver: Any = connection.connection.dbapi_connection
    if is_writing:
        _begin_writing(driver)
    else:
        driver.execute("BEGIN")


def _begin_writing(driver: sqlite3.Connection) -> None:
    """Begin a transaction that writes as soon as no other process does. Raises OperationalError after `BUSY_SECONDS`.

    NOTE: SQLite's own way of waiting sleeps ten times as long from one attempt to the next (sqlite3.c,
    `sqliteDefaultBusyCallback`): beside processes that write without a pause it finds no gap within seconds.
    """
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        deadline = time.monotonic() + BUSY_SECONDS
        while not _has_begun(driver, is_last=time.monotonic() > deadline):
            time.sleep(_ATTEMPT_SECONDS)
    finally:
        driver.execute(_BUSY_TIMEOUT)


def _has_begun(driver: sqlite3.Connection, *, is_last: bool) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if is_last or error.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _prepare_postgresql(connection: Any, record: object) -> None:
    del record
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StoreError(
            f"The PostgreSQL database keeps text as {encoding}; UTF8 is needed.",
            next_step="Create it with `CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0`.",
        )
    with connection.cursor() as cursor:
        for setting in _POSTGRESQL_SETTINGS:
            cursor.execute(setting)
    connection.commit()


class Transactions:
    """The transactions of one database. The writers of this process take turns, and share a commit where they wait.

    On SQLite they would otherwise meet in waiting that sleeps, which makes the slowest commits tenfold slower; on both
    databases one commit after another would let the disk say how many there are in a second. On PostgreSQL one writer
    of all processes has the turn as well, before it reads or writes anything: no two ever wait for each other (ADR
    0009).
    """

    def __init__(self, engine: Engine, *, takes_turns: bool = True) -> None:
        """Take an engine; `takes_turns` is False for what does not wait for the writers of other processes."""
        self.engine = engine
        self._takes_turns = takes_turns
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._writing_engine = engine.execution_options(**{_WRITES: True})
        self._turns = Turns(self._begun, wait_seconds=BUSY_SECONDS if self.is_sqlite else 2 * BUSY_SECONDS)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database throughout."""
        with _told(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(  # noqa: PLW2901  # the same connection, told what it is for
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose work is kept as a whole, durably, when the block ends; or not at all."""
        with _told(), self._turns.writing() as connection:
            yield connection

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        with self._writing_engine.connect() as connection, connection.begin():
            if not self.is_sqlite and self._takes_turns:
                connection.exec_driver_sql(_TAKE_TURN)
            yield connection


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the database refuses into one readable sentence, without any value in it."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise StoreError(_sentence(error), next_step="Look at the database, its disk and its connection.") from error
    except OverflowError as error:
        raise StoreError("A number is too large for the database.", next_step="Look at where it comes from.") from error


def _sentence(error: SQLAlchemyError | sqlite3.Error) -> str:
    origin = getattr(error, "orig", None) or error
    first = str(origin).strip().partition("\n")[0][:200]
    return f"The database did not do its work: {first}."
