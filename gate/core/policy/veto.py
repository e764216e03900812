"""Veto: a rejection by somebody entitled, which stands until it is answered or lifted."""

from gate.core.policy.case import Case
from gate.core.signoff.people import People, people_of
from gate.core.signoff.vetoes import standing_vetoes
from gate.core.verdict import Actor, RequirementView, RuleRef


def judge_vetoes(case: Case) -> list[RequirementView]:
    """Return a requirement for each rejection that stands."""
    document = case.facts.policy
    rule = RuleRef(name="Veto", file=document.file, line=document.lines.get("signoffs", 0))
    if not any(act.decision == "reject" for act in case.facts.signoffs):
        return []
    views = []
    for veto in standing_vetoes(case.book, veto_circle(case), _by_subject(case, document.policy.signoffs.veto)):
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


def veto_circle(case: Case) -> People:
    """Return everybody whose rejection stands: of what is touched, and of what an earlier content touched.

    SECURITY: files that nobody owns are the default owner's, the gate's own files the policy owner's, as for signing.
    """
    policy, touched = case.facts.policy.policy, case.touched
    parties = policy.signoffs.veto
    circles = [case.circle(parties)]
    circles += [case.directory.party(party, component) for component in touched.left_behind for party in parties]
    owners = [policy.default_owner] if touched.unowned_paths else []
    owners += [policy.policy_owner or policy.default_owner] if touched.gate_paths else []
    circles += [case.directory.behind(owner) for owner in owners if owner and "owner" in parties]
    return people_of(circles)


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
