"""Rotating the ledger's key: the old one signs that a new one follows, and nothing after that."""

from gate.core.change.facts import Instant
from gate.core.ledger.entries import EntryDraft
from gate.core.ledger.note import verifier_key
from gate.core.ledger.signing_keys import key_rotated_payload
from gate.usecases.store_ports import Store
from gate.usecases.verify_ledger import SUBJECT


def rotate_ledger_key(store: Store, *, name: str, old: bytes, new: bytes, at: Instant) -> int:
    """Record that a new key follows, under a checkpoint of the old one, and return the entry's index.

    From the next transaction on only the new key signs. Old checkpoints verify by the old public key, which the entry
    holds. Raises StoreError where the ledger is signed by another key already.
    """
    payload = key_rotated_payload(verifier_key(name, old), verifier_key(name, new))
    with store.writing() as writing:
        index = writing.append(EntryDraft("key-rotated", at, SUBJECT, authenticated="command-line", payload=payload))
        writing.sign_next_by(name, new)
    return index
