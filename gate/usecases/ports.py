"""Ports: what the use cases need of the world, as protocols that adapters fulfil."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gate.core.documents import Document


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One file of a tree: path, git mode (`100644`, `100755`, `120000`, `160000`), and blob or commit sha."""

    path: str
    mode: str
    blob: str


class Tree(Protocol):
    """All files of one revision, or of the working tree. Nothing in it changes while it is held."""

    @property
    def revision(self) -> str:
        """Return the commit sha, or `working tree`."""
        ...

    def entries(self) -> Sequence[TreeEntry]:
        """Return all files, sorted by path. Raises UnreadableError where the tree cannot be listed in full."""
        ...

    def entry(self, path: str) -> TreeEntry | None:
        """Return one file's entry, None where the tree has no such file. Raises UnreadableError, never guesses."""
        ...

    def read(self, path: str) -> bytes | None:
        """Return a regular file's bytes, None where the tree has no such file.

        Raises UnreadableError for what is there but is no regular file, or is above 25 MiB: absence and failure
        are two things.
        """
        ...


class LoadYaml(Protocol):
    """Reads YAML 1.2 strictly: no anchors, aliases, merge keys, tags or duplicate keys; 3 MB and depth 20 at most."""

    def __call__(self, raw: bytes, *, file: str) -> Document:
        """Return the document with the place of every value. Raises InvalidFileError with all faults found."""
        ...
