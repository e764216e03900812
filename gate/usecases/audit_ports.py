"""Audit ports: what of the store reconciliation and export read and keep, as protocols."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from gate.core.forge.snapshot import RepositoryKey
from gate.core.ledger.entries import LedgerEntry
from gate.usecases.audit_stored import BranchCommit, BranchState

LedgerRow = tuple[int, bytes]
"""An entry as it is stored: index and content."""


class ReadingAudit(Protocol):
    """What audits look up. Nothing here writes."""

    def merges(self, repository: RepositoryKey) -> Iterator[LedgerEntry]:
        """Yield the `change-merged` entries of a repository, oldest first; memory stays flat."""
        ...

    def first_judged_base(self, repository: RepositoryKey, branch: str) -> str | None:
        """Return the tip that a branch had when a change onto it was first judged, None where none was."""
        ...

    def ledger_rows(self, start: int, end: int) -> Iterator[Sequence[LedgerRow]]:
        """Yield the entries from `start` to before `end`, in order and as they are stored, a thousand at a time."""
        ...

    def branches(self, repository: RepositoryKey | None = None) -> Sequence[BranchState]:
        """Return the branches that were reconciled, in order."""
        ...

    def branch_commits(self, repository: RepositoryKey, branch: str) -> Iterator[BranchCommit]:
        """Yield the commits of a branch, those that are gone first, then oldest first; memory stays flat."""
        ...

    def open_bypasses(self) -> Sequence[BranchCommit]:
        """Return every bypass that nobody has explained yet, newest found first."""
        ...


class WritingAudit(Protocol):
    """What reconciliation keeps."""

    def save_branch_commits(self, commits: Iterable[BranchCommit]) -> None:
        """Keep commits as they are accounted for now; one that is known is replaced."""
        ...

    def save_branch(self, state: BranchState) -> None:
        """Keep how far a branch was reconciled."""
        ...
