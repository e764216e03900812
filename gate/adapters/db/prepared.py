"""Prepared statements: the insert of one row in the driver's own words, built once; every webhook goes this way."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.sql import ClauseElement

_KNOWN: dict[tuple[Hashable, ...], tuple[str, tuple[str, ...] | None, Mapping[str, Any]]] = {}


def run_prepared(
    connection: Connection, row: Mapping[str, Any], build: Callable[..., ClauseElement], *about: Hashable
) -> CursorResult[Any]:
    """Execute `build(dialect, *about)` for a row whose values are texts, whole numbers, booleans and bytes.

    NOTE: SQLAlchemy looks a statement up, binds it and converts its values anew at each execution, which costs more
    than SQLite takes for it. Here values go to the driver as they are.
    """
    dialect, names = connection.dialect, tuple(row)
    key = (dialect.name, build, about, names)
    known = _KNOWN.get(key)
    if known is None:
        compiled: Any = build(dialect.name, *about).compile(dialect=dialect, column_keys=list(names))
        fixed = {name: value for name, value in compiled.params.items() if name not in names}
        order = tuple(compiled.positiontup) if compiled.positional else None
        known = _KNOWN[key] = (str(compiled), order, fixed)
    text, positions, constants = known
    values = {**constants, **row}
    return connection.exec_driver_sql(text, values if positions is None else tuple(values[name] for name in positions))
