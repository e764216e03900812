"""Builders of verdicts with safe defaults: a change of payments-api that waits for alice or bob.

    verdict = a_verdict(a_requirement(state="rejected", kind="veto", why="..."), title="Round amounts")

The state and the summary follow from the requirements unless given.
"""

import unicodedata
from typing import Any

from gate.core.explain.sentence import summarise
from gate.core.verdict import (
    Actor,
    ChangeSummary,
    CountedSignoff,
    NotCountedSignoff,
    RequirementView,
    RiskTermView,
    RiskView,
    RollbackView,
    RuleRef,
    Signoffs,
    TouchedComponent,
    Verdict,
    state_of,
)

_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"}
HOW = "an approving review, the approval link or the comment `/signoff payments-api`"


def a_requirement(**fields: Any) -> RequirementView:
    """A sign-off of payments-api that nobody has given yet."""
    given: dict[str, Any] = {
        "id": "ownership:payments-api",
        "kind": "ownership",
        "title": "Sign-off for payments-api",
        "state": "waiting",
        "code": "paths-uncovered",
        "why": "Nobody of payments has signed off yet.",
        "next": "Ask alice or bob to sign off.",
        "who": (Actor(person="alice", how=HOW), Actor(person="bob", how=HOW)),
        "needed": 1,
        "given": 0,
        "rule": RuleRef(name="Owners sign off", file=".gate/policy.yaml", line=4),
        "files": ("services/payments/round.py",),
    }
    return RequirementView(**{**given, **fields})


def a_met_requirement(**fields: Any) -> RequirementView:
    given: dict[str, Any] = {
        "id": "rollback",
        "kind": "rollback",
        "title": "Rollback plan",
        "state": "met",
        "code": "rollback-planned",
        "why": "The plan names a method, steps, a verification and a time.",
        "next": "",
    }
    return RequirementView(**{**given, **fields})


def signed_by(*people: str) -> Signoffs:
    return Signoffs(
        counted=tuple(CountedSignoff(person=name, source="review", at="2026-12-01T11:00:00Z") for name in people)
    )


def not_counted(person: str = "dave", code: str = "author", why: str = "wrote this change") -> NotCountedSignoff:
    return NotCountedSignoff(person=person, source="review", code=code, why=why)  # type: ignore[arg-type]


def a_rollback(**fields: Any) -> RollbackView:
    given: dict[str, Any] = {
        "method": "revert",
        "state": "met",
        "steps": ("revert the merge commit", "deploy main"),
        "restore_minutes": 15,
        "problems": (),
        "rehearsal": None,
    }
    return RollbackView(**{**given, **fields})


def a_touched_component(name: str = "payments-api", **fields: Any) -> TouchedComponent:
    given: dict[str, Any] = {
        "section": "default",
        "owner": "payments",
        "backup": "platform",
        "tier": 1,
        "declared": False,
        "files": ("services/payments/round.py",),
    }
    return TouchedComponent(name=name, **{**given, **fields})


def a_verdict(*requirements: RequirementView, title: str = "Round amounts half to even", **fields: Any) -> Verdict:
    views = requirements or (a_requirement(), a_met_requirement())
    state = fields.get("state") or state_of([view.state for view in views])
    given: dict[str, Any] = {
        "engine": "0.1.0",
        "state": state,
        "summary": summarise(state, views),
        "facts": "sha256:" + "5" * 64,
        "enforcement": "active",
        "change": ChangeSummary(
            repository="acme/shop",
            number=42,
            title=title,
            author="dave",
            base_ref="main",
            base_sha="b" * 40,
            head_sha="a" * 40,
            url="https://github.example.com/acme/shop/pull/42",
        ),
        "components": (a_touched_component(),),
        "rollback": a_rollback(),
        "risk": RiskView(
            level="medium",
            declared="low",
            score=3,
            terms=(RiskTermView(name="tier_1", weight=3, why="payments-api is of tier 1"),),
        ),
        "requirements": views,
        "relaxations": (),
        "look_alikes": (),
        "informed": (),
        "assumptions": (),
        "notes": (),
        "decided_at": "2026-12-01T12:00:00Z",
        "valid_until": None,
    }
    return Verdict(**{**given, **fields})


def hidden_in(text: str) -> list[str]:
    """What in a printed text shows nothing, moves or reorders something; blanks and line breaks are allowed."""
    return [letter for letter in text if letter not in " \n" and unicodedata.category(letter) in _HIDDEN_CATEGORIES]
