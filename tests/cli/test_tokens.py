"""`gate tokens`: shown once, kept as a hash, written to the ledger, and gone when revoked."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from builders_gate_command import Ran, run_gate
from builders_store import sqlite_url

from gate.bootstrap_parts import store_of
from gate.config import load_settings
from gate.core.secrets_digest import secret_hash, token_of
from gate.usecases.stored import ApiToken


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATE_DATABASE_URL", sqlite_url(tmp_path))


def create(*arguments: str) -> Ran:
    return run_gate("tokens", "create", *arguments)


def kept(secret: str) -> ApiToken | None:
    store = store_of(load_settings())
    with store.reading() as reading:
        found = reading.api_token(secret_hash(secret))
    store.close()
    return found


def ledger() -> list[dict[str, Any]]:
    store = store_of(load_settings())
    with store.reading() as reading:
        head = reading.checkpoint()
        entries = [reading.ledger_entry(index) for index in range(head.size if head else 0)]
    store.close()
    return [json.loads(entry.content) for entry in entries if entry is not None]


class TestANewToken:
    def test_is_all_that_standard_output_holds(self) -> None:
        ran = create("--role", "viewer")
        assert ran.code == 0
        assert re.fullmatch(r"gate_[A-Za-z0-9_-]{43}\n", ran.out)
        assert ran.out.strip() not in ran.err

    def test_is_kept_as_its_hash_and_nowhere_in_the_clear(self, tmp_path: Path) -> None:
        secret = create("--role", "auditor", "--repository", "acme/shop", "--repository", "acme/site").out.strip()
        token = kept(secret)
        assert token is not None
        assert (token.role, token.repositories) == ("auditor", ("acme/shop", "acme/site"))
        assert not any(secret.encode() in file.read_bytes() for file in tmp_path.iterdir())

    def test_holds_for_as_long_as_was_said(self) -> None:
        assert "in force" in _row(create("--role", "viewer", "--days", "1"))
        assert create("--role", "viewer", "--days", "0").code == 2
        assert create("--role", "viewer", "--days", "367").code == 2

    def test_is_never_the_same_again(self) -> None:
        first, second = create("--role", "viewer"), create("--role", "viewer")
        assert (first.code, second.code) == (0, 0)
        assert first.out != second.out

    def test_stands_in_the_ledger_without_its_secret_and_its_name(self) -> None:
        secret = create("--role", "admin", "--name", "Alice Adams' laptop").out.strip()
        (entry,) = ledger()
        assert (entry["kind"], entry["subject"]) == ("access-changed", "service")
        assert (entry["payload"]["action"], entry["payload"]["role"]) == ("token-created", "admin")
        text = json.dumps(entry)
        assert secret not in text
        assert secret_hash(secret) not in text
        assert "Alice" not in text

    @pytest.mark.parametrize("name", ["shop", "acme/", "acme/shop/x", "acme/*", "acme/shop\n"])
    def test_is_not_made_for_what_is_no_repository(self, name: str) -> None:
        assert create("--role", "viewer", "--repository", name).code == 2
        assert ledger() == []

    def test_needs_a_role(self) -> None:
        assert create().code == 2
        assert create("--role", "root").code == 2

    def test_needs_a_migrated_database(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GATE_DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
        ran = create("--role", "viewer")
        assert (ran.code, ran.out) == (3, "")
        assert f"There is no database at {tmp_path}/other.db." in ran.err
        assert "GATE_DATABASE_URL, or make one with `gate db upgrade`" in ran.err
        assert not (tmp_path / "other.db").exists()


class TestTheList:
    def test_shows_no_secret(self) -> None:
        secret = create("--role", "viewer", "--name", "dashboard").out.strip()
        for ran in (run_gate("tokens", "list"), run_gate("tokens", "list", "--json")):
            assert ran.code == 0
            assert "dashboard" in ran.out
            assert secret not in ran.out
            assert secret_hash(secret) not in ran.out

    def test_makes_names_harmless(self) -> None:
        create("--role", "viewer", "--name", "a\x1b[2Jb")
        assert "\x1b" not in run_gate("tokens", "list").out

    def test_says_that_there_are_none(self) -> None:
        assert run_gate("tokens", "list").out == "There are no tokens; `gate tokens create` makes one.\n"


class TestRevoking:
    def test_holds_for_good_and_stands_in_the_ledger(self) -> None:
        secret = create("--role", "viewer").out.strip()
        token = kept(secret)
        assert token is not None
        assert run_gate("tokens", "revoke", token.id).code == 0
        after = kept(secret)
        assert after is not None
        assert after.is_revoked
        assert [entry["payload"]["action"] for entry in ledger()] == ["token-created", "token-revoked"]
        assert "revoked" in run_gate("tokens", "list").out

    def test_twice_or_of_nothing_is_code_2_and_no_entry(self) -> None:
        secret = create("--role", "viewer").out.strip()
        token = kept(secret)
        assert token is not None
        run_gate("tokens", "revoke", token.id)
        assert run_gate("tokens", "revoke", token.id).code == 2
        assert run_gate("tokens", "revoke", "t-none\x1b").code == 2
        assert len(ledger()) == 2


class TestHowATokenIsSpelled:
    def test_fewer_random_bytes_are_refused(self) -> None:
        with pytest.raises(ValueError, match="32 random bytes"):
            token_of(b"\0" * 31)


def _row(ran: Ran) -> str:
    assert ran.code == 0
    return run_gate("tokens", "list").out


@pytest.mark.parametrize("command", [("tokens", "list"), ("links", "list"), ("keys", "list"), ("audit", "bypasses")])
def test_whoever_only_looks_makes_nothing(command: tuple[str, str], tmp_path: Path) -> None:
    before = {file: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}
    assert run_gate(*command).code == 0
    assert {file: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()} == before
