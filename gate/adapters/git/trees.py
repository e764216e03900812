"""Trees: all files of one commit, and of the working tree as git sees it."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from gate.adapters.git.objects import Objects
from gate.adapters.git.process import Quarantine, command, environment, fields
from gate.core.change.facts import MODE_SUBMODULE, MODE_SYMLINK
from gate.core.change.paths import shown
from gate.core.change.tree_entries import MAX_BLOB_BYTES, MAX_LINK_BYTES, link_end, not_regular, too_large
from gate.core.errors import UnreadableError
from gate.usecases.ports import TreeEntry

WORKING_TREE = "working tree"
_FOLDER = "040000"


class CommitTree:
    """All files of one commit. A name that is not UTF-8 is listed escaped, and a file is read by its listed name."""

    def __init__(self, revision: str, tree_sha: str, objects: Objects, quarantine: Quarantine) -> None:
        self._revision = revision
        self.sha = tree_sha
        self._objects = objects
        self._quarantine = quarantine
        self._entries: tuple[TreeEntry, ...] | None = None
        self._by_path: dict[str, TreeEntry] = {}

    @property
    def revision(self) -> str:
        """Return the commit sha."""
        return self._revision

    def entries(self) -> Sequence[TreeEntry]:
        """Return all files, sorted by path. Raises UnreadableError where the tree cannot be listed in full."""
        if self._entries is None:
            listing = self._quarantine.fields("ls-tree", "-r", "-z", "--full-tree", self.sha)
            found = []
            for line in listing:
                meta, _, raw = line.partition(b"\t")
                mode, _, sha = meta.decode().split(" ")
                found.append(TreeEntry(shown_bytes(raw), mode, sha))
            found.sort(key=lambda entry: entry.path)
            self._entries = tuple(found)
            self._by_path = {entry.path: entry for entry in found}
        return self._entries

    def entry(self, path: str) -> TreeEntry | None:
        """Return one file's entry, None where the tree has no such file."""
        if "\\x" in path:
            self.entries()
        if self._entries is not None:
            return self._by_path.get(path)
        try:
            found = self._objects.entry(self.sha, path.encode())
        except UnicodeEncodeError:
            return None
        if found is None or found.mode == _FOLDER:
            return None
        return TreeEntry(path, found.mode, found.sha)

    def read(self, path: str) -> bytes | None:
        """Return a regular file's bytes, None where the tree has no such file.

        Raises UnreadableError for a link, a submodule, and what is above 25 MiB.
        """
        entry = self.entry(path)
        if entry is None:
            return None
        if entry.mode in {MODE_SYMLINK, MODE_SUBMODULE}:
            raise not_regular(path, entry.mode)
        body = self._objects.blob(entry.blob)
        if body is None:
            raise too_large(path)
        return body

    def link_target(self, path: str) -> str | None:
        """Return where a symbolic link leads within the tree, links on the way followed; None where it leads outside.

        A target that does not exist is returned as it is written: it may come to exist later.
        """
        start = path.encode(errors="surrogatepass").decode(errors="surrogateescape")
        end = link_end(start, self._target_at)
        return None if end is None else shown_bytes(end.encode(errors="surrogateescape"))

    def _target_at(self, path: str) -> str | None:
        found = self._objects.entry(self.sha, path.encode(errors="surrogateescape"))
        if found is None or found.mode != MODE_SYMLINK:
            return None
        return (self._objects.blob(found.sha, limit=MAX_LINK_BYTES) or b"").decode(errors="surrogateescape")


class WorkingTree:
    """The files on disk that git tracks or would track: tracked ones that still exist, and new ones not ignored."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._entries: tuple[TreeEntry, ...] | None = None
        self._by_path: dict[str, TreeEntry] = {}

    @property
    def revision(self) -> str:
        """Return `working tree`."""
        return WORKING_TREE

    def entries(self) -> Sequence[TreeEntry]:
        """Return all files, sorted by path; `blob` is empty, since disk and index may differ."""
        if self._entries is None:
            listing = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--full-name")
            names = set(fields(command(self._root, *listing), env=environment()))
            found = [entry for raw in names if (entry := self._on_disk(raw)) is not None]
            found.sort(key=lambda entry: entry.path)
            self._entries = tuple(found)
            self._by_path = {entry.path: entry for entry in found}
        return self._entries

    def entry(self, path: str) -> TreeEntry | None:
        """Return one file's entry, None where there is no such file or git ignores it."""
        self.entries()
        return self._by_path.get(path)

    def read(self, path: str) -> bytes | None:
        """Return a regular file's bytes, None where there is no such file.

        Raises UnreadableError for a link, a file behind a link, and what is above 25 MiB.
        """
        entry = self.entry(path)
        if entry is None:
            return None
        if entry.mode in {MODE_SYMLINK, MODE_SUBMODULE}:
            raise not_regular(path, entry.mode)
        target = self._root / path
        try:
            # SECURITY: a file swapped for a link or a pipe after the listing is refused, not followed or waited for.
            number = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(number, "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode) or not target.resolve().is_relative_to(self._root.resolve()):
                    raise not_regular(path, MODE_SYMLINK)
                body = file.read(MAX_BLOB_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnreadableError(f"{shown(path)} cannot be read: {error.strerror}.") from error
        if len(body) > MAX_BLOB_BYTES:
            raise too_large(path)
        return body

    def _on_disk(self, raw: bytes) -> TreeEntry | None:
        try:
            status = os.lstat(os.path.join(os.fsencode(self._root), raw))  # noqa: PTH118 (bytes; a hot loop)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise UnreadableError(f"{shown(raw)} cannot be read: {error.strerror}.") from error
        if stat.S_ISLNK(status.st_mode):
            mode = MODE_SYMLINK
        elif stat.S_ISDIR(status.st_mode):
            mode = MODE_SUBMODULE
        else:
            mode = "100755" if status.st_mode & stat.S_IXUSR else "100644"
        return TreeEntry(shown_bytes(raw).rstrip("/"), mode, "")


def shown_bytes(raw: bytes) -> str:
    """Return a path as text: UTF-8 as it is, any other byte escaped so that the text can be printed and stored."""
    return raw.decode(errors="backslashreplace")
