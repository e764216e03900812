"""Git objects by id: blobs, trees and commits through one long-lived `git cat-file`."""

import os
import select
import subprocess
import weakref
from collections import OrderedDict
from collections.abc import Iterable, Iterator

from gate.adapters.git.process import Quarantine
from gate.core.change.tree_entries import MAX_BLOB_BYTES
from gate.core.errors import UnreadableError
from gate.core.values import dataclass

_MAX_TREE_BYTES = 256 * 1024 * 1024
_WAIT_SECONDS = 60.0
_CACHED_TREES = 4096
_HEADER_PARTS = 3


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One entry of one tree object: git mode as in listings, and the id of what it names."""

    mode: str
    sha: str


class Objects:
    """Reads objects by full id, one git process for all of them. Close it, or let it go."""

    def __init__(self, quarantine: Quarantine) -> None:
        self._quarantine = quarantine
        self._process: subprocess.Popen[bytes] | None = None
        self._buffer = b""
        self._trees: OrderedDict[str, dict[bytes, RawEntry]] = OrderedDict()
        self._stop: weakref.finalize[[subprocess.Popen[bytes]], Objects] | None = None

    def blob(self, sha: str, *, limit: int = MAX_BLOB_BYTES) -> bytes | None:
        """Return a blob's bytes, None where it is larger than `limit`. Raises UnreadableError where it is missing."""
        return self._read(sha, "blob", limit)

    def blobs(self, shas: Iterable[str], *, limit: int = MAX_BLOB_BYTES) -> Iterator[tuple[str, bytes | None]]:
        """Yield each blob once with its bytes (None where it is larger than `limit`), one in memory at a time."""
        for sha in dict.fromkeys(shas):
            yield sha, self.blob(sha, limit=limit)

    def commit(self, sha: str) -> bytes:
        """Return a commit object as it is stored, up to 25 MiB."""
        raw = self._read(sha, "commit", MAX_BLOB_BYTES)
        if raw is None:
            raise UnreadableError(f"Commit {sha} is larger than 25 MiB.")
        return raw

    def tree(self, sha: str) -> dict[bytes, RawEntry]:
        """Return the entries of one tree object by name."""
        cached = self._trees.get(sha)
        if cached is not None:
            self._trees.move_to_end(sha)
            return cached
        raw = self._read(sha, "tree", _MAX_TREE_BYTES)
        if raw is None:
            raise UnreadableError(f"Tree {sha} is larger than 256 MiB.")
        entries = _parse_tree(raw, len(sha) // 2)
        self._trees[sha] = entries
        if len(self._trees) > _CACHED_TREES:
            self._trees.popitem(last=False)
        return entries

    def entry(self, tree_sha: str, path: bytes) -> RawEntry | None:
        """Return what a path names below a tree, None where there is no such path; links are not followed."""
        *folders, name = path.split(b"/")
        for folder in folders:
            entry = self.tree(tree_sha).get(folder)
            if entry is None or entry.mode != "040000":
                return None
            tree_sha = entry.sha
        return self.tree(tree_sha).get(name)

    def close(self) -> None:
        """End the git process."""
        if self._stop is not None:
            self._stop()
        self._process = None

    def _read(self, sha: str, kind: str, limit: int) -> bytes | None:
        if not sha or not sha.isalnum():
            raise UnreadableError(f"{sha[:80]!r} is no object id.")
        process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101 (opened as a pipe)
        try:
            process.stdin.write(sha.encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError as error:
            raise self._ended() from error
        header = self._take_line().split()
        if len(header) != _HEADER_PARTS:
            raise UnreadableError(
                f"Object {sha} is missing from this checkout.",
                next_step="Fetch it: `git fetch --unshallow`, or clone without `--filter`.",
            )
        found, size = header[1].decode(), int(header[2])
        is_wanted = found == kind and size <= limit
        body = self._take(size + 1, keep=is_wanted)
        if found != kind:
            raise UnreadableError(f"Object {sha} is a {found}, not a {kind}.")
        return body[:-1] if is_wanted else None

    def _start(self) -> "subprocess.Popen[bytes]":
        line = self._quarantine.line("cat-file", "--batch")
        try:
            process = subprocess.Popen(  # noqa: S603 (a list of arguments, never a shell)
                line,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._quarantine.env,
                bufsize=0,
            )
        except FileNotFoundError as error:
            raise UnreadableError("git was not found.", next_step="Install git and put it on PATH.") from error
        self._process, self._buffer = process, b""
        self._stop = weakref.finalize(self, _end, process)
        return process

    def _take_line(self) -> bytes:
        while b"\n" not in self._buffer:
            self._buffer += self._more()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _take(self, size: int, *, keep: bool) -> bytes:
        parts, missing = [], size
        while missing:
            chunk = self._buffer or self._more()
            part, self._buffer = chunk[:missing], chunk[missing:]
            missing -= len(part)
            if keep:
                parts.append(part)
        return b"".join(parts)

    def _more(self) -> bytes:
        process = self._process
        if process is None or process.stdout is None:
            raise self._ended()
        number = process.stdout.fileno()
        ready, _, _ = select.select([number], [], [], _WAIT_SECONDS)
        chunk = os.read(number, 1 << 18) if ready else b""
        if not chunk:
            raise self._ended()
        return chunk

    def _ended(self) -> UnreadableError:
        self.close()
        return UnreadableError("git stopped answering while objects were read.", next_step="Try `git fsck`.")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _parse_tree(raw: bytes, size: int) -> dict[bytes, RawEntry]:
    """Return the entries of a raw tree object: mode, blank, name, NUL, id, without separators between them."""
    entries: dict[bytes, RawEntry] = {}
    at = 0
    while at < len(raw):
        blank = raw.index(b" ", at)
        end = raw.index(b"\0", blank)
        mode = raw[at:blank].decode("ascii", "replace").rjust(6, "0")
        entries[raw[blank + 1 : end]] = RawEntry(mode, raw[end + 1 : end + 1 + size].hex())
        at = end + 1 + size
    return entries
