# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""Kind, time and subject of the ledger's entries are derived from their bytes; hashes of leaves are no longer kept."""

import hashlib

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NAMES = ("kind", "at", "subject")
INDEX = "CREATE INDEX ix_ledger_entries_subject ON ledger_entries (subject, idx)"
IS_LABELLED = "CHECK (kind IS NOT NULL AND at IS NOT NULL AND subject IS NOT NULL)"
MARK = """CAST('"' AS BLOB)"""
SUBJECT = """instr(content, CAST(',"subject":"' AS BLOB))"""
CUT = """replace(substr(CAST(content AS TEXT), 1, length(CAST(content AS TEXT)) - 2), ',"subject":"', char(1))"""
# Keys are in order, `subject` last; within a text a quotation mark stands behind a backslash, so that what looks like a
# key is one.
GATE_LABEL = """
CREATE FUNCTION gate_label(content bytea, name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    said text := convert_from(content, 'UTF8');
BEGIN
    IF name <> 'subject' THEN
        RETURN nullif(split_part(split_part(said, '"' || name || '":"', 2), '"', 1), '');
    ELSIF strpos(said, ',"subject":"') = 0 THEN
        RETURN NULL;
    END IF;
    RETURN left(split_part(said, ',"subject":"', -1), -2);
END
$$
"""
LAST = "(SELECT coalesce(max(idx), -1) + 1 FROM ledger_entries)"
NO_GAPS, OWN_PLACE = "the ledger has no gaps", "an entry stands in the place that it says"
REQUIRE_NEXT_ON_SQLITE = {
    "0017": f"WHEN NEW.idx IS NOT {LAST} BEGIN SELECT RAISE(ABORT, '{NO_GAPS}'); END",
    "0018": f"BEGIN SELECT CASE WHEN NEW.idx IS NOT {LAST} THEN RAISE(ABORT, '{NO_GAPS}') "
    'WHEN instr(NEW.content, CAST(\'","index":\' || NEW.idx || \',"kind":"\' AS BLOB)) = 0 '
    f"THEN RAISE(ABORT, '{OWN_PLACE}') END; END",
}
REQUIRE_NEXT_ON_POSTGRESQL = {
    "0017": f"IF NEW.idx IS DISTINCT FROM {LAST} THEN RAISE EXCEPTION '{NO_GAPS}'; END IF; RETURN NEW;",
    "0018": f"IF NEW.idx IS DISTINCT FROM {LAST} THEN RAISE EXCEPTION '{NO_GAPS}'; END IF; "
    "IF position(convert_to('\",\"index\":' || NEW.idx || ',\"kind\":\"', 'UTF8') IN NEW.content) = 0 THEN "
    f"RAISE EXCEPTION '{OWN_PLACE}'; END IF; RETURN NEW;",
}


def upgrade() -> None:
    """Derive what entries are looked up by, and drop what was stored of it."""
    if op.get_bind().dialect.name == "postgresql":
        op.get_bind().exec_driver_sql(GATE_LABEL)
        dropped = [f"DROP COLUMN {name}" for name in (*NAMES, "leaf_hash")]
        derived = [
            f"""ADD COLUMN {name} text COLLATE "C" GENERATED ALWAYS AS (gate_label(content, '{name}'::text)) STORED"""
            for name in NAMES
        ]
        op.execute("ALTER TABLE ledger_entries " + ", ".join([*dropped, *derived]))
        op.execute(f"ALTER TABLE ledger_entries ADD CONSTRAINT ck_ledger_entries_is_labelled {IS_LABELLED}")
        op.execute(INDEX)
        _require_next_on_postgresql("0018")
        return
    derived = [f"{name} TEXT GENERATED ALWAYS AS ({_on_sqlite(name)}) VIRTUAL" for name in NAMES]
    _rebuild_on_sqlite(
        "SELECT idx, content FROM ledger_entries ORDER BY idx",
        "CREATE TABLE ledger_entries (idx INTEGER NOT NULL, content BLOB NOT NULL, "
        f"{', '.join(derived)}, CONSTRAINT pk_ledger_entries PRIMARY KEY (idx), "
        "CONSTRAINT ck_ledger_entries_is_counted CHECK (idx >= 0), "
        "CONSTRAINT ck_ledger_entries_is_small CHECK (length(content) <= 65536), "
        f"CONSTRAINT ck_ledger_entries_is_labelled {IS_LABELLED})",
        "idx, content",
        "0018",
    )


def downgrade() -> None:
    """Store again what was derived, and the hash of each entry as a leaf of the tree."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE ledger_entries DISABLE TRIGGER USER")
        op.execute("ALTER TABLE ledger_entries DROP CONSTRAINT ck_ledger_entries_is_labelled")
        for name in NAMES:
            op.execute(
                f"ALTER TABLE ledger_entries ALTER COLUMN {name} DROP EXPRESSION, ALTER COLUMN {name} SET NOT NULL"
            )
        op.execute("ALTER TABLE ledger_entries ADD COLUMN leaf_hash bytea")
        op.execute("UPDATE ledger_entries SET leaf_hash = sha256(decode('00', 'hex') || content)")
        op.execute(
            "ALTER TABLE ledger_entries ALTER COLUMN leaf_hash SET NOT NULL, "
            "ADD CONSTRAINT ck_ledger_entries_is_hashed CHECK (length(leaf_hash) = 32), "
            "ADD CONSTRAINT uq_ledger_entries_leaf_hash UNIQUE (leaf_hash)"
        )
        op.execute("ALTER TABLE ledger_entries ENABLE TRIGGER USER")
        op.execute("DROP FUNCTION gate_label(bytea, text)")
        _require_next_on_postgresql("0017")
        return
    driver = op.get_bind().connection.dbapi_connection
    driver.create_function("gate_leaf", 1, lambda content: hashlib.sha256(b"\x00" + content).digest())
    _rebuild_on_sqlite(
        "SELECT idx, kind, at, subject, content, gate_leaf(content) AS leaf_hash FROM ledger_entries ORDER BY idx",
        "CREATE TABLE ledger_entries (idx INTEGER NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL, "
        "subject TEXT NOT NULL, content BLOB NOT NULL, leaf_hash BLOB NOT NULL, "
        "CONSTRAINT pk_ledger_entries PRIMARY KEY (idx), "
        "CONSTRAINT uq_ledger_entries_leaf_hash UNIQUE (leaf_hash), "
        "CONSTRAINT ck_ledger_entries_is_counted CHECK (idx >= 0), "
        "CONSTRAINT ck_ledger_entries_is_small CHECK (length(content) <= 65536), "
        "CONSTRAINT ck_ledger_entries_is_hashed CHECK (length(leaf_hash) = 32))",
        "idx, kind, at, subject, content, leaf_hash",
        "0017",
    )


def _on_sqlite(name: str) -> str:
    if name == "subject":
        return (
            f"CASE WHEN instr(substr(content, {SUBJECT} + 12), {MARK}) = length(content) - {SUBJECT} - 12 "
            f"THEN CAST(substr(content, {SUBJECT} + 12, length(content) - {SUBJECT} - 13) AS TEXT) "
            f"WHEN {SUBJECT} > 0 THEN substr({CUT}, length(rtrim({CUT}, replace({CUT}, char(1), ''))) + 1) END"
        )
    key = {"kind": ',"kind":"', "at": '"at":"'}[name]
    place = f"instr(content, CAST('{key}' AS BLOB))"
    start = f"substr(content, {place} + {len(key)}"
    return f"CAST(substr(content, nullif({place}, 0) + {len(key)}, instr({start}), {MARK}) - 1) AS TEXT)"


def _require_next_on_postgresql(version: str) -> None:
    op.get_bind().exec_driver_sql(
        "CREATE OR REPLACE FUNCTION gate_require_next_entry() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {REQUIRE_NEXT_ON_POSTGRESQL[version]} END $$"
    )


def _rebuild_on_sqlite(kept: str, table: str, columns: str, version: str) -> None:
    """Make the table anew with what a query keeps of it, while others refer to its rows.

    Constraints wait until the transaction ends: rows that are taken out are missed, and back by then. For each of them
    SQLite looks for those that refer to it, which takes an index.
    """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE INDEX ix_verdicts_rebuilding ON verdicts (ledger_index)")
    op.execute(f"CREATE TABLE ledger_entries_rebuilding AS {kept}")
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER ledger_entries_refuse_{verb}")
    op.execute("DELETE FROM ledger_entries")
    op.execute("DROP TABLE ledger_entries")
    op.get_bind().exec_driver_sql(table)  # as it is: what looks like a parameter is none
    rows = f"SELECT {columns} FROM ledger_entries_rebuilding ORDER BY rowid"  # noqa: S608  # names of our own
    op.execute(f"INSERT INTO ledger_entries ({columns}) {rows}")
    op.execute(INDEX)
    op.execute("DROP TABLE ledger_entries_rebuilding")
    op.execute("DROP INDEX ix_verdicts_rebuilding")
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ledger_entries_refuse_{verb.lower()} BEFORE {verb} ON ledger_entries "
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        )
    op.get_bind().exec_driver_sql(
        f"CREATE TRIGGER ledger_entries_require_next BEFORE INSERT ON ledger_entries {REQUIRE_NEXT_ON_SQLITE[version]}"
    )
