"""Reconciling a history: a branch of a clone, every commit accounted for, with or without what the gate knows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from gate.core.audit.claims import claim_of
from gate.core.audit.history import HistoryCommit, Reconciliation, Records, Trees
from gate.core.audit.reconcile import counts_of, in_period, reconcile
from gate.core.change.facts import Instant
from gate.core.values import dataclass


class ReadHistory(Trees, Protocol):
    """The history of a clone."""

    def commits(self, tip: str) -> Sequence[HistoryCommit]:
        """Return a commit and its first-parent ancestors, oldest first, down to the root."""
        ...

    def load(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Compare many pairs of commits at once, so that asking for each costs nothing."""
        ...


@dataclass(frozen=True, slots=True)
class HistoryQuestion:
    """Which commits: the branch's tip by id, and a period (an empty end is open)."""

    tip: str
    since: Instant = ""
    until: Instant = ""


def reconcile_history(
    history: ReadHistory, question: HistoryQuestion, records: Records | None = None
) -> Reconciliation:
    """Return the account of every commit of a branch in a period.

    Raises UnreadableError where the history is not all there: part of a history accounts for nothing.
    """
    commits = history.commits(question.tip)
    history.load(_pairs(commits, records))
    return within(reconcile(commits, history, records), question.since, question.until)


def within(whole: Reconciliation, since: Instant, until: Instant) -> Reconciliation:
    """Return a reconciliation limited to a period; an empty end is open."""
    if not since and not until:
        return whole
    accounts = in_period(whole.accounts, since, until)
    return replace(whole, accounts=accounts, counts=counts_of(accounts, whole.lost))


def _pairs(commits: Sequence[HistoryCommit], records: Records | None) -> list[tuple[str, str]]:
    """Return which commits will be compared with their parents: reverts, what they undo, and merged changes."""
    parents = {commit.sha: commit.parents[0] for commit in commits if commit.parents}
    wanted = {change.merge_sha for change in records.changes} if records else set()
    for commit in commits:
        undone = claim_of(commit.message).reverts
        if undone in parents:
            wanted |= {undone, commit.sha}
    return [(parents[sha], sha) for sha in sorted(wanted) if sha in parents]
