"""The ladder: its steps with the time of each, counted from its beginning; a reminder first where a sign-off waits."""

import datetime as dt
from collections.abc import Iterator

from gate.core.ownership.records import EscalationLevel, EscalationPolicy
from gate.core.times import duration
from gate.core.values import dataclass

REMIND_AFTER = dt.timedelta(days=1)
REMIND_AGAIN_AFTER = dt.timedelta(days=3)
REVIEW_BEGINS_AFTER = dt.timedelta(days=7)
"""How long after its owner was told that a review is overdue others are told of it."""
_REVIEW_LEVEL = "3d"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a reminder (`level` None), or a level of the ladder, which `number` counts from 1.

    `after` is how long after the ladder's beginning it is due; `turn` counts how often the ladder was begun anew.
    """

    after: dt.timedelta
    level: EscalationLevel | None = None
    number: int = 0
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Ladder:
    """All steps in order, and after how long nobody answered at all."""

    steps: tuple[Step, ...]
    ends_after: dt.timedelta


def signoff_ladder(policy: EscalationPolicy | None, *, is_emergency: bool = False) -> Ladder:
    """Return the ladder of a sign-off that waits: a reminder, then the levels; two reminders where there is no policy.

    In an emergency the levels begin at once, and nobody is reminded.
    """
    if policy is None:
        steps = (Step(REMIND_AFTER), Step(REMIND_AGAIN_AFTER))
        return Ladder(steps, REMIND_AGAIN_AFTER + REMIND_AFTER)
    if is_emergency:
        return level_ladder(policy)
    remind, begin = duration(policy.remind_after), duration(policy.begin_after)
    levels = level_ladder(policy, begins_after=begin)
    reminder = (Step(remind),) if remind < begin else ()
    return Ladder((*reminder, *levels.steps), levels.ends_after)


def review_ladder(policy: EscalationPolicy | None, *, last: str = "") -> Ladder:
    """Return the ladder of an ownership review that is overdue: the levels of a policy by days instead of minutes.

    Nobody is paged over a record that somebody has to look at: a level has three days at least, is told by mail where
    there is any, and calls no vendor. Without a policy the owner and backup are told, then `last` (`team:T`).
    """
    own = policy.levels if policy is not None else (_level("owner", "backup"), *((_level(last),) if last else ()))
    levels = [level for one in own if (level := _in_calm(one)) is not None]
    steps, after = [], REVIEW_BEGINS_AFTER
    for number, level in enumerate(levels, start=1):
        steps.append(Step(after, level, number))
        after += duration(level.acknowledge_within)
    return Ladder(tuple(steps), after)


def _level(*parties: str) -> EscalationLevel:
    return EscalationLevel(notify=parties, channel="email", acknowledge_within="3d")


def _in_calm(level: EscalationLevel) -> EscalationLevel | None:
    parties = tuple(party for party in level.notify if not party.startswith("vendor:"))
    is_long = duration(level.acknowledge_within) >= duration(_REVIEW_LEVEL)
    within = level.acknowledge_within if is_long else _REVIEW_LEVEL
    calm = {"notify": parties, "channel": "email", "acknowledge_within": within}
    return level.model_copy(update=calm) if parties else None


def level_ladder(policy: EscalationPolicy, *, begins_after: dt.timedelta = dt.timedelta()) -> Ladder:
    """Return the levels of a policy, each due when the one before had its time to acknowledge."""
    steps = tuple(_levels(policy, begins_after))
    last = steps[-1]
    within = last.level.acknowledge_within if last.level else "1m"
    return Ladder(steps, last.after + duration(within))


def _levels(policy: EscalationPolicy, after: dt.timedelta) -> Iterator[Step]:
    for turn in range(policy.repeat + 1):
        for number, level in enumerate(policy.levels, start=1):
            yield Step(after, level, number, turn)
            after += duration(level.acknowledge_within)
