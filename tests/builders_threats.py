"""Shortcuts of the tests of threats, on top of `builders_decision`: what is open, who counts, a checkout to attack.

verdict = decided(signoffs=signed("dave"))
assert refusals(owners(verdict)) == [("dave", "author")]
assert unmet(verdict) == [("ownership:payments-api", "self-approval")]
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builders_decision import PAYMENTS, requirement
from builders_gate_command import Ran, run_gate
from builders_git import ALICE, Content, GitRepository, a_repository

from gate.core.verdict import RequirementView, Verdict

RECORDS = """\
version: 1
people:
  alice: {github: alice, email: alice@example.com}
  bob: {github: bob, email: bob@example.com}
  carol: {github: carol, email: carol@example.com}
  dave: {github: dave, email: dave@example.com}
components:
  - {name: payments, owner: alice, paths: [/payments/]}
  - {name: docs, owner: bob, paths: [/docs/]}
"""
POLICY = "version: 1\npolicy_owner: carol\ndefault_owner: carol\n"
PLAN = b"## Rollback plan\n\n- Method: revert\n"
AT = "2026-11-01T12:00:00Z"


def owners(verdict: Verdict) -> RequirementView:
    """The requirement on the owners of payments-api."""
    return requirement(verdict, PAYMENTS)


def unmet(verdict: Verdict) -> list[tuple[str, str]]:
    """What is not met: id and code of each requirement."""
    return [(view.id, view.code) for view in verdict.requirements if view.state != "met"]


def counted(view: RequirementView) -> list[str]:
    """Who counts."""
    return [entry.person for entry in view.signoffs.counted]


@dataclass(frozen=True)
class Shop:
    """A real repository under the gate, and the gate asked about a branch of it."""

    repository: GitRepository

    def check(self, *arguments: str, base: str = "main", head: str = "change") -> Ran:
        """Run `gate check --json` with a rollback plan that says enough."""
        line = ("check", "--repo", self.repository.path, "--base", base, "--head", head, "--at", AT, "--json")
        return run_gate(*line, "--body", "-", *arguments, stdin=PLAN)


def a_shop(path: Path, files: dict[str, Content] | None = None) -> Shop:
    """A shop with records and policy (alice owns payments, bob docs, carol the rest), and other files on main."""
    given = {".gate/ownership.yaml": RECORDS, ".gate/policy.yaml": POLICY, "payments/pay.py": "1\n"}
    return Shop(a_repository(path / "shop", {**given, **(files or {})}, by=ALICE))


def codes(ran: Ran) -> dict[str, Any]:
    """The code of every requirement of a printed verdict, by id."""
    return {entry["id"]: entry["code"] for entry in ran.json["requirements"]}
