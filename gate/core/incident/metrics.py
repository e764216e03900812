"""Metrics of failure: how many changes cause incidents and how long repair takes, each with its population."""

from collections.abc import Iterable, Sequence

from gate.core.change.facts import Instant
from gate.core.times import parse_instant
from gate.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Outage:
    """An incident as it is measured: when it began, when service was back (None: it is not), and what caused it.

    `causes` are the ids of changes that somebody confirmed as its cause; a mere suspicion counts for nothing.
    """

    id: str
    component: str
    began_at: Instant
    restored_at: Instant | None
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FailureRate:
    """Of `changes` that landed within a span, the `failed` ones caused at least one incident, whenever it came."""

    changes: int
    failed: tuple[str, ...]

    @property
    def percent(self) -> float | None:
        """Return the share in percent, rounded up to a tenth: 0 only where nothing failed; None of no changes."""
        return -(-len(self.failed) * 1000 // self.changes) / 10 if self.changes else None


@dataclass(frozen=True, slots=True)
class RestoreTime:
    """Of the incidents that began within a span: minutes to restore, the median and the 90th percentile.

    Both are None where none is restored. `open` are the incidents that last: they are in neither number, and shown.
    """

    restored: tuple[str, ...]
    open: tuple[str, ...]
    median_minutes: int | None
    p90_minutes: int | None


def change_failure_rate(
    landed: Iterable[tuple[str, Instant]], outages: Iterable[Outage], *, since: Instant, until: Instant
) -> FailureRate:
    """Return the change failure rate of the changes (id and time of landing) from `since` on, before `until`."""
    within = dict.fromkeys(name for name, at in landed if since <= at < until)
    causes = {cause for outage in outages for cause in outage.causes}
    return FailureRate(len(within), tuple(name for name in within if name in causes))


def time_to_restore(outages: Iterable[Outage], *, since: Instant, until: Instant) -> RestoreTime:
    """Return how long repair took for the incidents that began from `since` on, before `until`."""
    within = [outage for outage in outages if since <= outage.began_at < until]
    minutes = sorted(_minutes(outage.began_at, outage.restored_at) for outage in within if outage.restored_at)
    return RestoreTime(
        restored=tuple(outage.id for outage in within if outage.restored_at),
        open=tuple(outage.id for outage in within if not outage.restored_at),
        median_minutes=_rank(minutes, 50),
        p90_minutes=_rank(minutes, 90),
    )


def _rank(ordered: Sequence[int], percent: int) -> int | None:
    """Return the value at a percentile by nearest rank: always one that was measured."""
    return ordered[max(-(-len(ordered) * percent // 100), 1) - 1] if ordered else None


def _minutes(began_at: Instant, restored_at: Instant) -> int:
    return max(int((parse_instant(restored_at) - parse_instant(began_at)).total_seconds()) // 60, 0)
