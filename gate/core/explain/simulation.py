"""A simulation in words: what a proposed policy would have changed, as sentences, in brief, as Markdown and JSON."""

import json
from collections.abc import Mapping
from typing import Any

from gate.core.counting import count_of
from gate.core.explain.markdown_text import inline
from gate.core.policy.simulate import KINDS, Kind, Side, Simulation, names_of
from gate.core.values import dataclass

SCHEMA = "gate.simulation/1"
WORDS: Mapping[Kind, str] = {
    "newly-blocked": "newly blocked",
    "newly-free": "newly free",
    "more-asked": "more people asked",
    "fewer-asked": "fewer people asked",
    "asked-otherwise": "other people asked",
    "same": "the same",
}
_SHOWN = 10
_NAMED = 5
_HOUR, _DAY = 60, 24 * 60


def summary_of(found: Simulation) -> str:
    """Return the outcome in one sentence."""
    total = len(found.effects)
    if not total:
        return "There is no past change to try this on."
    counts = [f"{found.counts[kind]} {WORDS[kind]}" for kind in KINDS if found.counts.get(kind)]
    return f"Of {count_of(total, 'past change')}: {', '.join(counts)}."


def wait_of(found: Simulation) -> str:
    """Return the estimated waits in one sentence, empty where nothing is known of any."""
    if found.minutes_before is None or found.minutes_after is None:
        return ""
    before, after = in_time(found.minutes_before), in_time(found.minutes_after)
    return f"Estimated median wait for sign-offs: {before} now, {after} as proposed."


def in_time(minutes: int | None) -> str:
    """Return a wait as people say it."""
    if minutes is None:
        return "unknown"
    if minutes >= 2 * _DAY:
        return f"{minutes / _DAY:.1f} days"
    return f"{minutes / _HOUR:.1f} h" if minutes >= _HOUR else f"{minutes} min"


@dataclass(frozen=True, slots=True)
class Brief:
    """A simulation in a few sentences that name changes by number, components and rules, and no person."""

    summary: str
    wait: str = ""
    lines: tuple[str, ...] = ()


def brief_of(found: Simulation) -> Brief:
    """Return a simulation in brief; at most ten changes are named, the gravest first."""
    lines = [f"{WORDS[one.kind]}: {one.id} ({names_of(one.subjects[:_NAMED])})" for one in found.differing[:_SHOWN]]
    if len(found.differing) > _SHOWN:
        lines.append(f"and {len(found.differing) - _SHOWN} more; `gate policy simulate --recorded` lists all")
    if found.left_out:
        lines.append(f"{count_of(found.left_out, 'change')} could not be looked at")
    return Brief(summary_of(found), wait_of(found), tuple(lines))


def brief_bytes(brief: Brief) -> bytes:
    """Return a brief as it is stored."""
    return json.dumps({"summary": brief.summary, "wait": brief.wait, "lines": brief.lines}).encode()


def parse_brief(raw: bytes) -> Brief:
    """Return a brief as `brief_bytes` stored it."""
    told = json.loads(raw)
    return Brief(told["summary"], told["wait"], tuple(told["lines"]))


def markdown_of(brief: Brief) -> str:
    """Return a brief as a section of a check's text, other people's words escaped."""
    lines = ["### What these rules would have changed", "", inline(f"{brief.summary} {brief.wait}".strip())]
    if brief.lines:
        lines += ["", *(f"- {inline(line)}" for line in brief.lines)]
    return "\n".join(lines) + "\n"


def json_of(found: Simulation) -> dict[str, Any]:
    """Return a simulation as one JSON object, `gate.simulation/1`."""
    return {
        "schema": SCHEMA,
        "summary": summary_of(found),
        "counts": {kind: found.counts.get(kind, 0) for kind in KINDS},
        "estimated_wait_minutes": {"before": found.minutes_before, "after": found.minutes_after},
        "left_out": found.left_out,
        "changes": [
            {
                "id": effect.id,
                "title": effect.title,
                "url": effect.url,
                "effect": effect.kind,
                "why": effect.why,
                "before": _side(effect.before),
                "after": _side(effect.after),
            }
            for effect in found.effects
        ],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "state": side.state,
        "blocks": dict(side.blocks),
        "signoffs": dict(side.asks),
        "estimated_wait_minutes": side.minutes,
    }
