"""Runner: the files and commands by which a job tells its runner what came out; other people's words do nothing."""

import ctypes
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from gate.core.errors import GateError
from gate.core.explain.escaping import prose, visible

MAX_SUMMARY_BYTES = 1024 * 1024
_PR_SET_DUMPABLE = 4


class Runner:
    """The runner's own channels, each written to so that nothing in a value can end it or begin another."""

    def __init__(self, environment: Mapping[str, str], out: TextIO) -> None:
        self._output = environment.get("GITHUB_OUTPUT", "")
        self._summary = environment.get("GITHUB_STEP_SUMMARY", "")
        self._out = out

    def set_output(self, name: str, value: str) -> None:
        """Set an output of the step. The value is fenced by a word that nobody can guess."""
        fence = f"gate-{secrets.token_hex(16)}"
        _append(self._output, f"{name}<<{fence}\n{value}\n{fence}\n")

    def add_summary(self, markdown: str) -> None:
        """Add to the job's summary, cut to what the runner takes."""
        _append(self._summary, markdown.encode()[:MAX_SUMMARY_BYTES].decode(errors="ignore") + "\n")

    def mask(self, secret: str) -> None:
        """Have the runner replace a secret in the log from now on."""
        if secret and secret.isprintable():
            self._write(f"::add-mask::{secret}\n")

    def command(self, lines: str) -> None:
        """Write workflow commands that were escaped when they were made."""
        self._write(lines)

    def show(self, text: str) -> None:
        """Write a text to the log in which nothing is taken for a command."""
        word = secrets.token_hex(16)
        self._write(f"::stop-commands::{word}\n{text.rstrip()}\n::{word}::\n")

    def notice(self, text: str) -> None:
        """Annotate the job with a sentence."""
        self._write(f"::notice title=Sign-off gate::{_data(text)}\n")

    def refuse(self, error: GateError) -> None:
        """Say that nothing was judged, and why."""
        self._write(f"::error title=Sign-off gate::{_data(str(error))}\n")
        self.add_summary(f"## ? Not judged\n\n{prose(str(error), 1000)}")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def hide_environment() -> None:
    """Keep this process's environment from processes of the same user, as far as Linux does that.

    SECURITY: code of a change that a rehearsal runs could otherwise read the job's token in `/proc`.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _append(file: str, text: str) -> None:
    if file:
        with Path(file).open("a", encoding="utf-8", errors="replace") as opened:
            opened.write(text)


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
