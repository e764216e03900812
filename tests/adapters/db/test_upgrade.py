"""Upgrades: the database of every earlier release comes to the present tables with all that it proves."""

import gzip
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from builders_postgresql import new_database_url
from builders_store import a_change_row, a_draft, a_known_repository, a_world, record_judgement
from sqlalchemy import MetaData, create_engine, insert, select, text

from gate.adapters.db import migrate
from gate.adapters.db.ledger_agreement import verify_agreement
from gate.adapters.db.ledger_verification import verify_tree
from gate.core.explain.json import parse_verdict
from gate.core.ledger.signing_keys import SigningKey
from gate.usecases.stored import ChangeFilter

DATABASES = Path(__file__).parents[2] / "fixtures" / "databases"
RELEASES = sorted(file.name.removesuffix(".sql.gz") for file in DATABASES.glob("*.sql.gz"))


@dataclass(frozen=True)
class Left:
    """A database as an earlier release left it, and what its ledger was then."""

    revision: str
    url: str
    key: SigningKey
    size: int
    root: bytes


def loaded(revision: str, folder: Path) -> str:
    """The database of a release as a SQLite file."""
    with sqlite3.connect(folder / "old.db") as connection:
        connection.executescript(gzip.decompress((DATABASES / f"{revision}.sql.gz").read_bytes()).decode())
    connection.close()
    return f"sqlite:///{folder}/old.db"


def copied(source: str, target: str, revision: str) -> str:
    """The same rows in PostgreSQL, in the tables that the release made there."""
    with migrate._writing(target) as connection:
        migrate.command.upgrade(migrate._config(connection), revision)
    old, new = (create_engine(url) for url in (source, target))
    tables, rows = MetaData(), MetaData()
    tables.reflect(new)
    rows.reflect(old)
    with old.connect() as reading, new.begin() as writing:
        writing.execute(text("SET session_replication_role = replica"))  # as a restore does: triggers wait
        for table in tables.sorted_tables:
            if table.name == "alembic_version":
                continue
            found = [dict(row) for row in reading.execute(select(rows.tables[table.name])).mappings()]
            writing.execute(table.delete())
            if found:
                writing.execute(insert(table), [_typed(table, row) for row in found])
    old.dispose()
    new.dispose()
    return target


def _typed(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    """A row as PostgreSQL wants it: true and false are no numbers there."""
    is_truth = {name: column.type.python_type is bool for name, column in table.columns.items()}
    return {name: bool(value) if is_truth[name] and value is not None else value for name, value in row.items()}


@pytest.fixture(params=[(revision, kind) for revision in RELEASES for kind in ("sqlite", "postgresql")], ids=str)
def left(request: pytest.FixtureRequest, tmp_path: Path) -> Left:
    revision, kind = request.param
    said = json.loads((DATABASES / f"{revision}.json").read_text())
    url = loaded(revision, tmp_path)
    if kind == "postgresql":
        url = copied(url, new_database_url(f"upgrade_{revision}"), revision)
    key = SigningKey(said["name"], bytes.fromhex(said["public_key"]))
    return Left(revision, url, key, said["size"], bytes.fromhex(said["root"]))


class TestTheDatabaseOfAnEarlierRelease:
    def test_comes_to_the_present_tables_with_its_ledger_whole(self, left: Left) -> None:
        assert migrate.current(left.url) == left.revision
        migrate.upgrade(left.url)
        assert migrate.current(left.url) == migrate.newest()
        assert list(verify_tree(left.url, [left.key]).faults) == []
        assert list(verify_agreement(left.url)) == []

    def test_keeps_what_was_decided_and_takes_what_comes(self, left: Left) -> None:
        migrate.upgrade(left.url)
        world = a_world(left.url)
        with world.store.reading() as reading:
            checkpoint = reading.checkpoint()
            assert checkpoint is not None
            assert (checkpoint.size, checkpoint.root) == (left.size, left.root)
            page = reading.changes(ChangeFilter(repositories=tuple(one.key for one in reading.repositories())))
            stored = [reading.verdict(change.key) for change in page.changes]
        assert {parse_verdict(one.verdict).state for one in stored if one} == {"approved", "rejected", "needs-author"}
        a_known_repository(world.store)
        record_judgement(world.store, a_change_row())
        with world.store.writing() as writing:
            assert writing.append(a_draft()) > left.size
        world.store.close()


class TestTheStock:
    def test_has_the_first_release(self) -> None:
        assert RELEASES[0] == "0001"
