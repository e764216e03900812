"""Engine: what makes a commit durable is in force on every connection, and errors are one sentence."""

import sqlite3
import stat
import threading
from typing import Any

import pytest
from builders_postgresql import new_database_url
from builders_store import a_draft, a_new_signer, a_store, sqlite_url
from sqlalchemy import text

from gate.adapters.db import engine as engine_module
from gate.adapters.db import migrate
from gate.adapters.db.checkpoint_signing import load_signer, signer_of, verify_ed25519
from gate.adapters.db.engine import Transactions, open_engine
from gate.core.errors import UsageError
from gate.usecases.store_ports import StoreError


class TestDurability:
    def test_sqlite_syncs_fully_and_minds_foreign_keys_on_every_connection(self, tmp_path: Any) -> None:
        engine = open_engine(sqlite_url(tmp_path))
        wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
        with engine.connect() as one, engine.connect() as two:
            for connection in (one, two):
                assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted} == wanted
        engine.dispose()

    def test_a_new_database_is_its_owners_alone(self, tmp_path: Any) -> None:
        migrate.upgrade(f"sqlite:///{tmp_path}/gate.db")
        store = a_store(tmp_path)
        with store.reading():
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        store.close()
        assert modes["gate.db"] == 0o600
        assert set(modes.values()) == {0o600}

    def test_a_database_that_keeps_another_mode_is_refused(self, tmp_path: Any, monkeypatch: Any) -> None:
        monkeypatch.setitem(engine_module._SQLITE_PRAGMAS, "foreign_keys", 7)
        with pytest.raises(StoreError, match="SQLite keeps foreign_keys at 1; 7 is needed"):
            open_engine(sqlite_url(tmp_path)).connect()

    @pytest.mark.parametrize(
        "url", ["sqlite://", "sqlite:///:memory:", "mysql://a/b", "nonsense", "", "sqlite:///file:x?mode=memory&uri=1"]
    )
    def test_any_other_database_is_refused(self, url: Any) -> None:
        with pytest.raises(UsageError, match="GATE_DATABASE_URL"):
            open_engine(url)

    def test_a_postgresql_database_whose_text_is_not_utf8_is_refused_in_words(self) -> None:
        engine = open_engine(new_database_url("ascii", encoding="SQL_ASCII"))
        with pytest.raises(StoreError, match="keeps text as SQL_ASCII; UTF8 is needed"), engine.connect():
            pass

    def test_the_plain_address_of_postgresql_means_its_current_driver(self) -> None:
        assert open_engine("postgresql://someone@nowhere/x").dialect.driver == "psycopg"


class TestErrors:
    def test_they_are_one_sentence_without_values(self, tmp_path: Any) -> None:
        store = a_store(tmp_path)
        with pytest.raises(StoreError) as caught, store._transactions.writing() as connection:
            connection.execute(text("INSERT INTO settings (name, value) VALUES (:name, NULL)"), {"name": "secret"})
        assert str(caught.value).startswith("The database did not do its work: NOT NULL constraint failed")
        assert "secret" not in str(caught.value)
        store.close()

    def test_a_database_that_cannot_be_opened_is_told(self, tmp_path: Any) -> None:
        with pytest.raises(StoreError, match="unable to open database file"):
            _read(tmp_path)

    def test_a_transaction_within_another_one_is_refused_rather_than_waited_for(self, tmp_path: Any) -> None:
        store = a_store(tmp_path)
        with pytest.raises(StoreError, match="within another"):
            _write_within(store)
        store.close()


def _read(folder: Any) -> None:
    with Transactions(open_engine(f"sqlite:///{folder}/none/gate.db")).reading() as connection:
        connection.execute(text("SELECT 1"))


def _write_within(store: Any) -> None:
    with store.writing(), store.writing() as inner:
        inner.append(a_draft())


class TestTurns:
    def test_a_look_never_waits_for_a_writer(self, tmp_path: Any) -> None:
        store = a_store(tmp_path)
        with store.writing() as writing:
            writing.save_setting("x", "1")
            with store.reading() as reading:
                assert reading.setting("x") is None
        store.close()

    def test_the_turn_is_given_on_after_an_error(self, tmp_path: Any) -> None:
        store = a_store(tmp_path)
        with pytest.raises(StoreError, match="within another"):
            _write_within(store)
        done = threading.Event()

        def write() -> None:
            with store.writing() as writing:
                writing.save_setting("x", "1")
            done.set()

        threading.Thread(target=write).start()
        assert done.wait(30)
        store.close()


class TestOtherProcesses:
    def test_a_writer_finds_any_gap_of_milliseconds_that_others_leave(self, tmp_path: Any, monkeypatch: Any) -> None:
        store = a_store(tmp_path)
        with store.reading():
            pass
        other = sqlite3.connect(tmp_path / "gate.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        slept: list[float] = []

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            if len(slept) == 300:
                other.execute("COMMIT")

        monkeypatch.setattr(engine_module.time, "sleep", sleep)
        with store.writing() as writing:
            writing.save_setting("x", "1")
        other.close()
        store.close()
        assert len(slept) == 300
        assert max(slept) <= 0.005

    def test_who_waited_in_vain_is_told_and_may_try_again(self, tmp_path: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.01)
        store = a_store(tmp_path)
        other = sqlite3.connect(tmp_path / "gate.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="database is locked"), store.writing():
            pass
        other.execute("COMMIT")
        with store.writing() as writing:
            writing.save_setting("x", "1")
        other.close()
        store.close()


class TestTheKey:
    def test_it_is_made_once_for_its_owner_alone(self, tmp_path: Any) -> None:
        path = tmp_path / "ledger.pem"
        first = load_signer("gate.example", path, may_create=True)
        again = load_signer("gate.example", path, may_create=True)
        assert first.public_key == again.public_key
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert verify_ed25519(first.public_key, again.sign(b"x"), b"x")
        assert [entry.name for entry in tmp_path.iterdir()] == ["ledger.pem"]

    def test_two_that_start_at_once_end_up_with_one_key(self, tmp_path: Any) -> None:
        path, keys = tmp_path / "ledger.pem", []
        begin = threading.Barrier(4)

        def start() -> None:
            begin.wait()
            keys.append(load_signer("gate.example", path, may_create=True).public_key)

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(keys) == 4
        assert len(set(keys)) == 1

    def test_where_it_must_exist_it_is_not_made(self, tmp_path: Any) -> None:
        with pytest.raises(UsageError, match="cannot be read: No such file"):
            load_signer("gate.example", tmp_path / "ledger.pem", may_create=False)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("pem", [b"", b"x", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
    def test_what_is_no_key_is_refused(self, pem: Any) -> None:
        with pytest.raises(UsageError, match="key cannot be read"):
            signer_of("gate.example", pem)

    def test_a_signature_of_another_message_key_or_length_does_not_hold(self) -> None:
        signer, other = a_new_signer("a"), a_new_signer("b")
        signature = signer.sign(b"x")
        assert verify_ed25519(signer.public_key, signature, b"x")
        assert not verify_ed25519(signer.public_key, signature, b"y")
        assert not verify_ed25519(other.public_key, signature, b"x")
        assert not verify_ed25519(signer.public_key, signature[:-1], b"x")
        assert not verify_ed25519(b"short", signature, b"x")
