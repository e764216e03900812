"""Quiet hours: until when somebody is not to be disturbed, by the clock of their own time zone."""

import datetime as dt

from gate.adapters.calendars.zones import LocalTimeError, instant, latest, parse_instant, zone_named
from gate.core.change.facts import Instant
from gate.core.ownership.records import QuietHours


def quiet_until(quiet: QuietHours, at: Instant) -> Instant:
    """Return when the quiet hours that hold at a time are over, empty where none hold.

    A zone that nobody knows is read as UTC. Where both times are equal there are no quiet hours.
    """
    try:
        zone = zone_named(quiet.timezone)
    except LocalTimeError:
        zone = dt.UTC
    moment = parse_instant(at)
    local = moment.astimezone(zone)
    begins, ends = dt.time.fromisoformat(quiet.from_), dt.time.fromisoformat(quiet.to)
    if begins == ends:
        return ""
    for day in (local.date() - dt.timedelta(days=1), local.date()):
        start = latest(dt.datetime.combine(day, begins), zone)
        end = latest(dt.datetime.combine(day if begins < ends else day + dt.timedelta(days=1), ends), zone)
        if start <= moment < end:
            return instant(end)
    return ""
