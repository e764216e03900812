"""The decision: facts and a time in, a verdict out; the same facts give the same verdict, byte for byte."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from gate.core.change.facts import Facts, Instant, PersonKey
from gate.core.change.risk import assess_risk
from gate.core.explain.sentence import summarise
from gate.core.policy.case import Case
from gate.core.policy.completeness import judge_completeness
from gate.core.policy.conditions import Circumstances
from gate.core.policy.emergency import WAIVED, EmergencyPath, judge_emergency, judge_owed_reviews
from gate.core.policy.freeze import Relaxed, is_near_freeze, judge_freezes, judge_window
from gate.core.policy.further_requirements import judge_further
from gate.core.policy.rollback_requirement import judge_rollback_of
from gate.core.policy.rules import files_that_touch, matched_rules
from gate.core.policy.signoff_requirements import Judged, SignoffRequirements
from gate.core.policy.standard_changes import StandardMatch, matching_standard_changes
from gate.core.policy.touched import CompiledRules
from gate.core.policy.veto import judge_vetoes
from gate.core.verdict import RelaxationView, RequirementView, RiskView, RollbackView, Verdict, state_of
from gate.core.verdict_parts import (
    change_summary,
    dependents_count,
    informed_components,
    look_alike_views,
    touched_components,
)

FREEZE_IS_NEAR = dt.timedelta(hours=48)


def decide(facts: Facts, *, at: Instant, compiled: CompiledRules | None = None) -> Verdict:
    """Return the verdict on a change at a time, with its whole explanation.

    `compiled` spares building the same rules again for many changes; it must come from these facts' ownership and
    policy. INVARIANT: only standard changes, the emergency path and `unowned: allow` ever take a requirement away
    (tests/core/test_monotone.py).
    """
    return decide_case(Case.open(facts, at=at, compiled=compiled))


def decide_case(case: Case) -> Verdict:
    """Return the verdict on an open case, which then knows everybody who was asked (`case.book.asked`)."""
    facts = case.facts
    risk = _assess(case)
    circumstances = _circumstances(case, risk)
    matched = matched_rules(facts, case.touched, circumstances)
    standard = matching_standard_changes(facts, case.touched, circumstances, at=case.at)
    signoffs = SignoffRequirements(facts, case.touched, case.book, case.rules.remembered)
    rollback, rollback_requirement = judge_rollback_of(facts, case.touched, matched)

    judged = [Judged(view, "firm") for view in judge_completeness(facts, case.touched)]
    judged += [Judged(view, "firm") for view in judge_vetoes(case)]
    judged += judge_owed_reviews(case)
    judged += signoffs.judge(matched)
    judged.append(Judged(rollback_requirement, "rollback"))
    judged += judge_further(case, matched, signoffs)
    unrelaxed = Relaxed(is_emergency=False, is_standard=bool(standard))
    emergency = judge_emergency(case, judged, is_frozen=any(v.state == "frozen" for v in _freezes(case, unrelaxed)))
    judged += emergency.judged
    relaxed = Relaxed(is_emergency=emergency.is_in_force, is_standard=bool(standard))
    judged += [Judged(view, "firm") for view in _freezes(case, relaxed)]

    case.boundaries += [edge for entry in judged if entry.tally for edge in entry.tally.expires_at]
    case.boundaries += [match.until for match in standard]
    views = _relax(judged, standard, emergency)
    relaxations = [match.view() for match in standard] + ([emergency.relaxation] if emergency.relaxation else [])
    relaxations += _unowned_allowed(case, signoffs)
    return _verdict(case, views, relaxations, risk, rollback)


def _assess(case: Case) -> RiskView:
    facts = case.facts
    near = is_near_freeze(facts, case.touched.components, at=case.at, within=FREEZE_IS_NEAR)
    case.boundaries += near.edges
    plan = facts.declaration.rollback
    return assess_risk(
        declared=facts.declaration.risk,
        components=case.touched.components,
        dependents_count=dependents_count(facts, case.touched),
        findings=facts.findings,
        files_changed=len(facts.files),
        lines_changed=case.lines_changed,
        is_first_contribution=facts.is_first_contribution,
        freeze_near=near.is_near,
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
        touches=frozenset(files_that_touch(facts, touched)),
        risk=risk.level,
        components_touched=len(touched.parts),
        lines_changed=case.lines_changed,
        authors=people,
        deciders=_deciders(case),
    )


def _deciders(case: Case) -> frozenset[PersonKey]:
    """Return who could sign this change off: only a label of theirs relaxes anything."""
    if not case.facts.change.labels:
        return frozenset()
    policy = case.facts.policy.policy
    named = [name for name in (policy.default_owner, policy.policy_owner) if name]
    return case.book.eligible(case.circle(("owner", "backup")) | case.directory.behind_all(named))


def _freezes(case: Case, relaxed: Relaxed) -> list[RequirementView]:
    components = case.touched.components
    frozen, edges = judge_freezes(case.facts, components, at=case.at, relaxed=relaxed)
    window, window_edges = judge_window(case.facts, at=case.at, relaxed=relaxed)
    case.boundaries += edges + window_edges
    return frozen + window


def _relax(
    judged: Sequence[Judged], standard: Sequence[StandardMatch], emergency: EmergencyPath
) -> list[RequirementView]:
    """Return the requirements with those met that a relaxation in force waives, each saying by what."""
    by_standard = {group: match for match in reversed(standard) for group in match.model.waives}
    views = []
    for entry in judged:
        view = entry.view
        if view.state != "met" and emergency.is_in_force and entry.group in WAIVED:
            view = _waived(view, "the emergency path")
        elif view.state != "met" and entry.group in by_standard:
            view = _waived(view, f"the standard change `{by_standard[entry.group].model.name}`")
        views.append(view)
    return views


def _waived(view: RequirementView, by: str) -> RequirementView:
    return dataclasses.replace(view, state="met", code="waived", why=f"Waived by {by}.", next="", who=())


def _unowned_allowed(case: Case, signoffs: SignoffRequirements) -> list[RelaxationView]:
    files = case.touched.unowned
    if not files or not signoffs.allows_unowned():
        return []
    names = f"{files[0]} and {len(files) - 1} more" if len(files) > 1 else files[0]
    by = "the policy says `unowned: allow`" if case.facts.policy.policy.unowned == "allow" else "as on the platform"
    why = f"Nobody owns {names}, and nobody is asked: {by}."
    return [RelaxationView(kind="unowned-allow", name="unowned: allow", why=why)]


def _verdict(
    case: Case,
    views: Sequence[RequirementView],
    relaxations: Sequence[RelaxationView],
    risk: RiskView,
    rollback: RollbackView,
) -> Verdict:
    facts = case.facts
    state = state_of(views)
    return Verdict(
        engine=facts.engine,
        state=state,
        summary=summarise(state, views),
        facts=facts.digest,
        enforcement=facts.policy.policy.enforcement,
        change=change_summary(facts, case.directory),
        components=touched_components(case.touched),
        rollback=rollback,
        risk=risk,
        requirements=tuple(views),
        relaxations=tuple(relaxations),
        look_alikes=look_alike_views(facts),
        informed=informed_components(facts, case.touched),
        assumptions=facts.assumptions,
        notes=tuple(dict.fromkeys(case.notes)),
        decided_at=case.at,
        valid_until=case.valid_until,
    )
