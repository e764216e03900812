"""The root of the command line: help, errors as sentences, and the end by a signal."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from builders_gate_command import run_gate
from builders_git import a_repository

from gate.cli import main


def _commands(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command that does something itself."""
    if not isinstance(command, click.Group):
        yield words
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from _commands(found, (*words, name))


def _breaks(_: object, __: click.Context, cmd_name: str) -> click.Command:
    def fail() -> None:
        message = f"{cmd_name} \x1b[2Jfell over\nsecond line"
        raise KeyError(message)

    return click.Command(cmd_name, callback=fail)


class TestAnErrorNobodyForesaw:
    @pytest.fixture(autouse=True)
    def _broken_command(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(type(main.command), "get_command", _breaks)
        monkeypatch.delenv("GATE_DEBUG", raising=False)

    def test_is_one_sentence_with_a_next_step_and_code_3(self) -> None:
        ran = run_gate("check")
        assert (ran.code, ran.out) == (3, "")
        assert ran.err.startswith("gate: An error in the gate itself stopped it (KeyError: ")
        assert "Nothing was decided. Run it again with GATE_DEBUG=1" in ran.err
        assert ran.err.count("\n") == 1
        assert "\x1b" not in ran.err
        assert "Traceback" not in ran.err

    def test_shows_its_traceback_on_demand(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GATE_DEBUG", "1")
        ran = run_gate("check")
        assert ran.code == 3
        assert "Traceback (most recent call last)" in ran.err


class TestFaultsOfAFile:
    def test_are_escaped(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {".gate/ownership/a\x1b[31mb.yaml": "version: 2\n"})
        ran = run_gate("owners", "--repo", shop.path, "--rev", "main", "a")
        assert ran.code == 2
        assert "\x1b" not in ran.err
        assert ".gate/ownership/a\\u{1b}[31mb.yaml" in ran.err


class TestHelp:
    def test_shows_the_examples_and_no_marks(self) -> None:
        ran = run_gate("--help")
        assert ran.code == 0
        assert "\\b" not in ran.out
        assert "\b" not in ran.out
        assert "\n    gate lint                            check it\n" in ran.out

    def test_of_every_command_has_an_example_and_exit_codes_and_fits_100_columns(self) -> None:
        for words in _commands(main.command, ()):
            text = run_gate(*words, "--help").out
            assert "Example" in text, words
            assert "Exit codes:" in text, words
            assert max(map(len, text.splitlines())) <= 100, words

    @pytest.mark.parametrize("group", [(), ("policy",), ("ownership",)])
    def test_says_what_each_command_is_for_without_being_cut(self, group: tuple[str, ...]) -> None:
        commands = run_gate(*group, "--help").out.partition("Commands:\n")[2]
        assert commands.count("\n") >= 2
        assert "..." not in commands


class TestATerminalOfAnotherEncoding:
    @pytest.mark.parametrize("form", ["text", "markdown", "github", "json"])
    def test_gets_escapes_for_what_it_lacks(self, tmp_path: Path, form: str) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "* @a\n"})
        shop.commit({"\u017c\u00f3\u0142w.txt": ""}, branch="feature", message="\u017c\n\nRollback: revert\n")
        line = [sys.executable, "-m", "gate", "check", "--repo", str(shop.path), "--base", "main", "--head", "feature"]
        env = {**os.environ, "PYTHONIOENCODING": "latin-1"}
        done = subprocess.run([*line, "--format", form], env=env, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (1, b"")
        if form in {"text", "markdown"}:
            assert b"\\u2026 " in done.stdout
            assert b"\\u017c\xf3\\u0142w.txt" in done.stdout


class TestASignalToEnd:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
    def test_leaves_no_temporary_folder(self, tmp_path: Path, number: signal.Signals) -> None:
        records = (
            "version: 1\npeople:\n  ann: {email: ann@example.com}\ncomponents:\n"
            '  - {name: x, owner: ann, paths: ["*"], rollback: {method: revert, rehearse: "touch started; sleep 60"}}\n'
        )
        shop = a_repository(tmp_path / "shop", {".gate/ownership.yaml": records, "a.txt": "1\n"})
        shop.commit({"a.txt": "2\n"}, branch="feature")
        own = tmp_path / "tmp"
        own.mkdir()
        line = [sys.executable, "-m", "gate", "rehearse", "--repo", str(shop.path), "--base", "main", "--head"]
        process = subprocess.Popen(
            [*line, "feature", "--commands"], env={**os.environ, "TMPDIR": str(own)}, stderr=subprocess.PIPE
        )
        deadline = time.monotonic() + 20
        while not list(own.glob("gate-rehearsal-*/started")) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 128 + number
        assert said == b""
        assert list(own.iterdir()) == []


class TestAWordThatIsNoCommand:
    @pytest.mark.parametrize(
        ("words", "meant"),
        [
            (["chek"], "gate check"),
            (["audit", "exprot"], "gate audit export"),
            (["policy", "tset"], "gate policy test"),
        ],
    )
    def test_is_told_the_nearest_one(self, words: list[str], meant: str) -> None:
        ran = run_gate(*words)
        assert (ran.code, ran.out) == (2, "")
        assert f"No such command '{words[-1]}'. Did you mean `{meant}`?" in ran.err

    def test_is_told_nothing_where_none_is_near(self) -> None:
        ran = run_gate("xyzzy")
        assert ran.code == 2
        assert "No such command 'xyzzy'." in ran.err
        assert "Did you mean" not in ran.err
