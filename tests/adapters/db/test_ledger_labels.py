"""Ledger labels: the database derives them from the bytes as the gate reads them, and a migration loses nothing."""

from pathlib import Path
from typing import Any

import pytest
from builders_ledger import KEY, a_recorded_ledger, record_change
from builders_postgresql import new_database_url
from builders_store import a_draft, a_known_repository, a_world
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from gate.adapters.db import migrate
from gate.adapters.db.ledger_agreement import verify_agreement
from gate.adapters.db.ledger_verification import verify_tree
from gate.core.ledger.entries import EntryDraft
from gate.core.ledger.labels import labels_of, written
from gate.core.ledger.merkle import leaf_hash

LURES = st.sampled_from(
    ['"', "\\", ',"subject":"x', '","kind":"y","payload":', '"at":"1970', "\n", "\x01", "\u2603", "}"]
)
TEXTS = st.lists(LURES, max_size=3).map("".join)
PAYLOADS = st.dictionaries(
    st.sampled_from(["subject", "kind", "at", "schema"]) | TEXTS, TEXTS | st.dictionaries(TEXTS, TEXTS), max_size=3
)


def rows(url: str, query: str) -> Any:
    with migrate._writing(url) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def attack(url: str, *statements: str) -> None:
    with migrate._writing(url) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def told(url: str) -> Any:
    return [(one.code, one.index) for one in (*verify_tree(url, [KEY]).faults, *verify_agreement(url))]


@pytest.fixture
def world(empty_url: str) -> Any:
    migrate.upgrade(empty_url)
    made = a_world(empty_url)
    a_known_repository(made.store)
    yield made
    made.store.close()


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS, PAYLOADS), min_size=20, max_size=20))
def test_they_are_those_of_the_bytes_whatever_else_stands_there(world: Any, given: Any) -> None:
    with world.store.writing() as writing:
        for subject, actor, payload in given:
            writing.append(EntryDraft("signoff-given", "2026-12-01T12:00:00Z", subject, actor, payload=payload))
    for index, kind, at, subject, content in rows(
        world.url, "SELECT idx, kind, at, subject, content FROM ledger_entries"
    ):
        said = labels_of(bytes(content))
        assert said is not None
        assert (index, kind, at, subject) == (*said[:3], written(said[3]))


def test_a_ledger_holds_before_and_after_its_labels_were_stored(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    world = a_world(empty_url)
    a_known_repository(world.store)
    for number in range(1, 4):
        record_change(world.store, number)
    with world.store.writing() as writing:
        for number in range(260):
            writing.append(
                a_draft(
                    number + 1, kind="check-posted", payload={"a": {"n": 1, "subject": "ledger"}, "t": ',"subject":"'}
                )
            )
    world.store.close()
    query = "SELECT idx, kind, at, subject, content FROM ledger_entries ORDER BY idx"
    before = rows(empty_url, query)
    assert told(empty_url) == []
    migrate.downgrade(empty_url, "0017")
    assert rows(empty_url, query) == before
    leaves = [bytes(leaf) for (leaf,) in rows(empty_url, "SELECT leaf_hash FROM ledger_entries ORDER BY idx")]
    assert leaves == [leaf_hash(bytes(row[-1])) for row in before]
    with pytest.raises(Exception, match="append-only"):
        attack(empty_url, "UPDATE ledger_entries SET kind = 'x'")
    migrate.upgrade(empty_url)
    assert rows(empty_url, query) == before
    assert told(empty_url) == []
    again = a_world(empty_url)
    with again.store.writing() as writing:
        assert writing.append(a_draft(kind="check-posted")) == len(before)
    again.store.close()
    assert told(empty_url) == []


def test_what_refers_to_entries_still_does(tmp_path: Path) -> None:
    ledger = a_recorded_ledger(tmp_path)
    migrate.downgrade(ledger.url, "0017")
    migrate.upgrade(ledger.url)
    assert rows(ledger.url, "PRAGMA foreign_key_check") == []
    assert ledger.faults() == ()
    with pytest.raises(Exception, match="FOREIGN KEY"):
        attack(ledger.url, "UPDATE verdicts SET ledger_index = 999")


class TestWhereTheyAreStored:
    """On PostgreSQL they were derived when the entry came; whoever owns the database can edit them afterwards."""

    UNGUARDED = "ALTER TABLE ledger_entries DISABLE TRIGGER USER"

    @pytest.fixture
    def url(self) -> str:
        url = new_database_url("labels")  # one of its own, for tests edit its schema
        migrate.upgrade(url)
        world = a_world(url)
        a_known_repository(world.store)
        record_change(world.store, 1)
        with world.store.writing() as writing:
            for number in range(40):
                writing.append(a_draft(kind="check-posted", payload={"n": number}))
            writing.append(a_draft(kind="signoff-refused", payload={"n": '"'}, personal={"why": "x"}))
            writing.append(EntryDraft("link-opened", world.clock.at, 'account:"\\\x01\u2603'))
        world.store.close()
        return url

    def test_what_nobody_touched_holds(self, url: str) -> None:
        assert told(url) == []

    @pytest.mark.parametrize(
        "label", ["kind = 'review-done'", "at = '2026-01-01T00:00:00Z'", "subject = 'ledger'", "subject = NULL"]
    )
    def test_one_that_was_edited_is_named(self, url: str, label: str) -> None:
        column = label.split(maxsplit=1)[0]
        attack(
            url,
            self.UNGUARDED,
            "ALTER TABLE ledger_entries DROP CONSTRAINT ck_ledger_entries_is_labelled",
            f"ALTER TABLE ledger_entries ALTER COLUMN {column} DROP EXPRESSION",
            f"UPDATE ledger_entries SET {label} WHERE idx = 7",  # noqa: S608  # an attack of our own
        )
        assert ("entry-mislabelled", 7) in told(url)

    def test_so_is_one_that_was_derived_in_another_way(self, url: str) -> None:
        other = "RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT 'ledger' $$"
        attack(url, f"CREATE OR REPLACE FUNCTION gate_label(content bytea, name text) {other}")
        world = a_world(url)
        with world.store.writing() as writing:
            index = writing.append(a_draft(kind="check-posted"))
        world.store.close()
        assert told(url) == [("entry-mislabelled", index)]

    def test_two_entries_under_one_index_leave_one_missing(self, url: str) -> None:
        attack(
            url,
            self.UNGUARDED,
            "ALTER TABLE ledger_entries DROP CONSTRAINT pk_ledger_entries CASCADE",
            "UPDATE ledger_entries SET idx = 8 WHERE idx = 9",
        )
        found = told(url)
        assert ("entry-missing", 9) in found
        assert ("entry-mislabelled", 8) in found
