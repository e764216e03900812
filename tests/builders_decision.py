"""Shortcuts to a decision on the facts of `builders_facts`, and to the parts of the verdict that a test speaks of.

verdict = decided(signoffs=signed("alice"))
assert states(verdict) == {"complete": "met", "ownership:payments-api": "met", "rollback": "met"}
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from builders_facts import AT, a_signoff, some_facts

from gate.core.change.facts import Facts, SignOff
from gate.core.decide import decide
from gate.core.ownership.registry import Ownership
from gate.core.policy.case import Case
from gate.core.policy.compiled_rules import CompiledRules
from gate.core.policy.conditions import Circumstances
from gate.core.policy.model import PolicyDocument
from gate.core.signoff.eligibility import SignoffBook
from gate.core.verdict import RequirementView, Verdict

PAYMENTS = "ownership:payments-api"
WEB = "ownership:web"


def decided(at: str = AT, **overrides: Any) -> Verdict:
    """The verdict on facts in which everything is in order save what the test names."""
    return decide(some_facts(**overrides), at=at)


def signed(*people: str, **fields: Any) -> tuple[SignOff, ...]:
    """An approving review of the head by each of some people."""
    return tuple(a_signoff(person, **fields) for person in people)


def requirement(verdict: Verdict, identity: str) -> RequirementView:
    """The one requirement of an id."""
    found = [view for view in verdict.requirements if view.id == identity]
    assert len(found) == 1, f"{identity} is not one of {[view.id for view in verdict.requirements]}"
    return found[0]


def states(verdict: Verdict) -> Mapping[str, str]:
    """The state of each requirement by its id."""
    return {view.id: view.state for view in verdict.requirements}


def people_in(view: RequirementView) -> list[str]:
    """Who can act on a requirement, by name."""
    return [actor.person for actor in view.who]


def refusals(view: RequirementView) -> Sequence[tuple[str, str]]:
    """The sign-offs that do not count: person and code."""
    return [(entry.person, entry.code) for entry in view.signoffs.not_counted]


def a_case(at: str = AT, **overrides: Any) -> Case:
    """An open case on such facts."""
    return Case.open(some_facts(**overrides), at=at, compiled=None)


def a_book(at: str = AT, **overrides: Any) -> SignoffBook:
    """The sign-offs of such facts."""
    return a_case(at, **overrides).book


def circumstances(facts: Facts | None = None, **fields: Any) -> Circumstances:
    """What conditions are asked of: one small change by dave, unless fields say otherwise."""
    case = Case.open(facts or some_facts(), at=AT, compiled=None)
    given: dict[str, Any] = {
        "facts": case.facts,
        "directory": case.directory,
        "hits": {},
        "touches": frozenset(),
        "risk": "low",
        "components_touched": 1,
        "lines_changed": 4,
        "authors": frozenset({"dave"}),
    }
    return Circumstances(**{**given, **fields})


def compiled_from_now_on(monkeypatch: pytest.MonkeyPatch) -> list[Ownership]:
    """Every ownership that is compiled from now on, in turn."""
    seen: list[Ownership] = []

    def of(ownership: Ownership, policy: PolicyDocument, make: Callable[..., CompiledRules] = CompiledRules.of) -> Any:
        seen.append(ownership)
        return make(ownership, policy)

    monkeypatch.setattr(CompiledRules, "of", of)
    return seen
