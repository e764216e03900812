"""The rollback requirement: what policy and rules make of the declared way back, and how its author is told."""

from typing import Any

import pytest
from builders_decision import decided, requirement, signed, states
from builders_facts import a_component, a_declaration, a_plan, a_policy, an_ownership

from gate.core.change.declaration import DeclarationProblem
from gate.core.change.facts import Finding, Rehearsal
from gate.core.ownership.records import Playbook
from gate.core.verdict import RollbackProblem, RuleRef, Verdict

NO_PLAN = a_declaration(rollback=None)
QUICK = {"name": "Quick", "require": {"rollback": {"max_restore_minutes": 10}}}
FLAGGED = {"name": "Flagged", "require": {"rollback": {"allow": ["feature-flag"]}}}
REHEARSED = {"name": "Rehearsed", "require": {"rollback": {"rehearsed": True}}}


def under(*rules: dict[str, Any], rollback: dict[str, Any] | None = None, **facts: Any) -> Verdict:
    """The verdict under some rules on an otherwise approved change."""
    written = {key: value for key, value in (("rules", list(rules)), ("rollback", rollback)) if value}
    policy = a_policy(lines={"rollback": 5}, **written)
    return decided(policy=policy, signoffs=signed("alice"), **facts)


class TestAPlanThatStands:
    def test_is_named_by_its_method(self) -> None:
        view = requirement(under(), "rollback")
        assert (view.kind, view.title, view.state, view.code, view.next) == (
            "rollback", "Rollback plan", "met", "rollback-declared", "",
        )  # fmt: skip
        assert view.why == "The plan to revert stands."

    def test_of_the_playbooks_is_named_by_theirs_where_they_agree(self) -> None:
        playbook = Playbook(method="manual", steps=("go back",), verification="it is back", restore_minutes=5)
        ownership = an_ownership(a_component("payments-api", "payments", "/services/", rollback=playbook))
        inherited = a_declaration(rollback=a_plan(method="inherit"))
        verdict = under(ownership=ownership, declaration=inherited)
        assert requirement(verdict, "rollback").why == "The plan to manual stands."

    def test_is_shown_as_it_was_understood(self) -> None:
        view = under().rollback
        assert (view.method, view.state, view.restore_minutes, view.problems) == ("revert", "met", 15, ())
        assert view.steps == ("revert the merge commit", "deploy main")

    def test_is_shown_with_its_rehearsal(self) -> None:
        passed = Rehearsal("revert", is_passed=True, head_sha="a" * 40, source="gate", why="it reverts cleanly")
        assert under(rehearsals=(passed,)).rollback.rehearsal is not None
        assert under().rollback.rehearsal is None


class TestNoPlan:
    def test_is_the_authors_to_mend_where_one_is_asked_for(self) -> None:
        verdict = under(declaration=NO_PLAN)
        view = requirement(verdict, "rollback")
        assert (verdict.state, view.state, view.code) == ("needs-author", "needs-author", "rollback-missing")
        assert (verdict.rollback.method, verdict.rollback.steps) == (None, ())
        assert verdict.rollback.problems == (RollbackProblem("rollback-missing", view.why),)

    def test_is_fine_where_none_is_asked_for_and_says_so(self) -> None:
        view = requirement(under(rollback={"required": False}, declaration=NO_PLAN), "rollback")
        assert (view.state, view.why, view.next) == ("met", "No rollback plan is asked for.", "")

    def test_is_asked_for_by_any_rule_that_matches(self) -> None:
        optional = {"required": False}
        asked = under(QUICK, rollback=optional, declaration=NO_PLAN)
        assert requirement(asked, "rollback").code == "rollback-missing"
        elsewhere = {**QUICK, "when": {"tier": [3]}}
        unasked = under(elsewhere, rollback=optional, declaration=NO_PLAN)
        assert requirement(unasked, "rollback").state == "met"


class TestSeveralProblems:
    @pytest.mark.parametrize(
        ("missing", "more"),
        [
            ({"steps": ()}, ""),
            ({"steps": (), "verification": None}, " There is 1 further problem."),
            ({"steps": (), "verification": None, "restore_minutes": None}, " There are 2 further problems."),
        ],
    )
    def test_are_counted_after_the_first(self, missing: dict[str, Any], more: str) -> None:
        verdict = under(declaration=a_declaration(rollback=a_plan(method="manual", **missing)))
        view = requirement(verdict, "rollback")
        first = verdict.rollback.problems[0]
        assert (view.why, view.code, view.state) == (f"{first.text}{more}", "steps-missing", "needs-author")
        assert view.next == "Complete the rollback plan."


class TestWhoAsks:
    def test_is_the_line_of_the_policy_where_no_rule_does(self) -> None:
        usual = {"name": "Other", "require": {"escalation": True}}
        for verdict in (under(), under(usual)):
            assert requirement(verdict, "rollback").rule == RuleRef("Rollback", ".gate/policy.yaml", 5)
        unwritten = requirement(decided(), "rollback").rule
        assert unwritten == RuleRef("Rollback", ".gate/policy.yaml", 0)

    def test_is_the_first_rule_that_does(self) -> None:
        other = {"name": "Other", "require": {"escalation": True}}
        assert requirement(under(other, QUICK, FLAGGED), "rollback").rule == RuleRef("Quick", ".gate/policy.yaml", 20)

    def test_is_named_where_a_rule_makes_the_plan_fall_short(self) -> None:
        view = requirement(under(QUICK), "rollback")
        assert (view.state, "the rule `Quick`" in view.why) == ("needs-author", True)

    def test_is_every_rule_at_once(self) -> None:
        slow = {"name": "Slow", "require": {"rollback": {"max_restore_minutes": 60}}}
        for rules in ((QUICK, slow), (slow, QUICK)):
            assert requirement(under(*rules), "rollback").state == "needs-author"
        assert requirement(under(slow), "rollback").state == "met"
        assert [name for name in states(under(slow, QUICK)) if name.startswith("rollback")] == ["rollback"]


class TestWhatThePlanIsHeldAgainst:
    def test_is_what_was_found_in_the_diff(self) -> None:
        migration = Finding("data-migration", "services/payments/1.sql", "SQL", is_reversible=False, why="It drops.")
        assert requirement(under(findings=(migration,)), "rollback").code == "revert-not-enough"

    def test_is_the_flag_that_was_looked_for(self) -> None:
        flagged = a_declaration(rollback=a_plan(method="feature-flag", flag="round-half"))
        assert requirement(under(declaration=flagged, flag_found=True), "rollback").state == "met"
        assert requirement(under(declaration=flagged), "rollback").code == "flag-not-found"

    def test_is_the_playbook_of_a_touched_component(self) -> None:
        inherited = a_declaration(rollback=a_plan(method="inherit"))
        assert requirement(under(declaration=inherited), "rollback").code == "playbook-missing"

    def test_is_the_rehearsal_of_this_very_head(self) -> None:
        def tried(head: str) -> str:
            one = Rehearsal("revert", is_passed=False, head_sha=head, source="gate", why="the revert conflicts")
            return requirement(under(REHEARSED, rehearsals=(one,)), "rollback").code

        assert (tried("a" * 40), tried("9" * 40)) == ("rehearsal-failed", "rehearsal-missing")

    def test_is_what_in_the_declaration_could_not_be_read(self) -> None:
        problem = DeclarationProblem("rollback-ambiguous", "There are two plans.", "body", 3)
        view = requirement(under(declaration=a_declaration(problems=(problem,))), "rollback")
        assert (view.state, view.code) == ("needs-author", "rollback-ambiguous")


class TestOneWayOfARule:
    def way(self, wanted: dict[str, Any], **facts: Any) -> Verdict:
        rule = {"name": "R", "require": {"any_of": [{"rollback": wanted}]}}
        return under(rule, **facts)

    def test_holds_the_plan_against_that_way_alone(self) -> None:
        verdict = self.way({"max_restore_minutes": 10})
        assert (states(verdict)["rollback"], states(verdict)["rule:R:any-of"]) == ("met", "needs-author")
        assert "the rule `R`" in requirement(verdict, "rule:R:any-of").why
        assert states(self.way({"max_restore_minutes": 15}))["rule:R:any-of"] == "met"

    def test_is_met_by_a_plan_and_not_by_none(self) -> None:
        optional = {"required": False}
        met = self.way({"rehearsed": False}, rollback=optional)
        assert requirement(met, "rule:R:any-of").why == "The plan to revert stands."
        missing = self.way({"rehearsed": False}, rollback=optional, declaration=NO_PLAN)
        assert requirement(missing, "rule:R:any-of").code == "rollback-missing"
