"""Proving: an entry's place under a signed checkpoint, and that an earlier head is the beginning of a later one."""

from gate.core.errors import UsageError
from gate.core.ledger.entries import SignedCheckpoint
from gate.core.ledger.proofs import ProofError, consistency_path, inclusion_path, verify_consistency, verify_inclusion
from gate.core.ledger.tiles import TiledTree
from gate.core.ledger.tlog_proof import TlogProof
from gate.core.values import dataclass
from gate.usecases.ledger_ports import ReadingLedger
from gate.usecases.store_ports import StoreError


@dataclass(frozen=True, slots=True)
class Consistency:
    """Two signed heads, and the path that shows the older one to be the beginning of the newer."""

    old: SignedCheckpoint
    new: SignedCheckpoint
    path: tuple[bytes, ...]


def prove_inclusion(reading: ReadingLedger, index: int, *, size: int | None = None) -> TlogProof:
    """Return the proof that an entry is under a checkpoint, the newest one unless a size is named.

    Raises UsageError where there is no such entry or checkpoint, StoreError where what is stored proves nothing.
    """
    checkpoint = _checkpoint(reading, size)
    if not 0 <= index < checkpoint.size:
        step = f"Name one from 0 to {checkpoint.size - 1}."
        raise UsageError(f"The checkpoint over {checkpoint.size} entries has no entry {index}.", next_step=step)
    tree = TiledTree(checkpoint.size, reading.tile, edge=reading.frontier())
    path = inclusion_path(index, checkpoint.size, tree.subtree)
    try:
        verify_inclusion(tree.subtree(0, index), index=index, size=checkpoint.size, path=path, root=checkpoint.root)
    except ProofError as error:
        raise _unproven(error) from None
    return TlogProof(index, path, checkpoint.note)


def prove_consistency(reading: ReadingLedger, old_size: int, new_size: int | None = None) -> Consistency:
    """Return the proof that one head is the beginning of a later one, the newest unless a size is named.

    Raises UsageError where there is no such checkpoint or the later one is smaller, StoreError where what is stored
    proves nothing.
    """
    old, new = _checkpoint(reading, old_size), _checkpoint(reading, new_size)
    if old.size > new.size:
        raise UsageError(f"{old_size} entries are no beginning of {new.size}.", next_step="Name the smaller one first.")
    tree = TiledTree(new.size, reading.tile, edge=reading.frontier())
    path = consistency_path(old.size, new.size, tree.subtree)
    try:
        verify_consistency(old_size=old.size, old_root=old.root, new_size=new.size, new_root=new.root, path=path)
    except ProofError as error:
        raise _unproven(error) from None
    return Consistency(old, new, path)


def _unproven(error: ProofError) -> StoreError:
    """SECURITY: tiles and edge are only stored; a path that does not lead to the signed root is given to nobody."""
    return StoreError(f"What is stored of the ledger proves nothing: {error}.", next_step="Run `gate ledger verify`.")


def _checkpoint(reading: ReadingLedger, size: int | None) -> SignedCheckpoint:
    found = reading.checkpoint() if size is None else reading.checkpoint_at(size)
    if found is not None:
        return found
    if size is None:
        raise UsageError("The ledger is empty; there is nothing to prove.", next_step="Judge a change first.")
    newest = reading.checkpoint()
    step = f"The newest one is over {newest.size} entries." if newest else "The ledger is empty."
    raise UsageError(f"No checkpoint was signed over exactly {size} entries.", next_step=step)
