"""Publishing the check: the forge shows on a head what is recorded; green is posted last, and looked at twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gate.core.errors import GateError
from gate.core.explain.json import parse_verdict
from gate.core.explain.markdown import markdown
from gate.core.forge.snapshot import ForgeRepository, RepositoryKey
from gate.core.ledger.entries import EntryDraft, SignedCheckpoint
from gate.core.verdict import PRECEDENCE, State, Verdict
from gate.usecases.forge_ports import CheckRunText, CheckStatus, Conclusion, ForgeRepositoryAccess, Glance
from gate.usecases.gate import Gate, known_repository, subject_of
from gate.usecases.jobs import judge_job
from gate.usecases.store_ports import Reading
from gate.usecases.stored import StoredChange, StoredVerdict

OUTCOMES: Mapping[State, tuple[CheckStatus, Conclusion | None]] = {
    "approved": ("completed", "success"),
    "waiting": ("in_progress", None),
    "needs-author": ("completed", "action_required"),
    "rejected": ("completed", "failure"),
    "frozen": ("completed", "action_required"),
    "error": ("completed", "failure"),
}
"""What a check run shows for each state. `neutral` and `skipped` are never published: the platform lets both pass."""
LIMIT = 65_000
_NOT_GOVERNED = "branch-not-governed"


@dataclass(frozen=True, slots=True)
class _Told:
    """One open change with this head, as recorded last."""

    change: StoredChange
    stored: StoredVerdict
    verdict: Verdict


def publish_check(gate: Gate, repository_key: RepositoryKey, head_sha: str) -> str:
    """Make the check on a head show the strictest recorded verdict of all open changes with this head.

    Returns what was published: a conclusion, `in_progress`, or empty where there was nothing to say. Before a check
    turns green each change is looked at once more, and after it too; whatever moved is judged anew instead.
    Raises UnreadableError where the forge does not take it; the job is then run again.
    """
    with gate.store.reading() as reading:
        repository = known_repository(reading, repository_key)
        told = _told(reading, repository_key, head_sha)
        checkpoint = reading.checkpoint()
    # A branch that the gate does not speak for gets no check, unless one stands that must not be left as it is.
    told = [one for one in told if not _is_not_governed(one.verdict) or one.change.published]
    if not told:
        return ""
    access = gate.access(repository)
    strictest = _strictest(told)
    if strictest.verdict.state != "approved":
        return _post(gate, access, told, strictest, checkpoint)
    doubt = _doubt(gate, access, told, head_sha)
    if doubt:
        return _doubted(gate, access, told, doubt)
    gate.at_point("before-green")
    published = _post(gate, access, told, strictest, checkpoint)
    gate.at_point("after-green")
    doubt = _doubt(gate, access, told, head_sha)
    return _doubted(gate, access, told, doubt) if doubt else published


def withdraw_check(gate: Gate, repository_key: RepositoryKey, head_sha: str, *, why: str) -> str:
    """Take a green check back at once, before anything is thought about; anything else is left as it is."""
    with gate.store.reading() as reading:
        repository = known_repository(reading, repository_key)
        told = [one for one in _told(reading, repository_key, head_sha) if one.change.published == "success"]
    if not told:
        return ""
    doubt = f"Something changed ({why}); it is being looked at."
    return _doubted(gate, gate.access(repository), told, doubt)


def _told(reading: Reading, repository: RepositoryKey, head_sha: str) -> list[_Told]:
    found = []
    for change in reading.open_changes(repository, head_sha=head_sha):
        stored = reading.verdict(change.key)
        if stored is not None and stored.head_sha == head_sha:
            found.append(_Told(change, stored, parse_verdict(stored.verdict)))
    return found


def _is_not_governed(verdict: Verdict) -> bool:
    """Return whether the gate does not speak for the base branch: it then says nothing at all, green or red."""
    return any(one.code == _NOT_GOVERNED for one in verdict.requirements)


def _strictest(told: Sequence[_Told]) -> _Told:
    """Return the change whose verdict holds for the head: the strictest, the lowest number of equals (R14)."""
    order = [*PRECEDENCE[:-1], "approved"]
    return min(told, key=lambda one: (order.index(one.verdict.state), one.change.key.number))


def _doubt(gate: Gate, access: ForgeRepositoryAccess, told: Sequence[_Told], head_sha: str) -> str:
    """Return why a head must not be green now, empty where nothing speaks against it."""
    now = gate.instant()
    with gate.store.reading() as reading:
        for one in told:
            present = reading.change(one.change.key)
            if present is None or present.generation != present.judged_generation:
                return "A newer look at this change has begun."
            if present.valid_until is not None and present.valid_until <= now:
                return "The time of this verdict is over."
    known = {one.change.key.number for one in told}
    others = [number for number in access.open_changes_with_head(head_sha) if number not in known]
    unjudged = [number for number in others if not _is_known_not_governed(gate, told[0], number)]
    if unjudged:
        with gate.store.writing() as writing:
            for number in unjudged:
                key = replace(told[0].change.key, number=number)
                writing.enqueue(judge_job(key, at=now, why="shares its head"))
        return f"Change {unjudged[0]} has the same head and is not judged yet."
    for one in told:
        if _has_moved(one.change, access.glance(one.change.key.number)):
            return "The change moved while it was judged."
    return ""


def _is_known_not_governed(gate: Gate, one: _Told, number: int) -> bool:
    with gate.store.reading() as reading:
        stored = reading.verdict(replace(one.change.key, number=number))
    same = stored is not None and stored.head_sha == one.change.head_sha
    return same and stored is not None and _is_not_governed(parse_verdict(stored.verdict))


def _has_moved(change: StoredChange, glance: Glance) -> bool:
    return (
        glance.state != "open"
        or glance.head_sha != change.head_sha
        or glance.base_ref != change.base_ref
        or glance.base_sha != change.base_sha
        or glance.body_digest != change.body_digest
    )


def _doubted(gate: Gate, access: ForgeRepositoryAccess, told: Sequence[_Told], doubt: str) -> str:
    """Publish that the change is being looked at, and have it judged anew."""
    text = CheckRunText("Looking again", doubt, _details(gate, access.repository(), told[0]))
    published = _write(gate, access, told, ("in_progress", None), text)
    with gate.store.writing() as writing:
        for one in told:
            writing.enqueue(judge_job(one.change.key, at=gate.instant(), why="moved while it was judged"))
    return published


def _post(
    gate: Gate,
    access: ForgeRepositoryAccess,
    told: Sequence[_Told],
    strictest: _Told,
    checkpoint: SignedCheckpoint | None,
) -> str:
    repository = access.repository()
    text = _text(gate, repository, told, strictest, checkpoint)
    return _write(gate, access, told, OUTCOMES[strictest.verdict.state], text)


def _text(
    gate: Gate,
    repository: ForgeRepository,
    told: Sequence[_Told],
    strictest: _Told,
    checkpoint: SignedCheckpoint | None,
) -> CheckRunText:
    """Return what the check says: the verdict, the changes that share the head, and the head of the ledger."""
    foot = []
    if len(told) > 1:
        numbers = ", ".join(f"#{one.change.key.number}" for one in told)
        foot.append(f"This head is shared by {numbers}; the strictest of their verdicts holds (`shared-head`).")
    if checkpoint is not None:
        foot.append(f"Ledger: {checkpoint.size} entries, root `{checkpoint.root.hex()}`.")
    foot.append(f"Facts: `{strictest.stored.facts_digest}`")
    tail = "\n\n---\n\n" + "\n\n".join(foot) + "\n"
    body = markdown(strictest.verdict, limit=LIMIT - len(tail))
    title = strictest.verdict.summary.partition("\n")[0]
    return CheckRunText(title[:250], body + tail, _details(gate, repository, strictest))


def _details(gate: Gate, repository: ForgeRepository, one: _Told) -> str:
    return gate.url_of(repository.name, one.change.key.number)


def _write(
    gate: Gate,
    access: ForgeRepositoryAccess,
    told: Sequence[_Told],
    outcome: tuple[CheckStatus, Conclusion | None],
    text: CheckRunText,
) -> str:
    """Write the check run and keep what the forge shows of it then."""
    first = told[0]
    status, conclusion = outcome
    known = next((one.change.check_run_id for one in told if one.change.check_run_id), None)
    shown = access.publish_check(
        first.change.head_sha,
        name=gate.check_name(first.verdict.enforcement),
        external_id=f"{first.stored.facts_digest}:{first.change.generation}",
        status=status,
        conclusion=conclusion,
        text=text,
        known_id=known,
    )
    gate.at_point("posted")
    published = shown.conclusion or shown.status
    _keep(gate, told, published, shown.id)
    wanted = conclusion or status
    if published != wanted:
        step = "Look at the app's permission to write checks."
        raise GateError(f"The forge shows `{published}` where `{wanted}` was written.", next_step=step)
    return published


def _keep(gate: Gate, told: Sequence[_Told], published: str, check_run_id: int) -> None:
    at = gate.instant()
    with gate.store.writing() as writing:
        for one in told:
            present = writing.change(one.change.key)
            if present is None or present.head_sha != one.change.head_sha:
                continue
            if present.published == published and present.check_run_id == check_run_id:
                continue
            writing.save_change(replace(present, published=published, check_run_id=check_run_id))
            payload = {"head": one.change.head_sha, "conclusion": published, "check_run": check_run_id}
            entry = EntryDraft(
                "check-posted", at, subject_of(one.change.key), facts=one.stored.facts_digest, payload=payload
            )
            writing.append(entry)
    gate.measures.count("checks_published", conclusion=published)
