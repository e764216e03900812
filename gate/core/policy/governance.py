"""Governance of touched components: a usable escalation policy, an ownership review that is not overdue."""

import datetime as dt
from collections.abc import Sequence

from gate.core.change.facts import Facts, Instant
from gate.core.ownership.registry import Component
from gate.core.signoff.people import Directory
from gate.core.times import instant, parse_instant
from gate.core.verdict import RequirementView, RuleRef


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
    """Return whether no component's ownership review is overdue, and when the next one falls due."""
    due = {component.name: review_due_at(component) for component in components}
    overdue = sorted(name for name, day in due.items() if day is not None and day <= at)
    view = RequirementView(
        id=identity,
        kind="rule",
        title="Ownership reviewed in time",
        state="waiting" if overdue else "met",
        code="review-overdue" if overdue else "review-current",
        why=f"The ownership review of {overdue[0]} was due on {str(due[overdue[0]])[:10]}."
        if overdue
        else "No ownership review of a touched component is overdue.",
        next="The owner confirms the record, by link or on its page, or sets `reviewed` in it." if overdue else "",
        rule=rule,
    )
    return view, [day for day in due.values() if day is not None]


def review_due_at(component: Component) -> Instant | None:
    """Return the instant after which a component's review is overdue: the end of its due day, UTC."""
    return review_term(component.reviewed, component.review_every_days)


def review_term(reviewed: str | None, every_days: int | None) -> Instant | None:
    """Return the end, UTC, of the day on which a review that was held on a day is due again; None where it never is."""
    if reviewed is None or every_days is None:
        return None
    return instant(parse_instant(f"{reviewed}T00:00:00Z") + dt.timedelta(days=every_days + 1))
