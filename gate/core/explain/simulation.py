"""A simulation in words: what a proposed policy would have changed, as sentences, Markdown and JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from gate.core.explain.markdown_text import inline
from gate.core.explain.outline import count_of
from gate.core.policy.simulate import KINDS, Effect, Kind, Side, Simulation

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


def markdown_of(found: Simulation) -> str:
    """Return a simulation as a section of a check's text; other people's words are escaped, at most ten are named."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Simulation) -> Iterator[str]:
    yield "### What these rules would have changed"
    yield ""
    yield inline(f"{summary_of(found)} {wait_of(found)}".strip())
    if found.differing:
        yield ""
        yield from (_line(effect) for effect in found.differing[:_SHOWN])
    if len(found.differing) > _SHOWN:
        yield f"- and {len(found.differing) - _SHOWN} more; `gate policy simulate --recorded` lists all"
    if found.left_out:
        yield ""
        yield f"{count_of(found.left_out, 'change')} could not be looked at."


def _line(effect: Effect) -> str:
    return f"- **{WORDS[effect.kind]}**: {inline(f'{effect.id} {effect.title}'[:120])}: {inline(effect.why[:300])}"


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
