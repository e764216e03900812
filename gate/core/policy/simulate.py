"""Simulation: what proposed rules would have changed for past changes; a pure comparison of verdicts."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Literal, NamedTuple

from gate.core.change.facts import Facts, Instant
from gate.core.decide import decide
from gate.core.policy.compiled_rules import CompiledRules
from gate.core.values import dataclass
from gate.core.verdict import RequirementView, State, Verdict

Kind = Literal["newly-blocked", "newly-free", "more-asked", "fewer-asked", "asked-otherwise", "same"]
KINDS: tuple[Kind, ...] = ("newly-blocked", "newly-free", "more-asked", "fewer-asked", "asked-otherwise", "same")
_BLOCKS = frozenset({"needs-author", "rejected", "frozen", "error"})
_STUCK = frozenset({"no-eligible-owner"})
"""A wait that nobody can end is a block as well."""
_ASKS = frozenset({"ownership", "rule", "policy-change"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PastChange:
    """A change that was, as facts and the time to judge it at.

    `waited_minutes` is how long it waited for sign-offs, None where nobody knows.
    """

    id: str
    title: str
    facts: Facts
    at: Instant
    url: str = ""
    waited_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One change under one set of rules: what holds it, whom it asks, and how long that is likely to take.

    `blocks` maps the id of a requirement that holds the change to its reason; `asks` maps what must be signed off to
    how many people. `minutes` is None where no past change tells.
    """

    state: str
    blocks: Mapping[str, str]
    asks: Mapping[str, int]
    minutes: int | None = None

    @property
    def signoffs(self) -> int:
        """Return how many sign-offs are asked for altogether."""
        return sum(self.asks.values())


@dataclass(frozen=True, slots=True)
class Effect:
    """What the proposal does to one change.

    `why` is one sentence, empty where nothing differs; it may name people. `subjects` are the ids of the requirements
    that make the difference, and name nobody.
    """

    id: str
    title: str
    url: str
    kind: Kind
    before: Side
    after: Side
    why: str = ""
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a proposal would have changed for the changes that were looked at.

    `minutes_before` and `minutes_after` are the medians of the estimated waits, None where nothing is known of any.
    """

    effects: tuple[Effect, ...] = ()
    counts: Mapping[Kind, int] = field(default_factory=dict)
    minutes_before: int | None = None
    minutes_after: int | None = None
    left_out: int = 0

    @property
    def differing(self) -> tuple[Effect, ...]:
        """Return what differs, the gravest first."""
        return tuple(effect for effect in self.effects if effect.kind != "same")


@dataclass(frozen=True, slots=True)
class Pair:
    """One past change under the rules in force and under the proposed ones."""

    past: PastChange
    before: Facts
    after: Facts


def simulate(
    pairs: Iterable[Pair],
    *,
    left_out: int = 0,
    old: CompiledRules | None = None,
    new: CompiledRules | None = None,
) -> Simulation:
    """Return what differs between the two sides of all pairs, the gravest first.

    All pairs of one side have the same ownership and policy, which `old` and `new` are compiled of where they are at
    hand. `left_out` is how many changes could not be looked at.
    """
    judged: list[tuple[PastChange, _Seen, _Seen]] = []
    for pair in pairs:
        old = old or CompiledRules.of(pair.before.ownership, pair.before.policy)
        new = new or CompiledRules.of(pair.after.ownership, pair.after.policy)
        at = pair.past.at
        before, after = decide(pair.before, at=at, compiled=old), decide(pair.after, at=at, compiled=new)
        judged.append((pair.past, _seen(before), _seen(after)))
    waits = _waits([(past, before.asks) for past, before, _ in judged])
    effects = [_effect(past, _side(before, waits), _side(after, waits)) for past, before, after in judged]
    return Simulation(
        effects=tuple(sorted(effects, key=lambda effect: KINDS.index(effect.kind))),
        counts={kind: sum(1 for effect in effects if effect.kind == kind) for kind in KINDS},
        minutes_before=_median([effect.before.minutes for effect in effects]),
        minutes_after=_median([effect.after.minutes for effect in effects]),
        left_out=left_out,
    )


class _Seen(NamedTuple):
    """What of a verdict is compared. The verdict itself is let go: it holds on to the facts of its change."""

    state: State
    blocks: Mapping[str, str]
    asks: Mapping[str, int]


def _seen(verdict: Verdict) -> _Seen:
    return _Seen(verdict.state, dict(_blocking(verdict)), _asks(verdict))


def _side(seen: _Seen, waits: Mapping[str, int]) -> Side:
    return Side(seen.state, seen.blocks, seen.asks, _estimate(seen.asks, waits))


def _asks(verdict: Verdict) -> Mapping[str, int]:
    """Return what must be signed off, waived or not yet given alike, by the name that its owners know it by."""
    found: dict[str, int] = {}
    for one in verdict.requirements:
        if one.kind in _ASKS and one.needed and one.code != "waived":
            found[one.id] = max(found.get(one.id, 0), one.needed)
    return found


def _blocking(verdict: Verdict) -> Iterable[tuple[str, str]]:
    return ((one.id, one.why) for one in verdict.requirements if _holds(one))


def _holds(one: RequirementView) -> bool:
    return one.state in _BLOCKS or (one.state != "met" and one.code in _STUCK)


def _effect(past: PastChange, before: Side, after: Side) -> Effect:
    kind, why, subjects = _difference(before, after)
    return Effect(past.id, past.title, past.url, kind, before, after, why, tuple(subjects))


def _difference(before: Side, after: Side) -> tuple[Kind, str, Sequence[str]]:
    """Return the kind of a difference, its sentence, and the requirements that make it."""
    new = [name for name in after.blocks if name not in before.blocks]
    gone = [name for name in before.blocks if name not in after.blocks]
    asked, spared = _added(before.asks, after.asks), _added(after.asks, before.asks)
    if new:
        return "newly-blocked", after.blocks[new[0]], new
    if before.state == "approved" != after.state:
        return "newly-blocked", f"It was approved, and would wait for {names_of(asked) or 'sign-offs'}.", asked
    if gone and not after.blocks:
        return "newly-free", f"No longer holds: {before.blocks[gone[0]]}", gone
    if after.state == "approved" != before.state:
        return "newly-free", "It would be approved as it stands.", spared
    if after.signoffs > before.signoffs:
        return "more-asked", f"Also asked: {names_of(asked)}.", asked
    if after.signoffs < before.signoffs:
        return "fewer-asked", f"No longer asked: {names_of(spared)}.", spared
    if asked or spared:
        why = f"Asked: {names_of(asked)}; no longer asked: {names_of(spared)}."
        return "asked-otherwise", why, [*asked, *spared]
    return "same", "", ()


def _added(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    return [name for name, count in after.items() if count > before.get(name, 0)]


def names_of(ids: Sequence[str]) -> str:
    """Return components and rules as their people know them: an id is its kind, its name, and perhaps its party."""
    return ", ".join(dict.fromkeys(name.split(":")[1] if ":" in name else name for name in ids))


def _waits(known: Sequence[tuple[PastChange, Mapping[str, int]]]) -> Mapping[str, int]:
    """Return the median wait in minutes by what was asked; under the empty name, that of all changes."""
    samples: dict[str, list[int]] = {}
    for past, asks in known:
        if past.waited_minutes is not None and asks:
            for name in ("", *asks):
                samples.setdefault(name, []).append(past.waited_minutes)
    return {name: round(statistics.median(values)) for name, values in samples.items()}


def _estimate(asks: Mapping[str, int], waits: Mapping[str, int]) -> int | None:
    """Return the likely wait: people are asked at once, so that the slowest of them decides."""
    if not asks:
        return 0
    if "" not in waits:
        return None
    return max(waits.get(name, waits[""]) for name in asks)


def _median(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return round(statistics.median(known)) if known else None
