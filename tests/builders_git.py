"""Builders of real git repositories: commits by person and date, merges, renames, links, submodules; deterministic.

    repository = a_repository(tmp_path / "shop", {"README.md": "Shop\n"})
    repository.commit({"api/pay.py": "x = 1\n"}, branch="feature", by=BOB)
    repository.merge("feature", into="main")

The same calls give the same commit ids on every machine. A path may be `bytes` where it is not UTF-8.
"""

import datetime as dt
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ALICE = "Alice Adams <alice@example.com>"
BOB = "Bob Brown <bob@example.com>"
CAROL = "Carol Clark <carol@example.com>"
DAVE = "Dave Dunn <dave@example.com>"
WEB_FLOW = "GitHub <noreply@github.com>"
FIRST_DAY = dt.datetime(2026, 10, 1, 9, 0, tzinfo=dt.UTC)
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", ""),
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
}


@dataclass(frozen=True)
class Executable:
    """A file with the executable bit."""

    content: str | bytes = ""


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: str | bytes


@dataclass(frozen=True)
class Submodule:
    """A gitlink: the commit of another repository."""

    sha: str


Content = str | bytes | Executable | Link | Submodule | None
"""What a path holds after a commit; None deletes it."""


class GitRepository:
    """A real repository on disk, written through `git fast-import`: one process per commit, no working tree."""

    def __init__(self, path: Path, *, is_bare: bool = False) -> None:
        self.path = path
        self.commit_count = 0
        path.mkdir(parents=True, exist_ok=True)
        bare = ["--bare"] if is_bare else []
        self.git("init", "--quiet", "--template=", "--initial-branch=main", *bare)

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run git here and return what it printed, without the last newline."""
        command = ["git", "-C", str(self.path), *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False, env=ENVIRONMENT)
        if done.returncode:
            raise AssertionError(f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode(errors="surrogateescape").removesuffix("\n")

    def commit(
        self,
        files: Mapping[str, Content] | Mapping[bytes, Content],
        *,
        branch: str = "main",
        start: str | None = None,
        merging: tuple[str, ...] = (),
        by: str = ALICE,
        committer: str | None = None,
        at: dt.datetime | None = None,
        message: str | bytes = "Change something",
    ) -> str:
        """Add a commit to a branch and return its sha.

        A branch that does not exist begins at `start` (default: the tip of main, or nothing). `merging` names further
        parents; the tree is the first parent's with `files` applied, so any merge, honest or evil, can be written.
        """
        when = at or FIRST_DAY + dt.timedelta(hours=self.commit_count)
        self.commit_count += 1
        stamp = f"{int(when.timestamp())} +0000"
        text = message if isinstance(message, bytes) else message.encode()
        ref = f"refs/heads/{branch}"
        parent = self._resolve(ref) or self._resolve(start or "refs/heads/main")
        if start and not self._resolve(ref) and not parent:
            raise AssertionError(f"no such revision: {start}")
        lines = [
            b"commit " + ref.encode(),
            b"mark :1",
            f"author {by} {stamp}".encode(),
            f"committer {committer or by} {stamp}".encode(),
            b"data %d" % len(text),
            text,
        ]
        lines += [f"from {parent}".encode()] if parent else []
        lines += [f"merge {self._resolve(other)}".encode() for other in merging]
        for path, content in files.items():
            lines += _file_command(path, content)
        lines += [b"", b"get-mark :1", b"done", b""]
        arguments = ("fast-import", "--quiet", "--force", "--done")
        return self.git(*arguments, stdin=b"\n".join(lines))

    def merge(
        self,
        branch: str,
        *,
        into: str = "main",
        changing: Mapping[str, Content] | None = None,
        by: str = ALICE,
        committer: str | None = None,
        message: str | None = None,
    ) -> str:
        """Merge a branch without conflicts as git does, then apply `changing` (an evil merge); return its sha."""
        tree = self.git("merge-tree", "--write-tree", f"refs/heads/{into}", self.rev(branch)).splitlines()[0]
        ours = self.rev(into)
        listing = self.git("diff-tree", "-r", "-z", "--no-renames", ours, tree)
        fields = listing.split("\0")[:-1]
        files: dict[str, Content] = {}
        for meta, path in zip(fields[::2], fields[1::2], strict=True):
            _, mode, _, blob, _ = meta.split(" ")
            files[path] = self._content(mode, blob)
        files.update(changing or {})
        text = message or f"Merge branch '{branch}' into {into}"
        return self.commit(files, branch=into, merging=(branch,), by=by, committer=committer, message=text)

    def rev(self, name: str) -> str:
        """Return the sha of a revision; a branch wins over a tag of the same name."""
        found = self._resolve(f"refs/heads/{name}") or self._resolve(name)
        if not found:
            raise AssertionError(f"no such revision: {name}")
        return found

    def branch(self, name: str, at: str = "main") -> str:
        """Set a branch to a revision and return its sha."""
        sha = self.rev(at)
        self.git("update-ref", f"refs/heads/{name}", sha)
        return sha

    def tag(self, name: str, at: str = "main") -> str:
        """Set a tag to a revision and return its sha."""
        sha = self.rev(at)
        self.git("update-ref", f"refs/tags/{name}", sha)
        return sha

    def check_out(self, name: str = "main") -> None:
        """Fill the working tree with a branch."""
        self.git("checkout", "--quiet", "--force", name)

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files into the working tree, uncommitted."""
        for name, content in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def read(self, path: str, at: str = "main") -> str:
        """Return a file of a revision as text."""
        return self.git("cat-file", "blob", f"{self.rev(at)}:{path}")

    def paths(self, at: str = "main") -> list[str]:
        """Return the paths of a revision, sorted."""
        return [line for line in self.git("ls-tree", "-r", "-z", "--name-only", self.rev(at)).split("\0") if line]

    def _resolve(self, name: str) -> str | None:
        command = ["git", "-C", str(self.path), "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"]
        done = subprocess.run(command, capture_output=True, check=False, env=ENVIRONMENT)
        return done.stdout.decode().strip() or None

    def _content(self, mode: str, blob: str) -> Content:
        if mode == "000000":
            return None
        if mode == "160000":
            return Submodule(blob)
        command = ["git", "-C", str(self.path), "cat-file", "blob", blob]
        raw = subprocess.run(command, capture_output=True, check=True, env=ENVIRONMENT).stdout
        if mode == "120000":
            return Link(raw)
        return Executable(raw) if mode == "100755" else raw


def a_repository(
    path: Path, files: Mapping[str, Content] | None = None, *, by: str = ALICE, is_bare: bool = False
) -> GitRepository:
    """Return a repository whose branch main has one commit with these files (default: a README)."""
    repository = GitRepository(path, is_bare=is_bare)
    repository.commit(files or {"README.md": "Shop\n"}, by=by, message="Begin")
    return repository


def _file_command(path: str | bytes, content: Content) -> list[bytes]:
    """Return the fast-import lines that put content at a path."""
    raw = path if isinstance(path, bytes) else path.encode(errors="surrogateescape")
    quoted = b'"' + b"".join(b"\\%03o" % byte for byte in raw) + b'"'
    if content is None:
        return [b"D " + quoted]
    if isinstance(content, Submodule):
        return [b"M 160000 " + content.sha.encode() + b" " + quoted]
    mode, body = b"100644", content
    if isinstance(content, Executable):
        mode, body = b"100755", content.content
    elif isinstance(content, Link):
        mode, body = b"120000", content.target
    text = body if isinstance(body, bytes) else str(body).encode()
    return [b"M " + mode + b" inline " + quoted, b"data %d" % len(text), text]
