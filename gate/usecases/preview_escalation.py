"""Previewing an escalation: who would be called when, if a component's ladder began at a time; nobody is told."""

from collections.abc import Iterator, Sequence

from gate.core.change.facts import Instant
from gate.core.errors import UsageError
from gate.core.escalation.calling import Called, called_on
from gate.core.escalation.ladder import Step, level_ladder
from gate.core.notify.reach import Address
from gate.core.ownership.registry import Component, Ownership
from gate.core.validation import nearest
from gate.core.values import dataclass
from gate.usecases.holidays import load_holidays
from gate.usecases.ports import Readers, Tree
from gate.usecases.request_signoff import later
from gate.usecases.rotation import rotations_now


@dataclass(frozen=True, slots=True)
class PreviewedCall:
    """One call: on which level of which turn, when, whom, by what, and why them.

    `until` is when the next level is called unless somebody acknowledges. `quiet_until` is when the recipient's quiet
    hours are over, `holiday_until` when they work again, empty where neither holds then; `address` None where nobody
    knows how to reach them.
    """

    level: int
    turn: int
    at: Instant
    until: Instant
    recipient: str
    why: str
    address: Address | None
    quiet_until: Instant
    holiday_until: Instant = ""


def preview_escalation(
    tree: Tree, ownership: Ownership, name: str, *, at: Instant, readers: Readers, config: str = ".gate"
) -> tuple[PreviewedCall, ...]:
    """Return every call of the ladder of a component, on call as the calendars say at the time of each.

    A level that calls nobody is one call to nobody. Raises UsageError for a component that does not exist or has no
    escalation policy.
    """
    component = component_named(ownership, name)
    ladder = level_ladder(ownership.escalations[component.escalation or ""])
    holidays = load_holidays(tree, readers=readers, at=at, config=config)
    ends = [*(step.after for step in ladder.steps[1:]), ladder.ends_after]
    found: list[PreviewedCall] = []
    for step, end in zip(ladder.steps, ends, strict=True):
        began, until = later(at, step.after), later(at, end)
        for one in _called(tree, ownership, component, step, at=began, readers=readers):
            quiet = ownership.people.get(one.callee.person) if one else None
            quiet_until = readers.quiet_until(quiet.quiet_hours, began) if quiet and quiet.quiet_hours else ""
            addresses = one.callee.addresses if one else ()
            found.append(
                PreviewedCall(
                    step.number,
                    step.turn,
                    began,
                    until,
                    one.callee.name if one else "",
                    one.why if one else "this level reaches nobody",
                    addresses[0] if addresses else None,
                    quiet_until,
                    holidays.until(one.callee.name, began) if one else "",
                )
            )
    return tuple(found)


def component_named(ownership: Ownership, name: str) -> Component:
    """Return the component of a name that has an escalation policy. Raises UsageError where there is none."""
    found = [one for one in ownership.components if name in {one.name, f"{one.section}/{one.name}"}]
    if not found:
        near = nearest(name, [one.name for one in ownership.components])
        step = f"{near[:1].upper()}{near[1:]}." if near else "Look at `gate ownership list`."
        raise UsageError(f"There is no component {name!r}.", next_step=step)
    for component in found:
        if component.escalation in ownership.escalations:
            return component
    step = "Name one by `escalation:` in its record."
    raise UsageError(f"{found[0].name} has no escalation policy.", next_step=step)


def _called(
    tree: Tree, ownership: Ownership, component: Component, step: Step, *, at: Instant, readers: Readers
) -> Iterator[Called | None]:
    level = step.level
    if level is None:
        return
    on_call = rotations_now(tree, ownership, component.owners, readers=readers, at=at)
    called: Sequence[Called] = called_on(level, component, ownership, on_call, at=at)
    yield from called or (None,)
