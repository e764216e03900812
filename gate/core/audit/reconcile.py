"""Reconciling: every first-parent commit of a branch, accounted for by an approved change or named as a bypass."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from gate.core.audit.claims import Claim, claim_of
from gate.core.audit.content import base_of, head_of, is_inverse, why_not_content
from gate.core.audit.history import (
    CommitAccount,
    Delta,
    HistoryCommit,
    How,
    MergedChange,
    Reconciliation,
    Records,
    Trees,
)
from gate.core.values import dataclass

_SIDES = 2
_SHORTEST_SHA = 7


def reconcile(commits: Sequence[HistoryCommit], trees: Trees, records: Records | None = None) -> Reconciliation:
    """Return the account of every commit of a branch, given oldest first and complete.

    Without records nothing is known of approvals: a commit either claims a change by its message, which proves
    nothing, or it came by a direct push. With records only an approved change whose content is exactly what came onto
    the branch accounts for a commit.
    """
    run = _Run(commits, trees, records)
    accounts = tuple(run.account(place) for place in range(len(commits)))
    lost = tuple(_lost(tip) for tip in records.earlier_tips if tip not in run.places) if records else ()
    counts = counts_of(accounts, lost)
    return Reconciliation(accounts, lost, tuple(sorted(run.indirect)), counts)


def in_period(accounts: Sequence[CommitAccount], since: str, until: str) -> tuple[CommitAccount, ...]:
    """Return the commits of a period, `until` excluded; an empty end is open.

    SECURITY: a commit's own time can be set by its author. None leaves the period by being dated before its
    predecessors or after its successors: in doubt a commit is in it (A11).
    """
    latest, earliest = "", "~"
    highest = [latest := max(latest, one.at) for one in accounts]
    lowest = [earliest := min(earliest, one.at) for one in reversed(accounts)][::-1]
    inside = zip(accounts, highest, lowest, strict=True)
    return tuple(one for one, high, low in inside if high >= since and (not until or low < until))


@dataclass(slots=True)
class _Run:
    """One reconciliation: the commits by place, and which change brought which of them."""

    commits: Sequence[HistoryCommit]
    trees: Trees
    records: Records | None
    places: dict[str, int] = field(default_factory=dict)
    by_merge: dict[str, list[MergedChange]] = field(default_factory=dict)
    carried: dict[int, tuple[MergedChange, How]] = field(default_factory=dict)
    indirect: set[int] = field(default_factory=set)
    baseline: int = -1

    def __post_init__(self) -> None:
        self.places = {commit.sha: place for place, commit in enumerate(self.commits)}
        if self.records is None:
            return
        self.baseline = self.places.get(self.records.baseline, -1)
        for change in self.records.changes:
            self.by_merge.setdefault(change.merge_sha, []).append(change)
        for sha, changes in self.by_merge.items():
            if sha in self.places:
                self._carry(self.places[sha], changes)

    def account(self, place: int) -> CommitAccount:
        """Return the account of the commit at a place."""
        commit = self.commits[place]
        claim = claim_of(commit.message)
        base = self._described(commit, claim)
        if self.records is None:
            return _by_claim(base, claim)
        if place <= self.baseline:
            return replace(base, status="before-gate", why="It was there before the gate.")
        carried = self.carried.get(place)
        if carried is None:
            return self._unknown(base, commit, claim)
        change, how = carried
        return self._judged(replace(base, change=change.number, how=how), place, change, how)

    def _described(self, commit: HistoryCommit, claim: Claim) -> CommitAccount:
        is_merge = len(commit.parents) >= _SIDES
        how: How = "merge" if is_merge else "root" if not commit.parents else "direct-push"
        undone = self._reverted(claim)
        return CommitAccount(
            sha=commit.sha,
            parent=commit.parents[0] if commit.parents else "",
            at=commit.at,
            subject=commit.subject,
            author=commit.author,
            how=how,
            status="bypass",
            is_mechanical=self.trees.is_mechanical(commit) if is_merge else None,
            reverts=claim.reverts,
            is_exact_revert=self._is_exact_revert(undone, commit) if claim.reverts else None,
            backport_of=claim.backport_of,
        )

    def _reverted(self, claim: Claim) -> HistoryCommit | None:
        place = self.places.get(claim.reverts)
        return self.commits[place] if place is not None else None

    def _is_exact_revert(self, undone: HistoryCommit | None, commit: HistoryCommit) -> bool | None:
        if undone is None:
            return None
        return is_inverse(self._step(undone), self._step(commit))

    def _step(self, commit: HistoryCommit) -> Mapping[str, Delta]:
        return self.trees.deltas(commit.parents[0] if commit.parents else "", commit.sha)

    def _carry(self, place: int, changes: Sequence[MergedChange]) -> None:
        """Find which change brought the commit at a place; of several that claim it, one did, the others rode along."""
        best = min(
            changes, key=lambda change: (not self._fits(change, place, place), not change.is_approved, change.number)
        )
        self.indirect |= {change.number for change in changes if change is not best}
        self._assign(place, best)

    def _assign(self, place: int, change: MergedChange) -> None:
        commit = self.commits[place]
        if commit.sha == change.head_sha:
            for one in range(place, self._first(place, change), -1):
                self.carried.setdefault(one, (change, "fast-forward"))
        elif len(commit.parents) >= _SIDES:
            self.carried[place] = (change, "merge")
        else:
            first = self._rebased_from(place, change)
            how: How = "squash" if first == place else "rebase"
            for one in range(first, place + 1):
                self.carried.setdefault(one, (change, how))

    def _first(self, place: int, change: MergedChange) -> int:
        return max(place - max(change.commits, 1), self.baseline, -1)

    def _rebased_from(self, place: int, change: MergedChange) -> int:
        """Return the place of the first commit of a rebased change: together they make what was approved.

        A span that touches every path of the change goes before one that found some of them as approved already.
        """
        spans = list(self._spans(place, change))
        whole = next((first for first in spans if self._touches_all(change, first, place)), None)
        return whole if whole is not None else place

    def _spans(self, place: int, change: MergedChange) -> Iterator[int]:
        """Yield the places from which commits up to this one are a change's content, nearest first."""
        for first in range(place, max(place - max(change.commits, 1), self.baseline), -1):
            if first != place and (first in self.carried or len(self.commits[first].parents) >= _SIDES):
                return
            if self._fits(change, first, place):
                yield first

    def _touches_all(self, change: MergedChange, first: int, last: int) -> bool:
        commit = self.commits[first]
        touched = self.trees.deltas(commit.parents[0] if commit.parents else "", self.commits[last].sha)
        return all(file.path in touched for file in change.files or () if head_of(file) != base_of(file))

    def _fits(self, change: MergedChange, first: int, last: int) -> bool:
        return not self._difference(change, first, last)[0]

    def _difference(self, change: MergedChange, first: int, last: int) -> tuple[str, str]:
        """Return a code and why the commits between two places are not a change's content, empty where they are."""
        if change.files is None:
            return "not-judged", f"#{change.number} was merged at a head that the gate had not judged."
        start = self.commits[first].parents[0] if self.commits[first].parents else ""
        deltas = self.trees.deltas(start, self.commits[last].sha)
        code, why = why_not_content(
            change.files,
            deltas,
            before=lambda path: self.trees.version(start, path) if start else None,
            trees=self.trees,
        )
        commit = self.commits[last]
        is_own_merge = first == last and len(commit.parents) == _SIDES and commit.parents[1] == change.head_sha
        if code == "content-unproven" and is_own_merge and self.trees.is_mechanical(commit):
            return "", ""
        return code, why

    def _judged(self, base: CommitAccount, place: int, change: MergedChange, how: How) -> CommitAccount:
        """Return the account of a commit that a known change brought."""
        first = last = place
        if how in {"rebase", "fast-forward"}:
            while first > 0 and self.carried.get(first - 1, (None,))[0] is change:
                first -= 1
            last = self.places[change.merge_sha]
        code, why = self._fault(change, how) or self._difference(change, first, last)
        if code:
            return replace(base, code=code, why=why)
        return replace(base, status="accounted", why=f"#{change.number} was approved, and this is its content.")

    def _fault(self, change: MergedChange, how: How) -> tuple[str, str] | None:
        names = {self.records.branch, *self.records.former_names} if self.records else set()
        if change.base_ref not in names:
            return "another-branch", f"#{change.number} was judged for {change.base_ref}, not for this branch."
        if not change.is_approved:
            said = change.verdict or "nothing"
            return "unapproved-merge", f"#{change.number} was merged while the gate said {said}."
        if how == "fast-forward":
            return "out-of-band", f"The head of #{change.number} was pushed to the branch instead of being merged."
        return None

    def _unknown(self, base: CommitAccount, commit: HistoryCommit, claim: Claim) -> CommitAccount:
        if claim.change is not None:
            why = f"Its message names #{claim.change}, but the forge never reported that change merged as this commit."
            return replace(base, change=claim.change, code="unknown-change", why=why)
        return replace(base, code="direct-push", why=_pushed(commit))


def _by_claim(base: CommitAccount, claim: Claim) -> CommitAccount:
    """Return the account of a commit of a repository that the gate never saw: what it claims, and no more."""
    if base.how == "root":
        return replace(base, status="claimed", why="The first commit.")
    if claim.change is None:
        if base.how == "merge":
            why = "A merge whose message names no change: a local merge that was pushed, or a platform's own wording."
            return replace(base, code="unnamed-merge", why=why)
        return replace(base, code="direct-push", why="No change is named: a direct push, or a rebased change.")
    how: How = base.how if base.how == "merge" else "squash"
    why = f"Its message names #{claim.change}; that proves nothing."
    return replace(base, status="claimed", how=how, change=claim.change, why=why)


def _pushed(commit: HistoryCommit) -> str:
    what = "A merge was" if len(commit.parents) >= _SIDES else "It was"
    return f"{what} pushed to the branch without a change."


def _lost(tip: str) -> CommitAccount:
    why = "It was the branch's tip, and is in its history no more: the branch was force-pushed."
    return CommitAccount(tip, "", "", "", "", "force-push", "bypass", code="force-push", why=why)


def counts_of(accounts: Sequence[CommitAccount], lost: Sequence[CommitAccount]) -> dict[str, int]:
    """Return the figures that people ask for first."""
    codes = Counter(one.code for one in (*accounts, *lost) if one.code)
    return {
        "commits": len(accounts),
        "changes": len({one.change for one in accounts if one.change is not None}),
        "accounted": sum(one.status == "accounted" for one in accounts),
        "claimed": sum(one.status == "claimed" for one in accounts),
        "before_gate": sum(one.status == "before-gate" for one in accounts),
        "bypasses": sum(one.status == "bypass" for one in (*accounts, *lost)),
        "direct_pushes": codes["direct-push"],
        "merges": sum(one.how == "merge" for one in accounts),
        "squashes": sum(one.how == "squash" for one in accounts),
        "rebases": sum(one.how == "rebase" for one in accounts),
        "merges_by_hand": sum(one.is_mechanical is False for one in accounts),
        "reverts": sum(bool(one.reverts) for one in accounts),
        "exact_reverts": sum(one.is_exact_revert is True for one in accounts),
        "backports": sum(bool(one.backport_of) for one in accounts),
        "force_pushes": codes["force-push"],
    }
