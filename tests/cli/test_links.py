"""`gate links`: what was issued is listed without tokens, and one command ends it."""

import json
from pathlib import Path

import pytest
from builders_gate_command import run_gate
from builders_store import a_key, a_known_repository, a_store, sqlite_url

from gate.usecases.links import IssuedLink, LinkUse

ONE, TWO = "link-000000000001", "link-000000000002"


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATE_DATABASE_URL", sqlite_url(tmp_path))
    store = a_store(tmp_path)
    a_known_repository(store)
    with store.writing() as writing:
        for number, jti in ((1, ONE), (2, TWO)):
            writing.begin_judgement(a_key(number))
            writing.save_link(IssuedLink(jti, a_key(number), f"github:{number}", "signoff", "2020-01-01T00:00:00Z",
                                         "2099-01-01T00:00:00Z"))  # fmt: skip
    store.close()


def states() -> dict[str, str]:
    return {one["link"]: one["state"] for one in json.loads(run_gate("links", "list", "--json").out)}


class TestTheList:
    def test_shows_all_or_those_of_a_change_or_an_account(self) -> None:
        assert states() == {ONE: "holds", TWO: "holds"}
        assert TWO not in run_gate("links", "list", "--change", "acme/shop#1").out
        assert ONE not in run_gate("links", "list", "--account", "github:2").out
        assert run_gate("links", "list", "--change", "acme/none#1").code == 2

    def test_says_what_was_decided(self, tmp_path: Path) -> None:
        store = a_store(tmp_path)
        with store.writing() as writing:
            writing.use_link(LinkUse(ONE, "2026-01-01T00:00:00Z", "approve"))
        store.close()
        assert states()[ONE] == "used: approve"


class TestRevoking:
    def test_ends_one(self) -> None:
        assert run_gate("links", "revoke", ONE).code == 0
        assert states() == {ONE: "revoked", TWO: "holds"}
        assert run_gate("links", "revoke", ONE).code == 2

    @pytest.mark.parametrize("which", [["--change", "acme/shop#1"], ["--account", "github:1"]])
    def test_ends_all_of_something(self, which: list[str]) -> None:
        assert run_gate("links", "revoke", *which).out == "1 link revoked.\n"
        assert states() == {ONE: "revoked", TWO: "holds"}

    def test_ends_everything(self) -> None:
        assert run_gate("links", "revoke", "--all").out == "2 links revoked.\n"

    def test_needs_one_thing_to_be_named(self) -> None:
        assert run_gate("links", "revoke").code == 2
        assert run_gate("links", "revoke", ONE, "--all").code == 2
