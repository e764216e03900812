"""A12: a person is forgotten wherever they are kept, by an entry of its own, and the ledger holds as before."""

import contextlib
import json
import re
import sqlite3
import zlib
from pathlib import Path
from typing import Any

import pytest
import second_ledger_reader as second
from builders_gate_command import run_gate
from builders_ledger import KEY, Ledger, a_ledger_of_the_settings

ALICE = "github:1001"
WORDS = ("alice", "Adams", "alice@example.com")


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    return a_ledger_of_the_settings(tmp_path, monkeypatch)


def everything(ledger: Ledger) -> str:
    """All that the database holds, as text, whatever is compressed opened.

    Save the sealed facts: they name people by account number and by the key of the ownership records alone.
    """
    found = []
    with sqlite3.connect(ledger.file) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for table in {name for (name,) in tables} - {"facts"}:
            for row in connection.execute(f'SELECT * FROM "{table}"').fetchall():  # noqa: S608  # names of our own
                found += [opened(cell) for cell in row]
    connection.close()
    return "\n".join(found).lower()


def names(ledger: Ledger, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word.lower())}(?!\w)", everything(ledger)) is not None


def opened(cell: Any) -> str:
    if not isinstance(cell, bytes):
        return str(cell)
    with contextlib.suppress(zlib.error):
        cell = zlib.decompress(cell)
    return cell.decode("utf-8", "replace")


def erase(*arguments: str) -> Any:
    return run_gate("ledger", "erase", ALICE, *arguments, "--reason", "request 17", "--yes")


def test_nothing_that_names_them_is_left_and_everything_still_holds(ledger: Ledger) -> None:
    assert all(names(ledger, word) for word in WORDS)
    ran = erase()
    assert (ran.code, ran.err) == (0, "")
    assert not any(names(ledger, word) for word in WORDS)
    assert not names(ledger, "bob of team")  # what they wrote themselves, whatever it says
    assert ledger.faults() == ()


def test_who_was_forgotten_and_why_is_an_entry(ledger: Ledger) -> None:
    erase()
    with sqlite3.connect(ledger.file) as connection:
        row = connection.execute("SELECT content FROM ledger_entries ORDER BY idx DESC LIMIT 1").fetchone()
    connection.close()
    entry = json.loads(row[0])
    assert (entry["kind"], entry["payload"]["account"]) == ("personal-data-erased", ALICE)
    assert entry["payload"]["reason"] == "request 17"
    assert entry["payload"]["beside_entries"] == 5


@pytest.mark.usefixtures("ledger")
def test_proofs_of_entries_from_before_still_hold(tmp_path: Path) -> None:
    before = run_gate("ledger", "prove", "0", "--entry", tmp_path / "entry.json")
    erase()
    after = run_gate("ledger", "prove", "0", "--entry", tmp_path / "again.json")
    content = (tmp_path / "entry.json").read_bytes()
    assert content == (tmp_path / "again.json").read_bytes()
    assert second.is_proven(before.out, content, KEY.text)
    assert second.is_proven(after.out, content, KEY.text)


@pytest.mark.usefixtures("ledger")
def test_replay_says_erased_and_the_rest_comes_out_the_same() -> None:
    erase()
    ran = run_gate("replay", "--change", "acme/shop#1")
    assert ran.code == 0
    assert ran.out.startswith("erased: ")


def test_a_verdict_that_is_edited_after_an_erasure_is_still_found(ledger: Ledger) -> None:
    erase()
    ledger.attack("UPDATE verdicts SET verdict = (SELECT verdict FROM verdicts WHERE number = 2) WHERE number = 1")
    assert [(one.code, one.index) for one in ledger.faults()] == [("verdict-edited", 2)]


def test_further_names_are_forgotten_when_they_are_told(ledger: Ledger) -> None:
    assert names(ledger, "dave")
    erase("--name", "dave")
    assert not names(ledger, "dave")


def test_somebody_of_whom_nothing_is_kept_is_said(ledger: Ledger) -> None:
    ran = run_gate("ledger", "erase", "github:4711", "--reason", "x", "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert "Nothing is kept of github:4711." in ran.err
    assert ledger.verified().entries == 300


@pytest.mark.parametrize("account", ["alice", "github:", "github:1 2"])
def test_what_is_no_account_is_refused(ledger: Ledger, account: str) -> None:
    assert run_gate("ledger", "erase", account, "--reason", "x", "--yes").code == 2
    assert ledger.verified().entries == 300
