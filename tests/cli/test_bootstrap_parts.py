"""The parts that settings stand for: keys are never made in silence where another is expected."""

from pathlib import Path

import pytest
from builders_store import a_draft, sqlite_url
from doubles.github.apps import app_key

from gate.bootstrap_parts import (
    app_key_of,
    database_revision,
    forge_of,
    ledger_origin,
    signer_of,
    store_of,
    store_to_look_at,
)
from gate.config import Settings
from gate.core.errors import UsageError


class TestTheLedgersKey:
    def test_is_made_once_beside_sqlite_for_its_owner_alone(self, tmp_path: Path) -> None:
        settings = Settings(database_url=f"sqlite:///{tmp_path}/gate.db")
        first, second = signer_of(settings), signer_of(settings)
        assert first.public_key == second.public_key
        (key,) = tmp_path.iterdir()
        assert (key.name, key.stat().st_mode & 0o777) == ("gate.db.ledger-key.pem", 0o600)

    def test_is_not_made_where_one_is_named(self, tmp_path: Path) -> None:
        settings = Settings(database_url=f"sqlite:///{tmp_path}/gate.db", ledger_key_file=f"{tmp_path}/mounted.pem")
        with pytest.raises(UsageError, match=r"mounted\.pem cannot be read"):
            store_of(settings)
        assert list(tmp_path.iterdir()) == []

    def test_is_not_made_by_looking(self, tmp_path: Path) -> None:
        store = store_to_look_at(Settings(database_url=sqlite_url(tmp_path)))
        with pytest.raises(UsageError, match="only looks"), store.writing() as writing:
            writing.append(a_draft())
        store.close()
        assert list(tmp_path.glob("*.pem")) == []

    def test_is_not_made_where_it_must_be_there(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError):
            signer_of(Settings(database_url=f"sqlite:///{tmp_path}/gate.db"), may_create=False)
        assert list(tmp_path.iterdir()) == []

    def test_must_be_named_for_postgresql(self) -> None:
        with pytest.raises(UsageError, match="GATE_LEDGER_KEY_FILE is not set"):
            store_of(Settings(database_url="postgresql://db/gate"))


class TestTheLedgersName:
    def test_is_the_services_host_unless_it_is_named(self) -> None:
        assert ledger_origin(Settings(base_url="https://gate.example.com:8443/x")) == "gate.example.com"
        assert ledger_origin(Settings(ledger_origin="acme/ledger")) == "acme/ledger"

    @pytest.mark.parametrize("name", ["a b", "a+b", "a\n"])
    def test_can_stand_in_a_note(self, name: str) -> None:
        with pytest.raises(UsageError, match="GATE_LEDGER_ORIGIN"):
            ledger_origin(Settings(ledger_origin=name))


class TestTheDatabase:
    def test_is_not_made_by_looking(self, tmp_path: Path) -> None:
        assert database_revision(Settings(database_url=f"sqlite:///{tmp_path}/gate.db")) is None
        assert list(tmp_path.iterdir()) == []

    def test_opens_with_its_store(self, tmp_path: Path) -> None:
        store = store_of(Settings(database_url=sqlite_url(tmp_path)))
        with store.reading() as reading:
            assert reading.checkpoint() is None
        store.close()


class TestTheForge:
    def test_takes_a_key_whose_line_breaks_are_escaped(self) -> None:
        settings = Settings(github_app_id=7, github_private_key=app_key().replace("\n", "\\n"))
        assert app_key_of(settings).private_key == app_key()
        assert forge_of(settings).app_id() == 7

    def test_prefers_the_app_to_a_token(self) -> None:
        settings = Settings(github_app_id=7, github_private_key=app_key(), github_token="x" * 20)
        assert forge_of(settings).app_id() == 7

    def test_needs_one_of_them(self) -> None:
        with pytest.raises(UsageError, match="either an app or a token"):
            forge_of(Settings())

    def test_names_a_key_that_is_none_without_showing_it(self) -> None:
        with pytest.raises(UsageError, match="GATE_GITHUB_PRIVATE_KEY is no private key") as caught:
            forge_of(Settings(github_app_id=7, github_private_key="my-secret-key"))
        assert "my-secret-key" not in str(caught.value)
