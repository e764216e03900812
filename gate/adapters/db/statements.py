"""Statements: built and compiled once for each kind of database, and run by its driver without anything between."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Insert, Select, Table, Update, insert
from sqlalchemy.exc import DBAPIError

Row = Mapping[str, Any]
_MANY = 16
"""Rows from which on PostgreSQL takes them faster as one copy than one by one."""


class Statement:
    """A statement whose values all come by name. What it gives is what the driver gives: no type of a column is undone.

    SQLAlchemy's own way costs ten times as much as what SQLite does for one row; it is taken wherever that does not
    matter.
    """

    def __init__(self, built: "Select[Any] | Insert | Update", *names: str) -> None:
        """Take a built statement; `names` are the columns that an insert or update gives values."""
        self._built, self._names = built, names
        self._texts: dict[str, tuple[str, Sequence[str] | None]] = {}

    def rows(self, connection: Connection, values: Row | None = None) -> list[Any]:
        """Return what a query finds, each row as a tuple. Raises DBAPIError."""
        text, order = self._compiled(connection)
        with _Cursor(connection, text) as cursor:
            cursor.execute(text, _given(values or {}, order))
            found: list[Any] = cursor.fetchall()
            return found

    def first(self, connection: Connection, values: Row | None = None) -> Any:
        """Return the first row that a query finds as a tuple, None where there is none. Raises DBAPIError."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def write(self, connection: Connection, values: Row) -> int:
        """Write one row or change those that a condition names, and return how many. Raises DBAPIError."""
        text, order = self._compiled(connection)
        with _Cursor(connection, text) as cursor:
            cursor.execute(text, _given(values, order))
            return int(cursor.rowcount)

    def _compiled(self, connection: Connection) -> tuple[str, Sequence[str] | None]:
        dialect = connection.dialect
        found = self._texts.get(dialect.name)
        if found is None:
            compiled: Any = self._built.compile(dialect=dialect, column_keys=list(self._names) or None)
            found = self._texts[dialect.name] = str(compiled), compiled.positiontup
        return found


class Insertion(Statement):
    """The insertion of whole rows into a table, one or many of them."""

    def __init__(self, table: Table) -> None:
        """Take a table; every column of it is to be given, save what the database derives."""
        names = [column.name for column in table.c if column.computed is None]
        super().__init__(insert(table), *names)
        self._copy = f"COPY {table.name} ({', '.join(names)}) FROM STDIN"  # both are words of our own

    def write_all(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Write rows, in order. Raises DBAPIError."""
        text, order = self._compiled(connection)
        with _Cursor(connection, text) as cursor:
            if connection.dialect.name == "postgresql" and len(rows) >= _MANY:
                with cursor.copy(self._copy) as copy:
                    for row in rows:
                        copy.write_row([row[name] for name in self._names])
            else:
                # Each table has several columns; of one alone an item would be no row.
                cursor.executemany(text, rows if order is None else list(map(itemgetter(*order), rows)))


def _given(values: Row, order: Sequence[str] | None) -> Any:
    return values if order is None else [values[name] for name in order]


class _Cursor:
    """The driver's cursor, closed in any case; what the driver refuses becomes what SQLAlchemy makes of it."""

    __slots__ = ("_connection", "_cursor", "_text")

    def __init__(self, connection: Connection, text: str) -> None:
        self._connection, self._text = connection, text

    def __enter__(self) -> Any:
        self._cursor = self._connection.connection.cursor()
        return self._cursor

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._cursor.close()
        base = self._connection.dialect.loaded_dbapi.Error
        if isinstance(error, base):
            raise DBAPIError.instance(
                self._text, None, error, base, hide_parameters=True, dialect=self._connection.dialect
            ) from error
