"""Compiled rules: what is remembered of them for many changes never speaks for another change."""

import dataclasses

import pytest
from builders_facts import (
    AT,
    a_change,
    a_component,
    a_file,
    a_policy,
    a_signoff,
    account_key,
    accounts_of,
    an_ownership,
    some_facts,
)

from gate.core.change.facts import Account, Facts, Push
from gate.core.change.look_alikes import find_look_alikes
from gate.core.decide import decide
from gate.core.ownership.registry import Rule, Section
from gate.core.policy.case import Case
from gate.core.policy.compiled_rules import CompiledRules
from gate.usecases.load_rules import BUILT_IN

BOTH = (a_file("services/payments/round.py"), a_file("web/cart.js"))


def by(author: str, **overrides: object) -> Facts:
    """A change of both components by one of their people, who may then not sign off."""
    facts = some_facts(files=BOTH, policy=a_policy(signoffs={"from": ["owner", "backup"]}), **overrides)
    change = dataclasses.replace(a_change(), author=account_key(author))
    return dataclasses.replace(facts, change=change, pushers=(Push(account_key(author), change.head_sha),))


CHANGES = {
    "nobody signed": by("dave"),
    "an owner wrote it": by("alice"),
    "another owner wrote it": by("bob"),
    "somebody signed": by("dave", signoffs=(a_signoff("alice"),)),
    "an owner wrote and signed it": by("alice", signoffs=(a_signoff("alice"),)),
    "a stranger signed": by("dave", signoffs=(a_signoff("dave"),)),
    "fewer files": dataclasses.replace(by("dave"), files=BOTH[:1]),
}


class TestManyChangesUnderOneCompilation:
    @pytest.mark.parametrize("order", [list(CHANGES), list(CHANGES)[::-1]], ids=["forwards", "backwards"])
    def test_each_is_judged_as_if_it_were_alone(self, order: list[str]) -> None:
        facts = CHANGES["nobody signed"]
        compiled = CompiledRules.of(facts.ownership, facts.policy)

        for name in order * 2:
            assert decide(CHANGES[name], at=AT, compiled=compiled) == decide(CHANGES[name], at=AT), name

    def test_the_changes_differ_in_what_is_said(self) -> None:
        said = {
            tuple((view.why, view.next) for view in decide(facts, at=AT).requirements) for facts in CHANGES.values()
        }
        assert len(said) >= 5

    def test_a_login_is_a_stranger_only_where_no_account_of_it_is_known_in_whatever_case(self) -> None:
        ownership = an_ownership(a_component("shop", ("@Zoe", "@zoe"), "/"))
        stranger = some_facts(ownership=ownership, signoffs=())
        zoe = {"github:77": Account("github:77", login="ZOE")}
        known = some_facts(ownership=ownership, accounts={**accounts_of("dave"), **zoe})
        compiled = CompiledRules.of(ownership, stranger.policy)
        for facts, person in ((stranger, "login:zoe"), (known, "github:77"), (stranger, "login:zoe")):
            case = Case.open(facts, at=AT, compiled=compiled)
            assert case.directory.owners(ownership.components[0]).members == {person}
            assert case.directory.behind("@Zoe").members == {person}


class TestWhatLooksLikeTheGatesOwnFiles:
    @pytest.mark.parametrize("folder", [".gate", ".ci", "ops/gate"])
    def test_is_found_wherever_the_policy_stands(self, folder: str) -> None:
        ownership = an_ownership(a_component("shop", "web", "*"))
        rules = CompiledRules.of(ownership, a_policy(file=f"{folder}/policy.yaml"))
        paths = [f"{folder}/policy.yaml", f"{folder.upper()}/policy.yaml", "src/policy.yaml"]
        found = find_look_alikes(paths, spellings=rules.spellings, stakes_in=rules.stakes_in)
        assert [(one.path, one.looks_like) for one in found] == [(paths[1], paths[0])]


class TestWhatLooksLikeWhatElseHasASay:
    def found(self, rules: CompiledRules, *paths: str) -> list[tuple[str, str]]:
        alike = find_look_alikes(paths, spellings=rules.spellings, stakes_in=rules.stakes_in)
        return [(one.path, one.looks_like) for one in alike]

    def test_is_found_where_a_condition_of_the_policy_speaks_of_it(self) -> None:
        rule = {"name": "R", "when": {"paths": ["/crypto/", "*.pem"]}, "require": {"signoffs": {"team:web": 1}}}
        rules = CompiledRules.of(an_ownership(a_component("shop", "web", "*")), a_policy(rules=[rule]))
        asked = ["crypto/x", "Crypto/x", "cr\u0443pto/y", "a.PEM", "Docs/x"]
        assert self.found(rules, *asked) == [
            ("Crypto/x", "crypto/x"), ("cr\u0443pto/y", "crypto/y"), ("a.PEM", "a.pem"),
        ]  # fmt: skip

    def test_is_found_where_a_line_blocks_that_cannot_be_used(self) -> None:
        lines = (Rule("*", "CODEOWNERS:1", 0), Rule("/secure/", "CODEOWNERS:2", None, problem="no such owner"))
        sections = (Section("codeowners", lines, "CODEOWNERS"),)
        ownership = an_ownership(a_component("shop", "web", "*"), sections=sections)
        assert self.found(CompiledRules.of(ownership, a_policy()), "Secure/x") == [("Secure/x", "secure/x")]


class TestTheFolderOfTheGatesOwnFiles:
    @pytest.mark.parametrize("records", ["ownership.yaml", "ownership/web.yaml", "ownership/ownership.yml"])
    def test_is_that_of_the_records_where_there_is_no_policy(self, records: str) -> None:
        sections = (Section("default", (Rule("*", f".ci/{records}:3", 0),), f".ci/{records}"),)
        ownership = an_ownership(a_component("web", "web", "*"), sections=sections, sources=("records",))
        facts = some_facts(
            files=(a_file(f".ci/{records}"),), ownership=ownership, policy=BUILT_IN, signoffs=(a_signoff("erin"),)
        )
        verdict = decide(facts, at=AT)
        assert {view.id: view.state for view in verdict.requirements}["policy-change"] == "waiting"
        assert verdict.state == "waiting"
