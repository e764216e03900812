"""Governance of touched components: a usable escalation policy, an ownership review that is not overdue."""

import datetime as dt
from collections.abc import Sequence

from gate.core.change.facts import Facts, Instant
from gate.core.notify.due import last_moment
from gate.core.ownership.registry import Component
from gate.core.signoff.people import Directory
from gate.core.times import instant, parse_instant
from gate.core.verdict import RequirementView, RuleRef

_EASTERNMOST = dt.timedelta(hours=14)


def judge_escalation(
    facts: Facts, components: Sequence[Component], directory: Directory, *, identity: str, rule: RuleRef | None
) -> RequirementView:
    """Return whether each component has an escalation policy whose every level reaches somebody."""
    faults = [fault for component in components if (fault := _escalation_fault(facts, component, directory))]
    return RequirementView(
        id=identity,
        kind="escalation",
        title="Usable escalation policy",
        state="waiting" if faults else "met",
        code="no-escalation" if faults else "escalation-usable",
        why=faults[0] if faults else "Each touched component has a usable escalation policy.",
        next="The owner adds it to the ownership records on the base branch." if faults else "",
        rule=rule,
    )


def _escalation_fault(facts: Facts, component: Component, directory: Directory) -> str:
    ladder = facts.ownership.escalations.get(component.escalation or "")
    if ladder is None:
        return f"{component.name} has no escalation policy."
    for number, level in enumerate(ladder.levels, start=1):
        if not any(_reaches(facts, component, party, directory) for party in level.notify):
            return f"Level {number} of {component.escalation} reaches nobody for {component.name}."
    return ""


def _reaches(facts: Facts, component: Component, party: str, directory: Directory) -> bool:
    if party == "owner:on-call":
        return any(bool(facts.on_call.get(owner)) for owner in component.owners)
    if party.startswith("vendor:"):
        return party.removeprefix("vendor:") in facts.ownership.vendors
    return bool(directory.party(party, component).members)


def judge_review_currency(
    components: Sequence[Component], *, at: Instant, identity: str, rule: RuleRef | None
) -> tuple[RequirementView, list[Instant]]:
    """Return whether no component's ownership review is overdue, and when that may be otherwise."""
    late = [f"The ownership review of {one.name} {why}." for one in components if (why := review_fault(one, at))]
    view = RequirementView(
        id=identity,
        kind="rule",
        title="Ownership reviewed in time",
        state="waiting" if late else "met",
        code="review-overdue" if late else "review-current",
        why=min(late, default="No ownership review of a touched component is overdue."),
        next="The owner confirms the record, by link or on its page, or sets `reviewed` in it." if late else "",
        rule=rule,
    )
    return view, [day for one in components for day in (_first_moment(one), review_due_at(one)) if day]


def review_fault(component: Component, at: Instant) -> str:
    """Return in words what is wrong with the day of a component's ownership review; empty where nothing is."""
    due = review_due_at(component)
    if due is not None and due <= at:
        return f"was due on {last_moment(due)[:10]}"
    # SECURITY: held on a day that has not come anywhere, a review would not fall due for years.
    if due is not None and _first_moment(component) > at:
        return f"is said to have been held on {component.reviewed}, which has not come"
    return ""


def _first_moment(component: Component) -> Instant:
    """Return when the day of a component's last review began where days begin first; empty without one."""
    day = component.reviewed
    return instant(parse_instant(f"{day}T00:00:00Z") - _EASTERNMOST) if day else ""


def review_due_at(component: Component) -> Instant | None:
    """Return the instant after which a component's review is overdue: the end of its due day, UTC."""
    return review_term(component.reviewed, component.review_every_days)


def review_term(reviewed: str | None, every_days: int | None) -> Instant | None:
    """Return the end, UTC, of the day on which a review that was held on a day is due again; None where it never is."""
    if reviewed is None or every_days is None:
        return None
    return instant(parse_instant(f"{reviewed}T00:00:00Z") + dt.timedelta(days=every_days + 1))
