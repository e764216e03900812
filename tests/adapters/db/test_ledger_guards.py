"""Ledger guards: triggers and rules of the ledger that are missing, others or additional are named by verification."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from builders_ledger import KEY, a_recorded_ledger
from builders_postgresql import new_database_url, plain_url
from builders_store import a_draft, a_known_repository, a_world

from gate.adapters.db import migrate
from gate.adapters.db.ledger_guards import ON_POSTGRESQL, ON_SQLITE
from gate.adapters.db.ledger_verification import verify_tree
from gate.usecases.store_ports import StoreError

MISSING, ADDITIONAL, OTHER = (
    "is missing",
    "is not the gate's; take it away",
    "does not do what the gate's does, or is off",
)
NEXT = "ledger_entries_require_next"


def told(url: str) -> list[str]:
    """What verification says, each sentence without what all of them begin and end with."""
    faults = verify_tree(url, [KEY]).faults
    assert {(one.code, one.index) for one in faults} <= {("ledger-redefined", -1)}
    return [one.text.removeprefix("The trigger ").replace(" of the ledger", "").rstrip(".") for one in faults]


class TestOnSqlite:
    def after(self, folder: Path, *attacks: str | Callable[[sqlite3.Connection], None]) -> list[str]:
        ledger = a_recorded_ledger(folder)
        with sqlite3.connect(ledger.file) as connection:
            for attack in attacks:
                connection.execute(attack) if isinstance(attack, str) else attack(connection)
        connection.close()
        return told(ledger.url)

    def test_those_of_the_migrations_hold(self, tmp_path: Path) -> None:
        assert self.after(tmp_path) == []

    @pytest.mark.parametrize("name", sorted(ON_SQLITE))
    def test_one_that_is_missing_is_named(self, tmp_path: Path, name: str) -> None:
        assert self.after(tmp_path, f"DROP TRIGGER {name}") == [f"`{name}` {MISSING}"]

    @pytest.mark.parametrize(
        "made",
        [
            f"CREATE TRIGGER {NEXT} BEFORE INSERT ON ledger_entries BEGIN SELECT 1; END",
            f"CREATE TRIGGER {NEXT} AFTER INSERT ON ledger_checkpoints BEGIN SELECT 1; END",
            ON_SQLITE[NEXT].replace("BEFORE", "AFTER"),
        ],
    )
    def test_so_is_another_of_its_name(self, tmp_path: Path, made: str) -> None:
        assert self.after(tmp_path, f"DROP TRIGGER {NEXT}", made) == [f"`{NEXT}` {OTHER}"]

    @pytest.mark.parametrize(
        "place",
        [
            'AFTER INSERT ON "LEDGER_entries"',
            "AFTER UPDATE ON ledger_head",
            "AFTER DELETE ON ledger_personal",
            "AFTER INSERT ON ledger_tiles",
        ],
    )
    def test_so_is_an_additional_one_on_any_table_of_the_ledger(self, tmp_path: Path, place: str) -> None:
        made = f"CREATE TRIGGER further {place} BEGIN SELECT 1; END"
        assert self.after(tmp_path, made) == [f"`further` {ADDITIONAL}"]

    def test_so_is_one_elsewhere_that_writes_into_the_ledger(self, tmp_path: Path) -> None:
        body = "BEGIN INSERT INTO ledger_head SELECT * FROM ledger_head; END"
        made = f"CREATE TRIGGER further AFTER INSERT ON verdicts {body}"
        assert self.after(tmp_path, made) == [f"`further` {ADDITIONAL}"]

    @pytest.mark.parametrize("lie", ["name = 'other'", "tbl_name = 'jobs'", "type = 'view'"])
    def test_one_that_is_listed_as_something_else_lets_nothing_be_read(self, tmp_path: Path, lie: str) -> None:
        def listed(connection: sqlite3.Connection) -> None:
            connection.execute("CREATE TRIGGER further AFTER INSERT ON ledger_entries BEGIN SELECT 1; END")
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute(f"UPDATE sqlite_schema SET {lie} WHERE name = 'further'")  # noqa: S608  # of our own

        with pytest.raises(StoreError, match="malformed database schema"):
            self.after(tmp_path, listed)

    def test_an_operators_own_elsewhere_is_theirs(self, tmp_path: Path) -> None:
        assert self.after(tmp_path, "CREATE TRIGGER own AFTER INSERT ON verdicts BEGIN SELECT 1; END") == []


@pytest.fixture(scope="module")
def url() -> str:
    """A ledger on PostgreSQL that tests edit copies of."""
    url = new_database_url("guards")
    migrate.upgrade(url)
    world = a_world(url)
    a_known_repository(world.store)
    with world.store.writing() as writing:
        writing.append(a_draft())
    world.store.close()
    return url


class TestOnPostgresql:
    def after(self, url: str, *attacks: str) -> list[str]:
        """What is told of a copy of the ledger after some statements."""
        with psycopg.connect(plain_url(url)) as connection:
            name = connection.info.dbname
        copy = url.replace(name, f"{name}_copy")
        with psycopg.connect(plain_url(url).replace(name, "postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}_copy" WITH (FORCE)'.encode())
            connection.execute(f'CREATE DATABASE "{name}_copy" TEMPLATE "{name}"'.encode())
        with psycopg.connect(plain_url(copy)) as connection:
            for attack in attacks:
                connection.execute(attack.encode())
        return told(copy)

    def test_those_of_the_migrations_hold(self, url: str) -> None:
        assert self.after(url) == []

    def test_so_do_those_that_run_for_replicas_as_well(self, url: str) -> None:
        assert self.after(url, f"ALTER TABLE ledger_entries ENABLE ALWAYS TRIGGER {NEXT}") == []

    @pytest.mark.parametrize("name", sorted(ON_POSTGRESQL))
    def test_one_that_is_missing_is_named(self, url: str, name: str) -> None:
        assert self.after(url, f"DROP TRIGGER {name} ON {ON_POSTGRESQL[name][0]}") == [f"`{name}` {MISSING}"]

    @pytest.mark.parametrize(
        "made",
        [
            "BEFORE INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION gate_refuse_change()",
            "AFTER INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION gate_require_next_entry()",
            "BEFORE INSERT ON ledger_entries FOR ROW WHEN (NEW.idx < 9) EXECUTE FUNCTION gate_require_next_entry()",
            "BEFORE INSERT ON ledger_head FOR EACH ROW EXECUTE FUNCTION gate_require_next_entry()",
        ],
    )
    def test_so_is_another_of_its_name(self, url: str, made: str) -> None:
        attacks = (f"DROP TRIGGER {NEXT} ON ledger_entries", f"CREATE TRIGGER {NEXT} {made}")
        assert self.after(url, *attacks) == [f"`{NEXT}` {OTHER}"]

    @pytest.mark.parametrize("how", ["DISABLE TRIGGER", "ENABLE REPLICA TRIGGER"])
    def test_so_is_one_that_is_off(self, url: str, how: str) -> None:
        assert self.after(url, f"ALTER TABLE ledger_entries {how} {NEXT}") == [f"`{NEXT}` {OTHER}"]

    def test_so_is_one_whose_function_does_something_else(self, url: str) -> None:
        body = "LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
        attack = f"CREATE OR REPLACE FUNCTION gate_require_next_entry() RETURNS trigger {body}"
        assert self.after(url, attack) == [f"`{NEXT}` {OTHER}"]

    @pytest.mark.parametrize("table", ["ledger_entries", "ledger_head", "ledger_personal", "ledger_tiles"])
    def test_so_is_an_additional_one_on_any_table_of_the_ledger(self, url: str, table: str) -> None:
        made = f"AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION gate_refuse_change()"
        assert self.after(url, f"CREATE TRIGGER further {made}") == [f"`further` {ADDITIONAL}"]

    def test_so_is_one_of_the_same_name_on_another_table(self, url: str) -> None:
        made = "BEFORE INSERT ON ledger_head FOR EACH ROW EXECUTE FUNCTION gate_require_next_entry()"
        assert self.after(url, f"CREATE TRIGGER {NEXT} {made}") == [f"`{NEXT}` {OTHER}"]

    @pytest.mark.parametrize("table", ["ledger_entries", "ledger_checkpoints", "ledger_head", "ledger_personal"])
    @pytest.mark.parametrize("event", ["INSERT", "UPDATE", "DELETE"])
    def test_so_is_a_rule_by_which_something_else_is_written(self, url: str, table: str, event: str) -> None:
        made = f"CREATE RULE further AS ON {event} TO {table} DO INSTEAD NOTHING"
        assert self.after(url, made) == [f"The rule `further` on `{table}` {ADDITIONAL}"]
        assert self.after(url, made.replace("INSTEAD", "ALSO"), f"ALTER TABLE {table} DISABLE RULE further") == [
            f"The rule `further` on `{table}` {ADDITIONAL}"
        ]

    def test_an_operators_own_rule_or_view_elsewhere_is_theirs(self, url: str) -> None:
        rule = "CREATE RULE own AS ON INSERT TO verdicts DO ALSO NOTHING"
        assert self.after(url, rule, "CREATE VIEW ledger_report AS SELECT idx FROM ledger_entries") == []

    def test_an_operators_own_elsewhere_is_theirs(self, url: str) -> None:
        made = "AFTER INSERT ON verdicts FOR EACH ROW EXECUTE FUNCTION gate_refuse_change()"
        assert self.after(url, f"CREATE TRIGGER own {made}") == []
