"""Harvesting protection: what each branch demands at the forge, seen as time goes by; differences are recorded."""

import json
from collections.abc import Iterator
from typing import Any

from gate.core.change.facts import Instant
from gate.core.forge.snapshot import ForgeRepository, RepositoryKey
from gate.core.ledger.entries import EntryDraft
from gate.usecases.forge_ports import ForbiddenError, GoneError, Protection
from gate.usecases.gate import Gate, repository_subject
from gate.usecases.store_ports import Reading

LOOK_SECONDS = 3600
"""How soon a branch is looked at again where no event and no merge asks for it."""
SILENCE_SECONDS = 2 * LOOK_SECONDS + 600
"""After how long without a look it is recorded that nobody looked."""
SAME_SECONDS = 24 * 3600
"""How often it is recorded that all is as it was."""
MOST_BRANCHES = 20
MOST_WHY = 300


def harvest_protection(gate: Gate, key: RepositoryKey, *, is_event: bool) -> int:
    """Look at what the governed branches of a repository demand, and return at how many; differences are recorded.

    Without an event a branch is looked at once an hour. What the forge refuses to show is recorded as unseen; raises
    UnreadableError where it does not answer, and the same is asked again later.
    """
    with gate.store.reading() as reading:
        repository = reading.repository(key)
        branches = list(_branches(reading, repository))[:MOST_BRANCHES] if repository else []
        due = gate.instant(later_seconds=-LOOK_SECONDS)
        wanted = [one for one in branches if is_event or _seen(reading, key, one).get("seen_at", "") <= due]
    if repository is None:
        return 0
    for branch in wanted:
        _look(gate, repository, branch)
    return len(wanted)


def _branches(reading: Reading, repository: ForgeRepository) -> Iterator[str]:
    """Yield the branches that changes go to or went to, the default branch first, each once."""
    names = [repository.default_branch]
    names += [state.branch for state in reading.branches(repository.key)]
    names += sorted({change.base_ref for change in reading.open_changes(repository.key)})
    yield from (name for name in dict.fromkeys(names) if name)


def _look(gate: Gate, repository: ForgeRepository, branch: str) -> None:
    try:
        found = gate.access(repository).protection(branch, gate.settings.check_name)
    except (GoneError, ForbiddenError) as error:
        found = Protection(
            is_required=False, pinned_app=None, covers_admins=None, allows_force_push=None, uses_queue=None,
            why=error.message,
        )  # fmt: skip
    at = gate.instant()
    state = _state(gate, branch, found)
    with gate.store.writing() as writing:
        before = _seen(writing, repository.key, branch)
        since = before.get("seen_at", "")
        is_late = bool(since) and since < gate.instant(later_seconds=-SILENCE_SECONDS)
        is_same = before.get("state") == state
        recorded_at = before.get("recorded_at", "")
        if not is_same or is_late or recorded_at <= gate.instant(later_seconds=-SAME_SECONDS):
            payload: dict[str, Any] = dict(state)
            payload |= {"why": found.why[:MOST_WHY]} if found.why else {}
            payload |= {"unseen_since": since} if is_late else {}
            subject = repository_subject(repository.key)
            writing.append(_entry(at, subject, payload, is_same=is_same))
            recorded_at = at
        kept = {"seen_at": at, "recorded_at": recorded_at, "state": state}
        writing.save_setting(_name(repository.key, branch), json.dumps(kept, sort_keys=True))
    gate.measures.count("protection_looks", outcome="same" if is_same else "changed")


def _entry(at: Instant, subject: str, payload: dict[str, Any], *, is_same: bool) -> EntryDraft:
    if is_same:
        return EntryDraft("review-done", at, subject, payload={"review": "protection", **payload})
    return EntryDraft("protection-changed", at, subject, payload=payload)


def _state(gate: Gate, branch: str, found: Protection) -> dict[str, Any]:
    """Return what was seen, as the ledger holds it: what the forge did not tell is left out."""
    told = {
        "pinned_app": found.pinned_app,
        "covers_admins": found.covers_admins,
        "allows_force_push": found.allows_force_push,
        "uses_queue": found.uses_queue,
    }
    return {
        "branch": branch,
        "check": gate.settings.check_name,
        # SECURITY: a demand that is hidden is no demand that was seen, and no missing one either.
        "is_seen": found.is_required or not found.why,
        "is_required": found.is_required,
        **{name: value for name, value in told.items() if value is not None},
    }


def _seen(reading: Reading, key: RepositoryKey, branch: str) -> dict[str, Any]:
    text = reading.setting(_name(key, branch))
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


def _name(key: RepositoryKey, branch: str) -> str:
    return f"protection:{key.tenant}/{key.id}:{branch}"
