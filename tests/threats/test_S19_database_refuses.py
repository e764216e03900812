"""S19: a database that is locked or full is said to be so: 503 in time, nothing half kept, nothing unrecorded green."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from builders_login import an_app
from builders_service import Service, a_service
from builders_webhooks import hand_in
from sqlalchemy import event

from gate.adapters.db import engine
from gate.usecases.store_ports import StoreError

GITHUB_GIVES_UP_SECONDS = 10


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    with a_service(tmp_path) as service:
        yield service


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Another process holds the file's lock."""
    with closing(sqlite3.connect(folder / "gate.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full(service: Service, folder: Path) -> Iterator[None]:
    """The disk has no room: SQLite may not make the file any larger, and says what it says for ENOSPC."""
    inner = service.store._transactions.engine
    inner.dispose()
    with closing(sqlite3.connect(folder / "gate.db", isolation_level=None)) as other:
        other.execute("VACUUM")

    def limit(connection: sqlite3.Connection, _: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(inner, "connect", limit)
    try:
        yield
    finally:
        event.remove(inner, "connect", limit)
        inner.dispose()


def test_a_writer_waits_for_less_than_github_does() -> None:
    assert 2 * engine.BUSY_SECONDS < GITHUB_GIVES_UP_SECONDS


class TestAWebhook:
    def test_is_answered_503_while_the_database_is_locked_and_taken_afterwards(
        self, service: Service, tmp_path: Path
    ) -> None:
        client = an_app(service).test_client()
        with locked(tmp_path):
            began = time.monotonic()
            answer = hand_in(client, "ping", {"zen": "Once"})
            assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
            assert time.monotonic() - began < GITHUB_GIVES_UP_SECONDS
        assert hand_in(client, "ping", {"zen": "Once"}).status_code == 202

    def test_is_answered_503_while_the_disk_is_full_and_nothing_of_it_is_kept(
        self, service: Service, tmp_path: Path
    ) -> None:
        client = an_app(service).test_client()
        with full(service, tmp_path):
            answer = hand_in(client, "push", {"filler": "x" * 2_000_000})
            assert answer.status_code == 503
            assert "full" in answer.get_json()["detail"]
        assert service.store.waiting_jobs() == {}
        assert hand_in(client, "push", {"filler": "x" * 2_000_000}).status_code == 202

    def test_is_answered_503_where_the_file_cannot_be_read(self, service: Service, tmp_path: Path) -> None:
        client = an_app(service).test_client()
        service.store.close()
        for name in ("gate.db-wal", "gate.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        (tmp_path / "gate.db").write_bytes(b"this is no database" * 1000)
        assert hand_in(client, "ping", {}).status_code == 503


class TestAJudgement:
    def test_that_cannot_be_recorded_turns_nothing_green(self, service: Service, tmp_path: Path) -> None:
        pull = service.forge.a_pull()
        service.settle()
        pull.review(service.forge.alice, "APPROVED")
        service.receive()
        with locked(tmp_path), pytest.raises(StoreError):
            service.work()
        assert service.check(pull) == "in_progress"
        service.work()
        assert service.check(pull) == "success"

    def test_that_meets_a_full_disk_turns_nothing_green(self, service: Service, tmp_path: Path) -> None:
        pull = service.forge.a_pull()
        service.settle()
        pull.review(service.forge.alice, "APPROVED")
        service.receive()
        with full(service, tmp_path), suppress(StoreError):
            service.work()
        assert service.check(pull) == "in_progress"
        service.later(30)
        assert service.check(pull) == "success"
