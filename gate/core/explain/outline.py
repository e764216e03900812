"""Outline: what every rendering of a verdict agrees on: the order of reasons, words for states, short lists."""

from collections.abc import Iterable, Sequence

from gate.core.explain.escaping import path_text, prose
from gate.core.verdict import PRECEDENCE, NotCountedSignoff, RequirementState, RequirementView, RuleRef, State

SYMBOLS: dict[State | RequirementState, str] = {
    "approved": "\N{CHECK MARK}",
    "met": "\N{CHECK MARK}",
    "waiting": "\N{HORIZONTAL ELLIPSIS}",
    "needs-author": "!",
    "rejected": "\N{BALLOT X}",
    "frozen": "*",
    "error": "?",
}
"""A sign for each state, always shown beside its word."""


def blocking(requirements: Iterable[RequirementView]) -> list[RequirementView]:
    """Return what is not met, the state that decides first."""
    unmet = [requirement for requirement in requirements if requirement.state != "met"]
    return sorted(unmet, key=lambda requirement: PRECEDENCE.index(requirement.state))


def met(requirements: Iterable[RequirementView]) -> list[RequirementView]:
    """Return what is met, in the order of the verdict."""
    return [requirement for requirement in requirements if requirement.state == "met"]


def listed(items: Sequence[str], last: str = "and", most: int = 8) -> str:
    """Return items as people list them, the tail as a number: `a, b and 3 more`."""
    if not items:
        return "nobody"
    if len(items) > most + 1:
        return f"{', '.join(items[:most])} {last} {len(items) - most:,} more"
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"


def some_files(files: Sequence[str], most: int) -> tuple[list[str], int]:
    """Return the first paths of a list as they are shown, and how many are left."""
    shown = most if len(files) > most + 1 else len(files)
    return [path_text(path) for path in files[:shown]], len(files) - shown


def rule_place(rule: RuleRef) -> str:
    """Return `file:line` of a rule, the file alone where the line is not known."""
    file = path_text(rule.file)
    return f"{file}:{rule.line}" if rule.line else file


def actors(requirement: RequirementView) -> list[tuple[list[str], str]]:
    """Return who can act, those who act in the same way together."""
    ways: dict[str, list[str]] = {}
    for actor in requirement.who:
        ways.setdefault(prose(actor.how, 300), []).append(prose(actor.person, 100))
    return [(people, how) for how, people in ways.items()]


def tally_of(requirement: RequirementView) -> str:
    """Return `1 of 2` where a requirement counts people, an empty text where it does not."""
    return f"{requirement.given} of {requirement.needed}" if requirement.needed else ""


def refusal(entry: NotCountedSignoff) -> str:
    """Return why a sign-off does not count, with whose it is, its channel and the code."""
    why = entry.why.strip().rstrip(".")
    named = why if why.startswith(entry.person) else f"{entry.person} {why}"
    return f"{prose(named, 500)} ({prose(entry.source, 50)}, {entry.code})"
