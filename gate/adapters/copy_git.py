"""Copies in git: heads of the ledger as commits of one reference, each the child of the one before."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gate.core.errors import UnreadableError

REF = "refs/gate/ledger"
_FILE = "checkpoint"
_TIMEOUT_SECONDS = 60
_IDENTITY = {
    "GIT_AUTHOR_NAME": "Sign-off gate",
    "GIT_AUTHOR_EMAIL": "gate@localhost",
    "GIT_COMMITTER_NAME": "Sign-off gate",
    "GIT_COMMITTER_EMAIL": "gate@localhost",
}
# How git reaches a remote is the operator's to set up; nothing else of the environment is passed on.
_PASSED_ON = ("PATH", "HOME", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "GIT_ASKPASS", "HTTPS_PROXY", "NO_PROXY")


class GitCopy:
    """One reference of a repository, local or remote. It only moves forward: a push that would rewrite it fails."""

    def __init__(self, remote: str, ref: str = REF) -> None:
        self.remote, self.ref = remote, ref
        self.name = f"git:{remote}#{ref}"

    def newest(self) -> str | None:
        """Return the note that was kept last, None where there is no such reference yet.

        Raises UnreadableError where the repository cannot be reached.
        """
        with _workshop() as folder:
            if not self._fetched(folder):
                return None
            return self._git(folder, "cat-file", "blob", f"{self.ref}:{_FILE}").decode()

    def keep(self, note: str) -> None:
        """Commit a note on top of the last one and push it. Raises UnreadableError where that fails."""
        with _workshop() as folder:
            parents = ["-p", self.ref] if self._fetched(folder) else []
            blob = self._git(folder, "hash-object", "-w", "--stdin", stdin=note.encode()).decode().strip()
            entry = f"100644 blob {blob}\t{_FILE}\n".encode()
            tree = self._git(folder, "mktree", stdin=entry).decode().strip()
            size = note.split("\n")[1]
            said = ["-m", f"Ledger: {size} entries"]
            commit = self._git(folder, "commit-tree", tree, *parents, *said).decode().strip()
            self._git(folder, "push", "--quiet", "--", self.remote, f"{commit}:{self.ref}")

    def _fetched(self, folder: Path) -> bool:
        listed = self._git(folder, "ls-remote", "--", self.remote, self.ref)
        if not listed.strip():
            return False
        self._git(folder, "fetch", "--quiet", "--no-tags", "--", self.remote, f"+{self.ref}:{self.ref}")
        return True

    def _git(self, folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
        passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment = {**passed, **_IDENTITY, "GIT_DIR": str(folder), "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        line = ["git", "-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", *arguments]
        try:
            done = subprocess.run(  # noqa: S603  # a list of arguments, never a shell
                line, input=stdin, capture_output=True, check=False, env=environment, timeout=_TIMEOUT_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise self._unreachable(type(error).__name__) from None
        if done.returncode:
            raise self._unreachable(_first_line(done.stderr))
        return done.stdout

    def _unreachable(self, why: str) -> UnreadableError:
        step = "Look at the address and at who may push there, or take it out of GATE_LEDGER_COPIES."
        return UnreadableError(f"Heads of the ledger cannot be read or kept in {self.name}: {why}.", next_step=step)


@contextmanager
def _workshop() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gate-ledger-") as name:
        folder = Path(name)
        for part in ("objects", "refs"):
            (folder / part).mkdir()
        (folder / "HEAD").write_text("ref: refs/heads/none\n")
        yield folder


def _first_line(raw: bytes) -> str:
    text = raw.decode(errors="replace").strip().partition("\n")[0][:300].removeprefix("fatal: ")
    return "".join(letter if letter.isprintable() else "?" for letter in text).rstrip(".") or "it gave no reason"
