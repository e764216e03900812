"""R43: the numeric id says who somebody is; a login taken over by another entitles to nothing, a ghost to less."""

import dataclasses
from typing import Any

import pytest
from builders_decision import decided, refusals, signed, states
from builders_facts import HEAD, a_change, a_commit, a_component, a_policy, accounts_of, an_account, an_ownership
from builders_threats import owners

from gate.core.change.facts import Account, Push
from gate.core.forge.snapshot import ForgeAccount
from gate.core.identity import AccountBook, Identity
from gate.core.ownership.records import PersonRecord

MALLORY = "github:6666"
PEOPLE = {"alice": PersonRecord(github="alice", github_id=1001)}


class TestALoginTakenOver:
    def test_is_somebody_else_by_its_numeric_id(self) -> None:
        key, account = AccountBook(PEOPLE).account_of_forge(ForgeAccount(6666, "alice"))
        assert (key, account.person) == (MALLORY, MALLORY)
        key, account = AccountBook(PEOPLE).account_of_forge(ForgeAccount(1001, "alice-renamed"))
        assert account.person == "alice"

    def test_is_somebody_else_in_a_commit_too(self) -> None:
        found = AccountBook(PEOPLE).account_of(Identity(email="6666+alice@users.noreply.github.com"))
        assert found is not None
        assert found[0] == MALLORY

    def test_signs_nothing_off(self) -> None:
        accounts = {**accounts_of("bob", "dave"), MALLORY: Account(MALLORY, login="alice")}
        verdict = decided(accounts=accounts, signoffs=signed("alice", account=MALLORY))
        assert (verdict.state, [code for _, code in refusals(owners(verdict))]) == ("waiting", ["not-eligible"])

    def test_signs_nothing_off_where_the_owner_is_named_by_that_login(self) -> None:
        accounts = {**accounts_of("bob", "dave"), MALLORY: Account(MALLORY, login="alice")}
        ownership = an_ownership(a_component("payments-api", "@alice", "/services/payments/"))
        verdict = decided(accounts=accounts, ownership=ownership, signoffs=signed("alice", account=MALLORY))
        assert (verdict.state, [code for _, code in refusals(owners(verdict))]) == ("waiting", ["not-eligible"])

    @pytest.mark.parametrize("name", ["alice", "@Alice"])
    def test_makes_no_standard_change_of_whoever_had_it_before(self, name: str) -> None:
        model = {"name": "Hers", "approved_by": "platform", "until": "2027-01-01", "when": {"authors": [name]}}
        rule = {"name": "Hers", "when": {"authors": [name]}, "require": {"signoffs": {"person:carol": 1}}}
        taken = {**accounts_of("bob", "dave"), MALLORY: Account(MALLORY, login="alice")}
        given: dict[str, Any] = {
            "policy": a_policy(standard_changes=[model], rules=[rule]),
            "change": dataclasses.replace(a_change(), author=MALLORY),
            "commits": (a_commit(author=MALLORY, committer=MALLORY),),
            "pushers": (Push(MALLORY, HEAD),),
        }
        verdict = decided(accounts=taken, **given)
        assert (verdict.relaxations, owners(verdict).state) == ((), "waiting")
        # What asks for more asks it of the new holder too.
        assert states(verdict)["rule:Hers:person:carol"] == "waiting"
        hers = {**accounts_of("bob", "dave"), MALLORY: an_account("alice", login="alice-renamed")}
        assert [entry.name for entry in decided(accounts=hers, **given).relaxations] == ["Hers"]

    def test_of_the_renamed_owner_still_counts(self) -> None:
        accounts = {**accounts_of("bob", "dave"), "github:1001": an_account("alice", login="alice-renamed")}
        assert decided(accounts=accounts, signoffs=signed("alice")).state == "approved"


class TestADeletedAccount:
    def test_signs_nothing_off_and_fails_nothing(self) -> None:
        verdict = decided(signoffs=signed("alice", account="deleted:review:7"))
        view = owners(verdict)
        assert (verdict.state, [code for _, code in refusals(view)]) == ("waiting", ["unknown-person"])
        assert view.signoffs.not_counted[0].why.endswith("but nobody of this name is known here.")

    def test_as_author_or_committer_fails_nothing(self) -> None:
        commits = (a_commit(author="github:404", committer=None),)
        assert decided(commits=commits, signoffs=signed("alice")).state == "approved"
