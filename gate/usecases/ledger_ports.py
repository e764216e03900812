"""Ledger ports: what of the ledger can be read besides single entries: tiles, bundles, checkpoints, ranges."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from gate.core.ledger.entries import LedgerEntry, SignedCheckpoint
from gate.core.ledger.tiles import Bundle, Tile


class ReadingLedger(Protocol):
    """What proofs are made from. Nothing here writes."""

    def checkpoint(self) -> SignedCheckpoint | None: ...  # noqa: D102  # the newest signed head of the ledger
    def checkpoint_at(self, size: int) -> SignedCheckpoint | None: ...  # noqa: D102  # over exactly so many entries
    def checkpoints(self, *, after: int = 0, limit: int = 1000) -> Sequence[SignedCheckpoint]:
        """Return checkpoints over more than `after` entries, oldest first."""
        ...

    def ledger_entry(self, index: int) -> LedgerEntry | None: ...  # noqa: D102
    def ledger_entries(self, start: int, end: int) -> Iterator[LedgerEntry]:
        """Yield the entries from `start` to before `end`, in order; memory stays flat."""
        ...

    def entries_about(self, subject: str, *, limit: int = 200) -> Sequence[LedgerEntry]:
        """Return the newest entries about a subject, oldest of them first."""
        ...

    def tile(self, tile: Tile) -> bytes:
        """Return the hashes of a tile that the ledger reaches as far as. Raises StoreError for any other."""
        ...

    def bundle(self, bundle: Bundle) -> Sequence[bytes]: ...  # noqa: D102  # contents of entries, in order
