"""`gate replay`: the same facts give the same verdict again; what differs or was erased is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders_decision import compiled_from_now_on
from builders_facts import AT, a_file, some_facts
from builders_gate_command import run_gate
from builders_ledger import a_recorded_ledger
from builders_rich_facts import rich_facts
from builders_store import SALT

from gate.core.change.sealing import erase, facts_file_bytes, settle
from gate.core.decide import decide
from gate.core.explain.json import verdict_bytes


@pytest.fixture
def packet(tmp_path: Path) -> Path:
    """A change's folder as an export holds it."""
    return a_packet(tmp_path, rich_facts())


def a_packet(folder: Path, facts: Any, erased: Any = ()) -> Path:
    settled, sealed = settle(facts, salt=SALT)
    (folder / "verdict.json").write_bytes(verdict_bytes(decide(settled, at=AT)))
    gone = [commitment for commitment in sealed.personal if erased]
    (folder / "facts.json").write_bytes(facts_file_bytes(erase(sealed, gone), AT))
    (folder / "packet.json").write_text("{}")
    return folder


class TestAPacket:
    @pytest.mark.parametrize("name", ["", "packet.json"])
    def test_gives_the_same_verdict_byte_for_byte(self, packet: Path, name: Any) -> None:
        ran = run_gate("replay", packet / name)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out == "same: The facts give the same verdict, byte for byte.\n"

    def test_of_which_one_byte_was_changed_is_found(self, packet: Path) -> None:
        raw = (packet / "verdict.json").read_bytes()
        (packet / "verdict.json").write_bytes(raw.replace(b'"why": "', b'"why": " ', 1))
        ran = run_gate("replay", packet)
        assert ran.code == 1
        assert ran.out.startswith("differs: The facts give another verdict")

    def test_whose_state_was_changed_is_told_by_both_states(self, packet: Path) -> None:
        verdict = json.loads((packet / "verdict.json").read_bytes())
        was = verdict["state"]
        verdict["state"] = "approved" if was != "approved" else "rejected"
        (packet / "verdict.json").write_text(json.dumps(verdict))
        ran = run_gate("replay", packet)
        assert ran.code == 1
        assert f"{was} where {verdict['state']} is recorded" in ran.out

    def test_whose_facts_were_changed_is_refused(self, packet: Path) -> None:
        raw = (packet / "facts.json").read_bytes()
        (packet / "facts.json").write_bytes(raw.replace(b"payments", b"payment5", 1))
        ran = run_gate("replay", packet)
        assert (ran.code, ran.out) == (2, "")
        assert "do not have the digest" in ran.err

    def test_of_another_engine_names_the_release_to_install(self, packet: Path) -> None:
        verdict = json.loads((packet / "verdict.json").read_bytes())
        (packet / "verdict.json").write_text(json.dumps({**verdict, "engine": "9.1.2"}))
        ran = run_gate("replay", packet)
        assert ran.code == 2
        assert "install release 9.1.2" in ran.out

    def test_whose_personal_values_were_erased_says_so(self, tmp_path: Path) -> None:
        ran = run_gate("replay", a_packet(tmp_path, some_facts(files=(a_file("payments/api.py"),)), erased=True))
        assert ran.code == 0
        assert ran.out.startswith("erased: ")
        assert "come out the same" in ran.out

    def test_that_was_erased_and_edited_still_differs(self, tmp_path: Path) -> None:
        folder = a_packet(tmp_path, some_facts(files=(a_file("payments/api.py"),)), erased=True)
        verdict = json.loads((folder / "verdict.json").read_bytes())
        verdict["requirements"][0]["given"] += 1
        (folder / "verdict.json").write_text(json.dumps(verdict))
        assert run_gate("replay", folder).code == 1

    def test_what_was_made_anew_can_be_looked_at(self, packet: Path, tmp_path: Path) -> None:
        run_gate("replay", packet, "--save", tmp_path / "made.json")
        assert (tmp_path / "made.json").read_bytes() == (packet / "verdict.json").read_bytes()

    def test_as_json(self, packet: Path) -> None:
        (told,) = run_gate("replay", packet, "--json").json
        assert (told["outcome"], told["entry"], told["at"]) == ("same", None, AT)


class TestAFileOfFacts:
    def test_is_compared_with_the_verdict_named(self, packet: Path) -> None:
        ran = run_gate("replay", packet / "facts.json", "--verdict", packet / "verdict.json")
        assert ran.code == 0

    def test_needs_one(self, packet: Path) -> None:
        ran = run_gate("replay", packet / "facts.json")
        assert (ran.code, ran.out) == (2, "")
        assert "--verdict" in ran.err

    def test_and_a_verdict_that_is_none_are_refused(self, packet: Path) -> None:
        ran = run_gate("replay", packet / "facts.json", "--verdict", packet / "packet.json")
        assert (ran.code, ran.out) == (2, "")

    def test_that_is_not_there_is_said(self, packet: Path) -> None:
        assert run_gate("replay", packet / "nothing.json", "--verdict", packet / "verdict.json").code == 3
        ran = run_gate("replay", packet / "nothing.json")
        assert (ran.code, "nothing.json cannot be read" in ran.err) == (3, True)


class TestAChangeOfTheService:
    @pytest.fixture(autouse=True)
    def _database(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ledger = a_recorded_ledger(tmp_path)
        monkeypatch.setenv("GATE_DATABASE_URL", self.ledger.url)

    def test_is_replayed_from_the_database(self) -> None:
        ran = run_gate("replay", "--change", "acme/shop#1")
        assert ran.code == 0
        assert ran.out.startswith("same: entry 2, ")

    def test_compiles_the_same_rules_once_for_all_its_verdicts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ledger.attack("UPDATE verdicts SET generation = number, number = 1")
        compiled = compiled_from_now_on(monkeypatch)
        assert run_gate("replay", "--change", "acme/shop#1").out.count("same: ") == 5
        assert len(compiled) == 1

    def test_that_was_edited_there_is_found(self) -> None:
        other = "(SELECT verdict FROM verdicts WHERE number = 2)"
        self.ledger.attack(f"UPDATE verdicts SET verdict = {other} WHERE number = 1")  # noqa: S608  # of our own
        assert run_gate("replay", "--change", "acme/shop#1").code == 1
        self.ledger.attack("UPDATE facts SET content = (SELECT content FROM facts WHERE number = 2) WHERE number = 1")
        assert run_gate("replay", "--change", "acme/shop#1").code == 3

    @pytest.mark.parametrize("change", ["acme/shop#99", "acme/other#1", "acme/shop", "acme/shop#x"])
    def test_that_is_not_known_is_said(self, change: Any) -> None:
        ran = run_gate("replay", "--change", change)
        assert (ran.code, ran.out) == (2, "")

    def test_goes_alone(self) -> None:
        assert run_gate("replay", "x", "--change", "acme/shop#1").code == 2
        assert run_gate("replay").code == 2
