"""Freeze windows and the declared deployment window: what holds a change by the clock, and until when."""

import datetime as dt
from collections.abc import Sequence

from gate.core.change.facts import Facts, FreezePeriod, Instant
from gate.core.ownership.registry import Component
from gate.core.policy.conditions import component_matches
from gate.core.policy.model import Emergency, Freeze
from gate.core.times import instant, parse_instant
from gate.core.values import dataclass
from gate.core.verdict import RequirementView, RuleRef


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What may lift a freeze: an emergency in force, a standard change in force."""

    is_emergency: bool
    is_standard: bool

    def lifts(self, freeze: Freeze) -> bool:
        """Return whether the freeze makes an exception for this change. An emergency waives every freeze."""
        return self.is_emergency or (self.is_standard and "standard" in (freeze.except_ or ()))


def judge_freezes(
    facts: Facts, concerned: Sequence[Component | None], *, at: Instant, relaxed: Relaxed
) -> tuple[list[RequirementView], list[Instant]]:
    """Return a requirement for each freeze that concerns the change now, and every instant at which that changes."""
    views: list[RequirementView] = []
    boundaries: list[Instant] = []
    policy = facts.policy
    for number, freeze in enumerate(policy.policy.freezes):
        if not _concerns(freeze, concerned, declared=facts.declaration.environments):
            continue
        periods = [period for period in facts.freeze_periods if period.freeze == number]
        boundaries += [edge for period in periods for edge in (period.from_at, period.until_at)]
        until = _frozen_until(periods, at)
        if until is not None:
            rule = RuleRef(name=freeze.name, file=policy.file, line=policy.lines.get(f"freezes/{number}", 0))
            views.append(_frozen(freeze, until, rule, policy.policy.emergency, is_lifted=relaxed.lifts(freeze)))
    return views, boundaries


def judge_window(facts: Facts, *, at: Instant, relaxed: Relaxed) -> tuple[list[RequirementView], list[Instant]]:
    """Return the requirement that the author's own deployment window makes, and its edges."""
    window = facts.declaration.window
    if window is None:
        return [], []
    edges = [window.from_at, window.until_at]
    if window.from_at <= at < window.until_at or relaxed.is_emergency:
        return [], edges
    is_early = at < window.from_at
    why = (
        f"The author declared the window {window.from_at} to {window.until_at}; it is {at} now."
        if is_early
        else f"The declared window ended at {window.until_at}."
    )
    view = RequirementView(
        id="freeze:window",
        kind="freeze",
        title="The declared window",
        state="frozen",
        code="outside-window",
        why=why,
        next=f"Wait until {window.from_at}." if is_early else "Declare a new window.",
    )
    return [view], edges


@dataclass(frozen=True, slots=True)
class Nearness:
    """Whether a freeze begins soon, and the instants at which that changes."""

    is_near: bool
    edges: list[Instant]


def is_near_freeze(
    facts: Facts, concerned: Sequence[Component | None], *, at: Instant, within: dt.timedelta
) -> Nearness:
    """Return whether a freeze that concerns the change is in force or begins within some time."""
    freezes = {
        number
        for number, freeze in enumerate(facts.policy.policy.freezes)
        if _concerns(freeze, concerned, declared=facts.declaration.environments)
    }
    edges: list[Instant] = []
    is_near = False
    for period in facts.freeze_periods:
        if period.freeze in freezes:
            begins = instant(parse_instant(period.from_at) - within)
            edges += [begins, period.until_at]
            is_near = is_near or begins <= at < period.until_at
    return Nearness(is_near, edges)


def _concerns(freeze: Freeze, concerned: Sequence[Component | None], *, declared: Sequence[str]) -> bool:
    """Return whether a freeze concerns a change. What touches no component may still be declared for production."""
    condition = freeze.components
    items = concerned or (None,)
    return condition is None or any(component_matches(condition, item, declared=declared) for item in items)


def _frozen_until(periods: Sequence[FreezePeriod], at: Instant) -> Instant | None:
    """Return when the freeze that is in force at a time ends, periods that follow on each other taken as one."""
    until: Instant | None = None
    for period in sorted(periods, key=lambda period: (period.from_at, period.until_at)):
        if period.from_at <= (until or at) and period.until_at > (until or at):
            until = period.until_at
    return until


def _frozen(
    freeze: Freeze, until: Instant, rule: RuleRef, path: Emergency | None, *, is_lifted: bool
) -> RequirementView:
    way_out = f", or take the emergency path by the label `{path.label}`" if path is not None else ""
    return RequirementView(
        id=f"freeze:{freeze.name}",
        kind="freeze",
        title=f"Freeze: {freeze.name}",
        state="met" if is_lifted else "frozen",
        code="freeze-lifted" if is_lifted else "frozen",
        why=f"The freeze `{freeze.name}` holds until {until}"
        + (", but makes an exception here." if is_lifted else "."),
        next="" if is_lifted else f"Wait until {until}{way_out}.",
        rule=rule,
    )
