"""Notes: the head of the ledger as a C2SP checkpoint, signed as a C2SP note; signing itself is passed in."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator
from typing import Protocol

from gate.core.lazy_regex import lazy_regex
from gate.core.ledger.merkle import HASH_BYTES
from gate.core.values import dataclass

ED25519 = b"\x01"
"""The byte that stands for Ed25519 in key ids (C2SP signed-note, "Signature types")."""
MAX_BYTES = 64 * 1024
KEY_ID_BYTES = 4
_SIGNED = "\N{EM DASH} "
_NAME = lazy_regex(r"[^\s+]+")
_SIZE = lazy_regex(r"0|[1-9][0-9]{0,18}")
_MIN_LINES = 3


class NoteError(ValueError):
    """A note or checkpoint is not what C2SP says; the message says where."""


class NoteSigner(Protocol):
    """Signs notes under a key name. The name of the key is the origin of the ledger."""

    @property
    def name(self) -> str: ...  # noqa: D102  # name and types say it
    @property
    def public_key(self) -> bytes: ...  # noqa: D102  # 32 bytes, Ed25519
    def sign(self, message: bytes) -> bytes: ...  # noqa: D102  # 64 bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says: whose ledger, how many entries, and their Merkle root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed: three lines, each with its newline (C2SP tlog-checkpoint)."""
        require_name(self.origin)
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line of a note, not verified: key name, key id, signature."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note as parsed: the text that is signed, and its signatures, none of them verified."""

    text: str
    unverified_signatures: tuple[NoteSignature, ...]


def key_id(name: str, public_key: bytes, *, algorithm: bytes = ED25519) -> bytes:
    """Return the key id of C2SP signed-note: the first 4 bytes of SHA-256 over name, newline, algorithm and key."""
    return hashlib.sha256(name.encode() + b"\n" + algorithm + public_key).digest()[:KEY_ID_BYTES]


def verifier_key(name: str, public_key: bytes) -> str:
    """Return the text by which a key is given to others: `name+keyid+base64`."""
    number = key_id(name, public_key).hex()
    return f"{require_name(name)}+{number}+{base64.b64encode(ED25519 + public_key).decode()}"


def parse_verifier_key(text: str) -> tuple[str, bytes]:
    """Return name and Ed25519 key of a key as it is given to others. Raises NoteError for any other text."""
    name, _, rest = text.partition("+")
    number, _, encoded = rest.partition("+")
    raw = _base64(encoded)
    if len(raw) != len(ED25519) + HASH_BYTES or raw[:1] != ED25519 or not _NAME.fullmatch(name):
        raise NoteError("this is no Ed25519 key in the form name+keyid+base64")
    if number != key_id(name, raw[1:]).hex():
        raise NoteError("the key id does not belong to this name and key")
    return name, raw[1:]


def signed_note(text: str, signer: NoteSigner) -> str:
    """Return a text as a signed note."""
    if not text.endswith("\n") or not text.strip():
        raise NoteError("the text of a note ends with a newline and is not empty")
    signature = key_id(signer.name, signer.public_key) + signer.sign(text.encode())
    return f"{text}\n{_SIGNED}{require_name(signer.name)} {base64.b64encode(signature).decode()}\n"


def parse_note(note: str) -> Note:
    """Return the parts of a note. Raises NoteError where it has no well-formed text and signatures."""
    if len(note) > MAX_BYTES or any(char < " " and char != "\n" for char in note):
        raise NoteError("a note is at most 64 KiB of text without control characters")
    text, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise NoteError("a note has a text, an empty line and signature lines, each with its newline")
    return Note(text + "\n", tuple(_signature(line) for line in tail[:-1].split("\n")))


def split_notes(text: str) -> Iterator[str]:
    """Yield the notes of a text that holds several, one after the other, empty lines between them.

    Raises NoteError where it holds none, or ends in the middle of one.
    """
    lines: list[str] = []
    has_signature = has_any = False
    for line in text.splitlines(keepends=True):
        is_signature = line.startswith(_SIGNED)
        if has_signature and not is_signature:
            yield "".join(lines)
            lines, has_signature, has_any = [], False, True
            if line == "\n":
                continue
        lines.append(line)
        has_signature = is_signature
    if has_signature:
        yield "".join(lines)
    elif lines or not has_any:
        raise NoteError("the text ends in the middle of a note, or holds none")


def parse_checkpoint(text: str) -> Checkpoint:
    """Return what a checkpoint's text says. Raises NoteError where it is none."""
    lines = text.split("\n")
    if len(lines) <= _MIN_LINES or lines[-1]:
        raise NoteError("a checkpoint has an origin, a size and a root, each on its line")
    origin, size, root = lines[:3]
    if not origin or not _SIZE.fullmatch(size):
        raise NoteError("a checkpoint's origin is not empty, and its size is a decimal number")
    raw = _base64(root)
    if len(raw) != HASH_BYTES:
        raise NoteError("a checkpoint's root has not 32 bytes")
    return Checkpoint(origin, int(size), raw)


def verify_checkpoint(
    note: str, *, name: str, public_key: bytes, verify: Callable[[bytes, bytes, bytes], bool]
) -> Checkpoint:
    """Return the checkpoint of a note that this key signed, under this name as its origin.

    `verify(public_key, signature, message)` tells whether a signature holds. Raises NoteError for anything else: a
    note that is only signed by others is not signed at all.
    """
    parsed = parse_note(note)
    number = key_id(name, public_key)
    ours = [one for one in parsed.unverified_signatures if one.name == name and one.key_id == number]
    if not ours:
        raise NoteError(f"the note is not signed by {name}+{number.hex()}")
    if not all(verify(public_key, one.signature, parsed.text.encode()) for one in ours):
        raise NoteError(f"the signature of {name}+{number.hex()} does not hold")
    checkpoint = parse_checkpoint(parsed.text)
    if checkpoint.origin != name:
        raise NoteError("the checkpoint is of another ledger than its key")
    return checkpoint


def require_name(name: str) -> str:
    """Return a name that may stand in a note. Raises NoteError for spaces, plus signs, newlines and nothing."""
    if not _NAME.fullmatch(name):
        raise NoteError(f"{name!r} is no name for a ledger's key: it must not hold spaces or plus signs, nor be empty")
    return name


def _signature(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_SIGNED).partition(" ")
    if not line.startswith(_SIGNED) or not space or not _NAME.fullmatch(name):
        raise NoteError("a signature line has a dash, a name and a signature")
    raw = _base64(encoded)
    if len(raw) <= KEY_ID_BYTES:
        raise NoteError("a signature line holds a key id and a signature")
    return NoteSignature(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def _base64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("this is not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise NoteError("this base64 is not in its one canonical form")
    return raw
