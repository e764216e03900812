"""Recording a reconciliation: what it found becomes rows, ledger entries and open items, in one transaction."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gate.core.audit.history import CommitAccount, MergedChange, Reconciliation, Records
from gate.core.audit.tables import json_line
from gate.core.change.facts import Instant
from gate.core.errors import UsageError
from gate.core.forge.snapshot import ChangeKey, ForgeRepository, RepositoryKey
from gate.core.ledger.entries import EntryDraft, LedgerEntry
from gate.core.values import dataclass
from gate.usecases.audit_stored import GONE, NO_ENTRY, BranchCommit, BranchState
from gate.usecases.gate import repository_subject
from gate.usecases.reconcile_history import HistoryQuestion, ReadHistory, reconcile_history
from gate.usecases.store_ports import Reading, Store, Writing

MAX_COMMITS_OF_CHANGE = 300


@dataclass(frozen=True, slots=True)
class BranchQuestion:
    """Which branch of which repository, at which tip; `former_names` are names that the branch had."""

    repository: ForgeRepository
    branch: str
    tip: str
    at: Instant
    former_names: frozenset[str] = frozenset()


def reconcile_branch(store: Store, history: ReadHistory, question: BranchQuestion) -> Reconciliation:
    """Account for every commit of a branch with what the gate knows, and keep it.

    Every bypass that was not known yet is a `bypass-found` entry and an open item. Nothing new is recorded where
    nothing changed. Raises UnreadableError where the history is not all there.
    """
    with store.reading() as reading:
        records = records_of(reading, question)
    found = reconcile_history(history, HistoryQuestion(question.tip), records)
    with store.writing() as writing:
        record_reconciliation(writing, question, found, records.baseline)
    return found


def records_of(reading: Reading, question: BranchQuestion) -> Records:
    """Return what the gate knows of a branch. Where nothing was judged yet, all of it was there before the gate."""
    key, branch = question.repository.key, question.branch
    state = state_of(reading, key, branch)
    baseline = state.baseline if state else reading.first_judged_base(key, branch)
    return Records(
        branch=branch,
        changes=[merged_change(reading, entry) for entry in reading.merges(key)],
        baseline=baseline or question.tip,
        former_names=question.former_names,
        earlier_tips=(state.tip,) if state else (),
    )


def accounts_digest(commits: Sequence[BranchCommit]) -> str:
    """Return the digest over the accounts of a branch since the gate, as the ledger and exports hold it."""
    digest = hashlib.sha256()
    for one in commits:
        digest.update(account_line(one))
    return "sha256:" + digest.hexdigest()


def account_line(one: BranchCommit) -> bytes:
    """Return the account of a commit as one line of canonical JSON."""
    names = ("sha", "parent", "at", "how", "status", "code", "change")
    return json_line({name: getattr(one, name) for name in names})


def state_of(reading: Reading, key: RepositoryKey, branch: str) -> BranchState | None:
    """Return how far a branch was reconciled, None where it never was."""
    return next((one for one in reading.branches(key) if one.branch == branch), None)


def merged_change(reading: Reading, entry: LedgerEntry) -> MergedChange:
    """Return a change as the ledger says it was merged, with what was last judged of it."""
    value = json.loads(entry.content)
    payload = value["payload"]
    tenant, repository, number = map(int, entry.subject.removeprefix("change:").split("/"))
    stored = reading.verdict(ChangeKey(tenant, repository, number), value.get("facts") or None)
    is_of_head = bool(payload["is_head_judged"]) and stored is not None and stored.head_sha == payload["head"]
    files = reading.content(stored.content) if stored is not None and is_of_head else None
    sealed = reading.facts(stored.facts_digest) if stored is not None and is_of_head else None
    commits = len(json.loads(sealed.content)["commits"]) if sealed else 1
    return MergedChange(
        number=number,
        merge_sha=payload["merge"],
        head_sha=payload["head"],
        base_ref=payload["base_ref"],
        is_approved=is_of_head
        and payload["verdict"] == "approved"
        and stored is not None
        and stored.state == "approved",
        verdict=payload["verdict"] if is_of_head else "nothing of this head for this base",
        files=files,
        commits=min(commits, MAX_COMMITS_OF_CHANGE),
    )


def record_reconciliation(
    writing: Writing, question: BranchQuestion, found: Reconciliation, baseline: str
) -> list[BranchCommit]:
    """Keep what was found of a whole branch, and return the bypasses that are new. What is the same is kept once."""
    key, branch = question.repository.key, question.branch
    state = state_of(writing, key, branch)
    known = {one.sha: one for one in writing.branch_commits(key, branch)}
    rows = [*_gone(known, found), *_present(question, found)]
    changed, new = [], []
    for row in rows:
        before = known.get(row.sha)
        kept = _as_known(row, before)
        if kept.status == "bypass" and (before is None or before.status != "bypass" or before.code != kept.code):
            kept = replace(kept, found=writing.append(_bypass(question, kept)), explained=NO_ENTRY)
            new.append(kept)
        if before is not None and before.status == "bypass" and kept.status != "bypass":
            writing.append(_settled(question, before))
            kept = replace(kept, found=NO_ENTRY, explained=NO_ENTRY)
        if kept != before:
            changed.append(kept)
    writing.save_branch_commits(changed)
    if state is None or changed or state.tip != question.tip:
        digest = accounts_digest([row for row in rows if row.status != "before-gate"])
        entry = writing.append(_reconciled(question, found, baseline, digest))
        writing.save_branch(BranchState(key, branch, question.tip, baseline, question.at, entry))
    return new


def _present(question: BranchQuestion, found: Reconciliation) -> Iterator[BranchCommit]:
    for position, one in enumerate(found.accounts):
        yield _row(question, one, position)


def _row(question: BranchQuestion, one: CommitAccount, position: int) -> BranchCommit:
    return BranchCommit(
        repository=question.repository.key,
        branch=question.branch,
        position=position,
        sha=one.sha,
        parent=one.parent,
        at=one.at,
        how=one.how,
        status=one.status,
        code=one.code,
        change=one.change or 0,
    )


def _gone(known: dict[str, BranchCommit], found: Reconciliation) -> Iterator[BranchCommit]:
    """Yield what was on the branch and is there no more: the work of a force push, each commit of it."""
    present = {one.sha for one in found.accounts}
    for one in sorted(known.values(), key=lambda one: one.sha):
        if one.sha not in present:
            yield replace(one, position=GONE, how="force-push", status="bypass", code="force-push")


def _as_known(row: BranchCommit, before: BranchCommit | None) -> BranchCommit:
    return row if before is None else replace(row, found=before.found, explained=before.explained)


def _bypass(question: BranchQuestion, row: BranchCommit) -> EntryDraft:
    payload = {"branch": row.branch, "commit": row.sha, "how": row.how, "code": row.code, "change": row.change}
    return EntryDraft("bypass-found", question.at, repository_subject(row.repository), payload=payload)


def _settled(question: BranchQuestion, before: BranchCommit) -> EntryDraft:
    """Return the entry that a bypass is none after all: what accounts for it was only recorded later."""
    payload = {"review": "bypass", "commit": before.sha, "outcome": "accounted-for-later", "found": [before.found]}
    return EntryDraft("review-done", question.at, repository_subject(before.repository), payload=payload)


def _reconciled(question: BranchQuestion, found: Reconciliation, baseline: str, digest: str) -> EntryDraft:
    payload = {
        "review": "reconciliation",
        "branch": question.branch,
        "tip": question.tip,
        "baseline": baseline,
        "commits": len(found.accounts),
        "accounted": sum(one.status == "accounted" for one in found.accounts),
        "bypasses": len(found.bypasses),
        "rode_along": list(found.indirect)[:200],
        "accounts": digest,
    }
    return EntryDraft("review-done", question.at, repository_subject(question.repository.key), payload=payload)


def explain_bypass(
    store: Store,
    repository: ForgeRepository,
    sha: str,
    *,
    reason: str,
    outcome: str,
    actor: str,
    at: Instant,
    authenticated: str,
) -> int:
    """Close the open items of a commit with a reason, and return the ledger entry of it.

    Whoever calls has made sure that the actor is entitled. Raises UsageError where there is no such open item.
    """
    with store.writing() as writing:
        states = writing.branches(repository.key)
        commits = [one for state in states for one in writing.branch_commits(repository.key, state.branch)]
        found = [one for one in commits if one.is_open and one.sha.startswith(sha)]
        if not found or len({one.sha for one in found}) > 1:
            step = "Name one by its full id; `gate audit bypasses` lists them."
            raise UsageError(f"{sha[:40]!r} names no open bypass.", next_step=step)
        entry = writing.append(
            EntryDraft(
                "review-done",
                at,
                repository_subject(repository.key),
                actor=actor,
                authenticated=authenticated,
                payload={
                    "review": "bypass",
                    "commit": found[0].sha,
                    "outcome": outcome,
                    "found": [one.found for one in found],
                },
                personal={"reason": reason},
            )
        )
        writing.save_branch_commits([replace(one, explained=entry) for one in found])
        return entry
