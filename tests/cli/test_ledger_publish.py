"""`gate ledger publish`: the head goes into a file that only grows and into a git reference that only moves forward."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import second_ledger_reader as second
from builders_gate_command import run_gate
from builders_ledger import KEY, Ledger, a_ledger_of_the_settings, a_recorded_ledger
from builders_store import a_draft, a_world

from gate.adapters.copy_git import GitCopy
from gate.core.errors import UnreadableError


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    return a_ledger_of_the_settings(tmp_path, monkeypatch)


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    place = tmp_path / "remote.git"
    git("init", "--quiet", "--bare", str(place))
    return place


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, check=True, text=True)
    return done.stdout


def grow(ledger: Ledger) -> None:
    world = a_world(ledger.url)
    world.clock.at = "2026-12-05T00:00:00Z"
    with world.store.writing() as writing:
        writing.append(a_draft(kind="check-posted"))
    world.store.close()


class TestAFile:
    def test_gets_each_head_once_behind_those_before(self, ledger: Ledger, tmp_path: Path) -> None:
        heads = tmp_path / "heads.txt"
        first = ledger.head()
        assert run_gate("ledger", "publish", "--file", heads).out == f"file:{heads}: 300 entries, kept.\n"
        assert run_gate("ledger", "publish", "--file", heads).out == f"file:{heads}: 300 entries, there already.\n"
        grow(ledger)
        run_gate("ledger", "publish", "--file", heads)
        assert heads.read_text() == first + "\n" + ledger.head() + "\n"
        assert run_gate("ledger", "verify", "--copy", heads).code == 0

    def test_in_a_folder_that_is_not_there_is_said(self, ledger: Ledger, tmp_path: Path) -> None:
        ran = run_gate("ledger", "publish", "--file", tmp_path / "nowhere" / "heads.txt")
        assert (ran.code, ran.out) == (3, "")
        assert ledger.head()


class TestAGitReference:
    def test_gets_each_head_as_a_commit_on_the_one_before(self, ledger: Ledger, remote: Path) -> None:
        assert run_gate("ledger", "publish", "--git", remote).code == 0
        grow(ledger)
        assert run_gate("ledger", "publish", "--git", remote).out.endswith("301 entries, kept.\n")
        assert run_gate("ledger", "publish", "--git", remote).out.endswith("there already.\n")
        log = git("-C", str(remote), "log", "--format=%s", "refs/gate/ledger").splitlines()
        assert log == ["Ledger: 301 entries", "Ledger: 300 entries"]
        note = git("-C", str(remote), "show", "refs/gate/ledger:checkpoint")
        assert second.opened_checkpoint(note, KEY.text)[1] == 301

    def test_that_is_ahead_of_the_ledger_is_left_alone(self, ledger: Ledger, remote: Path, tmp_path: Path) -> None:
        grow(ledger)
        run_gate("ledger", "publish", "--git", remote, "--ref", "refs/heads/heads")
        (tmp_path / "older").mkdir()
        older = a_recorded_ledger(tmp_path / "older")
        before = git("-C", str(remote), "rev-parse", "refs/heads/heads")
        ledger.file.write_bytes(older.file.read_bytes())
        ran = run_gate("ledger", "publish", "--git", remote, "--ref", "refs/heads/heads")
        assert ran.code == 1
        assert "301 was kept elsewhere" in ran.err
        assert git("-C", str(remote), "rev-parse", "refs/heads/heads") == before

    def test_that_moved_meanwhile_is_not_written_over(self, ledger: Ledger, remote: Path) -> None:
        class Racing(GitCopy):
            def _fetched(self, folder: Path) -> bool:
                found = super()._fetched(folder)
                if not raced:
                    raced.append(True)
                    GitCopy(self.remote).keep(ledger.head().replace("300", "299"))
                return found

        raced: list[bool] = []
        with pytest.raises(UnreadableError, match="cannot be read or kept"):
            Racing(str(remote)).keep(ledger.head())
        assert len(git("-C", str(remote), "log", "--format=%h", "refs/gate/ledger").splitlines()) == 1

    def test_that_cannot_be_reached_is_said(self, ledger: Ledger, tmp_path: Path) -> None:
        ran = run_gate("ledger", "publish", "--git", tmp_path / "no.git")
        assert (ran.code, ran.out) == (3, "")
        assert "Look at the address" in ran.err
        assert ledger.head()


class TestWhatIsRefused:
    @pytest.mark.usefixtures("ledger")
    @pytest.mark.parametrize(
        "arguments",
        [(), ("--git", "-x"), ("--git", "x", "--ref", "main"), ("--git", "x", "--ref", "refs/../x"), ("--git", "")],
    )
    def test_no_place_or_none_that_can_be(self, arguments: Any) -> None:
        ran = run_gate("ledger", "publish", *arguments)
        assert (ran.code, ran.out) == (2, "")
