"""Audit stored: what is kept of a branch's reconciliation: its commits with their accounts, and how far it went."""

from gate.core.audit.history import How, Status
from gate.core.change.facts import Instant
from gate.core.forge.snapshot import RepositoryKey
from gate.core.values import dataclass

NO_ENTRY = -1
GONE = -1
"""The position of a commit that is in the branch's history no more."""


@dataclass(frozen=True, slots=True)
class BranchCommit:
    """One commit of a branch as it was last accounted for.

    `position` counts first-parent commits from the root, which is 0. `found` is the ledger entry of the bypass,
    `explained` that of its explanation; -1 where there is none. `change` is 0 where there is none.
    """

    repository: RepositoryKey
    branch: str
    position: int
    sha: str
    parent: str
    at: Instant
    how: How
    status: Status
    code: str = ""
    change: int = 0
    found: int = NO_ENTRY
    explained: int = NO_ENTRY

    @property
    def is_open(self) -> bool:
        """Return whether it is a bypass that nobody entitled has explained yet."""
        return self.status == "bypass" and self.explained == NO_ENTRY


@dataclass(frozen=True, slots=True)
class BranchState:
    """How far a branch was reconciled: its tip then, the newest commit from before the gate, and the entry of it."""

    repository: RepositoryKey
    branch: str
    tip: str
    baseline: str
    at: Instant
    entry: int
