"""Ending a change: merged, closed or gone is recorded once, and no green check stays where it would count again."""

from dataclasses import replace

from gate.core.change.facts import Instant
from gate.core.forge.snapshot import ChangeKey, RepositoryKey, Snapshot
from gate.usecases.change_entries import merged_entry
from gate.usecases.forge_ports import GoneError
from gate.usecases.gate import Gate
from gate.usecases.incident_stored import StoredLanding
from gate.usecases.jobs import SETTLE_SECONDS, group_job, judge_job, protection_job, publish_job, reconcile_job
from gate.usecases.judge_at_merge import judge_at_merge
from gate.usecases.landings import record_landing
from gate.usecases.link_ticket import enqueue_notes
from gate.usecases.queued_group import forget_group, group_of
from gate.usecases.store_ports import Writing
from gate.usecases.stored import StoredChange


def close_change(gate: Gate, key: ChangeKey, generation: int) -> StoredChange:
    """Record that a change can no longer be seen, and return it. Raises GoneError for one that never was."""
    with gate.store.writing() as writing:
        before = writing.change(key)
        if before is None:
            raise GoneError(f"There is no change {key.number} that the gate may see.")
        change = replace(before, state="closed", generation=generation, valid_until=None)
        writing.save_change(change)
    return change


def end_change(gate: Gate, snapshot: Snapshot, generation: int) -> StoredChange:
    """Record that a change was merged or closed, once, and return it; what its check still says is looked at."""
    at = gate.instant()
    with gate.store.writing() as writing:
        before = writing.change(snapshot.key)
        is_merge = snapshot.state == "merged" and (before is None or before.state != "merged")
        if before is not None and is_merge:
            kept = gate.readers.kept
            before = judge_at_merge(writing, snapshot, before, generation=generation, at=at, kept=kept)
        known = before or replace(StoredChange.of(snapshot), first_seen_at=at)
        change = replace(known, state=snapshot.state, generation=generation, valid_until=None, waiting_since="")
        if is_merge:
            writing.append(merged_entry(snapshot, before, at))
            landing = record_landing(writing, snapshot, at=at)
            _tell_tickets(writing, change, landing, at)
            writing.enqueue(protection_job(change.key.repository_key, at=at, is_event=True))
            later = gate.instant(later_seconds=SETTLE_SECONDS)
            writing.enqueue(reconcile_job(change.key.repository_key, change.base_ref, at=later))
        writing.save_change(change)
        if change.state == "closed":
            look_at_group(writing, change.key, at=at)
        look_at_head(writing, change.key.repository_key, change.head_sha, at=at, is_merged=change.state == "merged")
    return change


def look_at_head(
    writing: Writing, repository: RepositoryKey, head_sha: str, *, at: Instant, is_merged: bool = False
) -> None:
    """Have the check of a commit looked at that a change has for its head no longer.

    Other open changes with this head are judged anew, and publish. Without any, nothing green stays there, save what
    a change was merged with.
    """
    others = [one.key for one in writing.open_changes(repository, head_sha=head_sha)]
    for other in others:
        writing.enqueue(judge_job(other, at=at, why="shared its head"))
    if not others and not is_merged:
        writing.enqueue(publish_job(repository, head_sha, at=at))


def _tell_tickets(writing: Writing, change: StoredChange, landing: StoredLanding, at: Instant) -> None:
    """Have tickets told of a merge: those of the change, and those of the one that it takes back."""
    enqueue_notes(writing, change, at=at)
    undone = writing.change(replace(change.key, number=landing.reverts)) if landing.reverts else None
    if undone is not None:
        enqueue_notes(writing, undone, at=at)


def look_at_group(writing: Writing, key: ChangeKey, *, at: Instant) -> None:
    """Have the merge group judged anew that was green on account of a change which is approved no longer (R47, R62)."""
    group = group_of(writing, key)
    if group is not None:
        forget_group(writing, key)
        writing.enqueue(group_job(key.repository_key, group, at=at))
