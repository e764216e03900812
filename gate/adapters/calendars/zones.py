"""Zones: local times as instants in UTC, by the packaged time zone data, the same on every machine."""

import datetime as dt
import zoneinfo

from gate.core.change.facts import Instant

# NOTE: without this, zoneinfo reads the machine's own files first, and two machines may disagree about an hour.
zoneinfo.reset_tzpath(to=())
_DATE_LENGTH = len("2026-12-18")


class LocalTimeError(ValueError):
    """A zone or a local time that cannot be understood: one sentence."""


def zone_named(name: str) -> dt.tzinfo:
    """Return a time zone by its IANA name. Raises LocalTimeError for any other name."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise LocalTimeError(f"there is no time zone `{name}`; names look like `Europe/Berlin`") from None


def start_of(local: str, zone: dt.tzinfo) -> dt.datetime:
    """Return when a local time begins, in UTC; a date begins with its day.

    Where clocks change, a time may name two instants (set back) or none (set forward): the earlier reading holds.
    """
    return earliest(_parsed(local), zone)


def end_of(local: str, zone: dt.tzinfo) -> dt.datetime:
    """Return when a local time is over, in UTC; a date is over with the end of its day.

    Where clocks change the later reading holds, so that a freeze never ends before what its author can have meant.
    """
    moment = _parsed(local)
    try:
        return latest(moment + dt.timedelta(days=1) if len(local) == _DATE_LENGTH else moment, zone)
    except OverflowError:
        raise LocalTimeError(f"`{local}` is beyond what a calendar can hold") from None


def earliest(moment: dt.datetime | dt.date, zone: dt.tzinfo) -> dt.datetime:
    """Return the earlier instant that a time can mean; without a zone of its own it is read in `zone`."""
    return min(_readings(moment, zone))


def latest(moment: dt.datetime | dt.date, zone: dt.tzinfo) -> dt.datetime:
    """Return the later instant that a time can mean; without a zone of its own it is read in `zone`."""
    return max(_readings(moment, zone))


def parse_instant(text: Instant) -> dt.datetime:
    """Return the aware time that an instant names."""
    return dt.datetime.fromisoformat(text)


def instant(moment: dt.datetime) -> Instant:
    """Return a time as RFC 3339 in UTC, to the second."""
    return moment.astimezone(dt.UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _readings(moment: dt.datetime | dt.date, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001  # the zone follows
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        first, second = (moment.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    except OverflowError:
        raise LocalTimeError(f"`{moment.date()}` is beyond what a calendar can hold") from None
    return first, second


def _parsed(local: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(local)
    except ValueError:
        raise LocalTimeError(f"`{local}` is no date or time that exists") from None
