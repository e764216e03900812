"""Builders of histories with the gate's records of them: a shop whose changes are merged in every way there is.

shop = a_shop(tmp_path)
shop.repository.merge("topic", message="Merge pull request #1 from acme/topic")
found = shop.reconciled(shop.merged(1, "topic"))
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from builders_git import GitRepository, a_repository

from gate.adapters.git.branch_history import BranchHistory
from gate.adapters.git.checkout import Checkout
from gate.core.audit.history import CommitAccount, MergedChange, Reconciliation, Records
from gate.usecases.reconcile_history import HistoryQuestion, reconcile_history

LINES = "".join(f"line {number}\n" for number in range(20))


@dataclass
class Shop:
    """A repository with a branch `main`, and the changes that the gate knows to be merged."""

    repository: GitRepository
    baseline: str
    approved: dict[int, dict[str, Any]] = field(default_factory=dict)

    def propose(self, number: int, files: dict[str, Any], *, commits: int = 1) -> str:
        """Make a branch `change-NUMBER` of one or several commits, and keep what was approved of it."""
        branch = f"change-{number}"
        base = self.repository.rev("main")
        for count in range(commits):
            part = files if commits == 1 else dict(list(files.items())[count::commits])
            self.repository.commit(part, branch=branch, start="main", message=f"Part {count}")
        head = self.repository.rev(branch)
        checkout = Checkout.open(self.repository.path)
        observed = checkout.changes(base, head)
        checkout.close()
        self.approved[number] = {"head_sha": head, "files": observed.files, "commits": commits}
        return branch

    def merged(self, number: int, merge_sha: str = "", **fields: Any) -> MergedChange:
        """A change that the forge reports merged, approved where nothing else is said."""
        given = {
            "number": number,
            "merge_sha": merge_sha or self.repository.rev("main"),
            "base_ref": "main",
            "is_approved": True,
            "verdict": "approved",
            **self.approved[number],
        }
        return MergedChange(**{**given, **fields})

    def reconciled(self, *changes: MergedChange, tip: str = "main", **fields: Any) -> Reconciliation:
        """What becomes of the history when the gate knows these changes."""
        records = Records(**{"branch": "main", "changes": changes, "baseline": self.baseline, **fields})
        return _reconciled(self.repository.path, self.repository.rev(tip), records)

    def surveyed(self) -> Reconciliation:
        """What becomes of the history when the gate knows nothing."""
        return _reconciled(self.repository.path, self.repository.rev("main"), None)

    def last(self, *changes: MergedChange, **fields: Any) -> CommitAccount:
        """The account of the newest commit."""
        return self.reconciled(*changes, **fields).accounts[-1]


def a_shop(folder: Path) -> Shop:
    repository = a_repository(folder / "shop", {"README.md": "Shop\n", "api/pay.py": LINES, "web/page.html": "<p>\n"})
    return Shop(repository, repository.rev("main"))


def _reconciled(path: Path, tip: str, records: Records | None) -> Reconciliation:
    checkout = Checkout.open(path)
    try:
        return reconcile_history(BranchHistory(checkout), HistoryQuestion(tip), records)
    finally:
        checkout.close()
