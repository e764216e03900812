"""`gate ledger`: verifies and names the first bad entry, prints the head, proves an entry to whoever has the key."""

import json
from pathlib import Path
from typing import Any

import pytest
import second_ledger_reader as second
from builders_gate_command import run_gate
from builders_ledger import Ledger, a_recorded_ledger, store_labels
from builders_store import ORIGIN, a_signer, sqlite_url

from gate.core.ledger.note import verifier_key

VKEY = verifier_key(ORIGIN, a_signer().public_key)
OTHER = verifier_key(ORIGIN, a_signer(8).public_key)


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    found = a_recorded_ledger(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATE_DATABASE_URL", found.url)
    return found


class TestVerify:
    @pytest.mark.usefixtures("ledger")
    def test_what_holds_says_so_and_what_it_was_not_compared_with(self) -> None:
        ran = run_gate("ledger", "verify", "--key", VKEY)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.splitlines()[0] == "300 entries, 290 signed checkpoints, 1 key, 0 heads kept elsewhere."
        assert "All of it holds." in ran.out
        assert "a cut or rewritten end would not be seen" in ran.out

    def test_a_fault_names_its_entry_and_ends_with_one(self, ledger: Ledger) -> None:
        ledger.attack("DELETE FROM ledger_entries WHERE idx = 40")
        ran = run_gate("ledger", "verify", "--key", VKEY)
        assert ran.code == 1
        assert "entry-missing: Entry 40 is missing, or stands in another place." in ran.out
        assert "All of it holds." not in ran.out

    def test_as_json(self, ledger: Ledger) -> None:
        ledger.attack(store_labels, "UPDATE ledger_entries SET kind = 'review-done' WHERE idx = 77")
        ran = run_gate("ledger", "verify", "--key", VKEY, "--json")
        told = json.loads(ran.out)
        assert (ran.code, told["is_whole"], told["entries"]) == (1, False, 300)
        assert told["faults"][0]["index"] == 77
        assert told["faults"][0]["code"] == "entry-mislabelled"

    def test_a_file_of_heads_is_compared(self, ledger: Ledger, tmp_path: Path) -> None:
        early = run_gate("ledger", "checkpoint").out
        copies = tmp_path / "heads.txt"
        copies.write_text(early + "\n" + early)
        ran = run_gate("ledger", "verify", "--key", VKEY, "--copy", str(copies))
        assert ran.code == 0
        assert "2 heads kept elsewhere" in ran.out
        ledger.attack("DELETE FROM ledger_entries WHERE idx >= 200", "DELETE FROM ledger_checkpoints WHERE size > 200")
        assert run_gate("ledger", "verify", "--key", VKEY, "--copy", str(copies)).code == 1

    @pytest.mark.parametrize("text", ["", "no note\n", "a\nb\n"])
    @pytest.mark.usefixtures("ledger")
    def test_a_file_that_holds_no_heads_is_refused(self, tmp_path: Path, text: Any) -> None:
        copies = tmp_path / "heads.txt"
        copies.write_text(text)
        ran = run_gate("ledger", "verify", "--key", VKEY, "--copy", str(copies))
        assert ran.code == 2
        assert "is no file of heads" in ran.err

    @pytest.mark.usefixtures("ledger")
    def test_a_file_that_is_not_there_is_said(self) -> None:
        ran = run_gate("ledger", "verify", "--key", VKEY, "--copy", "nowhere.txt")
        assert (ran.code, ran.out) == (3, "")
        assert "nowhere.txt cannot be read" in ran.err

    def test_an_empty_ledger_is_a_fault_unless_that_is_expected(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GATE_DATABASE_URL", sqlite_url(tmp_path))
        ran = run_gate("ledger", "verify", "--key", VKEY)
        assert ran.code == 1
        assert "ledger-empty" in ran.out
        assert run_gate("ledger", "verify", "--key", VKEY, "--may-be-empty").code == 0

    @pytest.mark.usefixtures("ledger")
    def test_another_key_is_not_the_ledgers(self) -> None:
        ran = run_gate("ledger", "verify", "--key", OTHER)
        assert ran.code == 1
        assert "checkpoint-unsigned" in ran.out

    @pytest.mark.parametrize("key", ["nonsense", VKEY[:-4], VKEY.replace("+", "-", 1)])
    @pytest.mark.usefixtures("ledger")
    def test_what_is_no_key_is_refused(self, key: Any) -> None:
        ran = run_gate("ledger", "verify", "--key", key)
        assert ran.code == 2
        assert "--key cannot be used" in ran.err

    @pytest.mark.usefixtures("ledger")
    def test_without_any_key_nothing_is_said_to_hold_and_none_is_made(self, tmp_path: Path) -> None:
        ran = run_gate("ledger", "verify")
        assert (ran.code, ran.out) == (2, "")
        assert not list(tmp_path.glob("*.pem"))


class TestCheckpoint:
    @pytest.mark.usefixtures("ledger")
    def test_it_is_the_note_word_for_word(self) -> None:
        ran = run_gate("ledger", "checkpoint")
        assert ran.code == 0
        assert second.opened_checkpoint(ran.out, VKEY)[:2] == (ORIGIN, 300)

    def test_as_json(self, ledger: Ledger) -> None:
        told = json.loads(run_gate("ledger", "checkpoint", "--json").out)
        assert (told["size"], told["note"]) == (300, ledger.head())

    def test_an_empty_ledger_has_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GATE_DATABASE_URL", sqlite_url(tmp_path))
        ran = run_gate("ledger", "checkpoint")
        assert (ran.code, ran.out) == (1, "")


class TestProve:
    @pytest.mark.usefixtures("ledger")
    def test_entry_and_proof_are_all_that_somebody_else_needs(self, tmp_path: Path) -> None:
        ran = run_gate("ledger", "prove", "41", "--entry", str(tmp_path / "entry.json"))
        assert ran.code == 0
        assert second.is_proven(ran.out, (tmp_path / "entry.json").read_bytes(), VKEY)

    @pytest.mark.usefixtures("ledger")
    def test_a_head_is_the_beginning_of_a_later_one(self) -> None:
        ran = run_gate("ledger", "prove", "41", "--since", "100", "--size", "257")
        old, steps, new = ran.out.split("\n\n\u2014", 1)[0], ran.out.split("\n\n")[2], ran.out.rsplit("\n\n", 2)[1]
        assert old.split("\n")[1] == "100"
        assert new.split("\n")[1] == "257"
        hashes = [second.base64.b64decode(line) for line in steps.split("\n")]
        roots = [second.base64.b64decode(text.split("\n")[2]) for text in (old, new)]
        assert second.is_consistent(100, roots[0], 257, roots[1], hashes)

    @pytest.mark.parametrize("arguments", [("300",), ("41", "--size", "2"), ("41", "--since", "7")])
    @pytest.mark.usefixtures("ledger")
    def test_what_is_not_there_is_said(self, arguments: Any) -> None:
        ran = run_gate("ledger", "prove", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.count("\n") == 1
