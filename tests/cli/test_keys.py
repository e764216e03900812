"""`gate keys`: links are signed with the newest key; earlier ones hold for an overlap, or end at once."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from builders_gate_command import run_gate
from builders_links import ISSUER, NOW, claims_at, made_token
from builders_store import sqlite_url

from gate.adapters.link_keys import LinkKeyFile, parse_keys
from gate.adapters.link_tokens import JoseLinkTokens
from gate.bootstrap_parts import link_key_file, link_tokens_of
from gate.config import load_settings
from gate.core.errors import UsageError
from gate.usecases.link_ports import LinkRefusedError


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATE_DATABASE_URL", sqlite_url(tmp_path))


def link_keys() -> list[dict[str, str]]:
    told = json.loads(run_gate("keys", "list", "--json").out)
    return [one for one in told if one["purpose"] == "links"]


class TestTheFirstKey:
    def test_is_not_made_by_looking(self, tmp_path: Path) -> None:
        assert "There are no keys yet" in run_gate("keys", "list").out
        assert link_keys() == []
        assert list(tmp_path.glob("*.pem")) == []

    def test_is_made_once_and_only_its_owner_may_read_it(self, tmp_path: Path) -> None:
        link_tokens_of(load_settings())
        first = link_keys()
        assert link_keys() == first
        assert [one["state"] for one in first] == ["signs"]
        (file,) = tmp_path.glob("*.link-keys.pem")
        assert file.stat().st_mode & 0o077 == 0

    def test_must_be_given_where_there_is_no_place_for_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GATE_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:9/none")
        with pytest.raises(UsageError, match="GATE_SIGNING_KEY_FILE is not set"):
            link_tokens_of(load_settings())

    def test_must_be_there_where_it_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GATE_SIGNING_KEY_FILE", str(tmp_path / "gone.pem"))
        assert run_gate("keys", "list").code == 2
        assert not (tmp_path / "gone.pem").exists()

    def test_may_come_from_openssl(self, tmp_path: Path) -> None:
        made = tmp_path / "made.pem"
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-out", str(made)], check=True)
        assert len(parse_keys(made.read_bytes())) == 1

    @pytest.mark.parametrize("curve", ["secp384r1", "secp256k1"])
    def test_is_of_one_curve_only(self, tmp_path: Path, curve: str) -> None:
        made = tmp_path / "made.pem"
        subprocess.run(["openssl", "ecparam", "-name", curve, "-genkey", "-noout", "-out", str(made)], check=True)
        with pytest.raises(UsageError, match="no P-256 key"):
            parse_keys(made.read_bytes())


class TestRotating:
    def test_signs_anew_and_lets_earlier_links_hold_for_the_overlap(self, tmp_path: Path) -> None:
        link_tokens_of(load_settings())
        ran = run_gate("keys", "rotate", "--overlap-days", "2")
        assert ran.code == 0
        new, old = link_keys()
        assert (new["state"], old["state"]) == ("signs", "verifies")
        assert new["kid"] in ran.out
        assert old["until"]
        assert re.search("# until", next(tmp_path.glob("*.link-keys.pem")).read_text())

    def test_without_overlap_ends_every_link_at_once(self) -> None:
        file = link_key_file(load_settings())
        tokens = JoseLinkTokens(issuer=ISSUER, keys=file.keys, randomness=bytes)
        token = made_token(file.keys()[0], claims_at())
        assert tokens.verify(token, purpose="signoff", at=NOW).account == "github:1001"
        assert run_gate("keys", "rotate", "--overlap-days", "0").code == 0
        with pytest.raises(LinkRefusedError):  # the running service reads the file again by itself
            tokens.verify(token, purpose="signoff", at=NOW)
        assert len(LinkKeyFile(file.path).keys()) == 1
