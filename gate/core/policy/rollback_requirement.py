"""The rollback requirement: the declared way back, judged by policy and by every rule that matches."""

from collections.abc import Sequence

from gate.core.change.facts import Facts
from gate.core.change.rollback import RollbackJudgement, judge_rollback
from gate.core.policy.model import RollbackRequirement
from gate.core.policy.rules import MatchedRule
from gate.core.policy.touched import Touched
from gate.core.verdict import RequirementView, RollbackView, RuleRef


def judge_rollback_of(
    facts: Facts, touched: Touched, matched: Sequence[MatchedRule]
) -> tuple[RollbackView, RequirementView]:
    """Return the rollback plan as understood, and the one requirement that policy and rules make of it."""
    asking = [match for match in matched if match.rule.require.rollback]
    judgement = _judge(facts, touched, asking)
    plan = facts.declaration.rollback
    view = RollbackView(
        method=judgement.method,
        state=judgement.state,
        steps=plan.steps if plan else (),
        restore_minutes=judgement.restore_minutes,
        problems=judgement.problems,
        rehearsal=judgement.rehearsal,
    )
    document = facts.policy
    rule = (
        asking[0].ref
        if asking
        else RuleRef(name="Rollback", file=document.file, line=document.lines.get("rollback", 0))
    )
    return view, _requirement("rollback", "Rollback plan", judgement, rule, is_given=plan is not None)


def judge_rollback_for(
    facts: Facts, touched: Touched, match: MatchedRule, wanted: RollbackRequirement
) -> RequirementView:
    """Return what one alternative of a rule makes of the rollback plan."""
    judgement = _judge(facts, touched, [match], [wanted])
    given = facts.declaration.rollback is not None
    return _requirement(f"rollback:{match.rule.name}", "Rollback plan", judgement, match.ref, is_given=given)


def _judge(
    facts: Facts, touched: Touched, asking: Sequence[MatchedRule], wanted: Sequence[RollbackRequirement] = ()
) -> RollbackJudgement:
    asked = wanted or [match.rule.require.rollback for match in asking if match.rule.require.rollback]
    return judge_rollback(
        facts.declaration.rollback,
        policy=facts.policy.policy.rollback,
        findings=facts.findings,
        components=touched.components,
        head_sha=facts.change.head_sha,
        requirements=asked,
        asked_by=[f"the rule `{match.rule.name}`" for match in asking],
        flag_found=facts.flag_found,
        rehearsals=facts.rehearsals,
        declaration_problems=facts.declaration.problems,
    )


def _requirement(
    identity: str, title: str, judgement: RollbackJudgement, rule: RuleRef, *, is_given: bool
) -> RequirementView:
    problems = judgement.problems
    count = len(problems) - 1
    further = "is 1 further problem" if count == 1 else f"are {count} further problems"
    more = f" There {further}." if count > 0 else ""
    stands = f"The plan to {judgement.method} stands." if judgement.method else "The plan stands."
    why = f"{problems[0].text}{more}" if problems else stands if is_given else "No rollback plan is asked for."
    return RequirementView(
        id=identity,
        kind="rollback",
        title=title,
        state=judgement.state,
        code=problems[0].code if problems else "rollback-declared",
        why=why,
        next=judgement.next,
        rule=rule,
    )
