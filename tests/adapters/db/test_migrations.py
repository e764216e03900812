"""Migrations: every revision goes up, down and up again, and ends at the very tables that the code works with."""

import itertools
import threading
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from builders_store import a_change_row, a_draft, a_known_repository, a_world, record_judgement
from sqlalchemy import create_engine, inspect, text

from gate.adapters.db import migrate
from gate.adapters.db.engine import Transactions, open_engine
from gate.adapters.db.tables import METADATA
from gate.usecases.store_ports import StoreError

MIGRATIONS = Path(__file__).parents[3] / "migrations"


def revisions() -> Any:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def tables_of(url: Any) -> Any:
    engine = open_engine(url)
    try:
        return set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


def fill(url: Any) -> Any:
    """Leave something in every corner that a judgement reaches."""
    world = a_world(url)
    a_known_repository(world.store)
    stored = record_judgement(world.store, a_change_row())
    with world.store.writing() as writing:
        writing.append(a_draft(personal={"reason": "Bob"}))
    world.store.close()
    return stored


def _upgrade_with_a_table_in_the_way(url: Any) -> None:
    with migrate._writing(url) as connection:
        connection.execute(text("CREATE TABLE deliveries (id INTEGER)"))
        migrate.command.upgrade(migrate._config(connection), "head")


def _tiles(world: Any) -> Any:
    with world.store._transactions.reading() as connection:
        rows = connection.execute(text("SELECT level, idx, root, hashes FROM ledger_tiles ORDER BY level, idx")).all()
    return [(level, index, bytes(root), bytes(hashes)) for level, index, root, hashes in rows]


class TestUpAndDown:
    def test_there_is_one_line_of_revisions(self) -> None:
        assert revisions()[0] == "0001"
        assert revisions()[-1] == migrate.newest()
        assert len(set(revisions())) == len(revisions())

    def test_a_new_database_is_brought_to_the_newest_revision(self, empty_url: Any) -> None:
        assert migrate.current(empty_url) is None
        assert migrate.current(empty_url) != migrate.newest()
        migrate.upgrade(empty_url)
        assert migrate.current(empty_url) == migrate.newest()
        assert tables_of(empty_url) == set(METADATA.tables)

    def test_it_goes_down_and_up_again_with_data_in_it(self, empty_url: Any) -> None:
        migrate.upgrade(empty_url)
        fill(empty_url)
        for revision in (*revisions()[-2::-1], "base"):
            migrate.downgrade(empty_url, revision)
        assert tables_of(empty_url) == set()
        migrate.upgrade(empty_url)
        assert fill(empty_url).generation == 1

    def test_upgrading_again_changes_nothing_that_is_kept(self, empty_url: Any) -> None:
        migrate.upgrade(empty_url)
        stored = fill(empty_url)
        migrate.upgrade(empty_url)
        world = a_world(empty_url)
        with world.store.reading() as reading:
            assert reading.verdict(stored.key).facts_digest == stored.facts_digest
            assert reading.checkpoint().size == 2
        world.store.close()

    def test_a_ledger_without_tiles_gets_the_tiles_that_it_would_have_written(self, empty_url: Any) -> None:
        migrate.upgrade(empty_url)
        world = a_world(empty_url)
        with world.store.writing() as writing:
            for number in range(600):
                writing.append(a_draft(payload={"n": number}))
        written = _tiles(world)
        world.store.close()
        migrate.downgrade(empty_url, "0002")
        migrate.upgrade(empty_url)
        assert _tiles(world) == written
        assert len(written) == 2
        with world.store.writing() as writing:
            assert writing.append(a_draft()) == 600
        world.store.close()

    def test_replicas_that_start_at_once_migrate_once(self, empty_url: Any) -> None:
        failures = []

        def start() -> None:
            try:
                migrate.upgrade(empty_url)
            except Exception as error:
                failures.append(error)
                raise

        starts = [threading.Thread(target=start) for _ in range(2)]
        for thread in starts:
            thread.start()
        for thread in starts:
            thread.join(60)
        assert failures == []
        assert migrate.current(empty_url) == migrate.newest()

    def test_a_migration_that_fails_leaves_the_database_as_it_was(self, empty_url: Any) -> None:
        with pytest.raises(StoreError, match="already exists"):
            _upgrade_with_a_table_in_the_way(empty_url)
        assert tables_of(empty_url) == set()


class TestModelsAndMigrations:
    def test_alembic_sees_no_difference(self, empty_url: Any) -> None:
        migrate.upgrade(empty_url)
        engine = open_engine(empty_url)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, METADATA) == []
        engine.dispose()

    def test_the_very_statements_are_the_same_on_sqlite(self, tmp_path: Any) -> None:
        """Alembic compares neither checks nor conditions of indexes; the database's own text of them does."""
        migrated, made = f"sqlite:///{tmp_path}/migrated.db", create_engine(f"sqlite:///{tmp_path}/made.db")
        migrate.upgrade(migrated)
        METADATA.create_all(made)
        engine = open_engine(migrated)
        assert _statements(engine) == _statements(made)
        made.dispose()
        engine.dispose()

    def test_the_ledger_is_guarded_from_the_first_revision_on(self, empty_url: Any) -> None:
        migrate.upgrade(empty_url)
        engine = open_engine(empty_url)
        query = (
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            if empty_url.startswith("sqlite")
            else "SELECT DISTINCT trigger_name FROM information_schema.triggers"
        )
        with Transactions(engine).reading() as connection:
            names = set(connection.execute(text(query)).scalars())
        engine.dispose()
        wanted = [
            *itertools.product(("ledger_entries", "ledger_checkpoints"), ("refuse", "require")),
            ("ledger_tiles", "refuse"),
        ]
        assert all(any(name.startswith(f"{table}_{verb}") for name in names) for table, verb in wanted)


def _statements(engine: Any) -> Any:
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL")
        )
        return {
            name: sorted("".join(sql.rpartition(")")[0].split()).split(","))  # the order of constraints is free
            for name, sql in rows
            if name != "alembic_version" and not name.startswith("sqlite_")
        }


class TestWhereTheyLie:
    def test_a_checkout_uses_its_own(self) -> None:
        assert migrate._folder() == MIGRATIONS
