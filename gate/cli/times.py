"""Times on the command line, as people write them."""

import datetime as dt

from gate.core.errors import UsageError
from gate.core.explain.escaping import visible

_LONGEST = 40


def written_time(text: str, *, step: str, needs_zone: bool = False) -> dt.datetime:
    """Return the time in UTC that an option names. Raises UsageError, with the next step, for what names none."""
    from gate.core.times import FIRST_YEAR, LAST_YEAR, moment_of

    try:
        moment = moment_of(text, needs_zone=needs_zone)
    except ValueError:
        moment = None
    if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        kind = "time with a zone" if needs_zone else "time"
        raise UsageError(f"{visible(text[:_LONGEST])!r} is no {kind}.", next_step=step)
    return moment
