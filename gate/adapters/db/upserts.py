"""Upserts: inserts that give way to a row that is there, in the words of each database."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; those whose key is there stay as they are."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), [dict(row) for row in rows])


def is_inserted(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row, and return False where its key was there."""
    statement = _insert(connection, table).values(dict(row)).on_conflict_do_nothing()
    # NOTE: the count of inserted rows is not the same on every driver; what is returned is.
    return connection.execute(statement.returning(*table.primary_key)).first() is not None


def put(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert a row, or give the row with its primary key these values."""
    keys = [column.name for column in table.primary_key]
    statement = _insert(connection, table).values(dict(row))
    changed = {name: statement.excluded[name] for name in row if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


def _insert(connection: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
