"""Jobs: the work that the use cases leave for later, each with its lane and its key against doubles."""

from gate.core.change.facts import Instant
from gate.core.forge.hints import Group
from gate.core.forge.snapshot import ChangeKey, RepositoryKey
from gate.usecases.gate import payload_of
from gate.usecases.stored import Job

_BEFORE_ALL_THAT_IS_NOT_URGENT: Instant = "1970-01-01T00:00:00Z"
SETTLE_SECONDS = 90
"""How long after a push or merge a branch is reconciled: by then the forge has told of both."""


def judge_job(key: ChangeKey, *, at: Instant, why: str) -> Job:
    """Return the job to judge a change anew; one change is judged by one worker at a time."""
    lane = f"judge:{key.tenant}/{key.repository}/{key.number}"
    return Job("judge", {**payload_of(key), "why": why}, at, dedupe=lane, lane=lane)


def timer_job(key: ChangeKey, *, at: Instant) -> Job:
    """Return the job that judges a change when its verdict may change by the clock."""
    lane = f"judge:{key.tenant}/{key.repository}/{key.number}"
    payload = {**payload_of(key), "why": "the clock"}
    return Job("judge", payload, at, dedupe=f"{lane}:at:{at}", lane=lane)


def withdraw_job(repository: RepositoryKey, head_sha: str, *, at: Instant, why: str) -> Job:
    """Return the job that takes a green check back before anything is thought about."""
    lane = _check_lane(repository, head_sha)
    payload = {"tenant": repository.tenant, "repository": repository.id, "head_sha": head_sha, "why": why}
    return Job("withdraw", payload, at, dedupe=f"withdraw:{lane}", is_urgent=True, lane=lane)


def publish_job(repository: RepositoryKey, head_sha: str, *, at: Instant, is_waited_for: bool = False) -> Job:
    """Return the job that makes the check on a head say what is recorded.

    One that people wait for goes before all that is looked at again, as after a sweep.
    SECURITY: never as an urgent one: a delivery that casts doubt on what is recorded goes before any green (R12).
    """
    at = _BEFORE_ALL_THAT_IS_NOT_URGENT if is_waited_for else at
    lane = _check_lane(repository, head_sha)
    payload = {"tenant": repository.tenant, "repository": repository.id, "head_sha": head_sha}
    return Job("publish", payload, at, dedupe=f"publish:{lane}", lane=lane)


def comment_job(key: ChangeKey, *, at: Instant) -> Job:
    """Return the job that makes the gate's comment on a change say what is recorded."""
    lane = f"comment:{key.tenant}/{key.repository}/{key.number}"
    return Job("comment", payload_of(key), at, dedupe=lane, lane=lane)


def react_job(key: ChangeKey, comment: int, *, at: Instant) -> Job:
    """Return the job that shows at a comment what became of its commands."""
    lane = f"react:{key.tenant}/{key.repository}/{comment}"
    return Job("react", {**payload_of(key), "comment": comment}, at, dedupe=lane, lane=lane)


def notify_job(key: ChangeKey, *, at: Instant) -> Job:
    """Return the job that plans who is told that a change waits for them."""
    lane = f"notify:{key.tenant}/{key.repository}/{key.number}"
    return Job("notify", payload_of(key), at, dedupe=lane, lane=lane)


def tell_job(notice_id: str, *, at: Instant) -> Job:
    """Return the job that hands one message over."""
    return Job("tell", {"notice": notice_id}, at, dedupe=f"tell:{notice_id}", lane=f"tell:{notice_id}")


def escalate_job(escalation_id: str, *, step: int, at: Instant) -> Job:
    """Return the timer of one step of a ladder."""
    lane = f"escalate:{escalation_id}"
    return Job("escalate", {"escalation": escalation_id, "step": step}, at, dedupe=f"{lane}:{step}", lane=lane)


def call_out_job(escalation_id: str, *, step: int, at: Instant) -> Job:
    """Return the timer of one step of a ladder that is about no change."""
    lane = f"call-out:{escalation_id}"
    return Job("call-out", {"escalation": escalation_id}, at, dedupe=f"{lane}:{step}", lane=lane)


def climb_review_job(escalation_id: str, *, step: int, at: Instant) -> Job:
    """Return the timer of one step of the ladder of an overdue review."""
    lane = f"climb-review:{escalation_id}"
    return Job("climb-review", {"escalation": escalation_id}, at, dedupe=f"{lane}:{step}", lane=lane)


def group_job(repository: RepositoryKey, group: Group, *, at: Instant) -> Job:
    """Return the job that judges a merge group."""
    lane = _check_lane(repository, group.head_sha)
    payload = {
        "tenant": repository.tenant,
        "repository": repository.id,
        "head_sha": group.head_sha,
        "base_ref": group.base_ref,
        "base_sha": group.base_sha,
    }
    return Job("judge-group", payload, at, dedupe=f"group:{lane}", lane=lane)


def protection_job(repository: RepositoryKey, *, at: Instant, is_event: bool = False) -> Job:
    """Return the job that looks at what a repository's branches demand; an event asks for it at once."""
    lane = f"protection:{repository.tenant}/{repository.id}"
    payload = {"tenant": repository.tenant, "repository": repository.id, "is_event": is_event}
    return Job("protection", payload, at, dedupe=f"{lane}:{is_event}", lane=lane)


def reconcile_job(repository: RepositoryKey, branch: str, *, at: Instant) -> Job:
    """Return the job that accounts for what is new on a branch."""
    lane = f"reconcile:{repository.tenant}/{repository.id}:{branch}"
    payload = {"tenant": repository.tenant, "repository": repository.id, "branch": branch}
    return Job("reconcile", payload, at, dedupe=lane, lane=lane)


def compare_job(repository: RepositoryKey, head_sha: str, *, at: Instant) -> Job:
    """Return the job that compares the check on a head with the ledger; nothing is published on it meanwhile."""
    lane = _check_lane(repository, head_sha)
    payload = {"tenant": repository.tenant, "repository": repository.id, "head_sha": head_sha}
    return Job("compare-checks", payload, at, dedupe=f"compare:{lane}", lane=lane)


def sweep_job(*, at: Instant) -> Job:
    """Return the job that looks at all open changes again."""
    return Job("sweep", {}, at, dedupe="sweep", lane="sweep")


def poll_job(*, at: Instant) -> Job:
    """Return the job that asks the forge for deliveries it could not hand over."""
    return Job("poll-deliveries", {}, at, dedupe="poll-deliveries", lane="poll-deliveries")


def remind_job(*, at: Instant) -> Job:
    """Return the job that reminds of reviews that are due."""
    return Job("remind", {}, at, dedupe="remind", lane="remind")


def _check_lane(repository: RepositoryKey, head_sha: str) -> str:
    return f"check:{repository.tenant}/{repository.id}/{head_sha}"
