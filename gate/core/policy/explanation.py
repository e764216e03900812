"""Explanation: every rule of a policy in words, what it can reach, and what can never match or be met."""

from collections.abc import Iterable, Mapping, Sequence

from gate.core.change.facts import Facts
from gate.core.counting import agreeing, count_of
from gate.core.ownership.registry import Component
from gate.core.policy.conditions import (
    COMPONENT_KEYS,
    Answer,
    all_hold,
    any_holds,
    asks_about_components,
    component_holds,
)
from gate.core.policy.demands import in_words
from gate.core.policy.model import ComponentCondition, Condition, Requirement, Rule
from gate.core.signoff.people import Directory
from gate.core.values import dataclass

_WORDS: Mapping[str, str] = {
    "paths": "some file matches {}",
    "only_paths": "every file matches {}",
    "components": "it touches {}",
    "kinds": "it touches a {}",
    "tier": "it touches a component of tier {}",
    "environment": "it reaches {}",
    "data_class": "it touches {} data",
    "section": "it touches a component of the section {}",
    "branches": "it goes to {}",
    "repositories": "it is in {}",
    "authors": "{} made it",
    "author_in": "its author belongs to {}",
    "labels": "it is labelled {}",
    "title": "its title matches {}",
    "change_type": "its type is {}",
    "risk": "its risk is {}",
    "touches": "it touches a {}",
    "lines_changed": "it changes {} lines",
    "files_changed": "it changes {} files",
    "components_touched": "it touches {} components",
}
_YES_NO: Mapping[str, tuple[str, str]] = {
    "signed": ("every commit is verified", "some commit is not verified"),
    "first_time_author": ("it is the author's first", "the author has contributed before"),
}


DEAD = ("can never match", "nobody can meet it")
"""How warnings begin that make a rule useless."""


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    """One rule in words, where it is written, whom it can reach, and what is wrong with it."""

    name: str
    line: int
    when: str
    asks: tuple[str, ...]
    reaches: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def is_dead(self) -> bool:
        """Return whether the rule can never match, or asks for what nobody can give."""
        return any(warning.startswith(DEAD) for warning in self.warnings)


def explain_policy(
    facts: Facts, paths: Sequence[str] | None, matching: Mapping[tuple[str, ...], int]
) -> list[RuleExplanation]:
    """Return every rule explained against the ownership in these facts.

    `paths` are the files of the tree, None where they are not known; `matching` says how many of them each list of
    patterns matches.
    """
    directory = Directory(facts)
    document = facts.policy
    found = []
    for number, rule in enumerate(document.policy.rules):
        reached = _reached(rule, facts.ownership.components)
        warnings = [*_never(rule, reached, paths, matching), *unmeetable(rule.require, reached, directory)]
        found.append(
            RuleExplanation(
                name=rule.name,
                line=document.lines.get(f"rules/{number}", 0),
                when=words_of(rule.when),
                asks=tuple(asks_of(rule.require)),
                reaches=tuple(component.name for component in reached) if rule.when else (),
                warnings=tuple(warnings),
            )
        )
    return found


def words_of(when: Condition | None) -> str:
    """Return a condition as people would say it."""
    return "always" if when is None else f"when {phrase(when)}"


def phrase(condition: ComponentCondition) -> str:
    """Return a condition as people would say it, without the word that introduces it."""
    parts = []
    for key in type(condition).model_fields:
        value = getattr(condition, key)
        if value is None:
            continue
        if key in {"any", "all"}:
            inner = [phrase(part) for part in value]
            parts.append(f"({in_words(inner, last='or' if key == 'any' else 'and')})")
        elif key == "not_":
            parts.append(f"not ({phrase(value)})")
        elif key in _YES_NO:
            parts.append(_YES_NO[key][0 if value else 1])
        else:
            items = [value] if isinstance(value, str) else [str(item) for item in value]
            parts.append(_WORDS[key].format(in_words(items, last="or")))
    return in_words(parts)


def asks_of(require: Requirement) -> Iterable[str]:
    """Yield each thing that a requirement asks for, as people would say it."""
    for party, count in sorted((require.signoffs or {}).items()):
        whom = {"owner": "the owner of each component concerned", "backup": "the backup of each component concerned"}
        people = "one person" if count == 1 else f"{count} people"
        yield f"sign-off by {people} of {whom.get(party, party.replace(':', ' '))}"
    yield from _rollback_asks(require)
    if require.tickets:
        kinds = in_words(list(require.tickets.kinds), last="or") if require.tickets.kinds else "any kind"
        yield f"{count_of(require.tickets.min, 'linked ticket')} of {kinds}" + (
            f" that {agreeing(require.tickets.min, 'is', 'are')} {require.tickets.state}"
            if require.tickets.state
            else ""
        )
    for check in require.checks or ():
        yield f"the check {check} to have passed"
    if require.escalation:
        yield "a usable escalation policy"
    if require.review_current:
        yield "an ownership review that is not overdue"
    if require.any_of:
        yield "one of: " + "; or ".join(in_words(list(asks_of(part))) for part in require.any_of)


def _rollback_asks(require: Requirement) -> Iterable[str]:
    plan = require.rollback
    if plan is None:
        return
    if plan.allow:
        yield f"a rollback by {in_words(list(plan.allow), last='or')}"
    if plan.max_restore_minutes:
        yield f"a rollback within {count_of(plan.max_restore_minutes, 'minute')}"
    if plan.rehearsed:
        yield "a rehearsed rollback"


def _reached(rule: Rule, components: Sequence[Component]) -> list[Component]:
    if rule.when is None:
        return list(components)
    return [component for component in components if _possible(rule.when, component) is not False]


def _possible(condition: Condition, component: Component) -> Answer:
    """Return whether a condition could hold of some change to a component: all but its component keys is open."""
    answers: list[Answer] = []
    for key in type(condition).model_fields:
        value = getattr(condition, key)
        if value is None:
            continue
        if key in COMPONENT_KEYS:
            # A declared environment can add to what the record says, so that key never rules a component out.
            holds = component_holds(key, value, component, declared=())
            answers.append(None if key == "environment" and not holds else holds)
        elif key == "any":
            answers.append(any_holds(_possible(part, component) for part in value))
        elif key == "all":
            answers.append(all_hold(_possible(part, component) for part in value))
        elif key == "not_":
            inner = _possible(value, component)
            answers.append(None if inner is None else not inner)
        else:
            answers.append(None)
    return all_hold(answers)


def _never(
    rule: Rule, reached: Sequence[Component], paths: Sequence[str] | None, matching: Mapping[tuple[str, ...], int]
) -> Iterable[str]:
    if rule.when is None:
        return
    if asks_about_components(rule.when) and not reached:
        yield "can never match: no component of the records meets its conditions"
    if paths is not None and rule.when.paths and not matching.get(rule.when.paths):
        yield "matches no file that exists now"
    yield from (f"stops applying when more is changed: {reason}" for reason in vanishing_conditions(rule.when))


def vanishing_conditions(condition: Condition) -> list[str]:
    """Return the parts of a rule's condition that further changes could switch off, with the reason for each."""
    found = []
    if condition.only_paths:
        found.append("`only_paths` fails as soon as another file is touched")
    if condition.not_:
        found.append("`not` fails as soon as what it excludes is touched as well")
    for key in ("lines_changed", "files_changed", "components_touched"):
        comparison = getattr(condition, key)
        if comparison and comparison[0] in "<=":
            found.append(f"`{key}: {comparison}` fails when the change grows")
    if condition.risk and "high" not in condition.risk:
        found.append("`risk` without `high` fails when the risk is raised")
    if condition.signed is True:
        found.append("`signed: true` fails with one commit that is not verified")
    if condition.first_time_author is False:
        found.append("`first_time_author: false` fails for a new author")
    for part in (*(condition.any or ()), *(condition.all or ())):
        found += vanishing_conditions(part)
    return found


def spreading_conditions(condition: Condition) -> list[str]:
    """Return the parts of a standard change's condition that further changes could switch on, with the reason for each.

    Where it says of every file or component what it must be, one more that is otherwise ends it.
    """
    if _speaks_of_all(condition):
        return []
    found = []
    if condition.paths:
        found.append("`paths` holds as soon as one such file is touched, and `only_paths` of all")
    if condition.touches:
        found.append("`touches` holds as soon as one file is such a thing")
    for key in ("lines_changed", "files_changed", "components_touched"):
        comparison = getattr(condition, key)
        if comparison and comparison[0] in ">=":
            found.append(f"`{key}: {comparison}` may hold when the change grows")
    for part in (*(condition.any or ()), *(condition.all or ())):
        found += spreading_conditions(part)
    return found


def _speaks_of_all(condition: Condition) -> bool:
    is_about_components = any(getattr(condition, key) is not None for key in COMPONENT_KEYS)
    return bool(condition.only_paths) or is_about_components or any(map(_speaks_of_all, condition.all or ()))


def unmeetable(require: Requirement, reached: Sequence[Component], directory: Directory) -> Iterable[str]:
    """Yield each circle of people that is smaller than what is asked of it."""
    for party, count in sorted((require.signoffs or {}).items()):
        circles = [(party, directory.party(party))]
        if party in {"owner", "backup", "transfer"}:
            circles = [(f"{party} of {component.name}", directory.party(party, component)) for component in reached]
        for name, people in circles:
            if len(people.members) < count and not people.unreadable:
                yield f"nobody can meet it: {name} has {len(people.members)} of {count} people"
    for part in require.any_of or ():
        yield from unmeetable(part, reached, directory)
