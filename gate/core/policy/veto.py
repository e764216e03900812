"""Veto: a rejection by somebody entitled, which stands until it is answered or lifted."""

from gate.core.policy.case import Case
from gate.core.signoff.people import NOBODY, People, people_of
from gate.core.signoff.vetoes import standing_vetoes
from gate.core.verdict import Actor, RequirementView, RuleRef


def judge_vetoes(case: Case) -> list[RequirementView]:
    """Return a requirement for each rejection that stands."""
    document = case.facts.policy
    rule = RuleRef(name="Veto", file=document.file, line=document.lines.get("signoffs", 0))
    parties = document.policy.signoffs.veto
    if not any(act.decision == "reject" for act in case.facts.signoffs):
        return []
    left = [case.directory.party(p, component) for component in case.touched.left_behind for p in parties]
    pool = people_of([case.circle(parties), _default_owner(case) if "owner" in parties else NOBODY, *left])
    views = []
    for veto in standing_vetoes(case.book, pool, _by_subject(case, parties)):
        name = case.directory.display(veto.person)
        reason = veto.act.reason.strip()
        ending = "" if reason[-1:] in ".?!" and reason else "."
        views.append(
            RequirementView(
                id=f"veto:{name}:{veto.act.id}",
                kind="veto",
                title=f"Rejected by {name}",
                state="rejected",
                code="veto",
                why=f"{name} rejected this change on {veto.act.at[:10]}{': ' if reason else ''}{reason}{ending}",
                next=f"Settle it with {name}, who can withdraw it; two people with role `veto-lift` can lift it.",
                who=(Actor(person=name, how="approve, or withdraw the rejection"),),
                rule=rule,
            )
        )
    return views


def _default_owner(case: Case) -> People:
    owner = case.facts.policy.policy.default_owner
    return case.directory.behind(owner) if owner and case.touched.unowned else NOBODY


def _by_subject(case: Case, parties: tuple[str, ...]) -> dict[str, People]:
    """Return who may reject each component named in a rejection, even if the change touches it no longer."""
    named = {name for act in case.facts.signoffs if act.decision == "reject" for name in act.subjects}
    if not named:
        return {}
    pools: dict[str, People] = {}
    for component in case.facts.ownership.components:
        keys = {component.name, f"component:{component.section}/{component.name}"} & named
        for key in keys:
            for party in parties:
                pools[key] = pools.get(key, People()) | case.directory.party(party, component)
    return pools
