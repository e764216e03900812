"""Ending a change: merged, closed or gone is recorded once, and no green check stays where it would count again."""

from dataclasses import replace

from gate.core.forge.snapshot import ChangeKey, Snapshot
from gate.usecases.change_entries import merged_entry
from gate.usecases.forge_ports import GoneError
from gate.usecases.gate import Gate
from gate.usecases.jobs import publish_job
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
        change = StoredChange(
            key=snapshot.key,
            state=snapshot.state,
            title=snapshot.title,
            author=f"github:{snapshot.author.id}" if snapshot.author else "",
            base_ref=snapshot.base_ref,
            base_sha=snapshot.base_sha,
            head_sha=snapshot.head_sha,
            url=snapshot.url,
            first_seen_at=at,
        )
        if before is not None:
            change = replace(before, state=snapshot.state, generation=generation, valid_until=None, waiting_since="")
        else:
            change = replace(change, generation=generation)
        if snapshot.state == "merged" and (before is None or before.state != "merged"):
            writing.append(merged_entry(snapshot, before, at))
        writing.save_change(change)
        if _is_still_asked_for(writing, change):
            writing.enqueue(publish_job(change.key.repository_key, change.head_sha, at=at))
    return change


def _is_still_asked_for(writing: Writing, change: StoredChange) -> bool:
    """Return whether the check on the head of an ended change must say something else now.

    What a merged change was merged with stays as it was, unless another open change shares its head.
    """
    shared = writing.open_changes(change.key.repository_key, head_sha=change.head_sha)
    return change.state == "closed" or any(other.key != change.key for other in shared)
