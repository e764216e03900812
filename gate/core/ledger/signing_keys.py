"""Signing keys: which key signed which checkpoints, by the rotations that the ledger itself records."""

from collections.abc import Sequence

from gate.core.ledger.note import NoteError, parse_verifier_key, verifier_key
from gate.core.values import dataclass

PURPOSE = "ledger"
"""The purpose that a `key-rotated` entry names when the ledger's own key was rotated."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signed checkpoints over more than `after` entries, up to where the next key begins."""

    name: str
    public_key: bytes
    after: int = 0

    @property
    def text(self) -> str:
        """Return the key as it is given to others."""
        return verifier_key(self.name, self.public_key)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a `key-rotated` entry says: the keys before and after, as they are given to others."""

    index: int
    old: str
    new: str


def key_rotated_payload(old: str, new: str) -> dict[str, str]:
    """Return the payload of the entry that a key is rotated; the key before signs the checkpoint over it."""
    return {"purpose": PURPOSE, "old": old, "new": new}


def signing_keys(present: SigningKey, rotations: Sequence[Rotation]) -> tuple[SigningKey, ...]:
    """Return all keys of a ledger, oldest first, whose present key is known from elsewhere.

    Raises NoteError where the rotations do not lead to that key one by one: whoever writes rotations into a database
    still cannot have a key taken for the ledger's.
    """
    if not rotations:
        return (present,)
    keys = [_key(rotations[0].old, 0)]
    for rotation in rotations:
        if rotation.old != keys[-1].text:
            raise NoteError(f"entry {rotation.index} rotates a key that was not the ledger's")
        keys.append(_key(rotation.new, rotation.index + 1))
    if keys[-1].text != present.text:
        raise NoteError(f"entry {rotations[-1].index} rotates to another key than the one that is trusted")
    return tuple(keys)


def key_for(keys: Sequence[SigningKey], size: int) -> SigningKey:
    """Return the key that signs a checkpoint over so many entries."""
    return next(key for key in reversed(keys) if key.after < size or key.after == 0)


def _key(text: str, after: int) -> SigningKey:
    name, public_key = parse_verifier_key(text)
    return SigningKey(name, public_key, after)
