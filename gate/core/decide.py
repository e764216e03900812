"""The decision: facts and a time in, a verdict out; the same facts give the same verdict, byte for byte."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

from gate.core.change.facts import Facts, Instant, PersonKey
from gate.core.change.risk import assess_risk
from gate.core.explain.sentence import summarise
from gate.core.policy.case import Case
from gate.core.policy.compiled_rules import CompiledRules
from gate.core.policy.completeness import judge_completeness
from gate.core.policy.conditions import Circumstances
from gate.core.policy.emergency import WAIVED, EmergencyPath, judge_emergency, judge_owed_reviews
from gate.core.policy.freeze import Nearness, Relaxed, is_near_freeze, judge_freezes, judge_window
from gate.core.policy.further_requirements import judge_further
from gate.core.policy.judged import Group, Judged, One
from gate.core.policy.rollback_requirement import judge_rollback_of
from gate.core.policy.rules import MatchedRule, files_that_touch, matched_rules
from gate.core.policy.signoff_requirements import SignoffRequirements, allows_unowned
from gate.core.policy.standard_changes import StandardMatch, matching_standard_changes
from gate.core.policy.veto import judge_vetoes
from gate.core.verdict import SCHEMA, RelaxationView, RequirementView, RiskView, State, Verdict, state_of
from gate.core.verdict_parts import (
    change_summary,
    dependents_count,
    informed_components,
    look_alike_views,
    told_apart,
    touched_components,
)

FREEZE_IS_NEAR = dt.timedelta(hours=48)


def decide(facts: Facts, *, at: Instant, compiled: CompiledRules | None = None) -> Verdict:
    """Return the verdict on a change at a time, with its whole explanation.

    Its state is decided now; its explanation is worked out of the same when it is first read (`gate.core.late`).
    `compiled` spares building the same rules again for many changes; it must come from these facts' ownership and
    policy. INVARIANT: only standard changes, the emergency path and `unowned: allow` ever take a requirement away
    (tests/core/test_monotone.py).
    """
    return decide_case(Case.open(facts, at=at, compiled=compiled))


def decide_case(case: Case) -> Verdict:
    """Return the verdict on an open case, which then knows everybody who was asked (`case.asked`)."""
    facts, policy = case.facts, case.facts.policy.policy
    case.boundaries += _near_freeze(case).edges
    risk = cache(partial(_assess, case))
    matched: Sequence[MatchedRule] = ()
    standard: Sequence[StandardMatch] = ()
    if policy.rules or policy.standard_changes:
        circumstances = _circumstances(case, risk())
        matched = matched_rules(facts, case.touched, circumstances)
        standard = matching_standard_changes(facts, case.touched, circumstances, at=case.at)
    signoffs = SignoffRequirements(facts, case.touched, case.book, case.asked, case.rules.remembered)
    rollback, rollback_requirement = judge_rollback_of(facts, case.touched, matched)

    judged: list[Judged] = [One(view, "firm") for view in judge_completeness(facts, case.touched)]
    judged += [One(view, "firm") for view in judge_vetoes(case)]
    judged += judge_owed_reviews(case)
    judged += signoffs.judge(matched)
    judged.append(One(rollback_requirement, "rollback"))
    judged += judge_further(case, matched, signoffs)
    unrelaxed = Relaxed(is_emergency=False, is_standard=bool(standard))
    emergency = judge_emergency(case, judged, is_frozen=any(v.state == "frozen" for v in _freezes(case, unrelaxed)))
    judged += emergency.judged
    relaxed = Relaxed(is_emergency=emergency.is_in_force, is_standard=bool(standard))
    judged += [One(view, "firm") for view in _freezes(case, relaxed)]

    case.boundaries += [edge for entry in judged for edge in entry.expires_at]
    case.boundaries += [match.until for match in standard]
    waivers = _waivers(standard, emergency)
    state = state_of({state for one in judged for state in (("met",) if one.group in waivers else one.states)})
    relaxations = [match.view() for match in standard] + ([emergency.relaxation] if emergency.relaxation else [])
    relaxations += _unowned_allowed(case)
    return Verdict.with_the_rest_later(
        lambda: _explanation(case, state, judged, waivers, risk()),
        schema=SCHEMA,
        engine=facts.engine,
        state=state,
        facts=facts.digest,
        enforcement=policy.enforcement,
        rollback=rollback,
        relaxations=tuple(relaxations),
        assumptions=facts.assumptions,
        notes=tuple(dict.fromkeys(case.notes)),
        decided_at=case.at,
        valid_until=case.valid_until,
    )


def _explanation(
    case: Case, state: State, judged: Sequence[Judged], waivers: Mapping[Group, str], risk: RiskView
) -> Mapping[str, Any]:
    """Return what a verdict says besides its state: every requirement in words, and what was touched."""
    views = told_apart([_relaxed(view, waivers.get(entry.group)) for entry in judged for view in entry.views()])
    return {
        "summary": summarise(state, views),
        "change": change_summary(case.facts, case.directory),
        "components": touched_components(case.touched),
        "risk": risk,
        "requirements": tuple(views),
        "look_alikes": look_alike_views(case.facts),
        "informed": informed_components(case.facts, case.touched),
    }


def _near_freeze(case: Case) -> Nearness:
    return is_near_freeze(case.facts, case.touched.concerned, at=case.at, within=FREEZE_IS_NEAR)


def _assess(case: Case) -> RiskView:
    facts = case.facts
    plan = facts.declaration.rollback
    return assess_risk(
        declared=facts.declaration.risk,
        components=case.touched.components,
        dependents_count=dependents_count(facts, case.touched),
        findings=facts.findings,
        files_changed=len(facts.files),
        lines_changed=case.lines_changed,
        is_first_contribution=facts.is_first_contribution,
        freeze_near=_near_freeze(case).is_near,
        recent_incident=_had_incident(case),
        plan_method=plan.method if plan else None,
        policy=facts.policy.policy.risk,
    )


def _had_incident(case: Case) -> bool | None:
    recent = case.facts.recent_incidents
    return None if recent is None else any(one.name in recent for one in case.touched.components)


def _circumstances(case: Case, risk: RiskView) -> Circumstances:
    facts, touched = case.facts, case.touched
    made_by: list[str | None] = [facts.change.author]
    made_by += [commit.author for commit in facts.commits if not commit.is_mechanical_merge]
    # In a local checkout nobody knows who pushed; committers stand for pushers.
    pushed_by = [c.committer for c in facts.commits if not c.is_mechanical_merge] if facts.pushers is None else []
    made_by += [*pushed_by, *(push.account for push in facts.pushers or ())]
    kinds = {key: account.kind for key, account in facts.accounts.items()}
    people = frozenset(case.directory.person_of(key) for key in made_by if kinds.get(key or "") != "platform")
    return Circumstances(
        facts=facts,
        directory=case.directory,
        hits={patterns: len(paths) for patterns, paths in touched.matched.items()},
        hits_by_way={patterns: len(paths) for patterns, paths in touched.matched_by_way.items()},
        astray=frozenset(patterns for patterns, paths in touched.astray.items() if paths),
        touches=frozenset(files_that_touch(facts, touched)),
        risk=risk.level,
        components_touched=len(touched.parts),
        lines_changed=case.lines_changed,
        authors=people,
        deciders=_deciders(case),
    )


def _deciders(case: Case) -> frozenset[PersonKey]:
    """Return who could sign all of this change off: only a label of theirs relaxes anything.

    SECURITY: an owner of one component must not exempt another's, whether the change touches both or only says so.
    """
    if not case.facts.change.labels:
        return frozenset()
    policy = case.facts.policy.policy
    named = case.directory.behind_all([name for name in (policy.default_owner, policy.policy_owner) if name])
    asked = [case.circle(("owner", "backup"), of=[part]) for part in case.touched.parts if part.is_asked]
    if not asked or (case.touched.unowned and not allows_unowned(case.facts)):
        return case.book.eligible(named)
    able = [case.book.eligible(circle) for circle in asked]
    return case.book.eligible(named) | able[0].intersection(*able[1:])


def _freezes(case: Case, relaxed: Relaxed) -> list[RequirementView]:
    frozen, edges = judge_freezes(case.facts, case.touched.concerned, at=case.at, relaxed=relaxed)
    window, window_edges = judge_window(case.facts, at=case.at, relaxed=relaxed)
    case.boundaries += edges + window_edges
    return frozen + window


def _waivers(standard: Sequence[StandardMatch], emergency: EmergencyPath) -> Mapping[Group, str]:
    """Return what is waived, and by what in words."""
    found: dict[Group, str] = {}
    for match in reversed(standard):
        found |= dict.fromkeys(match.model.waives, f"the standard change `{match.model.name}`")
    if emergency.is_in_force:
        found |= dict.fromkeys(WAIVED, "the emergency path")
    return found


def _relaxed(view: RequirementView, by: str | None) -> RequirementView:
    """Return a requirement as met where a relaxation in force waives it, saying by what."""
    if by is None or view.state == "met":
        return view
    return dataclasses.replace(view, state="met", code="waived", why=f"Waived by {by}.", next="", who=())


def _unowned_allowed(case: Case) -> list[RelaxationView]:
    files = case.touched.unowned
    if not files or not allows_unowned(case.facts):
        return []
    names = f"{files[0]} and {len(files) - 1} more" if len(files) > 1 else files[0]
    by = "the policy says `unowned: allow`" if case.facts.policy.policy.unowned == "allow" else "as on the platform"
    why = f"Nobody owns {names}, and nobody is asked: {by}."
    return [RelaxationView(kind="unowned-allow", name="unowned: allow", why=why)]
