"""R01: whoever wrote a change never signs it off, on no channel and however much of it they own."""

from typing import Any, Literal

import pytest
from builders_decision import decided, refusals
from builders_facts import a_change, a_commit, a_component, a_policy, a_signoff, account_key, an_ownership
from builders_threats import owners

from gate.core.change.facts import Push

SOLE = an_ownership(a_component("payments-api", "alice", "/services/payments/", backup="platform"))
BY_ALICE: dict[str, Any] = {
    "change": a_change("alice"),
    "commits": (a_commit(by="alice"),),
    "pushers": (Push(account_key("alice"), "a" * 40),),
}


class TestTheAuthor:
    @pytest.mark.parametrize("source", ["review", "link", "comment"])
    def test_counts_on_no_channel_and_the_other_owner_is_asked(
        self, source: Literal["review", "link", "comment"]
    ) -> None:
        verdict = decided(**BY_ALICE, signoffs=(a_signoff("alice", source=source),))
        view = owners(verdict)
        assert (verdict.state, view.code) == ("waiting", "self-approval")
        assert refusals(view) == [("alice", "author")]
        assert view.signoffs.not_counted[0].why == "alice approved, but wrote this change."
        assert verdict.summary == "Waiting for bob to sign off on payments-api; nothing else is missing."

    def test_counts_nowhere_even_where_the_policy_excludes_nobody(self) -> None:
        policy = a_policy(signoffs={"exclude": ["author"]})
        verdict = decided(**BY_ALICE, policy=policy, signoffs=(a_signoff("alice"),))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "author")])

    def test_stays_the_author_where_somebody_else_made_every_commit(self) -> None:
        verdict = decided(change=a_change("alice"), signoffs=(a_signoff("alice"),))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "author")])

    def test_is_followed_by_the_other_owner_who_counts(self) -> None:
        verdict = decided(**BY_ALICE, signoffs=(a_signoff("alice"), a_signoff("bob")))
        assert verdict.state == "approved"
        assert verdict.summary.startswith("Approved: bob signed off")


class TestASoleOwnerWhoIsTheAuthor:
    def test_leaves_nobody_to_ask_and_the_sentence_names_the_way_out(self) -> None:
        verdict = decided(**BY_ALICE, ownership=SOLE, signoffs=(a_signoff("alice"),))
        view = owners(verdict)
        assert (verdict.state, view.code, view.given) == ("waiting", "no-eligible-owner", 0)
        assert "Let the backup platform sign off too" in verdict.summary

    def test_hands_over_to_the_backup_where_the_policy_lets_it(self) -> None:
        policy = a_policy(signoffs={"from": ["owner", "backup"]})
        verdict = decided(**BY_ALICE, ownership=SOLE, policy=policy, signoffs=(a_signoff("carol"),))
        assert verdict.state == "approved"
