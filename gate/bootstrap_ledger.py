"""Bootstrap of the ledger's commands: the keys that are trusted, and what verifies the settings' database."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gate import bootstrap_parts
from gate.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gate.adapters.db.store import DatabaseStore
    from gate.config import Settings
    from gate.core.ledger.signing_keys import SigningKey
    from gate.usecases.store_ports import Store
    from gate.usecases.verify_ledger import LedgerReport


def trusted_key(settings: "Settings", given: str = "") -> "SigningKey":
    """Return the key that the ledger's newest checkpoints must be signed by: the one given, or the settings' own.

    Raises UsageError where there is none, or what was given is no key.
    """
    from gate.core.ledger.note import NoteError, parse_verifier_key
    from gate.core.ledger.signing_keys import SigningKey

    if given:
        try:
            return SigningKey(*parse_verifier_key(given))
        except NoteError as error:
            step = "`gate ledger checkpoint --key` prints the key of a running gate."
            raise UsageError(f"--key cannot be used: {error}.", next_step=step) from None
    signer = bootstrap_parts.signer_of(settings, may_create=False)
    return SigningKey(signer.name, signer.public_key)


def open_to_read(settings: "Settings") -> "DatabaseStore":
    """Return the store of the settings' database for those who only read: its key is nobody's and is not needed."""
    from gate import bootstrap
    from gate.adapters.db.checkpoint_signing import new_signer
    from gate.adapters.db.store import open_store

    signer = new_signer("nobody")
    return open_store(settings.database_url, clock=bootstrap.now, signer=signer, randomness=os.urandom)


def verify_store(
    settings: "Settings",
    store: "Store",
    key: "SigningKey",
    *,
    copies: Sequence[str] = (),
    may_be_empty: bool = False,
    processes: int = 0,
    progress: "Callable[[int], None]" = lambda _: None,
) -> "LedgerReport":
    """Return what is wrong with the ledger of the settings' database; `processes` 0 means as many as there are cores.

    Raises StoreError where it cannot be read.
    """
    from gate.adapters.db.checkpoint_signing import verify_ed25519
    from gate.adapters.db.ledger_agreement import verify_agreement
    from gate.adapters.db.ledger_verification import verify_tree
    from gate.usecases.verify_ledger import verify_ledger

    url, count = settings.database_url, processes or len(os.sched_getaffinity(0))
    with store.reading() as reading:
        return verify_ledger(
            reading,
            key,
            verify_tree=lambda keys: verify_tree(url, keys, processes=count, progress=progress),
            verify_agreement=lambda: verify_agreement(url),
            verify_signature=verify_ed25519,
            copies=copies,
            may_be_empty=may_be_empty,
        )
