"""Comparing checks: what the forge shows of the gate's own check against what the ledger says was posted, both ways."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gate.core.forge.snapshot import RepositoryKey
from gate.core.ledger.entries import EntryDraft
from gate.usecases.forge_ports import PublishedCheck
from gate.usecases.gate import Gate, known_repository, repository_subject, subject_of
from gate.usecases.jobs import compare_job, publish_job
from gate.usecases.store_ports import Reading, Writing
from gate.usecases.stored import StoredChange
from gate.usecases.tell_foreign_check import tell_foreign_checks

MOST_HEADS = 20
"""How many heads of a repository are compared in one sweep, those first that were judged longest ago."""
FOREIGN = "foreign-check"
Difference = tuple[str, int, str]
"""A code, the check run (of a foreign one: the app) that it is about, and what the forge shows of it."""


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
    """Record where forge and ledger disagree about the check on a commit, and who else speaks under its name.

    Each difference is recorded once (A09, R48), and the check is published again; the policy owner is told of a foreign
    one. Returns how many are new. No publishing of this commit runs meanwhile: both have its lane. A plain token cannot
    tell whose a check is. Raises UnreadableError where the forge does not answer.
    """
    if gate.forge.app_id() is None:
        return 0
    with gate.store.reading() as reading:
        repository = known_repository(reading, repository_key)
        changes = list(reading.open_changes(repository_key, head_sha=head_sha))
        told = [one for one in changes if one.check_run_id]
        logged = {run: said for one in told for run, said in logged_checks(reading, one)}
    access = gate.access(repository)
    names = (gate.check_name("active"), gate.check_name("evaluate"))
    shown = [check for name in names for check in access.our_checks(head_sha, name)]
    foreign = [check for check in shown if not check.is_ours]
    wrong = list(_differences(logged, [check for check in shown if check.is_ours])) if told else []
    found = [*wrong, *sorted({(FOREIGN, check.app, "") for check in foreign})]
    if not found:
        return 0
    subject = subject_of(changes[0].key) if changes else repository_subject(repository_key)
    new = _record(gate, _Compared(repository_key, head_sha, subject), found, logged)
    apps = {number for code, number, _ in new if code == FOREIGN}
    gate.measures.count("check_differences", len(new) - len(apps))
    gate.measures.count("foreign_checks", len(apps))
    tell_foreign_checks(gate, repository, list({check.app: check for check in foreign if check.app in apps}.values()))
    return len(new)


class _Compared(NamedTuple):
    """What was compared, and how the ledger names it."""

    repository: RepositoryKey
    head_sha: str
    subject: str


def _record(gate: Gate, what: _Compared, found: Sequence[Difference], logged: Mapping[int, str]) -> list[Difference]:
    """Record the differences that are new, have the check published again for them, and return them."""
    repository, head_sha = what.repository, what.head_sha
    name = f"check-differences:{repository.tenant}/{repository.id}/{head_sha}"
    with gate.store.writing() as writing:
        known = {tuple(one) for one in json.loads(writing.setting(name) or "[]")}
        new = [one for one in found if one not in known]
        for code, number, said in new:
            about = {"check_run": number, "shown": said, "logged": logged.get(number, "")}
            payload = {"code": code, "head": head_sha, **({"app": number} if code == FOREIGN else about)}
            writing.append(EntryDraft("anomaly-seen", gate.instant(), what.subject, payload=payload))
        if any(code != FOREIGN for code, _, _ in new):
            writing.enqueue(publish_job(repository, head_sha, at=gate.instant()))
        writing.save_setting(name, json.dumps(found))
    return new


def logged_checks(reading: Reading, change: StoredChange) -> Iterator[tuple[int, str]]:
    """Yield the check runs that the ledger says were posted on a change's head, each with all that it was made to say.

    What it was made to say last comes last.
    """
    for entry in reading.timeline(change.key):
        payload = entry.payload() if entry.kind == "check-posted" else {}
        if payload.get("head") == change.head_sha:
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
