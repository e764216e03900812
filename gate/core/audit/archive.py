"""Archive: a zip file written front to back, the same bytes for the same content, in flat memory."""

import hashlib
import re
import struct
import zlib
from collections.abc import Callable, Iterable
from typing import Protocol

from gate.core.values import dataclass

LEVEL = 6
_CHUNK = 1 << 16
_LIMIT = 0xFFFFFFFF
_MANY = 0xFFFF
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
_TIME, _DATE = 0, (1980 - 1980) << 9 | 1 << 5 | 1  # 1980-01-01: no clock may show in the bytes
_VERSION, _UTF8, _DESCRIPTOR, _DEFLATE = 45, 1 << 11, 1 << 3, 8
_REGULAR = 0o100644 << 16


class Spool(Protocol):
    """Where the directory of the archive is kept until its end, so that it takes no memory."""

    def write(self, raw: bytes, /) -> object: ...  # noqa: D102  # name and types say it
    def seek(self, at: int, /) -> object: ...  # noqa: D102  # name and types say it
    def read(self, size: int, /) -> bytes: ...  # noqa: D102  # name and types say it


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: name, size and SHA-256 in hexadecimal digits."""

    name: str
    size: int
    sha256: str


class Archive:
    """Writes a zip file (ZIP64 where it is needed) into `write`; nothing is ever sought or read back.

    INVARIANT: every name is made by the gate: ASCII words, no `..`, no backslash, no device name, none
    twice in a row (tests/threats/test_S13_export_names.py).
    """

    def __init__(self, write: Callable[[bytes], object], spool: Spool) -> None:
        self._write, self._spool = write, spool
        self._at = self._count = self._directory = 0

    def add(self, name: str, content: bytes) -> Member:
        """Add a file whose content is at hand."""
        return self.stream(name, [content])

    def stream(self, name: str, parts: Iterable[bytes]) -> Member:
        """Add a file part by part."""
        raw_name = require_name(name).encode()
        start = self._at
        # Sizes stand behind the content; both headers say with ZIP64 that 8 bytes are kept for each.
        extra = struct.pack("<HHQQ", 1, 16, 0, 0)
        self._put(
            struct.pack(
                "<4s5H3L2H", b"PK\x03\x04", _VERSION, _UTF8 | _DESCRIPTOR, _DEFLATE, _TIME, _DATE, 0, _LIMIT, _LIMIT,
                len(raw_name), len(extra),
            )
            + raw_name + extra
        )  # fmt: skip
        digest, check, size, packed = hashlib.sha256(), 0, 0, 0
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
        for part in parts:
            digest.update(part)
            check, size = zlib.crc32(part, check), size + len(part)
            packed += self._put(packer.compress(part))
        packed += self._put(packer.flush())
        self._put(struct.pack("<4sLQQ", b"PK\x07\x08", check, packed, size))
        extra = struct.pack("<HHQQQ", 1, 24, size, packed, start)
        entry = struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 3 << 8 | _VERSION, _VERSION, _UTF8 | _DESCRIPTOR, _DEFLATE, _TIME, _DATE,
            check, _LIMIT, _LIMIT, len(raw_name), len(extra), 0, 0, 0, _REGULAR, _LIMIT,
        ) + raw_name + extra  # fmt: skip
        self._spool.write(entry)
        self._directory += len(entry)
        self._count += 1
        return Member(name, size, digest.hexdigest())

    def close(self) -> int:
        """Write the directory and the end, and return how many bytes the archive has."""
        start = self._at
        self._spool.seek(0)
        while chunk := self._spool.read(_CHUNK):
            self._put(chunk)
        end = self._at
        self._put(
            struct.pack(
                "<4sQ2H2L4Q", b"PK\x06\x06", 44, _VERSION, _VERSION, 0, 0, self._count, self._count,
                self._directory, start,
            )
        )  # fmt: skip
        self._put(struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1))
        count = min(self._count, _MANY)
        sizes = min(self._directory, _LIMIT), min(start, _LIMIT)
        self._put(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, *sizes, 0))
        return self._at

    def _put(self, raw: bytes) -> int:
        if raw:
            self._write(raw)
            self._at += len(raw)
        return len(raw)


def require_name(name: str) -> str:
    """Return a name that may stand in an archive. Raises ValueError for what could leave the folder it is put in."""
    if not _NAME.fullmatch(name) or any(_RESERVED.match(step) or step.endswith(".") for step in name.split("/")):
        raise ValueError(f"{name!r} is no name for a file of an export")
    return name
