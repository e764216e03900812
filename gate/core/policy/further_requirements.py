"""Further requirements of policy and rules: tickets, checks, escalation, ownership reviews, one of several."""

from collections.abc import Iterable, Sequence

from gate.core.policy.case import Case
from gate.core.policy.demands import asked_by, in_words, judge_demand
from gate.core.policy.governance import judge_escalation, judge_review_currency
from gate.core.policy.judged import Group, One
from gate.core.policy.model import Requirement
from gate.core.policy.rollback_requirement import judge_rollback_for
from gate.core.policy.rules import MatchedRule
from gate.core.policy.signoff_requirements import SignoffRequirements
from gate.core.policy.tickets import judge_check, judge_tickets
from gate.core.verdict import PRECEDENCE, RequirementView, RuleRef, Signoffs


def judge_further(case: Case, matched: Sequence[MatchedRule], signoffs: SignoffRequirements) -> list[One]:
    """Return everything that is asked besides sign-offs and the rollback plan."""
    document = case.facts.policy
    judged: list[One] = []
    if document.policy.tickets.required:
        rule = RuleRef(name="Tickets", file=document.file, line=document.lines.get("tickets", 0))
        title = "Linked ticket"
        view = judge_tickets(case.facts, document.policy.tickets, identity="ticket", title=title, rule=rule)
        judged.append(One(view, "tickets"))
    for match in matched:
        judged += _of_one(case, match, match.rule.require)
        if match.rule.require.any_of:
            judged.append(_any_of(case, match, match.rule.require.any_of, signoffs))
    return judged


def _of_one(case: Case, match: MatchedRule, wanted: Requirement) -> Iterable[One]:
    """Yield what one requirement of a rule asks for, sign-offs and rollback apart."""
    name = match.rule.name
    components = [part.component for part in match.parts]
    if wanted.tickets:
        view = judge_tickets(case.facts, wanted.tickets, identity=f"ticket:{name}", title=name, rule=match.ref)
        yield One(view, "tickets")
    for check in dict.fromkeys(wanted.checks or ()):
        yield One(judge_check(case.facts, check, identity=f"rule:{name}:check:{check}", rule=match.ref), "firm")
    if wanted.escalation:
        identity = f"escalation:{name}"
        view = judge_escalation(case.facts, components, case.directory, identity=identity, rule=match.ref)
        yield One(view, "escalation")
    if wanted.review_current:
        identity = f"rule:{name}:review-current"
        view, edges = judge_review_currency(components, at=case.at, identity=identity, rule=match.ref)
        case.boundaries += edges
        yield One(view, "firm")


def _any_of(
    case: Case,
    match: MatchedRule,
    alternatives: Sequence[Requirement],
    signoffs: SignoffRequirements,
    within: str = "",
) -> One:
    """Return one requirement that is met as soon as one of several is, and otherwise tells the nearest way.

    It is waived with the rule's sign-offs only if every alternative asks for nothing but sign-offs. `within` is the way
    that it is part of, as identities name it: the second of the first is `:1.2`.
    """
    before = len(case.asked)
    names = [f"{within}.{number}" if within else f":{number}" for number in range(1, len(alternatives) + 1)]
    ways = [_views_of(case, match, *way, signoffs) for way in zip(alternatives, names, strict=True)]
    best = max(ways, key=lambda views: (min(PRECEDENCE.index(view.state) for view in views), -len(views)))
    open_views = [view for view in best if view.state != "met"]
    state = min((view.state for view in best), key=PRECEDENCE.index)
    first = open_views[0] if open_views else best[0]
    if state == "met":  # nobody is asked for another way any more
        settled = [tuple(one._replace(is_settled=True) for one in together) for together in case.asked[before:]]
        case.asked[before:] = settled
    titles = in_words([" and ".join(dict.fromkeys(v.title for v in views)) for views in ways], last="or")
    group: Group = "rules" if all(set(wanted.model_fields_set) == {"signoffs"} for wanted in alternatives) else "firm"
    view = RequirementView(
        id=f"rule:{match.rule.name}:any-of{within}",
        kind="rule",
        title=f"{match.rule.name}: one of {len(ways)} ways",
        state=state,
        code="any-of-met" if state == "met" else first.code,
        why=first.why if state == "met" else f"One of {titles} is needed. Nearest: {first.why}",
        next=first.next,
        who=() if state == "met" else tuple(dict.fromkeys(who for views in ways for view in views for who in view.who)),
        needed=sum(view.needed for view in best),
        given=sum(min(view.given, view.needed) for view in best),
        rule=match.ref,
        files=tuple(match.files),
        signoffs=Signoffs(
            counted=tuple(dict.fromkeys(s for view in best for s in view.signoffs.counted)),
            not_counted=tuple(dict.fromkeys(s for view in best for s in view.signoffs.not_counted)),
        ),
    )
    return One(view, group)


def _views_of(
    case: Case, match: MatchedRule, wanted: Requirement, way: str, signoffs: SignoffRequirements
) -> list[RequirementView]:
    """Return all that one alternative asks for; an alternative that asks nobody for anything is never a way."""
    views = []
    for demand in signoffs.demands_of(match, wanted.signoffs or {}, suffix=way):
        view, tally = judge_demand(demand, case.book)
        case.asked.append((asked_by(demand, tally)._replace(part_of=f"rule:{match.rule.name}:any-of"),))
        case.boundaries += tally.expires_at
        views.append(view)
    if wanted.rollback:
        views.append(judge_rollback_for(case.facts, case.touched, match, wanted.rollback))
    if not match.parts:
        # SECURITY: what is asked of each component holds of none; it must not stand in for what another way asks.
        wanted = wanted.model_copy(update={"escalation": None, "review_current": None})
    views += [entry.view for entry in _of_one(case, match, wanted)]
    if wanted.any_of:
        views.append(_any_of(case, match, wanted.any_of, signoffs, way).view)
    return views or [_nothing_asked(match)]


def _nothing_asked(match: MatchedRule) -> RequirementView:
    return RequirementView(
        id=f"rule:{match.rule.name}:nobody",
        kind="rule",
        title=match.rule.name,
        state="waiting",
        code="no-eligible-owner",
        why="This way asks for an owner, and no touched component has one.",
        next="Take another way, or give the files an owner on the base branch.",
        rule=match.ref,
    )
