"""Job: what GitHub Actions tells a job of itself and its event, and what the caller asked for, checked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gate.core.errors import UnreadableError, UsageError

Mode = Literal["service", "standalone"]
DEFAULT_FAIL_ON = "needs-author,rejected,frozen,error"
MAX_WAIT_SECONDS = 6 * 3600
_STATES = frozenset({"waiting", "needs-author", "rejected", "frozen", "error"})
_MAX_EVENT_BYTES = 25 * 1024 * 1024
_QUEUE = "a merge queue's group is judged by the service alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the caller of the Action asked for. `wait_seconds` and `fail_on` count in service mode alone."""

    mode: Mode
    url: str
    config: str
    wait_seconds: int
    may_rehearse: bool
    fail_on: frozenset[str]
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job with the change that it is about. `has_identity` says whether GitHub lets it prove who it is."""

    repository: str
    number: int
    head_sha: str
    base_sha: str
    event: str
    is_fork: bool
    api_url: str
    workspace: Path
    workflow_repository: str
    has_identity: bool

    @property
    def is_protected(self) -> bool:
        """Return whether the workflow stands in another repository, where no change of this one can edit it."""
        return bool(self.workflow_repository) and self.workflow_repository.lower() != self.repository.lower()


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """Return the Action's inputs. Raises UsageError, naming the input, for what cannot be used."""
    mode = environment.get("INPUT_MODE", "").strip()
    if mode not in {"service", "standalone"}:
        raise UsageError(f"The input `mode` is {mode[:40]!r}.", next_step="Write `service` or `standalone`.")
    url = environment.get("INPUT_URL", "").strip().rstrip("/")
    if mode == "service" and not url:
        raise UsageError("The input `url` is missing.", next_step="Write the service's address, or `mode: standalone`.")
    return Inputs(
        mode="service" if mode == "service" else "standalone",
        url=url,
        config=environment.get("INPUT_CONFIG", "").strip().strip("/") or ".gate",
        wait_seconds=_seconds(environment.get("INPUT_WAIT", "")),
        may_rehearse=_flag("rehearse", environment.get("INPUT_REHEARSE", "")),
        fail_on=_fail_on(environment.get("INPUT_FAIL_ON", "")),
        token=environment.get("INPUT_TOKEN", "").strip(),
    )


def read_job(environment: Mapping[str, str]) -> Job:
    """Return the job and its change.

    Raises UsageError for an event that is about none, UnreadableError where there is no event.
    """
    name = environment.get("GITHUB_EVENT_NAME", "")
    event = _event(environment.get("GITHUB_EVENT_PATH", ""))
    pull = event.get("pull_request")
    if not isinstance(pull, Mapping):
        why = f" ({_QUEUE})" if name == "merge_group" else ""
        raise UsageError(
            f"The event `{name[:40]}` is about no pull request{why}.",
            next_step="Run the Action on `pull_request` and `pull_request_review`.",
        )
    workflow = environment.get("GITHUB_WORKFLOW_REF", "").partition("@")[0]
    try:
        head, base = pull["head"], pull["base"]
        source = head.get("repo") or {}
        return Job(
            repository=environment["GITHUB_REPOSITORY"],
            number=int(pull["number"]),
            head_sha=str(head["sha"]),
            base_sha=str(base["sha"]),
            event=name,
            is_fork=source.get("id") != base["repo"]["id"],
            api_url=environment.get("GITHUB_API_URL", "") or "https://api.github.com",
            workspace=Path(environment.get("GITHUB_WORKSPACE", "") or "."),
            workflow_repository="/".join(workflow.split("/")[:2]),
            has_identity=bool(environment.get("ACTIONS_ID_TOKEN_REQUEST_URL")),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UnreadableError("GitHub's event is not as it should be.", next_step="Run the job again.") from None


def _event(path: str) -> Mapping[str, Any]:
    try:
        with Path(path).open("rb") as opened:
            value = json.loads(opened.read(_MAX_EVENT_BYTES))
    except (OSError, ValueError, RecursionError):
        raise UnreadableError("The job has no event that can be read.", next_step="Run it on GitHub Actions.") from None
    return value if isinstance(value, Mapping) else {}


def _seconds(text: str) -> int:
    plain = text.strip() or "0"
    if not (plain.isascii() and plain.isdigit() and len(plain) < len("100000") and int(plain) <= MAX_WAIT_SECONDS):
        raise UsageError(
            f"The input `wait` is {plain[:40]!r}.", next_step=f"Write seconds, {MAX_WAIT_SECONDS} at most."
        )
    return int(plain)


def _flag(name: str, text: str) -> bool:
    plain = text.strip().lower() or "false"
    if plain not in {"true", "false"}:
        raise UsageError(f"The input `{name}` is {plain[:40]!r}.", next_step="Write `true` or `false`.")
    return plain == "true"


def _fail_on(text: str) -> frozenset[str]:
    names = {part.strip() for part in (text.strip() or DEFAULT_FAIL_ON).split(",")}
    if names == {"none"}:
        return frozenset()
    for name in sorted(names - _STATES):
        step = f"Write some of {', '.join(sorted(_STATES))}, or `none`."
        raise UsageError(f"The input `fail-on` names {name[:40]!r}.", next_step=step)
    return frozenset(names)
