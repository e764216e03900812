"""Child processes for foreign code: no secrets of the caller's environment, a home of their own, a time limit."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

COMMAND_SECONDS = 1800.0
_KEPT_BYTES = 2000
_SIGKILLED = -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its exit code, and the end of what it printed, made printable."""

    code: int
    tail: str
    is_late: bool = False


def run_child(line: Sequence[str], *, folder: Path, seconds: float) -> Ended:
    """Run foreign code in a folder and return how it ended; everything that it started ends with it.

    SECURITY: this is no sandbox: the code runs as the caller and can reach the network. What it does not get is the
    caller's environment (tokens, keys, agent sockets) and home (configuration, credentials).
    """
    with tempfile.TemporaryDirectory(prefix="gate-home-") as home, tempfile.TemporaryFile() as printed:
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": home,
            "TMPDIR": home,
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }
        env |= {"PYTHONDONTWRITEBYTECODE": "1", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "NO_COLOR": "1"}
        process: subprocess.Popen[bytes] | None = None
        code, is_late = _SIGKILLED, False
        try:
            with _uninterrupted():
                process = subprocess.Popen(  # noqa: S603 (a list of arguments, never a shell)
                    line,
                    cwd=folder,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            is_late = True
        finally:
            if process is not None:
                _end_group(process)
        size = printed.seek(0, os.SEEK_END)
        printed.seek(max(0, size - _KEPT_BYTES))
        tail = printed.read().decode(errors="replace").strip()
    shown = "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in tail)
    return Ended(code, shown, is_late)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let an interrupt wait for the end of a block: between a child's start and knowing of it nobody could end it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # an interrupt reaches the main thread alone
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.default_int_handler)
    if came:
        signal.raise_signal(signal.SIGINT)


def run_shell_command(folder: Path, command: str) -> tuple[bool, str]:
    """Run a component's rehearsal command by the shell; return whether it ended with 0, and what it printed last."""
    ended = run_child(["/bin/sh", "-c", command], folder=folder, seconds=COMMAND_SECONDS)
    if ended.is_late:
        return False, f"`{command}` did not end within {COMMAND_SECONDS:g} seconds."
    last = ended.tail.rpartition("\n")[2]
    said = f" and said: {last}" if last else ""
    return ended.code == 0, f"`{command}` ended with {ended.code}{said}"


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
