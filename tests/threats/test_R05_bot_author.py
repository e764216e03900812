"""R05: a change that a bot made needs two people, since the one who steers the bot may be one of them."""

import dataclasses
from typing import Any

import pytest
from builders_decision import decided, requirement, signed
from builders_facts import HEAD, PEOPLE, a_change, a_commit, a_policy, a_signoff, account_key, accounts_of, an_ownership
from builders_threats import unmet

from gate.core.change.facts import Account, Label, Push
from gate.core.ownership.records import PersonRecord

BOT = "github:41898282"
OPENED_BY_BOT = dataclasses.replace(a_change(), author=BOT)
ACCOUNTS = {
    **accounts_of("alice", "bob", "carol", "dave", "erin"),
    BOT: Account(BOT, kind="bot", login="github-actions[bot]"),
}
BY_BOT: dict[str, Any] = {
    "accounts": ACCOUNTS,
    "change": OPENED_BY_BOT,
    "commits": (a_commit(author=BOT, committer=BOT),),
    "pushers": (Push(BOT, HEAD),),
}


class TestAChangeByABot:
    def test_is_not_approved_by_the_one_person_who_may_have_started_it(self) -> None:
        verdict = decided(**BY_BOT, signoffs=signed("alice"))
        assert (verdict.state, unmet(verdict)) == ("waiting", [("rule:two-humans", "bot-author-needs-two")])
        humans = requirement(verdict, "rule:two-humans")
        assert (humans.given, humans.needed) == (1, 2)
        assert humans.why == "github-actions[bot] made this change; 1 of 2 people have signed off."
        assert (
            verdict.summary
            == 'Waiting for bob to sign off on "Two people for a bot\'s change"; nothing else is missing.'
        )

    def test_is_approved_by_two(self) -> None:
        assert decided(**BY_BOT, signoffs=signed("alice", "bob")).state == "approved"

    def test_is_not_approved_by_one_person_twice(self) -> None:
        acts = (*signed("alice"), *signed("alice", id="again", source="link"))
        assert decided(**BY_BOT, signoffs=acts).state == "waiting"

    def test_is_not_approved_by_one_person_and_another_bot(self) -> None:
        robot = "github:2001"
        accounts = {**ACCOUNTS, robot: Account("robot", kind="bot", login="scan[bot]")}
        ownership = an_ownership(people={**PEOPLE, "robot": PersonRecord(github="scan[bot]")})
        policy = a_policy(rules=[{"name": "Scan", "require": {"signoffs": {"person:robot": 1}}}])
        acts = (*signed("alice"), a_signoff("robot", account=robot))
        verdict = decided(**{**BY_BOT, "accounts": accounts}, ownership=ownership, policy=policy, signoffs=acts)
        assert requirement(verdict, "rule:Scan:person:robot").state == "met"
        assert (verdict.state, unmet(verdict)) == ("waiting", [("rule:two-humans", "bot-author-needs-two")])

    @pytest.mark.parametrize(
        "part",
        [
            {"change": OPENED_BY_BOT},
            {"pushers": (Push(account_key("dave"), HEAD), Push(BOT, "2" * 40))},
            {"commits": (a_commit(), a_commit("2" * 40, author=BOT))},
            {"commits": (a_commit(), a_commit("2" * 40, committer=BOT)), "pushers": None},
        ],
        ids=["opened by it", "pushed by it", "written by it", "committed by it, in a checkout"],
    )
    def test_in_any_part_needs_two(self, part: dict[str, Any]) -> None:
        verdict = decided(accounts=ACCOUNTS, **part, signoffs=signed("alice"))
        assert (verdict.state, unmet(verdict)) == ("waiting", [("rule:two-humans", "bot-author-needs-two")])


class TestAnEmergencyOfABot:
    POLICY = a_policy(
        emergency={"label": "break-glass", "signoffs": {"person:carol": 1}, "set_by": ["team:platform", "owner"]}
    )

    def change(self, *, label_by: str) -> dict[str, Any]:
        labels = (Label("break-glass", account_key(label_by)),)
        return {**BY_BOT, "policy": self.POLICY, "change": dataclasses.replace(OPENED_BY_BOT, labels=labels)}

    def test_is_not_one_persons_alone_who_sets_the_label_and_signs(self) -> None:
        verdict = decided(**self.change(label_by="carol"), signoffs=signed("carol"))
        assert verdict.state == "waiting"
        assert ("emergency:two-humans", "bot-author-needs-two") in unmet(verdict)

    def test_is_in_force_where_one_sets_the_label_and_another_signs(self) -> None:
        verdict = decided(**self.change(label_by="alice"), signoffs=signed("carol"))
        assert (verdict.state, [entry.kind for entry in verdict.relaxations]) == ("approved", ["emergency"])
