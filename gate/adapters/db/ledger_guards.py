"""Ledger guards: the triggers that let the ledger only grow, and whether there are those of the migrations alone."""

from collections.abc import Mapping

from sqlalchemy import Connection, text

from gate.adapters.db.ledger_labels import single_spaced
from gate.core.change.paths import shown
from gate.core.ledger.verification import NOWHERE, LedgerFault

_NEXT = "(SELECT coalesce(max(idx), -1) + 1 FROM ledger_entries)"
_LAST = "(SELECT coalesce(max(size), 0) FROM ledger_checkpoints)"
_APPEND_ONLY, _NO_GAPS = "the ledger is append-only", "the ledger has no gaps"
_OWN_PLACE, _WHOLE = "an entry stands in the place that it says", "a checkpoint is over the whole ledger"
_NOT_OURS = "is not the gate's; take it away"
_GUARDED = ("ledger_entries", "ledger_checkpoints", "ledger_tiles")

ON_SQLITE: Mapping[str, str] = {
    **{
        f"{table}_refuse_{verb.lower()}": f"CREATE TRIGGER {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END"
        for table in _GUARDED
        for verb in ("UPDATE", "DELETE")
    },
    "ledger_entries_require_next": "CREATE TRIGGER ledger_entries_require_next BEFORE INSERT ON ledger_entries "
    f"BEGIN SELECT CASE WHEN NEW.idx IS NOT {_NEXT} THEN RAISE(ABORT, '{_NO_GAPS}') "
    'WHEN instr(NEW.content, CAST(\'","index":\' || NEW.idx || \',"kind":"\' AS BLOB)) = 0 '
    f"THEN RAISE(ABORT, '{_OWN_PLACE}') END; END",
    "ledger_checkpoints_require_whole": "CREATE TRIGGER ledger_checkpoints_require_whole "
    f"BEFORE INSERT ON ledger_checkpoints WHEN NEW.size IS NOT {_NEXT} OR NEW.size <= {_LAST} "
    f"BEGIN SELECT RAISE(ABORT, '{_WHOLE}'); END",
}
"""What SQLite keeps of each trigger, with single spaces."""

# How PostgreSQL counts when a trigger runs: for each row 1, before it 2, on INSERT 4, DELETE 8, UPDATE 16, TRUNCATE 32.
_INSERTED, _CHANGED, _TRUNCATED = 1 + 2 + 4, 1 + 2 + 8 + 16, 2 + 32
_BODIES = {
    "gate_refuse_change": f"RAISE EXCEPTION '{_APPEND_ONLY}';",
    "gate_require_next_entry": f"IF NEW.idx IS DISTINCT FROM {_NEXT} THEN RAISE EXCEPTION '{_NO_GAPS}'; END IF; "
    "IF position(convert_to('\",\"index\":' || NEW.idx || ',\"kind\":\"', 'UTF8') IN NEW.content) = 0 THEN "
    f"RAISE EXCEPTION '{_OWN_PLACE}'; END IF; RETURN NEW;",
    "gate_require_whole_checkpoint": f"IF NEW.size IS DISTINCT FROM {_NEXT} OR NEW.size <= {_LAST} THEN "
    f"RAISE EXCEPTION '{_WHOLE}'; END IF; RETURN NEW;",
}
_Guard = tuple[str, int, str, str]


def _guard(table: str, runs: int, function: str) -> _Guard:
    return table, runs, function, f"BEGIN {_BODIES[function]} END"


ON_POSTGRESQL: Mapping[str, _Guard] = {
    **{f"{table}_refuse_change": _guard(table, _CHANGED, "gate_refuse_change") for table in _GUARDED},
    **{f"{table}_refuse_truncate": _guard(table, _TRUNCATED, "gate_refuse_change") for table in _GUARDED},
    "ledger_entries_require_next": _guard("ledger_entries", _INSERTED, "gate_require_next_entry"),
    "ledger_checkpoints_require_whole": _guard("ledger_checkpoints", _INSERTED, "gate_require_whole_checkpoint"),
}
"""The table of each trigger, when it runs, and the function that it calls with what that does."""

# One elsewhere that writes into the ledger is seen by its words. SQLite reads no schema that lists one as another.
_SEEN_ON_SQLITE = text(
    "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND instr(lower(sql), 'ledger_') > 0"
)
_SEEN_ON_POSTGRESQL = text(
    "SELECT t.tgname, c.relname, t.tgtype, p.proname, p.prosrc, "
    "t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr::text = '' AND l.lanname = 'plpgsql' "
    "AND p.proconfig IS NULL "
    "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
    "JOIN pg_language l ON l.oid = p.prolang "
    "WHERE NOT t.tgisinternal AND c.relname LIKE 'ledger\\_%' AND pg_table_is_visible(c.oid)"
)

# Event 1 is SELECT: what makes a view one. The migrations make no rule at all.
_RULES_ON_POSTGRESQL = text(
    "SELECT r.rulename, c.relname FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class "
    "WHERE r.ev_type <> '1' AND c.relname LIKE 'ledger\\_%' AND pg_table_is_visible(c.oid) ORDER BY 2, 1"
)


def guard_faults(connection: Connection) -> list[LedgerFault]:
    """Return a fault for each trigger of the ledger that is not as the migrations make it: missing, other, additional.

    Any rule is additional. SECURITY: whoever owns the database could let entries be changed, or have others recorded
    than the gate records.
    """
    wanted: Mapping[str, object] = ON_SQLITE
    seen: dict[str, object] = {}
    if connection.dialect.name == "sqlite":
        seen = {str(name): single_spaced(str(sql)) for name, sql in connection.execute(_SEEN_ON_SQLITE)}
    else:
        wanted = ON_POSTGRESQL
        for name, table, runs, function, source, is_plain in connection.execute(_SEEN_ON_POSTGRESQL):
            is_only = is_plain and name not in seen  # another table may have one of the same name
            seen[name] = (table, runs, function, single_spaced(source)) if is_only else None
    odd = dict.fromkeys(wanted.keys() - seen.keys(), "is missing")
    odd |= dict.fromkeys(seen.keys() - wanted.keys(), _NOT_OURS)
    others = {name for name in wanted.keys() & seen.keys() if wanted[name] != seen[name]}
    odd |= dict.fromkeys(others, "does not do what the gate's does, or is off")
    named = [f"The trigger `{shown(name)}` of the ledger {what}." for name, what in sorted(odd.items())]
    named += [f"The rule `{shown(name)}` on `{shown(table)}` {_NOT_OURS}." for name, table in _rules(connection)]
    return [LedgerFault(NOWHERE, "ledger-redefined", sentence) for sentence in named]


def _rules(connection: Connection) -> list[tuple[str, str]]:
    """Return the rules that rewrite what is written to a table of the ledger, each with its table."""
    if connection.dialect.name == "sqlite":
        return []
    return [(str(name), str(table)) for name, table in connection.execute(_RULES_ON_POSTGRESQL)]
