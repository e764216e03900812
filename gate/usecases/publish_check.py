"""Publishing the check: the forge shows on a head what is recorded; green is posted last, and looked at twice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gate.core.errors import GateError
from gate.core.explain.markdown import markdown
from gate.core.explain.simulation import markdown_of, parse_brief
from gate.core.forge.snapshot import ForgeRepository, RepositoryKey
from gate.core.ledger.entries import EntryDraft, SignedCheckpoint
from gate.core.verdict import State
from gate.usecases.forge_ports import CheckRunText, CheckStatus, Conclusion, ForgeRepositoryAccess
from gate.usecases.gate import Gate, known_repository, subject_of
from gate.usecases.jobs import judge_job
from gate.usecases.standing import Doubt, Standing, doubt_about, is_not_governed, standings, strictest_of

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
_LEFT = CheckRunText("No open change has this head", "It is judged when a change with it is opened.", "")
_EVALUATED = CheckRunText("The policy only evaluates", "What it finds is shown by the check that says so.", "")
_GREEN = "success"


def publish_check(gate: Gate, repository_key: RepositoryKey, head_sha: str) -> str:
    """Make the check on a head show the strictest recorded verdict of all open changes with this head.

    Returns what was published: a conclusion, `in_progress`, or empty where there was nothing to say. Before a check
    turns green each change is looked at once more, and after it too; whatever moved is judged anew instead.
    Raises UnreadableError where the forge does not take it; the job is then run again.
    """
    with gate.store.reading() as reading:
        repository = known_repository(reading, repository_key)
        judged = standings(reading, repository_key, head_sha)
        checkpoint = reading.checkpoint()
    access = gate.access(repository)
    if not judged:
        # SECURITY: else a change that is opened with, or returns to, this commit would be green before anybody looked
        # (R14, R15, R45).
        return _take_back(gate, access, head_sha, _LEFT)
    told = _told(judged)
    if not told:
        return ""
    if _enforcement(told) == "evaluate":
        # SECURITY: the check that may be required has another name, and may be green of a policy that was active (R62).
        _take_back(gate, access, head_sha, _EVALUATED)
    strictest = strictest_of(told)
    if strictest.verdict.state != "approved":
        return _post(gate, access, told, strictest, checkpoint)
    doubt = doubt_about(gate, access, told, head_sha)
    if doubt:
        return _doubted(gate, access, told, doubt)
    _intend(gate, told)
    gate.at_point("before-green")
    published = _post(gate, access, told, strictest, checkpoint)
    gate.at_point("after-green")
    doubt = doubt_about(gate, access, told, head_sha)
    return _doubted(gate, access, told, doubt) if doubt else published


def _told(judged: Sequence[Standing]) -> list[Standing]:
    """Return the changes that the check on their head speaks for.

    A branch that the gate does not speak for gets no check, unless one stands that must not be left as it is.
    """
    return [one for one in judged if not is_not_governed(one.verdict) or one.change.published]


def _enforcement(told: Sequence[Standing]) -> str:
    """Return which check is meant: where any of the changes goes to where the policy is active, the one that counts."""
    return "active" if any(one.verdict.enforcement == "active" for one in told) else "evaluate"


def _take_back(gate: Gate, access: ForgeRepositoryAccess, head_sha: str, text: CheckRunText) -> str:
    """Take back what is green under the name that may be required, where no policy in force stands behind it."""
    name = gate.check_name("active")
    ours = (check for check in access.our_checks(head_sha, name) if check.is_ours)
    if not any(check.conclusion == _GREEN or check.status != "completed" for check in ours):
        return ""
    shown = access.publish_check(
        head_sha,
        name=name,
        external_id=f"left:{head_sha}",
        status="completed",
        conclusion="action_required",
        text=text,
        known_id=None,
    )
    gate.at_point("posted")
    gate.measures.count("checks_published", conclusion="left")
    return shown.conclusion or shown.status


def _intend(gate: Gate, told: Sequence[Standing]) -> None:
    """Keep that a head may be green from now on, so that no crash hides a green check from those who withdraw it."""
    with gate.store.writing() as writing:
        for one in told:
            present = writing.change(one.change.key)
            if present is not None and present.head_sha == one.change.head_sha and present.published != _GREEN:
                writing.save_change(replace(present, published=_GREEN))


def withdraw_check(gate: Gate, repository_key: RepositoryKey, head_sha: str, *, why: str) -> str:
    """Take a green check back at once, before anything is thought about; anything else is left as it is."""
    with gate.store.reading() as reading:
        repository = known_repository(reading, repository_key)
        told = _told(standings(reading, repository_key, head_sha))
    if not any(one.change.published == _GREEN for one in told):
        return ""
    doubt = Doubt(f"Something changed ({why}); it is being looked at.")
    return _doubted(gate, gate.access(repository), told, doubt)


def _doubted(gate: Gate, access: ForgeRepositoryAccess, told: Sequence[Standing], doubt: Doubt) -> str:
    """Publish that the change is being looked at, and have it judged anew where nothing else would."""
    text = CheckRunText("Looking again", doubt.why, _details(gate, access.repository(), told[0]))
    published = _write(gate, access, told, ("in_progress", None), text)
    if doubt.is_to_be_judged:
        with gate.store.writing() as writing:
            for one in told:
                writing.enqueue(judge_job(one.change.key, at=gate.instant(), why="moved while it was judged"))
    return published


def _post(
    gate: Gate,
    access: ForgeRepositoryAccess,
    told: Sequence[Standing],
    strictest: Standing,
    checkpoint: SignedCheckpoint | None,
) -> str:
    repository = access.repository()
    text = _text(gate, repository, told, strictest, checkpoint)
    return _write(gate, access, told, OUTCOMES[strictest.verdict.state], text)


def _text(
    gate: Gate,
    repository: ForgeRepository,
    told: Sequence[Standing],
    strictest: Standing,
    checkpoint: SignedCheckpoint | None,
) -> CheckRunText:
    """Return what the check says: the verdict, the changes that share the head, and the head of the ledger."""
    foot = []
    if len(told) > 1:
        numbers = ", ".join(f"#{number}" for number in sorted(one.change.key.number for one in told))
        foot.append(f"This head is shared by {numbers}; the strictest of their verdicts holds (`shared-head`).")
    if checkpoint is not None:
        foot.append(f"Ledger: {checkpoint.size} entries, root `{checkpoint.root.hex()}`.")
    foot.append(f"Facts: `{strictest.stored.facts_digest}`")
    tail = f"{_simulation(gate, strictest)}\n\n---\n\n" + "\n\n".join(foot) + "\n"
    body = markdown(strictest.verdict, limit=LIMIT - len(tail))
    title = strictest.verdict.summary.partition("\n")[0]
    return CheckRunText(title[:250], body + tail, _details(gate, repository, strictest))


def _simulation(gate: Gate, one: Standing) -> str:
    """Return what the rules that a change proposes would have changed, empty for a change that proposes none."""
    with gate.store.reading() as reading:
        kept = reading.simulation(one.stored.facts_digest)
    return "" if kept is None else f"\n\n{markdown_of(parse_brief(kept))}"


def _details(gate: Gate, repository: ForgeRepository, one: Standing) -> str:
    return gate.url_of(repository.name, one.change.key.number)


def _write(
    gate: Gate,
    access: ForgeRepositoryAccess,
    told: Sequence[Standing],
    outcome: tuple[CheckStatus, Conclusion | None],
    text: CheckRunText,
) -> str:
    """Write the check run and keep what the forge shows of it then."""
    first = told[0]
    status, conclusion = outcome
    known = next((one.change.check_run_id for one in told if one.change.check_run_id), None)
    shown = access.publish_check(
        first.change.head_sha,
        name=gate.check_name(_enforcement(told)),
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


def _keep(gate: Gate, told: Sequence[Standing], published: str, check_run_id: int) -> None:
    at = gate.instant()
    with gate.store.writing() as writing:
        for one in told:
            present = writing.change(one.change.key)
            if present is None or present.head_sha != one.change.head_sha:
                continue
            writing.save_change(replace(present, published=published, check_run_id=check_run_id))
            if (one.change.published, one.change.check_run_id) == (published, check_run_id):
                continue
            payload = {"head": one.change.head_sha, "conclusion": published, "check_run": check_run_id}
            entry = EntryDraft(
                "check-posted", at, subject_of(one.change.key), facts=one.stored.facts_digest, payload=payload
            )
            writing.append(entry)
    gate.measures.count("checks_published", conclusion=published)
