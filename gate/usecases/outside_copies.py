"""Outside copies: heads of the ledger where the database's owner cannot reach them, kept and compared with."""

from collections.abc import Sequence

from gate.core.errors import GateError
from gate.core.examination_copies import CopyState
from gate.core.ledger.entries import SignedCheckpoint
from gate.core.ledger.note import NoteError, parse_checkpoint, parse_note
from gate.core.ledger.signing_keys import SigningKey
from gate.core.ledger.verification import LedgerFault, VerifySignature
from gate.usecases.gate import Gate
from gate.usecases.ledger_ports import OutsideCopy
from gate.usecases.store_ports import Reading, Store
from gate.usecases.verify_ledger import compare_copies, keys_of

FREEZE = "ledger-freeze"
"""The setting that says why nothing may be approved; empty where nothing stands against it."""


def keep_copies(gate: Gate) -> int:
    """Keep the newest head in every place that does not have it yet; return in how many. A failure is counted.

    Nothing is kept while the ledger is frozen: the copies say what it should be.
    """
    with gate.store.reading() as reading:
        newest = None if reading.setting(FREEZE) else reading.checkpoint()
    if newest is None:
        return 0
    kept = 0
    for copy in gate.copies:
        try:
            kept += keep_copy(copy, newest)
        except GateError:
            gate.measures.count("ledger_copies", outcome="failed")
        else:
            gate.measures.count("ledger_copies", outcome="kept")
    return kept


def keep_copy(copy: OutsideCopy, newest: SignedCheckpoint) -> bool:
    """Keep a head in a place, and return False where it is there already. Raises UnreadableError where that fails."""
    if copy.newest() == newest.note:
        return False
    copy.keep(newest.note)
    return True


def compare_at_start(
    store: Store, copies: Sequence[OutsideCopy], present: SigningKey, verify: VerifySignature
) -> Sequence[LedgerFault]:
    """Return where the ledger is behind, or beside, the newest head that each place holds (S20).

    Raises UnreadableError where a place cannot be read: an unknown head is never taken for an old one.
    """
    notes = [note for copy in copies if (note := copy.newest()) is not None]
    with store.reading() as reading:
        return compare_notes(reading, notes, present, verify)


def compare_notes(
    reading: Reading, notes: Sequence[str], present: SigningKey, verify: VerifySignature
) -> Sequence[LedgerFault]:
    """Return where the ledger is not a continuation of heads that were kept elsewhere."""
    try:
        keys = keys_of(reading, present)
    except NoteError:
        keys = (present,)
    return compare_copies(reading, notes, keys, verify)


def state_of_copy(store: Store, copy: OutsideCopy, present: SigningKey, verify: VerifySignature) -> CopyState:
    """Return how one place stands: what it holds, and how far the ledger has gone on without it."""
    try:
        note = copy.newest()
    except GateError as error:
        return CopyState(name=copy.name, problem=error.message, mend=error.next_step)
    with store.reading() as reading:
        faults = compare_notes(reading, [note], present, verify) if note else ()
        size = size_and_root(note)[0] if note and not faults else 0
        later = reading.checkpoints(after=size, limit=1)
    behind_since = later[0].at if later else ""
    fault = faults[0].text if faults else ""
    return CopyState(name=copy.name, size=size, behind_since=behind_since, fault=fault)


def size_and_root(note: str) -> tuple[int, bytes]:
    """Return what a note claims, with nothing verified. Raises NoteError where it claims nothing."""
    claimed = parse_checkpoint(parse_note(note).text)
    return claimed.size, claimed.root
