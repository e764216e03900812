"""Control periods: from when to when a branch demanded the gate, as far as somebody looked; the rest is a gap."""

import datetime as dt
from collections.abc import Iterator, Sequence

from gate.core.change.facts import Instant
from gate.core.times import instant, parse_instant
from gate.core.values import dataclass

LONGEST_SILENCE = dt.timedelta(hours=26)
"""What was seen is recorded once a day at least, so that a longer silence says that nobody looked."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a branch was seen to demand at a time, and the ledger entry that says so.

    `unseen_since` is when somebody had looked before, where that was too long ago; empty where it was not. An answer
    that the platform did not give is None.
    """

    at: Instant
    entry: int
    is_seen: bool
    is_required: bool
    covers_admins: bool | None
    allows_force_push: bool | None = None
    unseen_since: Instant = ""

    @property
    def state(self) -> tuple[bool | None, ...]:
        """Return what makes two looks the same."""
        return self.is_seen, self.is_required, self.covers_admins, self.allows_force_push


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time in which a branch demanded the same; `look` is None for a gap in which nobody looked."""

    since: Instant
    until: Instant
    look: Look | None

    @property
    def is_gap(self) -> bool:
        """Return whether it is unknown what the branch demanded."""
        return self.look is None or not self.look.is_seen


def control_periods(looks: Sequence[Look], *, since: Instant, until: Instant, known_until: Instant) -> Iterator[Period]:
    """Yield the periods of one branch between two times without a hole, given its looks in order.

    `known_until` is the time of the newest entry of the ledger: nothing is known of what came later. SECURITY: what
    nobody looked at is never taken for what was seen last (R52).
    """
    for period in _periods(looks, since, until, known_until):
        start, end = max(period.since, since), min(period.until, until)
        if start < end:
            yield Period(start, end, period.look)


def _periods(looks: Sequence[Look], since: Instant, until: Instant, known_until: Instant) -> Iterator[Period]:
    if not looks:
        yield Period(since, until, None)
        return
    current, last = looks[0], looks[0].at
    yield Period(since, current.at, None)
    for look in looks[1:]:
        if look.state != current.state or look.unseen_since or _is_silent(last, look.at):
            seen_until = min(look.unseen_since or (last if _is_silent(last, look.at) else look.at), look.at)
            yield Period(current.at, seen_until, current)
            yield Period(seen_until, look.at, None)
            current = look
        last = look.at
    end = min(until, known_until)
    end = last if _is_silent(last, end) else end
    yield Period(current.at, end, current)
    yield Period(max(end, current.at), until, None)


def _is_silent(last: Instant, at: Instant) -> bool:
    return instant(parse_instant(last) + LONGEST_SILENCE) < at
