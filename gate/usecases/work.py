"""Work: claims jobs one by one and runs each by its kind; a job that fails comes back later, never lost."""

import datetime as dt
import time
from collections.abc import Callable, Mapping
from typing import Any

from gate.core.errors import GateError
from gate.core.forge.hints import Group
from gate.core.forge.snapshot import RepositoryKey
from gate.core.times import instant
from gate.usecases.call_out import climb_call_out
from gate.usecases.compare_checks import compare_checks
from gate.usecases.deliver import deliver
from gate.usecases.escalate import climb
from gate.usecases.escalate_review import climb_review
from gate.usecases.forge_access import leave_repository, note_refused
from gate.usecases.forge_ports import CredentialsRefusedError, GoneError, NotInstalledError, RateLimitedError
from gate.usecases.gate import Gate, key_in
from gate.usecases.harvest_protection import harvest_protection
from gate.usecases.heed_signal import heed_signal
from gate.usecases.incident_ticket import make_ticket, tell_incident
from gate.usecases.jobs import withdraw_job
from gate.usecases.judge_change import judge_change
from gate.usecases.judge_group import judge_group
from gate.usecases.link_ticket import link_ticket
from gate.usecases.publish_check import publish_check, withdraw_check
from gate.usecases.publish_comment import publish_comment
from gate.usecases.react_to_command import react_to_command
from gate.usecases.reconcile_at_forge import reconcile_at_forge
from gate.usecases.remind import remind
from gate.usecases.request_signoff import request_signoffs
from gate.usecases.store_ports import StaleGenerationError
from gate.usecases.stored import ClaimedJob
from gate.usecases.sweep import poll_deliveries, sweep
from gate.usecases.tell import tell
from gate.usecases.tracker_ports import TrackerError

_BACK_OFF_SECONDS = (1, 2, 5, 15, 30, 60, 120, 300)
_SEARCHABLE_SECONDS = 60
"""After how long a tracker's search finds a ticket that it made although its answer was lost."""
Run = Callable[[Gate, Mapping[str, Any]], object]


def work_once(gate: Gate, *, on_error: Callable[[ClaimedJob, Exception], None] | None = None) -> bool:
    """Run the next job that is due; return whether there was one.

    An error of a job gives it back with growing delay and is told to `on_error`; nothing turns green by it.
    """
    claimed = gate.store.claim(gate.instant(), lease_seconds=gate.settings.lease_seconds)
    if claimed is None:
        return False
    began = time.monotonic()
    try:
        gate.at_point(f"claimed-{claimed.job.kind}")
        _RUNNERS[claimed.job.kind](gate, claimed.job.payload)
    except StaleGenerationError:
        gate.store.finish(claimed)  # a later judgement of the same change has begun and says more
    except (GoneError, NotInstalledError) as error:
        # What is not there again and again will not come by asking; a sweep finds what is open.
        key = _repository_of(claimed.job.payload)
        if key is not None and isinstance(error, NotInstalledError):
            leave_repository(gate, key, error.message)
            gate.store.finish(claimed)
        elif key is not None and claimed.attempts >= len(_BACK_OFF_SECONDS):
            gate.measures.count("jobs_ended", kind=claimed.job.kind)
            gate.store.finish(claimed)
        else:
            _give_back(gate, claimed, error)
        if on_error is not None:
            on_error(claimed, error)
    except Exception as error:  # noqa: BLE001  # whatever a job raises, the job comes back and the worker goes on
        _give_back(gate, claimed, error)
        if on_error is not None:
            on_error(claimed, error)
    else:
        gate.store.finish(claimed)
    gate.measures.observe("job_seconds", time.monotonic() - began, kind=claimed.job.kind)
    return True


def _give_back(gate: Gate, claimed: ClaimedJob, error: Exception) -> None:
    if isinstance(error, CredentialsRefusedError):
        note_refused(gate, error)
    seconds = _BACK_OFF_SECONDS[min(claimed.attempts, len(_BACK_OFF_SECONDS)) - 1]
    at = instant(gate.now() + dt.timedelta(seconds=seconds))
    if isinstance(error, RateLimitedError):
        at = max(at, error.retry_at)
    if claimed.job.kind == "make-ticket":
        at = max(at, gate.instant(later_seconds=_SEARCHABLE_SECONDS))
    if isinstance(error, TrackerError):
        at = max(at, gate.instant(later_seconds=error.retry_after_seconds))
    gate.store.retry(claimed, at=at, why=str(error)[:500] or type(error).__name__)
    gate.measures.count("jobs_failed", kind=claimed.job.kind, error=getattr(error, "code", "unexpected"))
    if claimed.job.kind == "judge":
        _withdraw_unreadable(gate, claimed.job.payload, error)


def _withdraw_unreadable(gate: Gate, payload: Mapping[str, Any], error: Exception) -> None:
    """Take back the green of a change that cannot be judged: unknown is not yes (S16, S19)."""
    key = key_in(payload)
    with gate.store.writing() as writing:
        change = writing.change(key)
        if change is not None and change.state == "open" and change.published == "success":
            why = "it could not be read in full" if isinstance(error, GateError) else "it could not be judged"
            writing.enqueue(withdraw_job(key.repository_key, change.head_sha, at=gate.instant(), why=why))


def _repository_of(payload: Mapping[str, Any]) -> RepositoryKey | None:
    """Return the repository that a job is about, None where it is about none."""
    return _repository(payload) if payload.keys() >= {"tenant", "repository"} else None


def _repository(payload: Mapping[str, Any]) -> RepositoryKey:
    return RepositoryKey(payload["tenant"], payload["repository"])


def _group(payload: Mapping[str, Any]) -> Group:
    return Group(payload["head_sha"], payload["base_ref"], payload["base_sha"])


_RUNNERS: Mapping[str, Run] = {
    "deliver": lambda gate, payload: deliver(gate, payload["guid"]),
    "judge": lambda gate, payload: judge_change(gate, key_in(payload)),
    "judge-group": lambda gate, payload: judge_group(gate, _repository(payload), _group(payload)),
    "withdraw": lambda gate, payload: withdraw_check(
        gate, _repository(payload), payload["head_sha"], why=payload["why"]
    ),
    "publish": lambda gate, payload: publish_check(gate, _repository(payload), payload["head_sha"]),
    "comment": lambda gate, payload: publish_comment(gate, key_in(payload)),
    "react": lambda gate, payload: react_to_command(gate, key_in(payload), payload["comment"]),
    "link-ticket": lambda gate, payload: link_ticket(gate, key_in(payload), payload["ticket"]),
    "make-ticket": lambda gate, payload: make_ticket(gate, payload["incident"]),
    "tell-incident": lambda gate, payload: tell_incident(gate, payload["incident"]),
    "signal": heed_signal,
    "protection": lambda gate, payload: harvest_protection(gate, _repository(payload), is_event=payload["is_event"]),
    "reconcile": lambda gate, payload: reconcile_at_forge(gate, _repository(payload), payload["branch"]),
    "compare-checks": lambda gate, payload: compare_checks(gate, _repository(payload), payload["head_sha"]),
    "sweep": lambda gate, _: sweep(gate),
    "notify": lambda gate, payload: request_signoffs(gate, key_in(payload)),
    "tell": lambda gate, payload: tell(gate, payload["notice"]),
    "escalate": lambda gate, payload: climb(gate, payload["escalation"]),
    "climb-review": lambda gate, payload: climb_review(gate, payload["escalation"]),
    "call-out": lambda gate, payload: climb_call_out(gate, payload["escalation"]),
    "poll-deliveries": lambda gate, _: poll_deliveries(gate),
    "remind": lambda gate, _: remind(gate),
}
