"""Suspects in a local checkout: the first-parent history and the records tell what may have caused an incident."""

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from gate.core.change.facts import Instant
from gate.core.change.observed import LandedCommit
from gate.core.change.risk import assess_risk
from gate.core.errors import UsageError
from gate.core.explain.escaping import visible
from gate.core.incident.brief import Brief, brief_of
from gate.core.incident.suspects import MAX_SUSPECTS, WINDOW_HOURS, Landing, Signs, rank_suspects
from gate.core.ownership.registry import Component, Ownership
from gate.core.ownership.resolve import OwnershipIndex
from gate.core.ownership.search import dependents_of
from gate.core.policy.model import RiskPolicy
from gate.core.times import instant, parse_instant
from gate.core.values import dataclass
from gate.usecases.ports import LocalCheckout, Readers, Tree
from gate.usecases.rotation import on_call_of

_NEAR_NAMES = 1000
_REVERTS = re.compile(r"This reverts commit ([0-9a-f]{40,64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalIncident:
    """An incident as somebody at a terminal knows it: what fails, since when, and files that a trace names."""

    component: str
    began_at: Instant
    paths: tuple[str, ...] = ()
    window_hours: int = WINDOW_HOURS
    limit: int = MAX_SUSPECTS


def local_brief(
    checkout: LocalCheckout,
    head: str,
    incident: LocalIncident,
    *,
    ownership: Ownership,
    tree: Tree,
    readers: Readers,
    risk: RiskPolicy,
) -> Brief:
    """Return who owns a component, who is on call, how it is rolled back and what may have broken it.

    Raises UsageError for a component that the records do not know, UnreadableError where the history is cut off.
    """
    component = component_named(ownership, incident.component)
    since = parse_instant(incident.began_at) - dt.timedelta(hours=incident.window_hours)
    landed = checkout.landings(head, since_seconds=int(since.timestamp()))
    signs = Signs(
        component=component.name,
        began_at=incident.began_at,
        paths=incident.paths,
        window_hours=incident.window_hours,
    )
    landings = landings_of(landed, ownership, risk=risk)
    suspects = rank_suspects(landings, signs, depends_on=dependencies(ownership), limit=incident.limit)
    who = on_call_of(ownership, component, at=incident.began_at, tree=tree, readers=readers)
    return brief_of(ownership, component, signs, on_call=who, suspects=suspects)


def component_named(ownership: Ownership, name: str) -> Component:
    """Return a component by its name. Raises UsageError with near names for one that is not in the records."""
    known = {one.name: one for one in ownership.components}
    if name not in known:
        raise UsageError(f"There is no component {visible(name)!r}.", next_step=near_names(name, known))
    return known[name]


def near_names(name: str, known: Iterable[str]) -> str:
    """Return which known components may have been meant, or where they are listed."""
    words = list(islice(known, _NEAR_NAMES))
    parts = [word for word in words if name.casefold() in word.casefold()][:3] if len(name) > 1 else []
    near = list(dict.fromkeys([*difflib.get_close_matches(name[:100], words, n=3), *parts]))
    return f"Did you mean {', '.join(map(visible, near))}?" if near else "See `gate ownership list`."


def dependencies(ownership: Ownership) -> Mapping[str, Sequence[str]]:
    """Return what each component depends on by the records."""
    return {one.name: one.depends_on for one in ownership.components}


def landings_of(landed: Sequence[LandedCommit], ownership: Ownership, *, risk: RiskPolicy) -> list[Landing]:
    """Return commits of a first-parent history as landings, their components and risk by the present records."""
    index = OwnershipIndex(ownership)
    undone: dict[str, Instant] = {}
    for one in landed:
        for sha in _REVERTS.findall(one.commit.message):
            undone[sha] = instant(dt.datetime.fromtimestamp(one.commit.committed_at, dt.UTC))
    return [_landing(one, ownership, index, risk, undone.get(one.commit.sha)) for one in landed]


def _landing(
    one: LandedCommit, ownership: Ownership, index: OwnershipIndex, risk: RiskPolicy, undone_at: Instant | None
) -> Landing:
    numbers = sorted({number for path in one.paths for number in index.components_of(path)})
    touched = [ownership.components[number] for number in numbers]
    names = frozenset(component.name for component in touched)
    subject = one.commit.message.partition("\n")[0].strip()
    merge = " -m 1" if len(one.commit.parents) > 1 else ""
    assessed = assess_risk(
        declared=None, components=touched, dependents_count=len(dependents_of(ownership, names)), findings=(),
        files_changed=len(one.paths), lines_changed=0, is_first_contribution=False, freeze_near=False,
        recent_incident=None, plan_method=None, policy=risk,
    )  # fmt: skip
    return Landing(
        id=one.commit.sha[:12],
        title=subject,
        landed_at=instant(dt.datetime.fromtimestamp(one.commit.committed_at, dt.UTC)),
        components=names,
        paths=one.paths,
        risk=assessed.level,
        rollback=f"git revert{merge} {one.commit.sha[:12]}",
        undone_at=undone_at,
    )
