"""Freezes: the freeze windows of a policy as periods in UTC."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gate.adapters.calendars.zones import LocalTimeError, end_of, instant, parse_instant, start_of, zone_named
from gate.core.change.facts import FreezePeriod, Instant
from gate.core.errors import Fault, UnreadableError
from gate.core.policy.model import Freeze

_UTC = "UTC"


@dataclass(frozen=True, slots=True)
class ExpandedFreezes:
    """The periods of all freezes, and what could not be worked out; with a fault nobody knows what is frozen."""

    periods: tuple[FreezePeriod, ...]
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class _Expansion:
    """Works the freezes out one by one and collects their faults."""

    read: Callable[[str], bytes | None]
    from_at: dt.datetime
    until_at: dt.datetime
    file: str
    lines: Mapping[str, int]
    faults: list[Fault] = field(default_factory=list)

    def periods_of(self, index: int, freeze: Freeze) -> list[FreezePeriod]:
        """Return the periods of one freeze, none where it has a fault."""
        try:
            zone = zone_named(freeze.timezone or _UTC)
            if freeze.calendar is not None:
                return list(_merged(index, self._from_calendar(index, freeze.calendar, zone)))
            from_at, until_at = start_of(freeze.from_ or "", zone), end_of(freeze.to or "", zone)
        except LocalTimeError as error:
            self._fault(index, "freeze-time-invalid", f"the freeze `{freeze.name}` cannot be placed: {error}")
            return []
        if until_at <= from_at:
            self._fault(index, "freeze-time-invalid", f"the freeze `{freeze.name}` ends before it begins")
            return []
        return [FreezePeriod(index, instant(from_at), instant(until_at))]

    def _from_calendar(self, index: int, path: str, zone: dt.tzinfo) -> list[tuple[dt.datetime, dt.datetime]]:
        # NOTE: the calendar library is loaded where a calendar is named, and not for freezes with two times.
        from gate.adapters.calendars.occurrences import CalendarError, occurrences

        try:
            raw = self.read(path)
            if raw is None:
                self._fault(
                    index, "freeze-calendar-missing", f"the calendar `{path}` does not exist on the base branch"
                )
                return []
            found = occurrences(raw, from_at=self.from_at, until_at=self.until_at, zone=zone)
        except (CalendarError, UnreadableError) as error:
            self._fault(index, "freeze-calendar-invalid", f"the calendar `{path}` cannot be used: {error}")
            return []
        return [(occurrence.from_at, occurrence.until_at) for occurrence in found]

    def _fault(self, index: int, code: str, message: str) -> None:
        line = self.lines.get(f"freezes/{index}", 0)
        step = "mend it on the base branch; until then every change that it may hold is held"
        self.faults.append(Fault(self.file, line, 1 if line else 0, code, message, step))


def expand_freezes(
    freezes: Sequence[Freeze],
    *,
    read: Callable[[str], bytes | None],
    from_at: Instant,
    until_at: Instant,
    file: str = ".gate/policy.yaml",
    lines: Mapping[str, int] | None = None,
) -> ExpandedFreezes:
    """Return every period of every freeze that has two times, and those of calendars that overlap the span.

    Times without an offset are in the freeze's `timezone` (default UTC). A date alone is a whole day: `from` begins
    with it, `to` ends with its end. Where clocks change, a freeze begins at the earlier and ends at the later reading.
    All-day and floating events of a calendar are read in the freeze's `timezone`; events that touch are one period.
    `read` returns a calendar file of the base revision, None where there is none. Beyond the span nothing is known of
    calendars. SECURITY: a fault is not "no
    freeze"; the caller must hold the change.
    """
    expansion = _Expansion(read, parse_instant(from_at), parse_instant(until_at), file, lines or {})
    periods: list[FreezePeriod] = []
    for index, freeze in enumerate(freezes):
        periods += expansion.periods_of(index, freeze)
    return ExpandedFreezes(tuple(periods), tuple(expansion.faults))


def _merged(index: int, spans: Iterable[tuple[dt.datetime, dt.datetime]]) -> Iterator[FreezePeriod]:
    """Yield sorted spans as periods, those that overlap or touch as one."""
    current: tuple[dt.datetime, dt.datetime] | None = None
    for from_at, until_at in sorted(spans):
        if current is not None and from_at <= current[1]:
            current = (current[0], max(current[1], until_at))
            continue
        if current is not None:
            yield FreezePeriod(index, instant(current[0]), instant(current[1]))
        current = (from_at, until_at)
    if current is not None:
        yield FreezePeriod(index, instant(current[0]), instant(current[1]))
