"""Link keys: the ES256 keys of links in one file, the newest first, with when each begins and ends to hold.

The file holds PEM blocks; lines above each say `# from TIME` and `# until TIME` where that is known. A bare key made
by `openssl` is such a file, too. It is read again when it changes, so that a rotation needs no restart.
"""

import base64
import datetime as dt
import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from gate.core.canonical import canonical_bytes
from gate.core.errors import UsageError
from gate.core.times import instant

_STEP = "Give the path of a file with P-256 keys in PEM form; `gate keys rotate` makes one."
_BLOCK = re.compile(
    r"((?:#[^\n]*\n)*)(-----BEGIN (?:EC )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END (?:EC )?PRIVATE KEY-----)"
)
_EDGE = re.compile(r"^# (from|until) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$", re.MULTILINE)
_MAX_BYTES = 64 * 1024
_BEGINNING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class LinkKey:
    """One key: it signs and verifies from `from_at`, and verifies until `until_at` where that is set."""

    kid: str
    key: ec.EllipticCurvePrivateKey
    from_at: dt.datetime = _BEGINNING
    until_at: dt.datetime | None = None

    def holds(self, at: dt.datetime) -> bool:
        """Return whether its signatures are believed at a time."""
        return self.until_at is None or at < self.until_at

    def jwk(self) -> dict[str, str]:
        """Return the public half as a JWK (RFC 7517)."""
        return {**_public(self.key), "kid": self.kid, "use": "sig", "alg": "ES256"}


class LinkKeyFile:
    """The keys of a file, read again whenever it was replaced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._keys: tuple[LinkKey, ...] = ()

    def keys(self) -> Sequence[LinkKey]:
        """Return all keys, the newest first. Raises UsageError where they cannot be read."""
        try:
            state = self.path.stat()
            seen = (state.st_mtime_ns, state.st_size, state.st_ino)
            if seen != self._seen:
                self._keys = parse_keys(self.path.read_bytes())
                self._seen = seen
        except OSError as error:
            what = f"The keys of links in {self.path} cannot be read: {error.strerror}."
            raise UsageError(what, next_step=_STEP) from None
        return self._keys

    def rotate(self, now: dt.datetime, *, overlap: dt.timedelta) -> LinkKey:
        """Put a new key first; those before it hold for `overlap` longer, at most, and are then dropped."""
        until = now + overlap
        kept = [
            replace(key, until_at=min(key.until_at or until, until))
            for key in (self.keys() if self.path.exists() else ())
        ]
        new = new_key(now)
        write_keys(self.path, [new, *(key for key in kept if key.holds(now))])
        return new


def open_key_file(path: Path, now: dt.datetime, *, may_create: bool) -> LinkKeyFile:
    """Return a key file with a key in it, made where there is none and that is allowed.

    SECURITY: a file that is named must exist: a replica whose volume is missing must not sign by a key of its own.
    Raises UsageError where there is none, or none that can be read.
    """
    file = LinkKeyFile(path)
    if may_create and not path.exists():
        write_keys(path, [new_key(now)], is_new=True)
    file.keys()
    return file


def new_key(now: dt.datetime) -> LinkKey:
    """Return a key that is nowhere kept."""
    key = ec.generate_private_key(ec.SECP256R1())
    return LinkKey(_thumbprint(key), key, now.replace(microsecond=0))


def parse_keys(raw: bytes) -> tuple[LinkKey, ...]:
    """Return the keys of a file, the newest first. Raises UsageError for anything but P-256 keys."""
    if len(raw) > _MAX_BYTES:
        raise UsageError("The file with the keys of links is too large.", next_step=_STEP)
    found = []
    for comment, pem in _BLOCK.findall(raw.decode("ascii", "replace").replace("\r\n", "\n")):
        try:
            key = load_pem_private_key(pem.encode(), password=None)
        except (ValueError, TypeError):
            raise UsageError("A key of links cannot be read.", next_step=_STEP) from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise UsageError("A key of links is no P-256 key.", next_step=_STEP)
        edges = {name: dt.datetime.fromisoformat(text) for name, text in _EDGE.findall(comment)}
        found.append(LinkKey(_thumbprint(key), key, edges.get("from", _BEGINNING), edges.get("until")))
    if not found:
        raise UsageError("The file with the keys of links holds none.", next_step=_STEP)
    return tuple(sorted(found, key=lambda key: key.from_at, reverse=True))


def write_keys(path: Path, keys: Sequence[LinkKey], *, is_new: bool = False) -> None:
    """Write keys as a whole or not at all, readable by their owner alone; with `is_new` only where nothing is."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # readable by its owner alone
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write("\n".join(_text(key) for key in keys).encode())
            file.flush()
            os.fsync(file.fileno())
        if not is_new:
            draft.replace(path)
        elif not path.exists():
            _link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _link(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process made one first, and it is read


def _text(key: LinkKey) -> str:
    pem = key.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    until = f"# until {instant(key.until_at)}\n" if key.until_at else ""
    return f"# key {key.kid}\n# from {instant(key.from_at)}\n{until}{pem}"


def _public(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    x, y = (base64.urlsafe_b64encode(n.to_bytes(32, "big")).decode().rstrip("=") for n in (numbers.x, numbers.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def _thumbprint(key: ec.EllipticCurvePrivateKey) -> str:
    """Return the key's name: the JWK thumbprint of its public half (RFC 7638)."""
    return base64.urlsafe_b64encode(hashlib.sha256(canonical_bytes(_public(key))).digest()).decode().rstrip("=")
