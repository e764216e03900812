"""Bootstrap of the ledger's commands: the keys that are trusted, and what verifies the settings' database."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gate import bootstrap_parts
from gate.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gate.config import Settings
    from gate.core.examination_copies import CopyState
    from gate.core.ledger.signing_keys import SigningKey
    from gate.core.ledger.verification import LedgerFault
    from gate.usecases.ledger_ports import OutsideCopy
    from gate.usecases.store_ports import Store
    from gate.usecases.verify_ledger import LedgerReport


_REF = re.compile(r"refs/[A-Za-z0-9._/-]{1,200}")


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


def copies_of(settings: "Settings") -> "Sequence[OutsideCopy]":
    """Return the places that heads of the ledger are kept in. Raises UsageError for one that cannot be read."""
    return tuple(copy_of(place) for part in settings.ledger_copies.split(",") if (place := part.strip()))


def copy_of(place: str) -> "OutsideCopy":
    """Return one place: `file:PATH` or `git:REMOTE#REF`. Raises UsageError for anything else."""
    kind, _, rest = place.partition(":")
    if kind == "file" and rest:
        from gate.adapters.copy_files import FileCopy

        return FileCopy(Path(rest))
    if kind == "git" and rest and not rest.startswith("-"):
        from gate.adapters.copy_git import REF, GitCopy

        remote, _, ref = rest.partition("#")
        ref = ref or REF
        if remote and _REF.fullmatch(ref) and ".." not in ref:
            return GitCopy(remote, ref)
    step = "Write file:PATH or git:REMOTE#refs/gate/ledger; several with commas between in GATE_LEDGER_COPIES."
    raise UsageError(f"{place!r} is no place for heads of the ledger.", next_step=step)


def faults_at_start(settings: "Settings", store: "Store", copies: "Sequence[OutsideCopy]") -> "Sequence[LedgerFault]":
    """Return where the ledger is not a continuation of the heads kept elsewhere.

    Raises UsageError where its newest head is signed by another key than this process has, UnreadableError where a
    place cannot be read.
    """
    from gate.adapters.db.checkpoint_signing import verify_ed25519
    from gate.core.ledger.note import NoteError
    from gate.usecases.outside_copies import compare_at_start
    from gate.usecases.verify_ledger import keys_of, verified_note

    finish_rotation(settings, store)
    key = trusted_key(settings)
    with store.reading() as reading:
        newest = reading.checkpoint()
        if newest is not None:
            try:
                verified_note(newest.note, keys_of(reading, key), verify_ed25519)
            except NoteError as error:
                step = "Give the key that signed it last; keys change by `gate keys rotate --ledger` alone."
                raise UsageError(f"The ledger's head is not signed by this key: {error}.", next_step=step) from None
    return compare_at_start(store, copies, key, verify_ed25519)


def copy_states(settings: "Settings") -> "Iterator[CopyState]":
    """Yield how each place that heads are kept in stands. Raises UsageError where there is no key, or no such place."""
    from gate.adapters.db.checkpoint_signing import verify_ed25519
    from gate.usecases.outside_copies import state_of_copy

    copies = copies_of(settings)
    if not copies:
        return
    key, store = trusted_key(settings), bootstrap_parts.store_to_look_at(settings)
    try:
        for copy in copies:
            yield state_of_copy(store, copy, key, verify_ed25519)
    finally:
        store.close()


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

    Further processes help only where nothing of the database is open yet. Raises StoreError where it cannot be read.
    """
    from gate.adapters.db.checkpoint_signing import verify_ed25519
    from gate.adapters.db.helpers import helping
    from gate.adapters.db.ledger_agreement import verify_agreement
    from gate.adapters.db.ledger_verification import verify_tree
    from gate.usecases.verify_ledger import verify_ledger

    url, count = settings.database_url, processes or len(os.sched_getaffinity(0))
    with helping(url, processes=count) as helpers, store.reading() as reading:
        return verify_ledger(
            reading,
            key,
            verify_tree=lambda keys: verify_tree(url, keys, helpers=helpers, progress=progress),
            verify_agreement=lambda: verify_agreement(url),
            verify_signature=verify_ed25519,
            copies=copies,
            may_be_empty=may_be_empty,
        )


def resume_ledger(settings: "Settings", store: "Store", notes: Sequence[str], *, reason: str) -> int:
    """End the ledger's freeze; what it does not continue, of these heads and of those kept elsewhere, is given up.

    Returns how many heads that is. Raises UsageError where nothing is frozen.
    """
    from gate import bootstrap
    from gate.adapters.db.checkpoint_signing import verify_ed25519
    from gate.core.times import instant
    from gate.usecases.ledger_freeze import resume
    from gate.usecases.outside_copies import compare_notes

    key = trusted_key(settings)
    kept = [note for copy in copies_of(settings) if (note := copy.newest()) is not None]
    with store.reading() as reading:
        lost = [note for note in (*notes, *kept) if compare_notes(reading, [note], key, verify_ed25519)]
    return resume(store, list(dict.fromkeys(lost)), at=instant(bootstrap.now()), reason=reason)


def ledger_keys(settings: "Settings") -> "Sequence[SigningKey]":
    """Return all keys that the ledger was signed by, oldest first, given the one that this process has.

    Raises UsageError where there is none, or the ledger's rotations do not lead to it.
    """
    from gate.core.ledger.note import NoteError
    from gate.usecases.verify_ledger import keys_of

    store = bootstrap_parts.store_to_look_at(settings)
    try:
        finish_rotation(settings, store)
        with store.reading() as reading:
            return keys_of(reading, trusted_key(settings))
    except NoteError as error:
        step = "Give the key that signed the ledger last."
        raise UsageError(f"The ledger's keys do not follow from this one: {error}.", next_step=step) from None
    finally:
        store.close()


def finish_rotation(settings: "Settings", store: "Store") -> None:
    """Put the new key in its place where a rotation was recorded and then cut short."""
    from gate.core.ledger.note import parse_verifier_key
    from gate.usecases.verify_ledger import rotations_of

    file = bootstrap_parts.signer_of(settings, may_create=False)
    with store.reading() as reading:
        rotations = rotations_of(reading)
    if rotations and file.has_next(parse_verifier_key(rotations[-1].new)[1]):
        file.take_next()


def rotate_key(settings: "Settings") -> str:
    """Rotate the ledger's key and return the new one as it is given to others.

    The new key lies beside the old one before the entry that names it is written, and replaces it after that: whoever
    is killed in between leaves both, and the next start takes up the one that the ledger names.
    Raises UsageError where the key file cannot be written, StoreError where the database refuses.
    """
    from gate import bootstrap
    from gate.core.ledger.note import verifier_key
    from gate.core.times import instant
    from gate.usecases.rotate_ledger_key import rotate_ledger_key

    store, file = bootstrap_parts.store_of(settings), bootstrap_parts.signer_of(settings, may_create=False)
    try:
        new = file.prepare_next()
        at = instant(bootstrap.now())
        rotate_ledger_key(store, name=file.name, old=file.public_key, new=new.public_key, at=at)
        file.take_next()
    finally:
        store.close()
    return verifier_key(new.name, new.public_key)
