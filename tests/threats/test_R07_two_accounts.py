"""R07: two accounts of one person are one person where the records say so; where they do not, nobody can know."""

import dataclasses

from builders_decision import decided, refusals, requirement
from builders_facts import a_change, a_policy, a_signoff, accounts_of, an_account, an_ownership
from builders_threats import counted, owners

from gate.core.change.facts import Account

SECOND = "github:2001"
ACCOUNTS = {**accounts_of("alice", "bob", "dave"), SECOND: an_account("alice", login="alice-work")}


class TestOnePersonWithTwoAccounts:
    def test_does_not_approve_with_one_what_was_written_with_the_other(self) -> None:
        verdict = decided(
            accounts=ACCOUNTS, change=dataclasses.replace(a_change(), author=SECOND), signoffs=(a_signoff("alice"),)
        )
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "author")])

    def test_is_one_of_two_people_asked_for(self) -> None:
        acts = (a_signoff("alice"), a_signoff("alice", id="second", account=SECOND))
        verdict = decided(accounts=ACCOUNTS, policy=a_policy(signoffs={"each_component": 2}), signoffs=acts)
        view = owners(verdict)
        assert (verdict.state, view.given, counted(view)) == ("waiting", 1, ["alice"])
        assert verdict.summary == "Waiting for bob to sign off on payments-api; nothing else is missing."

    def test_takes_back_with_one_account_what_was_given_with_the_other(self) -> None:
        later = a_signoff("alice", "reject", account=SECOND, at="2026-12-01T11:30:00Z")
        verdict = decided(accounts=ACCOUNTS, signoffs=(a_signoff("alice"), later))
        assert verdict.state == "rejected"
        assert refusals(owners(verdict)) == [("alice", "withdrawn")]


class TestAnAccountThatNoRecordNames:
    def test_is_somebody_else_who_is_entitled_to_nothing(self) -> None:
        stranger = {**ACCOUNTS, SECOND: Account(SECOND, login="alice-two")}
        act = a_signoff("alice", account=SECOND)
        verdict = decided(accounts=stranger, ownership=an_ownership(), signoffs=(act,))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice-two", "not-eligible")])
        assert requirement(verdict, "complete").state == "met"
