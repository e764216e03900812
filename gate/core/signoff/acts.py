"""Acts: in which order sign-offs, refusals and withdrawals hold, and what each of them speaks of."""

from collections.abc import Iterable

from gate.core.change.facts import Instant, SignOff
from gate.core.signoff.scope import Subject

_RANK = {"approve": 0, "lift-veto": 0, "withdraw": 1, "reject": 2}


def place_of(act: SignOff) -> tuple[Instant, int, str]:
    """Return the place of an act among all: what refuses is read last of one second, and therefore holds."""
    return act.at, _RANK[act.decision], act.id


def is_about(act: SignOff, subject: Subject) -> bool:
    """Return whether an act speaks of a subject: it names it, was shown it, or names none at all."""
    if act.subjects:
        return subject.id in act.subjects or subject.name in act.subjects
    return not act.scopes or subject.id in act.scopes


def may_concern(act: SignOff, earlier: SignOff) -> bool:
    """Return whether an act answers an earlier one of the same person; where either names nothing, it does."""
    return not act.subjects or not earlier.subjects or not _names(act.subjects).isdisjoint(_names(earlier.subjects))


def _names(subjects: Iterable[str]) -> set[str]:
    """Return subjects as people type them: `component:default/web` and `web` are one."""
    return {_name(subject) for subject in subjects}


def _name(subject: str) -> str:
    return subject.removeprefix("rule:").rpartition("/" if subject.startswith("component:") else "\0")[2]
