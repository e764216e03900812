"""Rules: which of them match a change, whom they concern, and which files their sign-offs cover."""

import dataclasses
from typing import Any

import pytest
from builders_decision import a_case, decided, requirement, signed, states
from builders_facts import (
    AT,
    a_change,
    a_component,
    a_declaration,
    a_file,
    a_plan,
    a_policy,
    account_key,
    an_ownership,
    some_facts,
)

from gate.core.change.facts import EarlierContent, Facts, Finding, Label
from gate.core.decide import _assess, _circumstances
from gate.core.policy.case import Case
from gate.core.policy.rules import MatchedRule, files_that_touch, matched_rules

BOTH = (a_file("services/payments/round.py"), a_file("web/page.html"))
MIGRATION = Finding("data-migration", "services/payments/0001.sql", "SQL", True, "Seen.")  # noqa: FBT003


def a_rule(name: str = "R", **when: Any) -> dict[str, Any]:
    return {"name": name, "require": {"signoffs": {"person:carol": 1}}, **({"when": when} if when else {})}


def matched(*rules: dict[str, Any], **overrides: Any) -> list[MatchedRule]:
    facts = some_facts(policy=a_policy(rules=list(rules)), **overrides)
    case = Case.open(facts, at=AT, compiled=None)
    return matched_rules(case.facts, case.touched, _circumstances(case, _assess(case)))


def concerned(match: MatchedRule) -> list[str]:
    return [part.component.name for part in match.parts]


class TestWhichMatch:
    def test_a_rule_without_when_matches_every_change(self) -> None:
        (match,) = matched(a_rule(), files=BOTH)
        assert (concerned(match), match.is_for_unowned) == (["payments-api", "web"], False)

    def test_rules_that_match_come_in_the_order_as_written(self) -> None:
        found = matched(a_rule("B"), a_rule("A", branches=["other"]), a_rule("C", branches=["main"]))
        assert [(m.rule.name, m.ref.name, m.ref.file, m.ref.line) for m in found] == [
            ("B", "B", ".gate/policy.yaml", 10), ("C", "C", ".gate/policy.yaml", 30),
        ]  # fmt: skip

    def test_a_rule_about_components_concerns_just_those(self) -> None:
        (match,) = matched(a_rule(tier=[1]), files=BOTH)
        assert (concerned(match), match.is_for_unowned) == (["payments-api"], False)

    def test_all_its_keys_must_hold_of_one_component(self) -> None:
        assert matched(a_rule(tier=[1], components=["web"]), files=BOTH) == []

    def test_a_rule_about_the_change_concerns_all_components(self) -> None:
        (match,) = matched(a_rule(files_changed=">1"), files=BOTH)
        assert (concerned(match), match.is_for_unowned) == (["payments-api", "web"], False)

    def test_a_label_demands_whoever_set_it_beside_a_condition_on_components_too(self) -> None:
        change = a_change(labels=(Label("risky", account_key("dave")),))
        (match,) = matched(a_rule(labels=["risky"], tier=[1]), files=BOTH, change=change)
        assert concerned(match) == ["payments-api"]
        assert len(matched(a_rule(labels=["risky"]), change=change)) == 1
        unowned = (a_file("scripts/x.sh"),)
        assert len(matched(a_rule(labels=["risky"], **{"not": {"tier": [1]}}), files=unowned, change=change)) == 1

    def test_a_declared_environment_matches_a_component_of_another(self) -> None:
        staging = a_component("payments-api", "payments", "/services/", environments=("staging",))
        declared = a_declaration(environments=("production",))
        rule = a_rule(environment=["production"])
        assert len(matched(rule, ownership=an_ownership(staging), declaration=declared)) == 1
        assert matched(rule, ownership=an_ownership(staging)) == []

    def test_a_rule_whose_line_is_not_known_has_line_0(self) -> None:
        policy = dataclasses.replace(a_policy(rules=[a_rule()]), lines={})
        view = requirement(decided(policy=policy), "rule:R:person:carol")
        assert view.rule is not None
        assert view.rule.line == 0

    def test_a_condition_that_cannot_be_told_counts_as_matched(self) -> None:
        assert len(matched(a_rule(title="^x"))) == 1
        assert len(matched(a_rule(title="^x", tier=[1]))) == 1
        assert matched(a_rule(title="^x", tier=[4])) == []

    def test_a_condition_that_does_not_hold_matches_nothing(self) -> None:
        assert matched(a_rule(branches=["other"])) == []

    def test_files_that_nobody_owns_are_asked_as_a_component_without_properties(self) -> None:
        not_tier_1 = a_rule(**{"not": {"tier": [1]}})
        unowned = (a_file("scripts/x.sh"),)
        assert len(matched(not_tier_1, files=unowned)) == 1
        assert len(matched(not_tier_1, files=(*unowned, a_file("services/payments/round.py")))) == 1
        assert matched(not_tier_1) == []

    def test_a_declared_environment_matches_a_change_of_unowned_files(self) -> None:
        production = a_rule(environment=["production"])
        declared = a_declaration(environments=("production",))
        assert len(matched(production, files=(a_file("x.sh"),), declaration=declared)) == 1
        assert matched(production, files=(a_file("x.sh"),)) == []

    def test_a_change_that_touches_nothing_owned_is_asked_as_well(self) -> None:
        declared = a_declaration(environments=("production",))
        assert len(matched(a_rule(environment=["production"]), files=(), declaration=declared)) == 1


class TestWhatTheirSignoffsCover:
    def subject(self, *, findings: tuple[Finding, ...] = (), **when: Any) -> tuple[bool, list[str], bool]:
        (match,) = matched(a_rule(**when), files=BOTH, findings=findings)
        subject = match.subject
        assert (subject.id, subject.name) == ("rule:R", "R")
        return subject.has_all_files, sorted(subject.paths), subject.is_by_touch

    def test_without_conditions_on_files_all_files(self) -> None:
        assert self.subject(branches=["main"]) == (True, [], False)
        assert self.subject(components=["web"]) == (True, [], False)

    def test_with_paths_the_files_that_matched(self) -> None:
        assert self.subject(paths=["/web/"]) == (False, ["web/page.html"], False)

    def test_with_kinds_of_things_the_files_that_touch_them(self) -> None:
        assert self.subject(touches=["data-migration"], findings=(MIGRATION,)) == (False, [MIGRATION.path], True)

    def test_nested_conditions_count_outside_of_not(self) -> None:
        either = [{"paths": ["/web/"]}, {"all": [{"touches": ["data-migration"]}]}]
        assert self.subject(any=either, findings=(MIGRATION,)) == (False, [MIGRATION.path, "web/page.html"], True)
        assert self.subject(**{"not": {"paths": ["*.exe"]}}) == (True, [], False)

    def test_where_one_of_several_ways_asks_about_no_files_all_files(self) -> None:
        ways = [{"paths": ["/web/"]}, {"risk": ["low", "medium", "high"]}]
        assert self.subject(any=ways) == (True, [], False)
        assert self.subject(all=[{"any": ways}, {"paths": ["*.py"]}]) == (False, ["services/payments/round.py"], False)

    def test_where_no_file_matched_after_all_all_files(self) -> None:
        assert self.subject(any=[{"paths": ["*.exe"]}, {"branches": ["main"]}]) == (True, [], False)

    def test_paths_of_an_earlier_content_stay_in_the_subject_and_bring_nothing_in(self) -> None:
        earlier = EarlierContent("k", (a_file("web/gone.html"),))
        (match,) = matched(a_rule(paths=["/web/"]), files=BOTH, earlier_contents=(earlier,))
        assert match.subject.paths == {"web/page.html", "web/gone.html"}
        assert list(match.files) == ["web/page.html"]
        only_earlier = (a_file("services/payments/round.py"),)
        assert matched(a_rule(paths=["/web/"]), files=only_earlier, earlier_contents=(earlier,)) == []

    def test_the_files_that_brought_it_in_are_shown_sorted(self) -> None:
        assert list(matched(a_rule(), files=BOTH[::-1])[0].files) == [file.path for file in BOTH]
        assert list(matched(a_rule(only_paths=["*"]), files=BOTH)[0].files) == [file.path for file in BOTH]


class TestWhatIsTouched:
    def touched(self, **overrides: Any) -> dict[str, list[str]]:
        case = a_case(**overrides)
        return {kind: list(paths) for kind, paths in files_that_touch(case.facts, case.touched).items()}

    def test_an_ordinary_change_touches_nothing_special(self) -> None:
        assert self.touched() == {}

    def test_findings_by_their_kind(self) -> None:
        artifact = Finding("artifact", "dist/x.whl", "wheel", None, "Seen.")
        assert self.touched(findings=(MIGRATION, artifact)) == {
            "data-migration": [MIGRATION.path], "artifact": ["dist/x.whl"],
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("fields", "kind"),
        [
            ({"mode": "160000"}, "submodule"),
            ({"mode": "120000", "link_target": "web/x"}, "symlink"),
            ({"base_mode": "160000"}, "submodule"),
            ({"base_mode": "120000"}, "symlink"),
            ({"mode": "120000", "base_mode": "160000", "link_target": "web/x"}, "symlink"),
            ({"is_binary": True}, "binary"),
        ],
    )
    def test_odd_files_by_their_kind_before_or_after(self, fields: dict[str, Any], kind: str) -> None:
        assert self.touched(files=(a_file("web/odd", **fields),)) == {kind: ["web/odd"]}

    def test_the_gates_own_files(self) -> None:
        files = (a_file(".gate/policy.yaml"), a_file("web/page.html"))
        assert self.touched(files=files) == {"gate-files": [".gate/policy.yaml"]}


class TestMonotone:
    def test_a_rule_that_matched_still_matches_when_the_file_gets_an_owner(self) -> None:
        rule = a_rule(**{"not": {"tier": [1]}})
        files = (a_file("scripts/x.sh"), a_file("services/payments/round.py"))
        before = decided(files=files, policy=a_policy(rules=[rule], unowned="allow"), signoffs=signed("alice"))
        assert before.state == "waiting"
        ownership = an_ownership(
            a_component("payments-api", "payments", "/services/payments/", tier=1),
            a_component("scripts", "payments", "/scripts/", tier=2),
        )
        after = decided(
            files=files, policy=a_policy(rules=[rule], unowned="allow"), signoffs=signed("alice"), ownership=ownership
        )
        assert states(after)["rule:R:person:carol"] == "waiting"

    def test_adding_a_rule_that_asks_less_changes_nothing(self) -> None:
        strict = {"name": "Two", "require": {"signoffs": {"owner": 2}}}
        lax = {"name": "One", "require": {"signoffs": {"owner": 1}}}
        verdict = decided(policy=a_policy(rules=[strict, lax]), signoffs=signed("alice"))
        view = requirement(verdict, "ownership:payments-api")
        assert (view.state, view.needed, view.rule.name if view.rule else "") == ("waiting", 2, "Two")

    def test_the_author_cannot_end_a_match_by_what_the_declaration_says(self) -> None:
        facts: Facts = some_facts(change=a_change(), declaration=a_declaration(rollback=a_plan(), risk="low"))
        case = Case.open(facts, at=AT, compiled=None)
        assert _assess(case).level == "medium"  # tier 1 weighs 3
