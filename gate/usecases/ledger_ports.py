"""Ledger ports: what of the ledger can be read besides single entries: tiles, bundles, checkpoints, ranges."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from gate.core.ledger.entries import LedgerEntry, SignedCheckpoint
from gate.core.ledger.merkle import Frontier
from gate.core.ledger.tiles import Bundle, Tile
from gate.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was forgotten of a person: values beside facts, values beside entries, rows of other tables.

    `verdicts` maps the ledger entry of each verdict that lost words to the digest of what is kept of it.
    """

    values: int
    beside_entries: int
    others: int
    verdicts: Mapping[int, str]


class ReadingLedger(Protocol):
    """What proofs are made from. Nothing here writes."""

    def checkpoint(self) -> SignedCheckpoint | None: ...  # noqa: D102  # the newest signed head of the ledger
    def checkpoint_at(self, size: int) -> SignedCheckpoint | None: ...  # noqa: D102  # over exactly so many entries
    def checkpoints(self, *, after: int = 0, limit: int = 1000) -> Sequence[SignedCheckpoint]:
        """Return checkpoints over more than `after` entries, oldest first."""
        ...

    def ledger_entry(self, index: int) -> LedgerEntry | None: ...  # noqa: D102  # name and types say it
    def ledger_entries(self, start: int, end: int) -> Iterator[LedgerEntry]:
        """Yield the entries from `start` to before `end`, in order; memory stays flat."""
        ...

    def entries_about(self, subject: str, *, limit: int = 200) -> Sequence[LedgerEntry]:
        """Return the newest entries about a subject, oldest of them first."""
        ...

    def tile(self, tile: Tile) -> bytes:
        """Return the hashes of a tile that the ledger reaches as far as. Raises StoreError for any other."""
        ...

    def frontier(self) -> Frontier:
        """Return the right edge of the tree over all entries. Raises StoreError where what is stored is none."""
        ...

    def bundle(self, bundle: Bundle) -> Sequence[bytes]: ...  # noqa: D102  # contents of entries, in order


class WritingLedger(Protocol):
    """What of the ledger's surroundings may change: never an entry, only what is personal beside them."""

    def sign_next_by(self, name: str, public_key: bytes) -> None:
        """Have every checkpoint after this transaction's signed by another key; this one's still by the present one."""
        ...

    def erase_person(self, account: str, names: Sequence[str]) -> Erased:
        """Forget a person by account and by names, wherever they are kept. Nothing of it comes back."""
        ...


class OutsideCopy(Protocol):
    """One place that heads are kept in. What was kept there is never taken away by the gate."""

    @property
    def name(self) -> str: ...  # noqa: D102  # as an operator names it
    def newest(self) -> str | None:
        """Return the note that was kept last, None where none was. Raises UnreadableError where nobody can tell."""
        ...

    def keep(self, note: str) -> None:
        """Keep a note. Raises UnreadableError where that fails."""
        ...
