"""Due: how near the day is on which something must be done, and for which of its occasions somebody is told."""

import datetime as dt
from typing import Literal

from gate.core.change.facts import Instant
from gate.core.times import instant, parse_instant

SOON = dt.timedelta(days=7)
"""How long before it is due somebody is told."""
Occasion = Literal["", "soon", "overdue"]


def occasion_of(due_at: Instant, at: Instant) -> Occasion:
    """Return which of its two occasions something has reached: soon due, or overdue; none while it is far away."""
    left = parse_instant(due_at) - parse_instant(at)
    if left <= dt.timedelta():
        return "overdue"
    return "soon" if left <= SOON else ""


def last_moment(due_at: Instant) -> Instant:
    """Return the last second in which something is done in time: what is due by the end of a day is due on that day."""
    return instant(parse_instant(due_at) - dt.timedelta(seconds=1))
