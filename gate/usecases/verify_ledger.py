"""Verifying the ledger: the tree, the keys, the tables and the copies elsewhere, with the first bad entry named."""

from collections.abc import Callable, Sequence

from gate.core.ledger.entries import SignedCheckpoint
from gate.core.ledger.note import NoteError, parse_checkpoint, parse_note, verify_checkpoint
from gate.core.ledger.proofs import ProofError, root_at
from gate.core.ledger.signing_keys import PURPOSE, Rotation, SigningKey, key_for, signing_keys
from gate.core.ledger.tiles import TiledTree, TileError
from gate.core.ledger.verification import LedgerFault, TreeFindings, VerifySignature, first_first
from gate.core.values import dataclass
from gate.usecases.ledger_ports import ReadingLedger
from gate.usecases.store_ports import StoreError

SUBJECT = "ledger"
"""The subject of the entries that are about the ledger itself."""
_MOST_ROTATIONS = 10_000


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What verifying found: how much there is, under which keys, and every fault, the first entry's first."""

    entries: int
    checkpoints: int
    newest: SignedCheckpoint | None
    keys: tuple[SigningKey, ...]
    copies: int
    faults: tuple[LedgerFault, ...]


def keys_of(reading: ReadingLedger, present: SigningKey) -> tuple[SigningKey, ...]:
    """Return all keys that the ledger was signed with, given the one that is trusted to be its present one.

    Raises NoteError where the rotations that it records do not lead to that key.
    """
    return signing_keys(present, rotations_of(reading))


def rotations_of(reading: ReadingLedger) -> Sequence[Rotation]:
    """Return the rotations of the ledger's own key, oldest first."""
    found = []
    for entry in reading.entries_about(SUBJECT, limit=_MOST_ROTATIONS):
        payload = entry.payload()
        if entry.kind == "key-rotated" and payload.get("purpose") == PURPOSE:
            found.append(Rotation(entry.index, str(payload.get("old")), str(payload.get("new"))))
    return found


def compare_copies(
    reading: ReadingLedger,
    notes: Sequence[str],
    keys: Sequence[SigningKey],
    verify: VerifySignature,
) -> list[LedgerFault]:
    """Return where the ledger is not a continuation of heads that were kept elsewhere.

    A copy that this ledger's keys did not sign is a fault as well: it says nothing, and somebody took it for one.
    """
    newest = reading.checkpoint()
    size = newest.size if newest else 0
    tree = TiledTree(size, reading.tile)
    lost = lost_heads(reading)
    found = (_compared(tree, note, keys, verify) for note in notes if _claims(note) not in lost)
    return [fault for fault in found if fault is not None]


def lost_heads(reading: ReadingLedger) -> frozenset[tuple[int, str]]:
    """Return the heads, by size and root, that somebody gave up as lost with a reason, in the ledger itself."""
    entries = reading.entries_about(SUBJECT, limit=_MOST_ROTATIONS)
    lost = [one for entry in entries if entry.kind == "acknowledged" for one in entry.payload().get("lost", ())]
    return frozenset((one["size"], one["root"]) for one in lost)


def _claims(note: str) -> tuple[int, str] | None:
    try:
        claimed = parse_checkpoint(parse_note(note).text)
    except NoteError:
        return None
    return claimed.size, claimed.root.hex()


def _compared(tree: TiledTree, note: str, keys: Sequence[SigningKey], verify: VerifySignature) -> LedgerFault | None:
    try:
        copy = verified_note(note, keys, verify)
    except NoteError as error:
        return LedgerFault(tree.size, "copy-untrusted", f"A copy of the ledger's head cannot be used: {error}.")
    if copy.size > tree.size:
        text = f"The ledger has {tree.size} entries; a head signed over {copy.size} was kept elsewhere. It was cut."
        return LedgerFault(tree.size, "ledger-truncated", text)
    try:
        is_same = root_at(copy.size, tree.subtree) == copy.root
    except (TileError, ProofError, StoreError):
        is_same = False
    if is_same:
        return None
    text = f"The first {copy.size} entries are not those of a head that was kept elsewhere. They were rewritten."
    return LedgerFault(0, "copy-differs", text)


def verified_note(note: str, keys: Sequence[SigningKey], verify: VerifySignature) -> SignedCheckpoint:
    """Return the head that a note says, signed by the key of its time. Raises NoteError for any other note."""
    claimed = parse_checkpoint(parse_note(note).text)
    key = key_for(keys, claimed.size)
    told = verify_checkpoint(note, name=key.name, public_key=key.public_key, verify=verify)
    return SignedCheckpoint(told.size, told.root, "", note)


def verify_ledger(
    reading: ReadingLedger,
    present: SigningKey,
    *,
    verify_tree: Callable[[Sequence[SigningKey]], TreeFindings],
    verify_agreement: Callable[[], Sequence[LedgerFault]],
    verify_signature: VerifySignature,
    copies: Sequence[str] = (),
    may_be_empty: bool = False,
) -> LedgerReport:
    """Return everything that is wrong with a ledger whose present key is trusted.

    Raises StoreError where the database cannot be read.
    """
    faults: list[LedgerFault] = []
    try:
        keys = keys_of(reading, present)
    except NoteError as error:
        text = f"The ledger's keys do not follow from the trusted one: {error}."
        faults.append(LedgerFault(0, "key-untrusted", text))
        keys = (present,)
    tree = verify_tree(keys)
    faults += tree.faults
    if not tree.entries and not may_be_empty:
        faults.append(LedgerFault(0, "ledger-empty", "The ledger is empty where one is expected."))
    faults += verify_agreement()
    faults += compare_copies(reading, copies, keys, verify_signature)
    ordered = first_first(faults)
    return LedgerReport(tree.entries, tree.checkpoints, tree.newest, keys, len(copies), ordered)
