"""S22: what would weaken the gate unseen stops it at the start, with the setting to mend."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest
from builders_facts import AT
from builders_login import an_app
from builders_service import a_service
from builders_store import a_draft, a_store, sqlite_url

from gate import bootstrap
from gate.bootstrap_service import refuse_old_clock, start_service
from gate.config import Settings, load_settings
from gate.core.errors import UnreadableError, UsageError
from gate.core.times import parse_instant
from gate.web.app import refuse_open_start

SAFE = {"GATE_GITHUB_WEBHOOK_SECRET": "a secret of sixteen", "GATE_GITHUB_TOKEN": "ghp_" + "a" * 36}


class TestASetting:
    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("GATE_GITHUB_WEBHOOK_SECRET", "short", "GATE_GITHUB_WEBHOOK_SECRET is too short"),
            ("GATE_SECRET_KEY", "short", "GATE_SECRET_KEY is too short"),
            ("GATE_BASE_URL", "gate.example.com", "GATE_BASE_URL is no address"),
            ("GATE_RESYNC_SECONDS", "0", "GATE_RESYNC_SECONDS"),
            ("GATE_RESYNC_SECONDS", "-1", "GATE_RESYNC_SECONDS is no whole number"),
            ("GATE_INSECURE_NO_LOGIN", "maybe", "neither true nor false"),
            ("GATE_ADMINS", "alice", "GATE_ADMINS"),
        ],
    )
    def test_that_weakens_the_gate_is_refused_by_name(self, tmp_path: Path, name: str, value: str, words: str) -> None:
        with pytest.raises(UsageError, match=words):
            load_settings({**SAFE, name: value}, folder=tmp_path)

    def test_has_no_default_that_is_a_secret(self) -> None:
        bare = Settings()
        assert {bare.secret_key, bare.github_webhook_secret, bare.github_private_key, bare.github_token} == {""}


class TestTheStart:
    def test_is_refused_where_checks_are_optimised_away(self, tmp_path: Path) -> None:
        sqlite_url(tmp_path)
        gate = [sys.executable, "-O", "-m", "gate", "serve", "--port", "0"]
        environment = {**os.environ, **SAFE, "GATE_DATABASE_URL": f"sqlite:///{tmp_path}/gate.db"}
        ran = subprocess.run(
            gate, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )
        assert ran.returncode == 2
        assert "-O" in ran.stderr

    def test_is_refused_where_the_clock_stands_before_the_ledger(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = a_store(tmp_path)
        with store.writing() as writing:
            writing.append(a_draft())
        monkeypatch.setattr(bootstrap, "now", lambda: parse_instant(AT))
        refuse_old_clock(store)
        monkeypatch.setattr(bootstrap, "now", lambda: dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        with pytest.raises(UsageError, match="clock stands before"):
            refuse_old_clock(store)

    def test_is_refused_on_tables_of_another_version(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableError, match="gate db upgrade"):
            start_service(Settings(database_url=f"sqlite:///{tmp_path}/none.db"))

    @pytest.mark.parametrize(
        "url", ["sqlite://", "sqlite:///:memory:", "mysql://db/gate", "sqlite:///x.db?mode=memory"]
    )
    def test_is_refused_on_a_database_that_loses_things(self, url: str) -> None:
        with pytest.raises(UsageError):
            start_service(Settings(database_url=url))

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "gate.example.com"])  # noqa: S104  # as written
    def test_is_refused_for_all_the_world_without_a_login(self, host: str) -> None:
        with pytest.raises(UsageError, match="Without a login"):
            refuse_open_start(host, has_login=False, is_insecure_allowed=False)
        refuse_open_start(host, has_login=True, is_insecure_allowed=False)


class TestTheRunningService:
    def test_is_never_in_debug_mode(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FLASK_DEBUG", "1")
        with a_service(tmp_path) as service:
            app = an_app(service)
            assert not app.debug
            assert not app.testing

    def test_keeps_its_own_secret_for_its_owner_alone(self, tmp_path: Path) -> None:
        from gate.bootstrap_service import salt_key

        settings = Settings(database_url=f"sqlite:///{tmp_path}/gate.db")
        assert salt_key(settings) == salt_key(settings)
        (kept,) = tmp_path.glob("gate.db.secret")
        assert kept.stat().st_mode & 0o077 == 0
        assert len(salt_key(settings)) >= 32
