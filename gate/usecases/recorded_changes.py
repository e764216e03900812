"""Recorded changes: what the service judged of a repository lately, as past changes to try a policy on."""

from collections.abc import Iterator, Sequence

from gate.core.change.facts import Instant
from gate.core.change.sealing import unseal
from gate.core.forge.snapshot import RepositoryKey
from gate.core.policy.simulate import PastChange
from gate.core.times import parse_instant
from gate.usecases.store_ports import Reading
from gate.usecases.stored import ChangeFilter, StoredChange, StoredVerdict

_JUDGEMENTS = 20
"""How many judgements of a change are looked at for when it began and ended to wait."""
_PAGE = 100


def recorded_changes(
    reading: Reading, repository: RepositoryKey, *, since: Instant = "", limit: int = 1000, but_not: int = 0
) -> Iterator[PastChange | None]:
    """Yield what was judged lately, newest first; None for a change whose facts cannot be read any more.

    `but_not` is the number of a change to be left out.
    """
    cursor, count = "", 0
    while True:
        page = reading.changes(ChangeFilter(repositories=(repository,), after=cursor, limit=_PAGE))
        for change in page.changes:
            if change.judged_at < since or count >= limit:
                return
            if change.key.number != but_not and change.facts_digest:
                count += 1
                yield _past(reading, change)
        cursor = page.next
        if not cursor:
            return


def _past(reading: Reading, change: StoredChange) -> PastChange | None:
    sealed = reading.facts(change.facts_digest)
    if sealed is None or sealed.erased:
        return None
    try:
        facts = unseal(sealed.content, sealed.personal)
    except ValueError:
        return None
    return PastChange(
        id=f"#{change.key.number}",
        title=change.title,
        url=change.url,
        facts=facts,
        at=change.judged_at,
        waited_minutes=_waited(reading.verdicts(change.key, limit=_JUDGEMENTS)),
    )


def _waited(newest_first: Sequence[StoredVerdict]) -> int | None:
    """Return how long a change waited for its sign-offs: from its first wait to its first approval after it."""
    began: Instant = ""
    for one in reversed(newest_first):
        if one.state == "waiting" and not began:
            began = one.at
        elif one.state == "approved" and began:
            return round((parse_instant(one.at) - parse_instant(began)).total_seconds() / 60)
    return None
