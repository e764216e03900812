"""Rotations: who is on call by a team's calendar, a file of the repository or an address, and how certain that is."""

from collections.abc import Iterable

from gate.core.change.facts import Instant
from gate.core.errors import GateError, UnreadableError
from gate.core.escalation.calling import OnCallNow
from gate.core.ownership.registry import Component, Ownership
from gate.core.values import dataclass
from gate.usecases.ports import Readers, Tree

_WORTH_TELLING_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class RotationFile:
    """A calendar as it was read, by what people call it; `note` says how old a copy of an address is."""

    raw: bytes
    name: str
    note: str = ""


def read_rotation(tree: Tree, schedule: str, *, readers: Readers, at: Instant) -> OnCallNow:
    """Return who is on call by one calendar; nobody knows where it cannot be read in full, and the note says why."""
    try:
        file = rotation_file(tree, schedule, readers=readers)
        return OnCallNow(readers.on_call(file.raw, at, file=file.name), file.note)
    except GateError as error:
        return OnCallNow(None, error.message.rstrip("."))


def rotation_file(tree: Tree, schedule: str, *, readers: Readers) -> RotationFile:
    """Return the calendar behind a schedule of the records. Raises UnreadableError where there is none to be had."""
    if "://" not in schedule:
        raw = tree.read(schedule)
        if raw is None:
            raise UnreadableError(f"there is no file {schedule}", next_step="Add it, or name another one.")
        return RotationFile(raw, schedule)
    copy = readers.remote_calendar(schedule)
    note = _age(copy.age_seconds) if copy.age_seconds > _WORTH_TELLING_SECONDS else ""
    return RotationFile(copy.raw, "the calendar", note)


def rotations_now(
    tree: Tree, ownership: Ownership, owners: Iterable[str], *, readers: Readers, at: Instant
) -> dict[str, OnCallNow]:
    """Return who is on call for each team at a time, of those that have a rotation."""
    found: dict[str, OnCallNow] = {}
    for name in owners:
        team = ownership.teams.get(name)
        if team is not None and team.on_call is not None:
            found[name] = read_rotation(tree, team.on_call.schedule, readers=readers, at=at)
    return found


def on_call_of(ownership: Ownership, component: Component, *, at: Instant, tree: Tree, readers: Readers) -> OnCallNow:
    """Return who is on call for a component's owner; nobody knows where a rotation cannot be read or none is named."""
    found = rotations_now(tree, ownership, component.owners, readers=readers, at=at)
    if not found:
        return OnCallNow(None, "the records name no on-call calendar")
    note = "; ".join(one.note for one in found.values() if one.note)
    if any(one.names is None for one in found.values()):
        return OnCallNow(None, note)
    return OnCallNow(tuple(dict.fromkeys(name for one in found.values() for name in one.names or ())), note)


def _age(seconds: int) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    old = f"{hours} h" if hours else f"{minutes} min"
    return f"by a copy of its calendar that is {old} old, since the calendar cannot be read now"
