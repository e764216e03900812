"""Answers: whether what a comment's command decided is taken, and if not, why and what to do instead."""

from gate.core.asks import Asks
from gate.core.change.facts import SignOff
from gate.core.values import dataclass

_VOID = {
    "edited": "The comment was edited, so it counts for nothing. Write it in a new one.",
    "expired": "It has expired. Give it again.",
    "withdrawn": "It was withdrawn.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a command: it is taken, or `why` not in words. `is_unsure` says that it is asked again."""

    is_taken: bool
    why: str = ""
    is_unsure: bool = False


TAKEN = Answer(is_taken=True)


def answer_to(act: SignOff, asks: Asks) -> Answer:
    """Return what became of an act of a comment by the verdict of now."""
    if act.void == "unconfirmed":
        sha = asks.facts.change.head_sha[:12]
        why = f"A push came at that moment, so it is not clear what it was for. Look again, and write `/signoff {sha}`."
        return Answer(is_taken=False, why=why, is_unsure=True)
    if act.void:
        return Answer(is_taken=False, why=_VOID.get(act.void, "It counts for nothing any more."))
    if act.decision == "withdraw":
        return _withdrawal(act, asks)
    if act.decision == "reject":
        person = asks.person_of(act.account)
        if asks.may_veto(person) or asks.concerning(person):
            return TAKEN
        return Answer(is_taken=False, why="Nothing of this change is theirs to reject.")
    return _approval(act, asks)


def _withdrawal(act: SignOff, asks: Asks) -> Answer:
    person = asks.person_of(act.account)
    earlier = (one for one in asks.facts.signoffs if one.id != act.id and one.at <= act.at and not one.void)
    if any(asks.person_of(one.account) == person and one.decision != "withdraw" for one in earlier):
        return TAKEN
    return Answer(is_taken=False, why="They had decided nothing here that could be withdrawn.")


def _approval(act: SignOff, asks: Asks) -> Answer:
    name = asks.directory.display(asks.person_of(act.account))
    reasons: list[str] = []
    for view in asks.verdict.requirements:
        if any((one.person, one.source, one.at) == (name, act.source, act.at) for one in view.signoffs.counted):
            return TAKEN
        reasons += [one.why for one in view.signoffs.not_counted if (one.person, one.source) == (name, act.source)]
    named = f" for {', '.join(act.subjects)}" if act.subjects else ""
    return Answer(is_taken=False, why=reasons[-1] if reasons else f"Nobody is asked to sign off{named} here.")
