"""The sentence: a whole verdict in one or two short sentences that end with the next step."""

from collections.abc import Sequence

from gate.core.counting import count_of
from gate.core.explain.escaping import prose
from gate.core.explain.outline import blocking, listed, met
from gate.core.verdict import RequirementView, State, Verdict

OPENINGS = {
    "needs-author": "The author must act",
    "rejected": "Rejected",
    "frozen": "Frozen",
    "error": "Not judged",
}
_SIGN_OFF_TITLE = "Sign-off for "
_MOST_SUBJECTS = 3
_MOST_PEOPLE = 4


def sentence(verdict: Verdict) -> str:
    """Return what a verdict says, who or what is missing, and the next step; one visible line."""
    return summarise(verdict.state, verdict.requirements)


def summarise(state: State, requirements: Sequence[RequirementView]) -> str:
    """Return a state and its reason in plain words, with the next step; one visible line of bounded length."""
    if state == "approved":
        return _approved(requirements)
    unmet = blocking(requirements)
    if not unmet:
        return "Not judged: nothing was looked at. Run the check again."
    deciding = [requirement for requirement in unmet if requirement.state == unmet[0].state]
    rest = len(unmet) - len(deciding)
    if state == "waiting":
        return _waiting(deciding)
    return f"{OPENINGS[state]}: {_reason(deciding[0])}{_more(len(deciding) - 1, rest)}"


def _approved(requirements: Sequence[RequirementView]) -> str:
    people = list(dict.fromkeys(c.person for requirement in requirements for c in requirement.signoffs.counted))
    number = len(met(requirements))
    all_met = "the one requirement is met" if number == 1 else f"all {number:,} requirements are met"
    if not people:
        return f"Approved: {all_met}; it can be merged."
    return f"Approved: {_people(people, 'and')} signed off and {all_met}; it can be merged."


def _waiting(requirements: Sequence[RequirementView]) -> str:
    """Return whom a change waits for. What only others can mend is said first: asking would not help there."""
    asks = [requirement for requirement in requirements if _is_ask(requirement)]
    if len(asks) < len(requirements):
        stuck = [requirement for requirement in requirements if not _is_ask(requirement)]
        return f"Waiting: {_reason(stuck[0])}{_more(len(stuck) - 1, len(asks))}"
    if len(asks) == 1:
        ask = asks[0]
        return f"Waiting for {_whom(ask)} to sign off on {_subject(ask)}; nothing else is missing."
    parts = [f"{_subject(ask)} ({_whom(ask)})" for ask in asks[:_MOST_SUBJECTS]]
    if len(asks) > _MOST_SUBJECTS:
        parts.append(f"{len(asks) - _MOST_SUBJECTS:,} more")
    return f"Waiting for {count_of(len(asks), 'sign-off')}: {listed(parts)}; nothing else is missing."


def _is_ask(requirement: RequirementView) -> bool:
    return len(requirement.who) >= requirement.needed - requirement.given > 0


def _whom(requirement: RequirementView) -> str:
    people = list(dict.fromkeys(actor.person for actor in requirement.who))
    missing = requirement.needed - requirement.given
    if missing == len(people):
        return _people(people, "and")
    return _people(people, "or") if missing == 1 else f"{missing} of {_people(people, 'and')}"


def _people(people: Sequence[str], last: str) -> str:
    return listed([prose(person, 60) for person in people], last, _MOST_PEOPLE)


def _subject(requirement: RequirementView) -> str:
    title = prose(requirement.title, 100)
    if title.startswith(_SIGN_OFF_TITLE):
        return title.removeprefix(_SIGN_OFF_TITLE)
    return f'"{title}"'


def _reason(requirement: RequirementView) -> str:
    why, following = prose(requirement.why, 400), prose(requirement.next, 300)
    return " ".join(part if part[-1:] in ".?!" else f"{part}." for part in (why, following) if part)


def _more(same: int, rest: int) -> str:
    parts = [count_of(same, "more reason")] if same else []
    parts += [count_of(rest, "further requirement")] if rest else []
    if not parts:
        return ""
    verb = "is" if same + rest == 1 else "are"
    return f" {listed(parts)} {verb} open too."
