"""Upserts: inserts that give way to a row that is there, in the words of each database."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from gate.adapters.db.prepared import run_prepared


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; those whose key is there stay as they are."""
    if rows:
        connection.execute(_insert_new(connection.dialect.name, table), [dict(row) for row in rows])


def is_inserted(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row, and return False where its key was there."""
    # NOTE: the count of inserted rows is not the same on every driver; what is returned is.
    return run_prepared(connection, row, _insert_returning, table).first() is not None


def put(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert a row, or give the row with its primary key these values."""
    connection.execute(_put(connection.dialect.name, table, tuple(row)), dict(row))


def put_later(connection: Connection, table: Table, row: Mapping[str, Any], *, time: str) -> None:
    """Insert a row, or give the row with its primary key this time where it is a later one."""
    connection.execute(_put_later(connection.dialect.name, table, time), dict(row))


# Building a statement takes longer than running it: each is built once for a table, its values are parameters.


@cache
def _insert_new(dialect: str, table: Table) -> Any:
    return _insert(dialect, table).on_conflict_do_nothing()


def _insert_returning(dialect: str, table: Table) -> Any:
    return _insert(dialect, table).on_conflict_do_nothing().returning(*table.primary_key)


@cache
def _put(dialect: str, table: Table, names: tuple[str, ...]) -> Any:
    keys = [column.name for column in table.primary_key]
    statement = _insert(dialect, table)
    changed = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


@cache
def _put_later(dialect: str, table: Table, time: str) -> Any:
    keys = [column.name for column in table.primary_key]
    statement = _insert(dialect, table)
    later = statement.excluded[time]
    return statement.on_conflict_do_update(index_elements=keys, set_={time: later}, where=later > table.c[time])


def _insert(dialect: str, table: Table) -> "postgresql.Insert | sqlite.Insert":
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
