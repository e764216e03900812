"""Comparing checks: what the forge shows of the gate's own check against what the ledger says was posted, both ways."""

import json
from collections.abc import Iterator, Sequence

from gate.core.forge.snapshot import RepositoryKey
from gate.core.ledger.entries import EntryDraft
from gate.usecases.forge_ports import PublishedCheck
from gate.usecases.gate import Gate, known_repository, subject_of
from gate.usecases.jobs import compare_job
from gate.usecases.store_ports import Reading, Writing
from gate.usecases.stored import StoredChange

MOST_HEADS = 20
"""How many heads of a repository are compared in one sweep, those first that were judged longest ago."""
Difference = tuple[str, int, str]
"""A code, the check run that it is about, and what the forge shows of it."""


def enqueue_comparisons(writing: Writing, repository: RepositoryKey, *, at: str) -> int:
    """Leave a comparison for the heads of open changes that show a check, and return how many."""
    heads: dict[str, None] = {}
    for change in writing.open_changes(repository):
        if change.check_run_id and change.published and len(heads) < MOST_HEADS:
            heads[change.head_sha] = None
    for head in heads:
        writing.enqueue(compare_job(repository, head, at=at))
    return len(heads)


def compare_checks(gate: Gate, repository_key: RepositoryKey, head_sha: str) -> int:
    """Record where the forge and the ledger disagree about the check on a head, and return in how many ways (A09).

    Each difference is recorded once; the next publishing mends the check. No publishing of this head runs meanwhile:
    both have its lane. Raises UnreadableError where the forge does not answer.
    """
    with gate.store.reading() as reading:
        repository = known_repository(reading, repository_key)
        told = [one for one in reading.open_changes(repository_key, head_sha=head_sha) if one.check_run_id]
        logged = {run: said for one in told for run, said in _logged(reading, one, head_sha)}
    if not told:
        return 0
    access = gate.access(repository)
    names = (gate.check_name("active"), gate.check_name("evaluate"))
    shown = [check for name in names for check in access.our_checks(head_sha, name) if check.is_ours]
    found = list(_differences(logged, shown))
    if not found:
        return 0
    name = f"check-differences:{repository_key.tenant}/{repository_key.id}/{head_sha}"
    with gate.store.writing() as writing:
        known = {tuple(one) for one in json.loads(writing.setting(name) or "[]")}
        new = [one for one in found if one not in known]
        for code, run, said in new:
            payload = {"code": code, "head": head_sha, "check_run": run, "shown": said, "logged": logged.get(run, "")}
            writing.append(EntryDraft("anomaly-seen", gate.instant(), subject_of(told[0].key), payload=payload))
        writing.save_setting(name, json.dumps(found))
    gate.measures.count("check_differences", len(new))
    return len(new)


def _logged(reading: Reading, change: StoredChange, head_sha: str) -> Iterator[tuple[int, str]]:
    """Yield the check runs that the ledger says were posted on a head, each with what it was made to say last."""
    for entry in reading.timeline(change.key):
        payload = entry.payload() if entry.kind == "check-posted" else {}
        if payload.get("head") == head_sha:
            yield payload["check_run"], payload["conclusion"]


def _differences(logged: dict[int, str], shown: Sequence[PublishedCheck]) -> Iterator[Difference]:
    """Yield what is shown and was never logged, what was logged and is not shown, and what says something else."""
    present = {check.id: check.conclusion or check.status for check in shown}
    for run, said in sorted(present.items()):
        if run not in logged:
            yield "check-not-logged", run, said
        elif logged[run] != said:
            yield "check-says-otherwise", run, said
    for run in sorted(logged.keys() - present.keys()):
        yield "check-not-shown", run, ""
