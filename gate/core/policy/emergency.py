"""The emergency path: break-glass, approved at once by those entitled, reviewed afterwards without fail."""

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import NamedTuple

from gate.core.change.facts import PersonKey
from gate.core.policy.case import Case
from gate.core.policy.component_requirements import circle_in_words, component_id, way_to_name
from gate.core.policy.demands import Demand, asked_by, in_words, judge_demand, people_who_signed
from gate.core.policy.judged import Group, Judged, One, is_open
from gate.core.policy.model import Emergency
from gate.core.policy.signoff_requirements import (
    HUMANS_FOR_A_BOT,
    PER_COMPONENT,
    allows_unowned,
    bots_behind,
    machines_among,
)
from gate.core.policy.tickets import judge_tickets
from gate.core.policy.touched import TouchedPart
from gate.core.signoff.eligibility import Asked, Tally
from gate.core.signoff.people import NOBODY, People
from gate.core.signoff.scope import Subject
from gate.core.times import duration
from gate.core.values import dataclass
from gate.core.verdict import RelaxationView, RequirementView, RuleRef

WAIVED: frozenset[Group] = frozenset({"ownership", "rules", "escalation"})
"""What an emergency in force waives, freezes besides: never the rollback plan, `error`, a veto or a policy change."""


@dataclass(frozen=True, slots=True)
class EmergencyPath:
    """How far the emergency path is: its own requirements, and whether it is in force."""

    is_in_force: bool = False
    judged: Sequence[Judged] = field(default_factory=tuple)
    relaxation: RelaxationView | None = None


def judge_emergency(case: Case, judged: Sequence[Judged], *, is_frozen: bool) -> EmergencyPath:
    """Return the state of the emergency path, nothing where nobody took it.

    SECURITY: a declared type alone never relaxes; who set the label must be known and entitled; the sign-offs are
    somebody else's than the author's, bind to the head and expire. While they are missing they only show up where
    the ordinary path is not complete either.
    """
    policy = case.facts.policy.policy.emergency
    label = next((label for label in case.facts.change.labels if policy and label.name == policy.label), None)
    if policy is None or label is None:
        return EmergencyPath()
    person = case.directory.person_of(label.set_by)
    if person is None:
        case.notes.append(f"The label `{policy.label}` does nothing here: who set it is not known.")
        return EmergencyPath()
    name = case.directory.display(person)
    # SECURITY: the author's word that a component is affected entitles none of its owners to set the label.
    touched = [part for part in case.touched.parts if part.files]
    setters = policy.set_by or tuple(policy.signoffs)
    entitled = case.circle(setters, of=touched).members
    if _is_default_owners(case) and not PER_COMPONENT.isdisjoint(setters):
        entitled |= _default_owner(case).members
    if person not in entitled:
        case.notes.append(f"The label `{policy.label}` does nothing here: {name}, who set it, is not entitled to.")
        return EmergencyPath()
    own, asked = _own_requirements(case, policy, person)
    is_in_force = all(view.state == "met" for view in own)
    is_needed = is_frozen or any(entry.group in WAIVED and is_open(entry) for entry in judged)
    if not is_in_force and not is_needed:
        return EmergencyPath()
    case.asked += asked
    why = (
        f"{name} set the label `{policy.label}` and the emergency sign-offs are given: sign-offs by ownership and "
        f"rule, freezes and escalation are waived; the after-review is due within {policy.review_within}."
    )
    relaxation = RelaxationView(kind="emergency", name=policy.label, why=why) if is_in_force else None
    return EmergencyPath(is_in_force, tuple(One(view, "firm") for view in own), relaxation)


def judge_owed_reviews(case: Case) -> list[One]:
    """Return what waits for the review of an earlier break-glass: the next change of the components that it touched.

    SECURITY: nothing waives it, a further emergency neither: break-glass does not become the ordinary way (R61). It
    ends as soon as somebody looks at the earlier change.
    """
    if not case.facts.owed_reviews:
        return []
    touched = {component.name for component in case.touched.components}
    concerned = [owed for owed in case.facts.owed_reviews if touched.intersection(owed.components)]
    case.boundaries += [owed.due_at for owed in concerned if owed.due_at > case.at]
    overdue = [owed for owed in concerned if owed.due_at <= case.at]
    if not overdue:
        return []
    first = min(overdue, key=lambda owed: (owed.due_at, owed.change))
    names = sorted({name for owed in overdue for name in touched.intersection(owed.components)})
    view = RequirementView(
        id="emergency:after-review",
        kind="emergency",
        title="After-review of an earlier break-glass",
        state="waiting",
        code="after-review-overdue",
        why=f"The review of #{first.change}, which was approved by break-glass, was due on {first.due_at[:10]}; "
        f"until then {in_words(names)} may not change.",
        next=f"Somebody who neither made nor signed off #{first.change} looks at it and closes the review on its page.",
    )
    return [One(view, "firm")]


def _own_requirements(
    case: Case, policy: Emergency, set_by: PersonKey
) -> tuple[list[RequirementView], list[tuple[Asked]]]:
    """Return what the emergency path asks for itself, and whom it asks."""
    document = case.facts.policy
    rule = RuleRef(name="Emergency", file=document.file, line=document.lines.get("emergency", 0))
    views = []
    asked = []
    tallies = []
    for circle in _circles(case, policy):
        demand = Demand(
            id=f"emergency:{circle.identity}",
            kind="emergency",
            subject=Subject("emergency", "emergency", has_all_files=True),
            title=f"Emergency sign-off{circle.of}",
            circle=circle.words,
            pool=circle.people,
            needed=policy.signoffs[circle.party],
            files=[file.path for file in case.facts.files],
            rule=rule,
            missing_code="emergency-signoff-missing",
            fallback=circle.fallback,
            binds_head=True,
            lasts=duration(policy.expires_after),
        )
        view, tally = judge_demand(demand, case.book)
        asked.append((asked_by(demand, tally),))
        case.boundaries += tally.expires_at
        views.append(view)
        tallies.append(tally)
    views += _two_humans(case, tallies, set_by, rule)
    if policy.tickets.required:
        ticket = judge_tickets(
            case.facts,
            policy.tickets,
            identity="ticket:emergency",
            title="Incident ticket",
            rule=rule,
            accepts_unknown=True,
        )
        views.append(ticket)
    return views, asked


class _Circle(NamedTuple):
    """Some people whose sign-offs an emergency needs, of what, and how others come to be able to give them."""

    party: str
    identity: str
    words: str
    people: People
    of: str = ""
    fallback: str = ""


def _circles(case: Case, policy: Emergency) -> Iterator[_Circle]:
    """Yield each circle whose sign-offs an emergency needs.

    SECURITY: an `owner` is asked for each touched component, as in a rule; an owner of one must not wave another's
    through. Files that nobody owns are the default owner's.
    """
    for party in sorted(policy.signoffs):
        if party not in PER_COMPONENT:
            words = party.replace("role:", "role ").replace("team:", "").replace("person:", "")
            yield _Circle(party, party, words, case.directory.party(party))
            continue
        for part in _asked(case):
            identity, words = f"{party}:{component_id(part)}", circle_in_words((party,), part)
            people, way = case.directory.party(party, part.component), way_to_name(party, part.component)
            yield _Circle(party, identity, words, people, f" for {part.component.name}", way)
        if _is_default_owners(case):
            words = case.facts.policy.policy.default_owner or "the default owner"
            way = "Give the files an owner on the base branch, or set `default_owner` in the policy."
            yield _Circle(party, f"{party}:unowned", words, _default_owner(case), " for files without owner", way)


def _asked(case: Case) -> Sequence[TouchedPart]:
    return [part for part in case.touched.parts if part.is_asked]


def _is_default_owners(case: Case) -> bool:
    """Return whether the default owner stands for some files, or for all where no component is asked."""
    return not _asked(case) or (bool(case.touched.unowned) and not allows_unowned(case.facts))


def _default_owner(case: Case) -> People:
    owner = case.facts.policy.policy.default_owner
    return case.directory.behind(owner) if owner else NOBODY


def _two_humans(case: Case, tallies: Sequence[Tally], set_by: PersonKey, rule: RuleRef) -> list[RequirementView]:
    """Return the demand for two people behind the emergency of a bot's change.

    SECURITY: the author of a person's change never signs it off. A bot's change has no such person, so whoever steers
    the bot could set the label and sign alone.
    """
    bots = bots_behind(case.facts)
    if not bots:
        return []
    humans = (people_who_signed(tallies) | {set_by}) - machines_among(case.facts)
    given = min(len(humans), HUMANS_FOR_A_BOT)
    is_met = given == HUMANS_FOR_A_BOT
    name = case.directory.display(set_by)
    why = f"{in_words(bots)} made this change; {given} of {HUMANS_FOR_A_BOT} people stand behind its emergency."
    return [
        RequirementView(
            id="emergency:two-humans",
            kind="emergency",
            title="Two people behind a bot's emergency",
            state="met" if is_met else "waiting",
            code="two-humans" if is_met else "bot-author-needs-two",
            why=why,
            next="" if is_met else f"Ask somebody other than {name}, who set the label, for an emergency sign-off.",
            needed=HUMANS_FOR_A_BOT,
            given=given,
            rule=rule,
        )
    ]
