"""Freezes and declared windows: what holds a change by the clock, until when, and what lifts it."""

import dataclasses
from typing import Any

import pytest
from builders_decision import decided, requirement, signed
from builders_facts import (
    a_component,
    a_declaration,
    a_file,
    a_policy,
    an_ownership,
)

from gate.core.change.facts import FreezePeriod
from gate.core.change.windows import Window
from gate.core.verdict import RuleRef, Verdict

FREEZE = {"name": "Close", "from": "2026-11-30", "to": "2026-12-04"}
PERIOD = FreezePeriod(0, "2026-11-30T00:00:00Z", "2026-12-05T00:00:00Z")
MODEL = {"name": "Locks", "when": {"only_paths": ["*.lock"]}, "approved_by": "platform", "until": "2027-01-01"}
LOCK = (a_file("services/payments/x.lock"),)


def frozen(at: str = "2026-12-01T12:00:00Z", *periods: FreezePeriod, **freeze: Any) -> Verdict:
    """The verdict on a change that all have signed off, under one freeze."""
    policy = a_policy(freezes=[{**FREEZE, **freeze}])
    return decided(at, policy=policy, freeze_periods=periods or (PERIOD,), signoffs=signed("alice"))


class TestAFreeze:
    @pytest.mark.parametrize(
        ("at", "state"),
        [
            ("2026-11-29T23:59:59Z", "approved"),
            ("2026-11-30T00:00:00Z", "frozen"),
            ("2026-12-04T23:59:59Z", "frozen"),
            ("2026-12-05T00:00:00Z", "approved"),
        ],
    )
    def test_holds_from_its_first_instant_up_to_its_end(self, at: str, state: str) -> None:
        policy = a_policy(freezes=[FREEZE])
        acts = signed("alice", at="2026-11-01T00:00:00Z")
        assert decided(at, policy=policy, freeze_periods=(PERIOD,), signoffs=acts).state == state

    def test_says_until_when_and_where_it_is_written(self) -> None:
        view = requirement(frozen(), "freeze:Close")
        assert (view.state, view.code, view.why) == (
            "frozen", "frozen", "The freeze `Close` holds until 2026-12-05T00:00:00Z.",
        )  # fmt: skip
        assert view.next == "Wait until 2026-12-05T00:00:00Z."
        assert view.rule is not None
        assert (view.rule.name, view.rule.file, view.rule.line) == ("Close", ".gate/policy.yaml", 10)

    def test_names_the_emergency_path_where_there_is_one(self) -> None:
        path = {"label": "break-glass", "signoffs": {"owner": 1}}
        policy = a_policy(freezes=[FREEZE], emergency=path)
        verdict = decided("2026-12-01T12:00:00Z", policy=policy, freeze_periods=(PERIOD,), signoffs=signed("alice"))
        assert requirement(verdict, "freeze:Close").next == (
            "Wait until 2026-12-05T00:00:00Z, or take the emergency path by the label `break-glass`."
        )

    def test_whose_line_is_not_known_is_named_with_line_0(self) -> None:
        policy = dataclasses.replace(a_policy(freezes=[FREEZE]), lines={})
        view = requirement(decided(policy=policy, freeze_periods=(PERIOD,)), "freeze:Close")
        assert view.rule == RuleRef("Close", ".gate/policy.yaml", 0)

    def test_ends_the_verdict_that_it_holds_and_the_one_before_it(self) -> None:
        assert frozen().valid_until == "2026-12-05T00:00:00Z"
        later = FreezePeriod(0, "2026-12-10T00:00:00Z", "2026-12-11T00:00:00Z")
        verdict = frozen("2026-12-01T12:00:00Z", later)
        # It is near, which is a term of the risk, 48 hours before it begins.
        assert (verdict.state, verdict.valid_until) == ("approved", "2026-12-08T00:00:00Z")
        assert frozen("2026-12-08T00:00:00Z", later).valid_until == "2026-12-10T00:00:00Z"

    def test_of_periods_that_follow_on_each_other_holds_until_the_last_of_them_ends(self) -> None:
        following = FreezePeriod(0, "2026-12-05T00:00:00Z", "2026-12-07T00:00:00Z")
        apart = FreezePeriod(0, "2026-12-07T00:00:01Z", "2026-12-09T00:00:00Z")
        view = requirement(frozen("2026-12-01T12:00:00Z", apart, following, PERIOD), "freeze:Close")
        assert view.next.startswith("Wait until 2026-12-07T00:00:00Z")

    def test_inside_a_longer_one_does_not_end_it_sooner(self) -> None:
        inner = FreezePeriod(0, "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")
        view = requirement(frozen("2026-12-01T12:00:00Z", PERIOD, inner), "freeze:Close")
        assert view.next.startswith("Wait until 2026-12-05T00:00:00Z")

    def test_of_given_components_holds_no_others(self) -> None:
        assert frozen(components={"tier": [1]}).state == "frozen"
        assert frozen(components={"tier": [3]}).state == "approved"

    def test_holds_where_one_of_several_touched_components_is_meant(self) -> None:
        policy = a_policy(freezes=[{**FREEZE, "components": {"components": ["web"]}}])
        files = (a_file("services/payments/round.py"), a_file("web/page.html"))
        assert requirement(decided(policy=policy, freeze_periods=(PERIOD,), files=files), "freeze:Close")

    def test_each_of_several_has_its_own_periods(self) -> None:
        policy = a_policy(freezes=[{**FREEZE, "name": "Past"}, {**FREEZE, "name": "Now"}])
        past = FreezePeriod(0, "2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z")
        now = FreezePeriod(1, "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")
        verdict = decided(policy=policy, freeze_periods=(past, now), signoffs=signed("alice"))
        assert [view.id for view in verdict.requirements if view.kind == "freeze"] == ["freeze:Now"]


class TestAFreezeThatMakesAnException:
    def verdict(self, *, is_excepted: bool, files: Any = LOCK, **freeze: Any) -> Verdict:
        listed = {"except": ["standard"]} if is_excepted else {}
        policy = a_policy(freezes=[{**FREEZE, **listed, **freeze}], standard_changes=[MODEL])
        return decided(policy=policy, freeze_periods=(PERIOD,), files=files)

    def test_lets_a_standard_change_pass_and_says_so(self) -> None:
        verdict = self.verdict(is_excepted=True)
        view = requirement(verdict, "freeze:Close")
        assert (verdict.state, view.state, view.code, view.next) == ("approved", "met", "freeze-lifted", "")
        assert view.why == "The freeze `Close` holds until 2026-12-05T00:00:00Z, but makes an exception here."

    def test_lets_nothing_else_pass(self) -> None:
        files = (a_file("services/payments/round.py"),)
        assert requirement(self.verdict(is_excepted=True, files=files), "freeze:Close").state == "frozen"

    def test_of_emergencies_alone_or_none_lets_no_standard_change_pass(self) -> None:
        assert self.verdict(is_excepted=False).state == "frozen"
        assert self.verdict(is_excepted=False, **{"except": ["emergency"]}).state == "frozen"


class TestAFreezeThatIsNear:
    @pytest.mark.parametrize(
        ("at", "is_near"),
        [
            ("2026-11-27T23:59:59Z", False),
            ("2026-11-28T00:00:00Z", True),
            ("2026-12-04T23:59:59Z", True),
            ("2026-12-05T00:00:00Z", False),
        ],
    )
    def test_adds_to_the_risk_from_two_days_before_it_until_its_end(self, at: str, *, is_near: bool) -> None:
        terms = {term.name for term in frozen(at).risk.terms}
        assert ("freeze_near" in terms) is is_near

    def test_adds_nothing_where_it_concerns_other_components(self) -> None:
        terms = {term.name for term in frozen(components={"tier": [3]}).risk.terms}
        assert "freeze_near" not in terms


class TestADeclaredWindow:
    WINDOW = Window("2026-12-01T20:00:00Z", "2026-12-01T22:00:00Z")

    def verdict(self, at: str) -> Verdict:
        return decided(at, declaration=a_declaration(window=self.WINDOW), signoffs=signed("alice"))

    def test_approves_from_its_first_instant_up_to_its_end(self) -> None:
        states = [self.verdict(f"2026-12-01T{at}Z").state for at in ("19:59:59", "20:00:00", "21:59:59", "22:00:00")]
        assert states == ["frozen", "approved", "approved", "frozen"]

    def test_says_before_it_to_wait_and_after_it_to_declare_another(self) -> None:
        early = requirement(self.verdict("2026-12-01T12:00:00Z"), "freeze:window")
        assert (early.code, early.next) == ("outside-window", "Wait until 2026-12-01T20:00:00Z.")
        assert early.why.endswith("to 2026-12-01T22:00:00Z; it is 2026-12-01T12:00:00Z now.")
        late = requirement(self.verdict("2026-12-01T22:00:00Z"), "freeze:window")
        assert (late.next, late.why) == ("Declare a new window.", "The declared window ended at 2026-12-01T22:00:00Z.")

    def test_says_when_the_verdict_changes_by_itself(self) -> None:
        valid = [self.verdict(f"2026-12-01T{at}Z").valid_until for at in ("12:00:00", "20:00:00", "22:00:00")]
        assert valid == ["2026-12-01T20:00:00Z", "2026-12-01T22:00:00Z", None]


class TestUnownedFiles:
    def test_are_held_by_a_freeze_of_everything_and_by_none_of_given_components(self) -> None:
        facts: dict[str, Any] = {
            "freeze_periods": (PERIOD,),
            "files": (a_file("scripts/x.sh"),),
            "ownership": an_ownership(a_component("web", "web", "/web/")),
        }
        assert decided(policy=a_policy(freezes=[FREEZE], unowned="allow"), **facts).state == "frozen"
        some = {**FREEZE, "components": {"components": ["web"]}}
        assert decided(policy=a_policy(freezes=[some], unowned="allow"), **facts).state == "approved"

    def test_are_held_where_the_author_says_that_they_go_where_it_is_frozen(self) -> None:
        freeze = {**FREEZE, "components": {"environment": ["production"]}}
        policy = a_policy(freezes=[freeze], unowned="allow")
        given: dict[str, Any] = {"freeze_periods": (PERIOD,), "files": (a_file("scripts/x.sh"),), "policy": policy}
        assert decided(**given, declaration=a_declaration(environments=("production",))).state == "frozen"
        assert decided(**given, declaration=a_declaration(environments=("staging",))).state == "approved"
