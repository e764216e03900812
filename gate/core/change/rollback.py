"""Rollback: whether the declared way back would work for this change, and what its author must do if not."""

import dataclasses
from collections.abc import Mapping, Sequence

from gate.core.change.declaration import DeclarationProblem, RollbackPlan
from gate.core.change.facts import Finding, Rehearsal
from gate.core.change.paths import quoted, shown
from gate.core.change.rollback_methods import (
    MethodCase,
    check_method,
    listed,
    minutes,
    place_of,
    restore_time_missing,
)
from gate.core.change.rollback_terms import Terms
from gate.core.ownership.records import RollbackMethod
from gate.core.ownership.registry import Component
from gate.core.policy.model import RollbackPolicy, RollbackRequirement
from gate.core.values import dataclass
from gate.core.verdict import RequirementState, RollbackProblem

_NOT_GIVEN = frozenset({"rollback-missing", "rollback-template", "rollback-placeholder"})
"""Declaration problems that amount to no plan at all: they block only where a plan is asked for."""
_NAMED = 3

NEXT_STEPS: Mapping[str, str] = {
    "rollback-missing": "Write `Rollback plan:` and below it `- Method: revert`, or another method.",
    "rollback-template": "Fill in the rollback plan of the template.",
    "rollback-placeholder": "Replace the placeholder by the actual way back.",
    "rollback-ambiguous": "Keep one rollback plan and remove the others.",
    "method-missing": "State `Method` in the rollback plan.",
    "method-not-allowed": "Declare one of the allowed methods.",
    "nothing-allowed": "Ask the policy owner to let the rules allow at least one method in common.",
    "revert-not-enough": "Declare a method that reckons with what the diff does.",
    "redeploy-not-enough": "Declare a method that reckons with what the diff does to the data.",
    "migration-irreversible": "Write the missing down step, or declare another method.",
    "rehearsal-missing": "Run `gate rehearse` on this head and let it report.",
    "rehearsal-failed": "Mend what the rehearsal of the plan found, and rehearse again.",
    "playbook-missing": "Record a rollback playbook for the component, or declare a method of its own.",
}
_NEXT_OTHERWISE = "Complete the rollback plan."


@dataclass(frozen=True, slots=True)
class RollbackJudgement:
    """What the gate makes of a rollback plan.

    `method` is the one that would be carried out: for `inherit` that of the playbooks where they agree. `next` is
    the first thing to do, empty where the plan stands.
    """

    state: RequirementState
    problems: tuple[RollbackProblem, ...]
    method: RollbackMethod | None
    restore_minutes: int | None
    rehearsal: str | None
    next: str


def judge_rollback(  # noqa: PLR0913 (a judgement names all that it rests on)
    plan: RollbackPlan | None,
    *,
    policy: RollbackPolicy,
    findings: Sequence[Finding],
    components: Sequence[Component],
    head_sha: str,
    requirements: Sequence[RollbackRequirement] = (),
    asked_by: Sequence[str] = (),
    flag_found: bool | None = None,
    rehearsals: Sequence[Rehearsal] = (),
    declaration_problems: Sequence[DeclarationProblem] = (),
) -> RollbackJudgement:
    """Return whether a rollback plan holds for a change, with every problem and not only the first.

    `asked_by` says for each requirement, in the same order, which rule made it. A plan is asked for by the policy or
    by any requirement; one that is given is judged even where none is asked for. INVARIANT: a further finding,
    requirement or (beyond the first) component never turns an unmet plan into a met one
    (tests/core/change/test_rollback.py).
    """
    terms = Terms.of(policy, requirements, asked_by)
    is_required = policy.required or bool(requirements)
    problems = _declaration_problems(declaration_problems, is_asked=is_required or plan is not None)
    parts: list[_Part] = []
    if plan is None:
        if is_required and not problems:
            text = "There is no rollback plan."
            problems.append(RollbackProblem(code="rollback-missing", text=text))
    else:
        parts = _parts(plan, components)
        problems += _judge_plan(plan, parts, terms, findings=findings, components=components, flag_found=flag_found)
    rehearsal, rehearsal_problem = _judge_rehearsals(rehearsals, head_sha=head_sha, terms=terms)
    if rehearsal_problem is not None and plan is not None:
        problems.append(rehearsal_problem)
    unique = tuple({(problem.code, problem.text): problem for problem in problems}.values())
    return RollbackJudgement(
        state=_state(unique),
        problems=unique,
        method=_effective_method(plan, parts),
        restore_minutes=_restore_minutes(parts),
        rehearsal=rehearsal,
        next=NEXT_STEPS.get(unique[0].code, _NEXT_OTHERWISE) if unique else "",
    )


def _state(problems: Sequence[RollbackProblem]) -> RequirementState:
    if not problems:
        return "met"
    return "waiting" if all(problem.code == "rehearsal-missing" for problem in problems) else "needs-author"


@dataclass(frozen=True, slots=True)
class _Part:
    """One way that would be carried out: the author's plan, or the playbook of one component."""

    method: RollbackMethod | None
    plan: RollbackPlan
    component: Component | None = None


def _parts(plan: RollbackPlan, components: Sequence[Component]) -> list[_Part]:
    method: RollbackMethod | None = "manual" if plan.is_prose else plan.method
    if method != "inherit":
        return [_Part(method, plan)]
    return [_Part(one.rollback.method, _merged(plan, one), one) for one in components if one.rollback is not None]


def _merged(plan: RollbackPlan, component: Component) -> RollbackPlan:
    """Return the plan with what the component's playbook says; the longer of two times counts."""
    playbook = component.rollback
    if playbook is None:
        return plan
    times = [time for time in (plan.restore_minutes, playbook.restore_minutes) if time is not None]
    return dataclasses.replace(
        plan,
        method=playbook.method,
        steps=playbook.steps or plan.steps,
        verification=playbook.verification or plan.verification,
        restore_minutes=max(times, default=None),
    )


def _declaration_problems(problems: Sequence[DeclarationProblem], *, is_asked: bool) -> list[RollbackProblem]:
    """Return the problems that the declaration's own reading found with the plan."""
    found = []
    for problem in problems:
        is_ours = problem.code.startswith("rollback-") and problem.blocks
        if is_ours and (is_asked or problem.code not in _NOT_GIVEN):
            names_its_line = f"line {problem.line})" in problem.text
            where = f" ({shown(problem.source)}:{problem.line})" if problem.source and problem.line else ""
            where = "" if names_its_line else where
            found.append(RollbackProblem(code=problem.code, text=f"{shown(problem.text).rstrip('.')}{where}."))
    return found


def _judge_plan(
    plan: RollbackPlan,
    parts: Sequence[_Part],
    terms: Terms,
    *,
    findings: Sequence[Finding],
    components: Sequence[Component],
    flag_found: bool | None,
) -> list[RollbackProblem]:
    problems = _not_allowed("prose" if plan.is_prose else plan.method, place_of(plan, "method"), terms)
    if plan.method == "inherit" and not plan.is_prose:
        problems += _without_playbook(plan, components)
    for part in parts:
        if part.method is None:
            text = f"The rollback plan{place_of(plan, 'method')} names no method; state `Method`, such as `revert`."
            problems.append(RollbackProblem(code="method-missing", text=text))
            continue
        case = MethodCase(
            method=part.method,
            plan=part.plan,
            findings=findings,
            components=components,
            flag_found=flag_found,
            limits=terms.policy.data_loss_minutes,
            alternatives=frozenset(terms.allowed),
            component=part.component,
        )
        if part.component is not None:
            where = f" (the playbook of {shown(part.component.name)}, {shown(part.component.source)})"
            problems += _not_allowed(part.method, where, terms)
        problems += check_method(case)
        problems += _judge_time(case, terms)
    return problems


def _not_allowed(method: str | None, where: str, terms: Terms) -> list[RollbackProblem]:
    if not terms.allowed:
        text = f"The policy and its rules leave no rollback method that all of them allow{terms.narrowing}."
        return [RollbackProblem(code="nothing-allowed", text=text)]
    if method is None or method in terms.allowed:
        return []
    subject = "A rollback plan in prose" if method == "prose" else f"The method `{method}`"
    allowed = listed([f"`{one}`" for one in terms.allowed], "or")
    text = f"{subject}{where} is not allowed here; declare {allowed}{terms.narrowing}."
    return [RollbackProblem(code="method-not-allowed", text=text)]


def _without_playbook(plan: RollbackPlan, components: Sequence[Component]) -> list[RollbackProblem]:
    """Return the problem of components whose playbook cannot be inherited, because there is none."""
    missing = [shown(one.name) for one in components if one.rollback is None]
    if components and not missing:
        return []
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    who = f"{listed(missing[:_NAMED]) if not more else ', '.join(missing[:_NAMED])}{more}" if missing else ""
    lack = f"{who} {'has' if len(missing) == 1 else 'have'} no rollback playbook" if who else "no component is touched"
    text = (
        f"`inherit`{place_of(plan, 'method')} cannot be carried out, because {lack}; record the playbook in the "
        f"ownership records, or declare a method of its own."
    )
    return [RollbackProblem(code="playbook-missing", text=text)]


def _judge_time(case: MethodCase, terms: Terms) -> list[RollbackProblem]:
    limit, took = terms.max_restore_minutes, case.plan.restore_minutes
    if limit is None or (took is not None and took <= limit):
        return []
    if took is None:
        return [restore_time_missing(case.name())]
    text = (
        f"{case.name('restore_minutes')} takes {minutes(took)} to restore, and {terms.timed_by} allows "
        f"{minutes(limit)}; choose a faster way back, or split the change."
    )
    return [RollbackProblem(code="restore-too-long", text=text)]


def _judge_rehearsals(
    rehearsals: Sequence[Rehearsal], *, head_sha: str, terms: Terms
) -> tuple[str | None, RollbackProblem | None]:
    """Return how the rehearsal of this head went, in words, and the problem where a proof is asked for and missing.

    SECURITY: a rehearsal of another head proves nothing, and a failure counts whoever reports it.
    """
    here = [one for one in rehearsals if one.head_sha == head_sha and head_sha]
    failed = [one for one in here if not one.is_passed]
    passed = [one for one in here if one.is_passed]
    if failed:
        said = f"{quoted(failed[0].step)} did not pass: {shown(failed[0].why).rstrip('.')}"
        text = f"The rehearsal of the plan failed, because {said}; mend the plan or the change and rehearse again."
        return f"failed: {said}", RollbackProblem(code="rehearsal-failed", text=text) if terms.is_rehearsed else None
    accepted = [one for one in passed if one.source in terms.sources]
    words = ", ".join(dict.fromkeys(f"{quoted(one.step)} ({_proven(one)})" for one in passed))
    seen = f"passed: {words}" if passed else None
    if not terms.is_rehearsed or accepted:
        return seen, None
    only = "only its own commands reported one" if passed else "there is none"
    text = f"A rehearsal of the plan on this head is asked for, and {only}; run `gate rehearse` and let it report."
    return seen, RollbackProblem(code="rehearsal-missing", text=text)


def _proven(rehearsal: Rehearsal) -> str:
    return "checked by the gate" if rehearsal.source == "gate" else "as reported"


def _effective_method(plan: RollbackPlan | None, parts: Sequence[_Part]) -> RollbackMethod | None:
    methods = {part.method for part in parts}
    if len(methods) == 1:
        return methods.pop()
    return plan.method if plan else None


def _restore_minutes(parts: Sequence[_Part]) -> int | None:
    """Return how long it takes until all is restored; unknown where any part is."""
    times = [part.plan.restore_minutes for part in parts]
    known = [time for time in times if time is not None]
    return max(known) if known and len(known) == len(times) else None
