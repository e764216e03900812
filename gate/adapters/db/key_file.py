"""Key file: the ledger's key on disk, replaced by rotation, and read again by whoever still holds the one before."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gate.adapters.db.checkpoint_signing import Ed25519Signer, load_signer, signer_of
from gate.core.errors import UsageError
from gate.core.ledger.note import key_id


class FileSigner:
    """Signs notes with the key of a file. `reload` takes up another one once it was rotated to, by its key id."""

    def __init__(self, name: str, path: Path, *, may_create: bool) -> None:
        self.name, self.path = name, path
        self._signer = load_signer(name, path, may_create=may_create)

    @property
    def public_key(self) -> bytes:
        """Return the 32 bytes of the public key."""
        return self._signer.public_key

    @property
    def _next(self) -> Path:
        return self.path.with_name(f"{self.path.name}.next")

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._signer.sign(message)

    def reload(self, expected: str) -> None:
        """Take up the key with an id where the file, or the one that was to replace it, holds it by now."""
        for place in (self.path, self._next):
            try:
                found = signer_of(self.name, place.read_bytes())
            except (OSError, UsageError):
                continue
            if key_id(found.name, found.public_key).hex() == expected:
                self._signer = found
                return

    def has_next(self, public_key: bytes) -> bool:
        """Return whether this key lies beside the file and waits to replace the one in it."""
        try:
            return signer_of(self.name, self._next.read_bytes()).public_key == public_key
        except (OSError, UsageError):
            return False

    def prepare_next(self) -> Ed25519Signer:
        """Return a new signer whose key lies beside the file, readable by its owner alone, until `take_next`.

        Raises UsageError where it cannot be written: a key that only its owner can replace is rotated there.
        """
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            self._next.unlink(missing_ok=True)
            descriptor = os.open(self._next, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            step = "Run this where the key file can be written, and hand the new file to every replica."
            raise UsageError(f"{self._next} cannot be written: {error.strerror}.", next_step=step) from None
        return signer_of(self.name, pem)

    def take_next(self) -> None:
        """Put the new key in the place of the old one, whose private half is gone then."""
        self._next.replace(self.path)
        self._signer = signer_of(self.name, self.path.read_bytes())
