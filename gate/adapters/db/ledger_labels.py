"""Ledger labels: kind, time and subject of entries, derived from their bytes by the database, and whether they are.

On SQLite they are worked out when they are asked for, on PostgreSQL when an entry is inserted, by a function that the
migrations make. A subject is as the bytes write it, between its quotation marks. Nobody can write a label; whoever
redefines what they are derived by is found out by verification.
"""

from typing import Any

from sqlalchemy import ColumnElement, Computed, Connection, Text, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

_MARK = """CAST('"' AS BLOB)"""
_SUBJECT = """instr(content, CAST(',"subject":"' AS BLOB))"""
_CUT = """replace(substr(CAST(content AS TEXT), 1, length(CAST(content AS TEXT)) - 2), ',"subject":"', char(1))"""


def _text_after(key: str) -> str:
    """Return how SQLite takes the text that stands behind what comes first of its kind in the bytes."""
    place = f"instr(content, CAST('{key}' AS BLOB))"
    start = f"substr(content, {place} + {len(key)}"
    return f"CAST(substr(content, nullif({place}, 0) + {len(key)}, instr({start}), {_MARK}) - 1) AS TEXT)"


# NOTE: SQLite's functions for JSON are no use here: versions before 3.41 refuse them in a schema that is not trusted.
# The last key of an entry is its subject. Where nothing within the payload looks like it, no mark but the last comes
# behind it; else all such keys become the character 1, which no canonical text holds, and the last of them counts.
_ON_SQLITE = {
    "kind": _text_after(',"kind":"'),
    "at": _text_after('"at":"'),
    "subject": f"CASE WHEN instr(substr(content, {_SUBJECT} + 12), {_MARK}) = length(content) - {_SUBJECT} - 12 "
    f"THEN CAST(substr(content, {_SUBJECT} + 12, length(content) - {_SUBJECT} - 13) AS TEXT) "
    f"WHEN {_SUBJECT} > 0 THEN substr({_CUT}, length(rtrim({_CUT}, replace({_CUT}, char(1), ''))) + 1) END",
}
_ON_POSTGRESQL = "gate_label(content, '{name}'::text)"
_DEFINITIONS = text(
    "SELECT type, name, sql FROM sqlite_schema "
    "WHERE (lower(name) = 'ledger_entries' OR lower(tbl_name) = 'ledger_entries') AND type <> 'trigger'"
)
_INDEXES = text("PRAGMA index_list('ledger_entries')")
_ENCODING = text("PRAGMA encoding")


class Label(ColumnElement[str]):
    """What the bytes of an entry say by a name, as each database is asked for it."""

    inherit_cache = False

    def __init__(self, name: str) -> None:
        """Take `kind`, `at` or `subject`."""
        self.name = name
        self.type = Text()


class Derived(Computed):
    """A column of `ledger_entries` that is derived from `content`; on SQLite it takes no place."""

    def __init__(self, name: str) -> None:
        """Take the name of the column, which is that of the key in the bytes."""
        super().__init__(Label(name), persisted=True)


@compiles(Label, "sqlite")
def _label_on_sqlite(label: Label, compiler: SQLCompiler, **given: Any) -> str:
    del compiler, given
    return _ON_SQLITE[label.name]


@compiles(Label, "postgresql")
def _label_on_postgresql(label: Label, compiler: SQLCompiler, **given: Any) -> str:
    del compiler, given
    return _ON_POSTGRESQL.format(name=label.name)


@compiles(Derived, "sqlite")
def _derived_on_sqlite(derived: Derived, compiler: Any, **given: Any) -> str:
    del given
    return f"GENERATED ALWAYS AS ({compiler.sql_compiler.process(derived.sqltext)}) VIRTUAL"


def _column(name: str) -> str:
    return f"{name} TEXT GENERATED ALWAYS AS ({_ON_SQLITE[name]}) VIRTUAL"


DEFINITIONS = frozenset(
    {
        (
            "table",
            "ledger_entries",
            "CREATE TABLE ledger_entries (idx INTEGER NOT NULL, content BLOB NOT NULL, "
            + "".join(f"{_column(name)}, " for name in ("kind", "at", "subject"))
            + "CONSTRAINT pk_ledger_entries PRIMARY KEY (idx), "
            "CONSTRAINT ck_ledger_entries_is_counted CHECK (idx >= 0), "
            "CONSTRAINT ck_ledger_entries_is_small CHECK (length(content) <= 65536), "
            "CONSTRAINT ck_ledger_entries_is_labelled "
            "CHECK (kind IS NOT NULL AND at IS NOT NULL AND subject IS NOT NULL))",
        ),
        (
            "index",
            "ix_ledger_entries_subject",
            "CREATE INDEX ix_ledger_entries_subject ON ledger_entries (subject, idx)",
        ),
    }
)
"""What SQLite keeps of the table of entries and what is looked up in it, with single spaces."""


def are_derived(connection: Connection) -> bool:
    """Return whether labels cannot be others than the bytes say: SQLite derives them exactly as the migrations told it.

    SECURITY: whoever owns the database could define columns anew that still go by these names, or an index over
    others. An index that is listed as another table's is asked of SQLite itself, which uses it all the same. Where a
    database keeps texts as UTF-16, the same definition takes the bytes for other texts. False on PostgreSQL, which
    stores what was once derived: there every label is to be compared.
    """
    if connection.dialect.name != "sqlite" or connection.execute(_ENCODING).scalar_one() != "UTF-8":
        return False
    found = {(kind, name, single_spaced(str(sql))) for kind, name, sql in connection.execute(_DEFINITIONS)}
    indexes = {("index", name) for _, name, *_ in connection.execute(_INDEXES)}
    return found == DEFINITIONS and indexes == {one[:2] for one in DEFINITIONS if one[0] == "index"}


def single_spaced(sql: str) -> str:
    """Return a definition with single spaces between its words, as SQLite tells them: other spaces belong to names."""
    return b" ".join(sql.encode("utf-8", "surrogatepass").split()).decode("utf-8", "surrogatepass")
