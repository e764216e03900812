"""The export as its verifier reads it: files of a folder or of an archive, and the ledger's entries by index."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from array import array
from typing import Any, Dict, Iterable, Iterator

from gate.verifier.tlog import Key

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_CHUNK = 1 << 20
_OWN = {"manifest.json", "manifest.intoto.json"}


Row = Dict[str, Any]
"""A value of JSON, read by its keys; what has other ones is refused where it is read."""


class BadExportError(ValueError):
    """The export does not hold what it claims; the message is one sentence."""


class Export:
    """One export. An archive is unpacked into a temporary folder, by names that cannot leave it."""

    def __init__(self, path: str) -> None:
        self._temporary: str | None = None
        self._entries: Entries | None = None
        self.folder = path
        try:
            if not os.path.isdir(path):
                self.folder = self._temporary = tempfile.mkdtemp(prefix="verify-")
                self._unpack(path)
            self.manifest = self._known(json.loads(self.read("manifest.json")))
            self.names = {one["name"] for one in self.manifest["files"]}
        except zipfile.BadZipFile:
            self.close()
            raise BadExportError("this is no whole archive") from None
        except BaseException:
            self.close()
            raise

    def _known(self, manifest: Any) -> Row:
        if not isinstance(manifest, dict) or manifest.get("schema") != "gate.export/1":
            raise BadExportError("this is no export that this verifier knows (gate.export/1)")
        return manifest

    def close(self) -> None:
        """Close what is open, and remove what was unpacked."""
        if self._entries is not None:
            self._entries.close()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _unpack(self, path: str) -> None:
        with zipfile.ZipFile(path) as archive:
            seen = set()
            for one in archive.infolist():
                if not _NAME.fullmatch(one.filename) or one.filename in seen:
                    raise BadExportError(f"the archive holds a file {one.filename!r}, which no export has")
                seen.add(one.filename)
                target = os.path.join(self.folder, *one.filename.split("/"))
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with archive.open(one) as source, open(target, "xb") as sink:
                    shutil.copyfileobj(source, sink, _CHUNK)

    def path(self, name: str) -> str:
        """Return where a file is."""
        if not _NAME.fullmatch(name):
            raise BadExportError(f"{name!r} is no name of a file in an export")
        return os.path.join(self.folder, *name.split("/"))

    def has(self, name: str) -> bool:
        """Return whether a file is there."""
        return os.path.isfile(self.path(name))

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        try:
            with open(self.path(name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            raise BadExportError(f"{name} is missing") from None

    def json(self, name: str) -> Any:
        """Return what a JSON file holds."""
        return json.loads(self.read(name))

    def lines(self, name: str) -> Iterator[Row]:
        """Yield the values of a file of JSON lines."""
        try:
            with open(self.path(name), "rb") as file:
                for line in file:
                    yield json.loads(line)
        except FileNotFoundError:
            raise BadExportError(f"{name} is missing") from None

    def digest(self, name: str) -> tuple[int, str]:
        """Return size and SHA-256 of a file."""
        digest, size = hashlib.sha256(), 0
        with open(self.path(name), "rb") as file:
            for chunk in iter(lambda: file.read(_CHUNK), b""):
                digest.update(chunk)
                size += len(chunk)
        return size, digest.hexdigest()

    def present(self) -> set[str]:
        """Return the names of all files that are there."""
        found = set()
        for folder, _, files in os.walk(self.folder):
            inner = os.path.relpath(folder, self.folder)
            for name in files:
                found.add(name if inner == "." else "/".join([*inner.split(os.sep), name]))
        return found - _OWN

    def key_text(self) -> str:
        """Return the key that the export itself names."""
        return self.read("ledger/key").decode()

    @property
    def entries(self) -> Entries:
        """Return the ledger's entries."""
        if self._entries is None:
            self._entries = Entries(self.path("ledger/entries.jsonl"))
        return self._entries


class Entries:
    """The entries of the export by their indexes; only their places are kept in memory."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "rb")  # noqa: SIM115  (kept open for as long as it is read)
        self._places: dict[int, int] = {}
        self._order = array("q")
        self.about: dict[str, list[tuple[int, str]]] = {}
        try:
            self._read()
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            self.close()
            raise BadExportError(f"the ledger's entries cannot be read: {error}") from None

    def _read(self) -> None:
        at = 0
        for line in self._file:
            value = json.loads(line)
            index, kind, subject = value["index"], value["kind"], value["subject"]
            self._places[index] = at
            self._order.append(index)
            self.about.setdefault(subject, []).append((index, kind))
            at += len(line)

    def __iter__(self) -> Iterator[int]:
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._order)

    def raw(self, index: int) -> bytes:
        """Return the exact bytes of an entry."""
        if index not in self._places:
            raise BadExportError(f"entry {index} is not in the export")
        self._file.seek(self._places[index])
        return self._file.readline().rstrip(b"\n")

    def get(self, index: int) -> Row:
        """Return an entry's value."""
        found: Row = json.loads(self.raw(index))
        return found

    def of_kind(self, kind: str) -> Iterator[tuple[int, Row]]:
        """Yield index and value of all entries of a kind, in order."""
        wanted = sorted(index for found in self.about.values() for index, one in found if one == kind)
        for index in wanted:
            yield index, self.get(index)

    def erased(self) -> dict[int, str]:
        """Return the digests of verdicts that lost a person's name, by the verdict's entry, as the erasures' say."""
        found: dict[int, str] = {}
        for _, entry in self.of_kind("personal-data-erased"):
            found.update({int(index): digest for index, digest in entry["payload"]["verdicts"].items()})
        return found

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Asked:
    """What a verification is given from outside: the key, heads that were kept, clones."""

    def __init__(self, key: Key, checkpoints: Iterable[str] = (), clones: Iterable[str] = ()) -> None:
        self.key, self.checkpoints, self.clones = key, list(checkpoints), list(clones)


def subject_of(change_id: str) -> str:
    """Return how the ledger names a change."""
    return "change:" + change_id.replace("-", "/")


def said_of(error: BaseException) -> str:
    """Return in words why something could not be read."""
    return f"{type(error).__name__} {error}" if isinstance(error, KeyError) else str(error)
