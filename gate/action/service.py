"""Service: the gate's service is asked for its verdict, by who the job is; the app's check stays the gate."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gate.action.job import Inputs, Job
from gate.action.outcome import tell
from gate.action.rehearsal import rehearsed
from gate.action.runner import Runner
from gate.core.errors import GateError, UnreadableError
from gate.core.explain.escaping import prose
from gate.core.explain.json import parse_verdict

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5, 60
STATES = frozenset({"approved", "waiting", "needs-author", "rejected", "frozen", "error"})
_FORK = (
    "GitHub gives a job of a fork's pull request no identity, so the service cannot be asked from here. It judges the "
    "change all the same: its check and its comment stand on the pull request."
)


def ask_service(
    inputs: Inputs,
    job: Job,
    environment: Mapping[str, str],
    runner: Runner,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Ask for the verdict, wait for an approval where that was asked for, and return 1 where `fail-on` says so.

    A job of a fork cannot ask: that is said, and fails nothing, for the app's own check is what holds a merge back.
    Raises UnreadableError where the service cannot be asked otherwise.
    """
    from gate.adapters.actions_client import ActionsClient, Identity

    if not job.has_identity:
        if job.is_fork:
            runner.notice(_FORK)
            runner.add_summary(f"## Sign-off gate\n\n{_FORK}")
            return 0
        raise UnreadableError("This job cannot prove who it is.", next_step="Grant it `id-token: write`.")
    identity = Identity(environment["ACTIONS_ID_TOKEN_REQUEST_URL"], environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
    client = ActionsClient(inputs.url, identity, sleep=sleep)
    trial = rehearsed(inputs, job, runner)
    body: dict[str, Any] = {"head_sha": job.head_sha}
    if trial.report is not None:
        body["rehearsal"] = json.loads(trial.report.model_dump_json(by_alias=True))
    for pause in _pauses(inputs.wait_seconds):
        sleep(pause)
        answer, token = client.evaluate(job.repository, job.number, body)
        runner.mask(token)
        if answer.get("state") != "waiting":
            break
    return _relay(inputs, job, runner, answer, note=trial.note)


def _pauses(wait_seconds: int) -> Iterator[float]:
    """Yield how long to pause before each question: first not at all, then ever longer, as long as there is time."""
    yield 0
    pause, left = FIRST_PAUSE_SECONDS, wait_seconds
    while left > 0:
        yield min(pause, left)
        left -= pause
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _relay(inputs: Inputs, job: Job, runner: Runner, answer: Mapping[str, Any], *, note: str) -> int:
    state, url = answer.get("state"), f"{inputs.url}/changes/{job.repository}/{job.number}"
    if state not in STATES:
        raise UnreadableError("The service answers in another language than this Action.", next_step="Update the two.")
    runner.notice(f"The verdict with its reasons: {url}")
    said = prose(str(answer.get("evidence", "")), 300)
    notes = [f"[The verdict at the gate]({url})", *(f"_{text}_" for text in (note, said) if text)]
    try:
        verdict = parse_verdict(json.dumps(answer.get("verdict")).encode(), file="the service's verdict")
    except GateError:  # NOTE: a later service may say more than this Action knows; the state and the link still hold
        runner.set_output("state", str(state))
        runner.set_output("verdict", json.dumps(answer.get("verdict")))
        runner.set_output("waiting-for", "")
        runner.set_output("url", url)
        runner.add_summary(f"## Sign-off gate: {state}\n\n{prose(str(answer.get('summary', '')), 1000)}\n\n{notes[0]}")
    else:
        if verdict.state != state:
            raise UnreadableError("The service's answer contradicts itself.", next_step="Report it, please.")
        tell(runner, verdict, url=url, note="\n\n".join(notes))
    return 1 if state in inputs.fail_on else 0
