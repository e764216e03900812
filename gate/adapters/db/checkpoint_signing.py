"""Checkpoint signing: the ledger's Ed25519 key, read from or made in a file that only its owner may read."""

import os
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from gate.core.errors import UsageError
from gate.core.ledger.note import require_name

_STEP = "Give the path of an Ed25519 key in PEM form, or of a file that does not exist yet."


class Ed25519Signer:
    """Signs notes; the key is prepared once. `name` is the ledger's origin and stands in every checkpoint."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self.name = require_name(name)
        self.public_key = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._key = key

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._key.sign(message)


def verify_ed25519(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether a signature of a message is that of a key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def signer_of(name: str, pem: bytes) -> Ed25519Signer:
    """Return the signer of a key in PEM form. Raises UsageError for any other key."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise UsageError("The ledger's key cannot be read.", next_step=_STEP) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError("The ledger's key is no Ed25519 key.", next_step=_STEP)
    return Ed25519Signer(name, key)


def load_signer(name: str, path: Path, *, may_create: bool) -> Ed25519Signer:
    """Return the signer of a key file; where there is none, one is made that only its owner may read.

    Raises UsageError where it cannot be read, or must not be made.
    """
    try:
        if may_create and not path.exists():
            _create(path)
        return signer_of(name, path.read_bytes())
    except OSError as error:
        raise UsageError(f"The ledger's key {path} cannot be read: {error.strerror}.", next_step=_STEP) from None


def _create(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # Written beside and linked into place: two that start at once end up with one key, and never half of it.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # readable by its owner alone
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        if not path.exists():
            _link(draft, path)
    finally:
        draft.unlink()


def _link(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process made one first, and it is read
