"""Outcome: a verdict as outputs, summary and annotations of a job, whichever mode it came from."""

import json
from typing import Any

from gate.action.runner import Runner
from gate.core.explain.annotations import annotations
from gate.core.explain.json import verdict_bytes
from gate.core.explain.markdown import markdown
from gate.core.explain.outline import blocking
from gate.core.explain.terminal import terminal
from gate.core.verdict import Verdict

MAX_OUTPUT_BYTES = 400_000
"""Of the output `verdict`: a job's outputs may hold 1 MiB together, counted by the runner in UTF-16."""
_FEWER_FILES = (200, 20, 0)


def tell(runner: Runner, verdict: Verdict, *, url: str, note: str) -> None:
    """Set the outputs, write summary and annotations, and show the verdict in the log. `note` is Markdown of ours."""
    runner.set_output("state", verdict.state)
    runner.set_output("verdict", compact_verdict(verdict))
    runner.set_output("waiting-for", ", ".join(waiting_for(verdict)))
    runner.set_output("url", url)
    runner.add_summary(f"{markdown(verdict)}\n{note}")
    runner.command(annotations(verdict))
    runner.show(terminal(verdict, width=110, colour=False))


def waiting_for(verdict: Verdict) -> list[str]:
    """Return who can act on what is not met, each once; empty for an approved change."""
    people = [actor.person for one in blocking(verdict.requirements) for actor in one.who]
    return [] if verdict.state == "approved" else list(dict.fromkeys(people))


def compact_verdict(verdict: Verdict) -> str:
    """Return the verdict as JSON on one line; where it is too large, with the first files of each list alone."""
    value = json.loads(verdict_bytes(verdict))
    text = _one_line(value)
    for most in _FEWER_FILES:
        if len(text.encode()) <= MAX_OUTPUT_BYTES:
            break
        text = _one_line(_with_fewer_files(value, most))
    return text if len(text.encode()) <= MAX_OUTPUT_BYTES else ""


def _with_fewer_files(value: dict[str, Any], most: int) -> dict[str, Any]:
    parts = ("components", "requirements")
    return {
        name: [{**one, "files": one["files"][:most]} for one in part] if name in parts else part
        for name, part in value.items()
    }


def _one_line(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))
