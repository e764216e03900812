"""Running git: argument lists, a scrubbed environment, time limits, and a git directory of our own.

SECURITY: a hostile repository's configuration can name programs (fsmonitor, hooks, filters, text converters, merge
and diff drivers, ssh commands). Only the finding of the repository, the resolving of names and the listing of the
working tree read that configuration, with those programs switched off. Everything else runs in a `Quarantine`: an
empty git directory that borrows the objects and has no configuration, attributes, hooks, grafts or replacements.
"""

import os
import shutil
import subprocess
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gate.core.errors import UnreadableError
from gate.core.values import dataclass

TIMEOUT_SECONDS = 300.0
MAX_OUTPUT_BYTES = 1 << 30
_CHUNK = 1 << 18
_SWITCHED_OFF = (
    "safe.directory=*",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    f"core.hooksPath={os.devnull}",
    "core.quotePath=false",
    "core.pager=cat",
    "protocol.allow=never",
    "submodule.recurse=false",
    "gc.auto=0",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a git command ended: exit code, what it printed, and the first line of what it complained about."""

    code: int
    output: bytes
    complaint: str


def environment(home: str = os.devnull, **more: str) -> dict[str, str]:
    """Return the whole environment that git gets: nothing of the caller's but PATH, so nothing of it can leak or steer.

    SECURITY: no transport is allowed, so that a missing object of a partial clone never starts a fetch and with it
    the repository's own ssh command.
    """
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": home,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        **more,
    }


def command(directory: Path | str, *arguments: str) -> list[str]:
    """Return the command line for git in a directory, with every program that configuration can name switched off."""
    switches = [part for setting in _SWITCHED_OFF for part in ("-c", setting)]
    return ["git", "--no-pager", "--no-optional-locks", *switches, "-C", os.fspath(directory), *arguments]


def run(
    line: Sequence[str], *, env: Mapping[str, str], stdin: bytes = b"", timeout_seconds: float = TIMEOUT_SECONDS
) -> Outcome:
    """Run one command to its end. Raises UnreadableError where git is missing or does not end in time."""
    try:
        done = subprocess.run(  # noqa: S603 (a list of arguments, never a shell)
            line, input=stdin, capture_output=True, check=False, env=dict(env), timeout=timeout_seconds
        )
    except FileNotFoundError as error:
        raise _no_git() from error
    except subprocess.TimeoutExpired as error:
        raise _too_slow(line, timeout_seconds) from error
    return Outcome(done.returncode, done.stdout, _first_line(done.stderr))


def fields(
    line: Sequence[str], *, env: Mapping[str, str], stdin: bytes = b"", timeout_seconds: float = TIMEOUT_SECONDS
) -> Iterator[bytes]:
    """Yield the NUL-separated fields that a command prints, as it prints them.

    Raises UnreadableError where it fails, is cut short, prints more than 1 GiB, or does not end in time: a listing is
    complete or it is nothing.
    """
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as source:
        source.write(stdin)
        source.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 (a list of arguments, never a shell)
                line, stdin=source, stdout=subprocess.PIPE, stderr=errors, env=dict(env)
            )
        except FileNotFoundError as error:
            raise _no_git() from error
        watchdog = threading.Timer(timeout_seconds, process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            yield from _split(process)
            code = process.wait()
        finally:
            is_late = watchdog.finished.is_set()
            watchdog.cancel()
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        if is_late:
            raise _too_slow(line, timeout_seconds)
        if code:
            errors.seek(0)
            raise failure(line, _first_line(errors.read(4096)))


def _split(process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    rest, total = b"", 0
    while process.stdout and (chunk := process.stdout.read1(_CHUNK)):  # type: ignore[attr-defined]  # IO has none
        total += len(chunk)
        if total > MAX_OUTPUT_BYTES:
            raise UnreadableError("git lists more than 1 GiB of changes.", next_step="Split the change.")
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest.strip(b"\n"):
        yield rest


class Quarantine:
    """An empty git directory that borrows the objects of another; it is removed with the object that holds it."""

    def __init__(self, git_dir: Path, *, common_dir: Path, object_format: str = "sha1") -> None:
        self.path = Path(tempfile.mkdtemp(prefix="gate-git-"))
        self._remove = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
        self.common_dir, self.object_format = common_dir, object_format
        for folder in ("objects/info", "refs"):
            (self.path / folder).mkdir(parents=True)
        (self.path / "HEAD").write_text("ref: refs/heads/none\n")
        version = 1 if object_format != "sha1" else 0
        extension = f"[extensions]\n\tobjectFormat = {object_format}\n" if version else ""
        # Files above 32 MiB count as binary: comparing their lines would take memory and time without bound.
        limits = "\tbigFileThreshold = 32m\n"
        settings = f"[core]\n\trepositoryFormatVersion = {version}\n\tbare = true\n{limits}{extension}"
        (self.path / "config").write_text(settings)
        objects = os.fsencode(common_dir / "objects")
        quoted = b'"' + b"".join(b"\\%03o" % byte for byte in objects) + b'"\n'
        (self.path / "objects/info/alternates").write_bytes(quoted)
        shallow = common_dir / "shallow"
        self.shallow: frozenset[str] = frozenset()
        if shallow.is_file():
            self.shallow = frozenset(shallow.read_text("ascii", "replace").split())
            shutil.copyfile(shallow, self.path / "shallow")
        self.env = environment(str(self.path), GIT_DIR=str(self.path))
        self.git_dir = git_dir

    def line(self, *arguments: str) -> list[str]:
        """Return the command line for git in here."""
        return command(self.path, *arguments)

    def run(self, *arguments: str, stdin: bytes = b"", timeout_seconds: float = TIMEOUT_SECONDS) -> Outcome:
        """Run git in here; the caller looks at the exit code."""
        return run(self.line(*arguments), env=self.env, stdin=stdin, timeout_seconds=timeout_seconds)

    def read(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """Run git in here and return what it printed. Raises UnreadableError where it fails."""
        line = self.line(*arguments)
        done = run(line, env=env or self.env, stdin=stdin)
        if done.code:
            raise failure(line, done.complaint)
        return done.output

    def fields(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Iterator[bytes]:
        """Yield the NUL-separated fields that git prints in here. Raises UnreadableError where it fails."""
        return fields(self.line(*arguments), env=env or self.env, stdin=stdin)

    def close(self) -> None:
        """Remove the directory now."""
        self._remove()


def failure(line: Sequence[str], complaint: str) -> UnreadableError:
    """Return the error for a git command that failed, with the next step where git's complaint tells it."""
    verb = line[line.index("-C") + 2] if "-C" in line else "command"
    missing = any(word in complaint for word in ("missing", "unable to read", "bad object", "could not fetch"))
    next_step = "Fetch the missing objects: `git fetch --unshallow`, or clone without `--filter`." if missing else ""
    return UnreadableError(f"git {verb} failed: {complaint or 'it gave no reason'}.", next_step=next_step)


def _first_line(raw: bytes) -> str:
    text = raw.decode(errors="replace").strip().partition("\n")[0][:300]
    return "".join(letter if letter.isprintable() else "?" for letter in text).removeprefix("fatal: ").rstrip(".")


def _no_git() -> UnreadableError:
    return UnreadableError("git was not found.", next_step="Install git 2.38 or newer and put it on PATH.")


def _too_slow(line: Sequence[str], seconds: float) -> UnreadableError:
    return UnreadableError(f"git did not end within {seconds:g} seconds ({line[-1][:80]}).", next_step="Try again.")
