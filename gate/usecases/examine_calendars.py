"""Examining calendars: whether those that the records name can be read, and whether anybody is on call now."""

from collections.abc import Iterator

from gate.core.change.facts import Instant
from gate.core.examination import Finding
from gate.core.ownership.registry import Ownership
from gate.usecases.holidays import load_holidays
from gate.usecases.ports import Readers, Tree
from gate.usecases.rotation import rotations_now

_MEND = "Correct its address or file in the records; until then escalation asks whoever comes next."


def examine_calendars(
    tree: Tree, ownership: Ownership, *, area: str, readers: Readers, at: Instant, config: str
) -> Iterator[Finding]:
    """Yield what is wrong with the calendars of a revision's records at a time; one finding where nothing is.

    A broken calendar stops no change, so that a level of a ladder which calls nobody would be seen too late. Raises
    UnreadableError where the tree itself cannot be read.
    """
    rotations = rotations_now(tree, ownership, ownership.teams, readers=readers, at=at)
    holidays = load_holidays(tree, readers=readers, at=at, config=config)
    faults = 0
    for team, now in sorted(rotations.items()):
        if now.names is None:
            faults += 1
            yield Finding("warn", area, f"Who is on call for {team} cannot be told: {now.note}.", _MEND)
        elif not now.names:
            faults += 1
            said = f"Nobody is on call for {team} now, by its calendar."
            yield Finding("warn", area, said, "Fill the gap in its calendar, or name somebody besides `owner:on-call`.")
    for name, why in sorted(holidays.unread.items()):
        faults += 1
        said = f"The holidays {name} cannot be read, so nobody has them: {why.rstrip('.')}."
        yield Finding("warn", area, said, "Correct its address or file in the records.")
    if (rotations or holidays.days) and not faults:
        yield Finding("ok", area, "The calendars of its records can be read.")
