"""Examination of copies: heads of the ledger that are kept elsewhere, whether they fit it and are kept up to date."""

import datetime as dt
from collections.abc import Iterable, Iterator

from gate.core.change.facts import Instant
from gate.core.examination import Finding, entries
from gate.core.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyState:
    """One place with the head that it holds: over `size` entries, 0 where it holds none.

    `behind_since` is when the ledger first went on without it, empty where it did not. `problem` says why the place
    cannot be read, with what to do in `mend`; `fault` why the ledger does not continue its head.
    """

    name: str
    size: int = 0
    behind_since: Instant = ""
    fault: str = ""
    problem: str = ""
    mend: str = ""


def examine_copies(copies: Iterable[CopyState], now: Instant, *, tolerance_seconds: int) -> Iterator[Finding]:
    """Yield what is to say of each place that heads are to be kept in, where a sweep keeps one every so often."""
    for copy in copies:
        area = f"copy of the ledger's head in {copy.name}"
        late_since = dt.datetime.fromisoformat(now) - dt.timedelta(seconds=tolerance_seconds)
        if copy.problem:
            yield Finding("fail", area, copy.problem, copy.mend, is_unreached=True)
        elif copy.fault:
            step = "Find out who changed the database or the copy before anything is approved; see docs/ledger.md."
            yield Finding("fail", area, copy.fault, step)
        elif copy.behind_since and dt.datetime.fromisoformat(copy.behind_since) < late_since:
            said = f"It ends at {entries(copy.size)}; nothing was kept since {copy.behind_since}."
            yield Finding("fail", area, said, "Run `gate ledger publish`: it says what is in the way.")
        elif not copy.size:
            yield Finding("ok", area, "Nothing had to be kept yet.")
        else:
            yield Finding("ok", area, f"It holds the head over {entries(copy.size)}, which the ledger continues.")
