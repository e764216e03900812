"""R10: pushed away and back, an approval holds for identical content and for nothing else; what was voided stays void.

Returning to identical content counts again, by ruling: the digest of what was approved decides, not the order in which
the events arrived. Withdrawal, dismissal and expiry are permanent.
"""

import itertools
from typing import Any

import pytest
from builders_decision import decided, refusals, signed
from builders_facts import HEAD, a_file, a_signoff, blob_of
from builders_threats import owners

from gate.core.change.facts import EarlierContent

FIRST, SECOND = "1" * 40, "2" * 40
ROUND = a_file("services/payments/round.py")
EVIL = a_file("services/payments/round.py", blob=blob_of("evil"))
SEEN: dict[str, Any] = {"earlier_contents": (EarlierContent("first", (ROUND,)), EarlierContent("second", (EVIL,)))}


class TestAwayAndBack:
    def test_to_identical_content_counts_again(self) -> None:
        assert decided(signoffs=signed("alice", commit=FIRST, content="first"), **SEEN).state == "approved"

    def test_does_not_carry_over_what_was_approved_in_between(self) -> None:
        verdict = decided(signoffs=signed("alice", commit=SECOND, content="second"), **SEEN)
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "scope-changed")])

    def test_does_not_count_while_the_other_content_is_the_head(self) -> None:
        verdict = decided(files=(EVIL,), signoffs=signed("alice", commit=FIRST, content="first"), **SEEN)
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "scope-changed")])

    @pytest.mark.parametrize("void", ["dismissed", "withdrawn", "edited", "expired"])
    def test_revives_nothing_that_was_voided(self, void: str) -> None:
        verdict = decided(signoffs=signed("alice", commit=HEAD, void=void), **SEEN)
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", void)])

    def test_gives_one_answer_whatever_the_order_of_events(self) -> None:
        acts = (
            a_signoff("alice", commit=FIRST, content="first", at="2026-12-01T10:00:00Z"),
            a_signoff("alice", "withdraw", at="2026-12-01T10:30:00Z"),
            a_signoff("bob", commit=SECOND, content="second"),
        )
        answers: list[dict[str, Any]] = [
            {"state": verdict.state, "views": verdict.requirements}
            for order in itertools.permutations(acts)
            for verdict in [decided(signoffs=order, **SEEN)]
        ]
        assert all(answer == answers[0] for answer in answers)
        assert answers[0]["state"] == "waiting"
