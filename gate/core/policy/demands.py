"""Demands: a circle of people whose sign-offs are needed for a subject, and the requirement that comes of it."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from gate.core.change.facts import PersonKey
from gate.core.signoff.eligibility import Asked, SignoffBook, Tally
from gate.core.signoff.people import MEMBERS_UNREAD, People
from gate.core.signoff.scope import Subject
from gate.core.verdict import Actor, RequirementKind, RequirementState, RequirementView, RuleRef

# Why an approval that was given does not count, the weightiest first; it becomes the code of the requirement.
_REASONS = (
    "base-changed",
    "rollback-changed",
    "stale-approval",
    "review-on-old-commit",
    "self-approval",
    "contributor-approval",
    "bot",
    "dismissed",
    "withdrawn",
    "edited",
    "expired",
    "left-team",
)
_WAYS = {
    "review": "an approving review",
    "link": "the approval link",
    "comment": "the comment `/signoff {name}`",
    "api": "the API",
}
_NAMED = 4
_MOST_SAID = 16
_CODES = {"bot": "bot-approval-ignored", "left-team": "approver-not-eligible"}


class Demand(NamedTuple):
    """So many people of a circle must sign off on a subject.

    `circle` is the circle in words (`payments`, `role dba`). `fallback` is who can mend it where nobody of the circle
    may sign off: a sentence part, or empty. `lasts` is how long a sign-off holds, None where the policy says it.
    `said` remembers what was said, by who can act, where the same is asked of many changes.
    """

    id: str
    kind: RequirementKind
    subject: Subject
    title: str
    circle: str
    pool: People
    needed: int
    files: Sequence[str]
    rule: RuleRef | None
    missing_code: str = "paths-uncovered"
    fallback: str = ""
    binds_head: bool = False
    lasts: dt.timedelta | None = None
    said: "Said | None" = None


class Saying(NamedTuple):
    """What is said of a demand that is not met: the code, the reason, the next step, and who can act."""

    code: str
    why: str
    next: str
    who: tuple[Actor, ...]


Said = dict[tuple[int | str, ...], Saying]


def judge_demand(demand: Demand, book: SignoffBook) -> tuple[RequirementView, Tally]:
    """Return whether enough people signed off, who can still act, and what to do next.

    SECURITY: a circle that is empty after exclusions is never satisfied; it says so and waits.
    """
    tally = book.tally(demand.subject, demand.pool, binds_head=demand.binds_head, lasts=demand.lasts)
    return view_of(demand, tally, book), tally


def asked_by(demand: Demand, tally: Tally) -> Asked:
    """Return a demand as those who are asked need to know it."""
    return Asked(demand.id, demand.title, demand.subject, demand.pool, demand.needed, demand.binds_head, tally)


def view_of(demand: Demand, tally: Tally, book: SignoffBook) -> RequirementView:
    """Return what is shown of a demand: whether it is met, why, who can still act, and what to do next."""
    given = len(tally.people)
    state: RequirementState = "met" if given >= demand.needed else "waiting"
    says = Saying("signed-off", _met_sentence(tally), "", ()) if state == "met" else _waiting(demand, tally, book)
    # NOTE: by place, in the order of the fields: a change of thousands of files makes hundreds of these.
    return RequirementView(
        demand.id, demand.kind, demand.title, state, says.code, says.why, says.next, says.who,
        demand.needed, given, demand.rule, tuple(demand.files), tally.signoffs,
    )  # fmt: skip


def _met_sentence(tally: Tally) -> str:
    return f"{in_words([signoff.person for signoff in tally.signoffs.counted])} signed off."


def _waiting(demand: Demand, tally: Tally, book: SignoffBook) -> Saying:
    """Return what is said of a demand that is not met."""
    names = sorted(map(book.directory.display, tally.able))
    said = demand.said
    if said is None or tally.people or tally.reasons or demand.pool.unreadable or len(names) < demand.needed:
        return _say(demand, tally, names, book)
    # Nobody who is asked has said anything: what there is to say follows from the rules and from who can act.
    key: tuple[int | str, ...] = (demand.needed, *names)
    found = said.get(key)
    if found is None:
        if len(said) >= _MOST_SAID:
            said.clear()
        found = said[key] = _say(demand, tally, names, book)
    return found


def _say(demand: Demand, tally: Tally, names: Sequence[str], book: SignoffBook) -> Saying:
    who = _actors(demand, names, book.facts.policy.policy.signoffs.sources)
    return Saying(*_missing(demand, tally, names, book), who)


def _actors(demand: Demand, names: Sequence[str], sources: tuple[str, ...]) -> tuple[Actor, ...]:
    how = _ways(sources).replace("{name}", demand.subject.name)
    people = [Actor(name, how) for name in names]
    if not demand.pool.unreadable:
        return tuple(people)
    teams = [Actor(text.partition(":")[0], f"a member: {how}") for text in demand.pool.unreadable]
    return (*people, *teams)


@cache
def _ways(sources: tuple[str, ...]) -> str:
    """Return the accepted ways to sign off, in words, with `{name}` for the name of the subject."""
    return in_words([_WAYS[source] for source in sources], last="or")


def _missing(demand: Demand, tally: Tally, names: Sequence[str], book: SignoffBook) -> tuple[str, str, str]:
    """Return the code, the reason and the next step of a demand that is not met."""
    given = len(tally.people)
    if len(tally.able) < demand.needed - given:
        return _unmeetable(demand, tally, book)
    if given or demand.needed > 1:
        why = f"{given} of {demand.needed} people of {demand.circle} signed off."
    else:
        why = f"Nobody of {demand.circle} has signed off yet."
    reason = next((reason for reason in _REASONS if reason in tally.reasons), "") if tally.reasons else ""
    if reason:
        codes = _codes_of(reason)
        refused = next((entry.why for entry in tally.signoffs.not_counted if entry.code in codes), "")
        why = f"{why} {refused}" if refused else why
    named = [*names[:_NAMED], f"{len(names) - _NAMED} more"] if len(names) > _NAMED else names
    also = " one more of" if given and len(names) > 1 else ""
    return (
        _CODES.get(reason, reason) or demand.missing_code,
        why,
        f"Ask{also} {in_words(named, last='or')} to sign off.",
    )


def _codes_of(reason: str) -> frozenset[str]:
    groups = {
        "base-changed": {"scope-changed"},
        "rollback-changed": {"scope-changed"},
        "stale-approval": {"scope-changed"},
        "review-on-old-commit": {"old-commit"},
        "self-approval": {"author"},
        "contributor-approval": {"committer", "co-author", "pusher"},
    }
    return frozenset(groups.get(reason, {reason}))


def _gaps(demand: Demand) -> list[str]:
    """Return what of a circle could not be read, its teams together, a team that is the whole circle unnamed."""
    teams = [text.removesuffix(MEMBERS_UNREAD) for text in demand.pool.unreadable if text.endswith(MEMBERS_UNREAD)]
    if len(teams) < 2:  # noqa: PLR2004  # one alone needs no list
        return [text.removeprefix(f"{demand.circle}: ") for text in demand.pool.unreadable]
    others = [text for text in demand.pool.unreadable if not text.endswith(MEMBERS_UNREAD)]
    return [*others, f"the members of {in_words(teams)} cannot be read from here"]


def _unmeetable(demand: Demand, tally: Tally, book: SignoffBook) -> tuple[str, str, str]:
    """Return why too few people can sign off at all, and who can mend that."""
    if demand.pool.unreadable:
        why = f"Who belongs to {demand.circle} is not known in full: {in_words(_gaps(demand))}."
        return "team-unreadable", why, "Let the gate read the team, or name its members in the ownership records."
    excluded = sorted(demand.pool.members & book.contributors.keys())
    names = in_words([book.directory.display(person) for person in excluded])
    if not demand.pool.members:
        why = f"{demand.circle[:1].upper()}{demand.circle[1:]} has no members, so nobody can sign off."
    elif excluded:
        able = len(tally.able) + len(tally.people)
        rest = "nobody else is left" if not able else f"only {able} of the {demand.needed} needed can sign off"
        why = f"{names} had a hand in this change, and {rest} of {demand.circle}."
    else:
        count = len(demand.pool.members)
        people = "1 person" if count == 1 else f"{count} people"
        why = f"{demand.circle} has {people}, but {demand.needed} must sign off."
    following = (
        demand.fallback or "Name further people in the ownership records, or a backup and `from: [owner, backup]`."
    )
    return "no-eligible-owner", why, following


def in_words(items: Sequence[str], last: str = "and") -> str:
    """Return items as people list them: `a, b and c`."""
    if not items:
        return "nobody"
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"


def people_who_signed(tallies: Sequence[Tally]) -> frozenset[PersonKey]:
    """Return all people whose sign-off counted anywhere, each once."""
    return frozenset().union(*(tally.people for tally in tallies))
