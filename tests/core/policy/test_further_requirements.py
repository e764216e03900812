"""Further requirements: what a rule asks for besides sign-offs, and when one of several ways is enough."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from builders_decision import PAYMENTS, decided, people_in, requirement, signed, states
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

from gate.core.change.facts import CheckRun, Label, Ticket
from gate.core.decide import decide_case
from gate.core.policy.case import Case
from gate.core.verdict import RequirementView, RuleRef, Verdict

WAYS = "rule:R:any-of"
ROLES = {"dba": ["carol"], "sre": ["erin"]}
DBA: dict[str, Any] = {"signoffs": {"role:dba": 1}}
SRE: dict[str, Any] = {"signoffs": {"role:sre": 1}}
BUILD: dict[str, Any] = {"checks": ["build@ci"]}
TICKET: dict[str, Any] = {"tickets": {"kinds": ["change"]}}
PASSED = (CheckRun("build", "ci", "success"),)
LINKED: dict[str, Any] = {
    "declaration": a_declaration(tickets=("CHG-1",)),
    "tickets": (Ticket("CHG-1", kind="change", state="open"),),
}


def under(require: dict[str, Any], when: dict[str, Any] | None = None, **facts: Any) -> Verdict:
    """The verdict under one rule."""
    rule = {"name": "R", "require": require, **({"when": when} if when else {})}
    return decided(**{"policy": a_policy(rules=[rule], roles=ROLES), **facts})


def ways(*alternatives: dict[str, Any], **facts: Any) -> RequirementView:
    """What a rule that is content with one of several ways makes of a change."""
    return requirement(under({"any_of": list(alternatives)}, **facts), WAYS)


class TestWhatARuleAsksFor:
    def test_is_each_thing_that_it_names_and_nothing_besides(self) -> None:
        asked: dict[str, dict[str, Any]] = {
            "ticket:R": TICKET,
            "rule:R:check:build@ci": BUILD,
            "escalation:R": {"escalation": True},
            "rule:R:review-current": {"review_current": True},
        }
        ordinary = {"complete", PAYMENTS, "rollback"}
        for name, require in asked.items():
            assert states(under(require)).keys() == {*ordinary, name}
        everything = {key: value for require in asked.values() for key, value in require.items()}
        assert states(under(everything)).keys() == {*ordinary, *asked}

    def test_is_a_ticket_under_its_own_name_beside_that_of_the_policy(self) -> None:
        rule = {"name": "R", "require": TICKET}
        policy = a_policy(rules=[rule], tickets={"required": True})
        verdict = decided(policy=policy, tickets=(Ticket("CHG-1", kind="incident", state="open"),))
        assert [states(verdict)[name] for name in ("ticket", "ticket:R")] == ["met", "needs-author"]
        assert requirement(verdict, "ticket:R").title == "R"

    def test_is_every_check_that_it_lists(self) -> None:
        verdict = under({"checks": ["build@ci", "test@ci"]}, checks=PASSED)
        assert [states(verdict)[f"rule:R:check:{name}@ci"] for name in ("build", "test")] == ["met", "waiting"]

    def test_names_the_line_of_the_rule(self) -> None:
        verdict = under({**TICKET, **BUILD, "escalation": True, "review_current": True, "any_of": [DBA]})
        names = ("ticket:R", "rule:R:check:build@ci", "escalation:R", "rule:R:review-current", WAYS)
        assert {requirement(verdict, name).rule for name in names} == {RuleRef("R", ".gate/policy.yaml", 10)}

    def test_is_asked_of_the_components_alone_that_it_speaks_of(self) -> None:
        files = (a_file("services/payments/round.py"), a_file("web/page.html"))
        verdict = under({"escalation": True}, when={"tier": [3]}, files=files)
        assert requirement(verdict, "escalation:R").why == "web has no escalation policy."

    def test_is_not_waived_by_an_emergency_save_sign_offs_and_escalation(self) -> None:
        rule = {"name": "R", "require": {**TICKET, **BUILD, "escalation": True, "review_current": True}}
        emergency = {"label": "break-glass", "signoffs": {"role:dba": 1}, "set_by": ["owner"]}
        reviewed = {"reviewed": "2020-01-01", "review_every_days": 30}
        verdict = decided(
            policy=a_policy(rules=[rule], roles=ROLES, emergency=emergency),
            change=a_change(labels=(Label("break-glass", account_key("alice")),)),
            ownership=an_ownership(a_component("payments-api", "payments", "/services/", **reviewed)),
            signoffs=signed("carol"),
        )
        assert [entry.kind for entry in verdict.relaxations] == ["emergency"]
        assert {name for name, state in states(verdict).items() if state != "met"} == {
            "ticket:R", "rule:R:check:build@ci", "rule:R:review-current",
        }  # fmt: skip


class TestAStandardChange:
    def test_waives_the_tickets_of_policy_and_rule_where_it_names_tickets(self) -> None:
        model = {"name": "S", "when": {"paths": ["*"]}, "approved_by": "platform", "until": "2027-01-01"}
        rule = {"name": "R", "require": {**TICKET, **BUILD}}
        for waives, state in ((["tickets"], "met"), (["ownership"], "needs-author")):
            policy = a_policy(rules=[rule], tickets={"required": True}, standard_changes=[{**model, "waives": waives}])
            found = states(decided(policy=policy))
            assert [found["ticket"], found["ticket:R"]] == [state, state]
            assert found["rule:R:check:build@ci"] == "waiting"


class TestOneOfSeveralWays:
    @pytest.mark.parametrize(
        ("facts", "why"),
        [
            ({"signoffs": signed("carol")}, "carol signed off."),
            ({"signoffs": signed("erin")}, "erin signed off."),
            ({"checks": PASSED}, "The check `build` of ci passed."),
        ],
    )
    def test_is_enough(self, facts: dict[str, Any], why: str) -> None:
        view = ways(DBA, SRE, BUILD, **facts)
        assert (view.state, view.code, view.why, view.next) == ("met", "any-of-met", why, "")

    def test_of_them_at_least_must_be_gone_to_its_end(self) -> None:
        both = {**DBA, **BUILD}
        assert ways(both, TICKET, signoffs=signed("carol")).state == "waiting"
        assert ways(both, TICKET, checks=PASSED).state == "waiting"
        assert ways(both, TICKET, signoffs=signed("carol"), checks=PASSED).state == "met"
        assert ways({**TICKET, **BUILD}, DBA, **LINKED).state == "waiting"

    def test_not_a_bit_of_each_is_enough(self) -> None:
        one, other = {"signoffs": {"role:dba": 1, "role:sre": 1}}, {**DBA, **BUILD}
        assert ways(one, other, signoffs=signed("carol")).state == "waiting"

    def test_is_shown_as_one_requirement_with_its_rule_and_its_files(self) -> None:
        files = (a_file("services/payments/round.py"), a_file("services/payments/sql/1.sql"))
        view = requirement(under({"any_of": [DBA, SRE]}, when={"paths": ["*.sql"]}, files=files), WAYS)
        assert (view.kind, view.title, view.files) == ("rule", "R: one of 2 ways", ("services/payments/sql/1.sql",))
        assert view.rule == RuleRef("R", ".gate/policy.yaml", 10)

    def test_is_asked_beside_what_the_rule_asks_for_anyway(self) -> None:
        verdict = under({**BUILD, "any_of": [DBA, SRE]}, signoffs=signed("carol", "alice"))
        assert (states(verdict)[WAYS], states(verdict)["rule:R:check:build@ci"]) == ("met", "waiting")

    def test_may_be_one_of_several_again(self) -> None:
        nested = ({"any_of": [DBA, SRE]}, TICKET)
        assert ways(*nested, signoffs=signed("erin")).state == "met"
        assert ways(*nested).why == (
            "One of R: one of 2 ways or R is needed. Nearest: One of R or R is needed. "
            "Nearest: Nobody of role dba has signed off yet."
        )

    def test_may_be_a_plan_that_keeps_to_certain_methods(self) -> None:
        flagged = {"rollback": {"allow": ["feature-flag"]}}
        view = ways(flagged, TICKET)
        assert (view.state, view.code) == ("needs-author", "method-not-allowed")
        plan = a_plan(method="feature-flag", flag="round-half")
        assert ways(flagged, TICKET, declaration=a_declaration(rollback=plan), flag_found=True).state == "met"

    def test_may_be_the_owners_or_the_backups_of_the_components(self) -> None:
        by_owners, by_backup = {"signoffs": {"owner": 2}}, {"signoffs": {"backup": 1}}
        verdict = under({"any_of": [by_owners, by_backup]}, signoffs=signed("alice"))
        assert (requirement(verdict, WAYS).state, requirement(verdict, PAYMENTS).needed) == ("waiting", 1)
        assert ways(by_owners, by_backup, signoffs=signed("alice", "bob")).state == "met"
        assert ways(by_owners, by_backup, signoffs=signed("carol")).state == "met"


class TestTheNearestWay:
    def test_is_one_that_waits_before_one_that_the_author_must_mend_in_either_order(self) -> None:
        for alternatives in ((TICKET, DBA), (DBA, TICKET)):
            view = ways(*alternatives)
            assert (view.state, view.code) == ("waiting", "rule-signoff-missing")
            assert view.why.endswith("Nearest: Nobody of role dba has signed off yet.")
            assert view.next == "Ask carol to sign off."

    def test_is_as_far_as_what_is_worst_on_it(self) -> None:
        view = ways({**DBA, **TICKET}, SRE)
        assert (view.state, people_in(view), view.next) == ("waiting", ["carol", "erin"], "Ask erin to sign off.")
        assert ways({**DBA, **TICKET}, {**SRE, **TICKET}).state == "needs-author"
        half_done = ways({**DBA, **TICKET}, SRE, signoffs=signed("carol"))
        assert (half_done.state, half_done.next) == ("waiting", "Ask erin to sign off.")

    def test_is_the_one_that_asks_for_less_and_of_equals_the_first(self) -> None:
        two = {"signoffs": {"role:dba": 1, "role:sre": 1}}
        assert ways(two, SRE).next == "Ask erin to sign off."
        assert ways(SRE, two).next == "Ask erin to sign off."
        assert ways(DBA, SRE).next == "Ask carol to sign off."

    def test_tells_what_is_open_on_it_and_not_what_is_done(self) -> None:
        both = {"signoffs": {"role:dba": 1, "role:sre": 1}}
        view = ways(both, TICKET, signoffs=signed("carol"))
        assert (view.code, view.next) == ("rule-signoff-missing", "Ask erin to sign off.")
        assert view.why == "One of R or R is needed. Nearest: Nobody of role sre has signed off yet."
        assert (view.needed, view.given) == (2, 1)

    def test_counts_nobody_twice_who_signed_more_often_than_is_asked(self) -> None:
        many = a_policy(rules=[{"name": "R", "require": {"any_of": [{"signoffs": {"team:payments": 1}, **BUILD}]}}])
        view = requirement(decided(policy=many, signoffs=signed("alice", "bob")), WAYS)
        assert (view.needed, view.given) == (1, 1)

    def test_names_every_way_by_what_is_asked_on_it(self) -> None:
        view = ways({**TICKET, **BUILD, "escalation": True}, DBA, BUILD)
        assert view.why.startswith("One of R and Check build and Usable escalation policy, R or Check build is needed.")

    def test_names_everybody_who_can_act_on_any_way_once(self) -> None:
        view = ways(DBA, {"signoffs": {"role:dba": 1, "role:sre": 1}}, SRE)
        assert people_in(view) == ["carol", "erin"]

    def test_names_nobody_of_a_way_within_another_that_is_taken_already(self) -> None:
        within = {"any_of": [DBA, SRE], **BUILD}
        assert people_in(ways(within)) == ["carol", "erin"]
        assert people_in(ways(within, signoffs=signed("carol"))) == []

    def test_shows_which_sign_offs_count_on_it_and_which_do_not_each_once(self) -> None:
        both = {"signoffs": {"role:dba": 1, "team:platform": 1}}
        view = ways(both, signoffs=signed("carol", "alice", "bob"))
        assert [one.person for one in view.signoffs.counted] == ["carol"]
        assert [one.person for one in view.signoffs.not_counted] == ["alice", "bob"]
        assert view.state == "met"


class TestAWayOnWhichNobodyIsAsked:
    def view(self, *alternatives: dict[str, Any], **facts: Any) -> RequirementView:
        """What a rule makes of a change of files that nobody owns."""
        rule = {"name": "R", "require": {"any_of": list(alternatives)}}
        policy = a_policy(rules=[rule], roles=ROLES, unowned="allow")
        return requirement(decided(files=(a_file("scripts/x.sh"),), policy=policy, **facts), WAYS)

    def test_is_none(self) -> None:
        view = self.view({"signoffs": {"owner": 1}}, signoffs=signed("alice"))
        assert (view.state, view.code) == ("waiting", "no-eligible-owner")
        assert view.why == (
            "One of R is needed. Nearest: This way asks for an owner, and no touched component has one."
        )
        assert view.next == "Take another way, or give the files an owner on the base branch."

    @pytest.mark.parametrize("asked", [{"escalation": True}, {"review_current": True}])
    def test_is_what_each_component_is_asked_where_there_is_no_component(self, asked: dict[str, Any]) -> None:
        view = self.view(asked, DBA)
        assert (view.state, view.why.partition("Nearest")[0]) == ("waiting", "One of R or R is needed. ")
        assert self.view({**asked, **BUILD}, DBA, checks=PASSED).state == "met"

    def test_is_not_that_of_owners_where_the_default_owner_stands_for_them(self) -> None:
        alternatives = ({"signoffs": {"owner": 2}, **BUILD}, DBA)
        policy = a_policy(
            rules=[{"name": "R", "require": {"any_of": alternatives}}], roles=ROLES, default_owner="payments"
        )
        change: dict[str, Any] = {"policy": policy, "files": (a_file("scripts/x.sh"),), "checks": PASSED}
        assert requirement(decided(**change, signoffs=signed("alice")), WAYS).state == "waiting"
        assert requirement(decided(**change, signoffs=signed("alice", "bob")), WAYS).state == "met"

    def test_leaves_the_others_open(self) -> None:
        either = ({"signoffs": {"owner": 1}}, DBA)
        assert self.view(*either).state == "waiting"
        assert self.view(*either, signoffs=signed("carol")).state == "met"


class TestAnEmergency:
    def verdict(self, *alternatives: dict[str, Any]) -> Verdict:
        emergency = {"label": "break-glass", "signoffs": {"person:bob": 1}, "set_by": ["owner"]}
        policy = a_policy(rules=[{"name": "R", "require": {"any_of": list(alternatives)}}], roles=ROLES,
                          emergency=emergency)  # fmt: skip
        change = a_change(labels=(Label("break-glass", account_key("alice")),))
        return decided(policy=policy, change=change, signoffs=signed("bob"))

    def test_waives_ways_that_ask_for_nothing_but_sign_offs(self) -> None:
        assert requirement(self.verdict(DBA, SRE), WAYS).why == "Waived by the emergency path."

    @pytest.mark.parametrize("alternatives", [(DBA, TICKET), (TICKET, DBA), ({**DBA, **BUILD}, SRE)])
    def test_waives_none_of_which_one_asks_for_more(self, alternatives: Sequence[dict[str, Any]]) -> None:
        verdict = self.verdict(*alternatives)
        assert (verdict.state, requirement(verdict, WAYS).code) == ("waiting", "rule-signoff-missing")


class TestWhoIsAsked:
    def test_is_everybody_of_every_way_each_for_a_demand_of_its_own(self) -> None:
        rule = {"name": "R", "require": {"any_of": [DBA, {**SRE, **BUILD}, {"any_of": [DBA]}]}}
        case = Case.open(some_facts(policy=a_policy(rules=[rule], roles=ROLES)), at=AT, compiled=None)
        decide_case(case)
        asked = [one.requirement for one in itertools.chain.from_iterable(case.asked)]
        assert [name for name in asked if name.startswith("rule:")] == [
            "rule:R:role:dba:1", "rule:R:role:sre:2", "rule:R:role:dba:3.1",
        ]  # fmt: skip


class TestWhatEndsTheVerdict:
    def test_is_a_sign_off_that_runs_out_on_any_way(self) -> None:
        rule = {"name": "R", "require": {"any_of": [DBA, SRE]}}
        policy = a_policy(rules=[rule], roles=ROLES, signoffs={"expire_after": "30d"})
        late, soon = signed("carol", at="2026-11-30T00:00:00Z"), signed("erin", at="2026-11-20T00:00:00Z")
        assert decided(policy=policy, signoffs=(*late, *soon)).valid_until == "2026-12-20T00:00:00Z"
        assert decided(policy=policy, signoffs=late).valid_until == "2026-12-30T00:00:00Z"

    def test_is_an_ownership_review_that_falls_due(self) -> None:
        reviewed = {"reviewed": "2026-11-20", "review_every_days": 30}
        ownership = an_ownership(a_component("payments-api", "payments", "/services/", **reviewed))
        for require in ({"review_current": True}, {"any_of": [{"review_current": True}]}):
            verdict = under(require, ownership=ownership, signoffs=signed("alice"))
            assert (verdict.state, verdict.valid_until) == ("approved", "2026-12-21T00:00:00Z")
