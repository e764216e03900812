"""R61: break-glass takes an entitled label, another person than the author, this very head, and ends by itself."""

from dataclasses import replace
from typing import Any

import pytest
from builders_decision import decided, refusals, requirement, signed
from builders_facts import HEAD, a_change, a_commit, a_declaration, a_file, a_policy, a_signoff, account_key
from builders_threats import unmet

from gate.core.change.facts import EarlierContent, FreezePeriod, Label, OwedReview, Push

OLD = "0" * 40
FREEZE = {"name": "Close", "from": "2026-11-30", "to": "2026-12-04"}
POLICY = a_policy(
    emergency={"label": "break-glass", "signoffs": {"role:commander": 1}, "set_by": ["owner", "role:commander"]},
    roles={"commander": ["carol", "dave"]},
    freezes=[FREEZE],
)
PERIOD = FreezePeriod(0, "2026-11-30T00:00:00Z", "2026-12-05T00:00:00Z")
SIGNOFF = "emergency:role:commander"


def broken_glass(by: str | None = "alice", **facts: Any) -> dict[str, Any]:
    """A change under the label, in the middle of a freeze."""
    change = a_change(labels=(Label("break-glass", account_key(by) if by else None),))
    return {"policy": POLICY, "freeze_periods": (PERIOD,), "change": change, **facts}


class TestBreakingTheGlass:
    def test_by_two_people_waives_owners_and_freeze_and_the_verdict_names_it(self) -> None:
        verdict = decided(**broken_glass(signoffs=signed("carol")))
        assert verdict.state == "approved"
        assert [entry.kind for entry in verdict.relaxations] == ["emergency"]
        assert "alice set the label `break-glass`" in verdict.relaxations[0].why
        assert "after-review is due within 2d" in verdict.relaxations[0].why

    def test_does_not_go_by_the_authors_own_sign_off(self) -> None:
        verdict = decided(**broken_glass("dave", signoffs=signed("dave")))
        assert (verdict.state, verdict.relaxations) == ("frozen", ())
        view = requirement(verdict, SIGNOFF)
        assert (view.code, refusals(view)) == ("self-approval", [("dave", "author")])

    @pytest.mark.parametrize("by", ["erin", None], ids=["not entitled", "unknown"])
    def test_does_not_go_by_a_label_of_anybody(self, by: str | None) -> None:
        verdict = decided(**broken_glass(by, signoffs=signed("carol")))
        assert (verdict.state, verdict.relaxations) == ("frozen", ())
        assert any("does nothing here" in note for note in verdict.notes)

    OWNERS = a_policy(emergency={"label": "break-glass", "signoffs": {"owner": 1}})

    def test_does_not_go_by_an_owner_of_another_component_that_is_only_said_to_be_affected(self) -> None:
        declared = a_declaration(affects=("web",))
        verdict = decided(**broken_glass("erin", policy=self.OWNERS, declaration=declared, signoffs=signed("erin")))
        assert (verdict.state, verdict.relaxations) == ("waiting", ())
        assert any("does nothing here" in note for note in verdict.notes)

    def test_needs_an_owner_of_each_component_that_it_waives(self) -> None:
        files = (a_file("services/payments/round.py"), a_file("web/x"))
        one = decided(**broken_glass("erin", policy=self.OWNERS, files=files, signoffs=signed("erin")))
        assert (one.state, one.relaxations) == ("waiting", ())
        assert ("emergency:owner:payments-api", "emergency-signoff-missing") in unmet(one)
        both = decided(**broken_glass("erin", policy=self.OWNERS, files=files, signoffs=signed("alice", "erin")))
        assert (both.state, [entry.kind for entry in both.relaxations]) == ("approved", ["emergency"])

    @pytest.mark.parametrize(("default_owner", "state"), [("platform", "approved"), (None, "waiting")])
    def test_needs_the_default_owner_of_what_nobody_owns(self, default_owner: str | None, state: str) -> None:
        named = {"default_owner": default_owner} if default_owner else {}
        policy = a_policy(emergency={"label": "break-glass", "signoffs": {"owner": 1}}, **named)
        files = (a_file("scripts/x.sh"), a_file("web/x"))
        glass = broken_glass("erin", policy=policy, files=files)
        assert decided(**glass, signoffs=signed("erin")).state == "waiting"
        assert decided(**glass, signoffs=signed("erin", "carol")).state == state

    def test_does_not_go_by_a_declared_type(self) -> None:
        declared = a_declaration(change_type="emergency")
        verdict = decided(
            policy=POLICY, freeze_periods=(PERIOD,), declaration=declared, signoffs=signed("carol", "alice")
        )
        assert (verdict.state, verdict.relaxations) == ("frozen", ())


class TestABrokenGlass:
    def test_does_not_cover_a_later_head_even_with_the_same_files(self) -> None:
        acts = signed("carol", commit=OLD, content="seen")
        seen = EarlierContent("seen", (a_file("services/payments/round.py"),))
        verdict = decided(**broken_glass(signoffs=acts, earlier_contents=(seen,)))
        assert (verdict.state, refusals(requirement(verdict, SIGNOFF))) == ("frozen", [("carol", "old-commit")])

    def test_ends_after_its_time(self) -> None:
        acts = signed("carol", at="2026-12-01T11:00:00Z")
        assert decided(**broken_glass(signoffs=acts)).valid_until == "2026-12-02T11:00:00Z"
        verdict = decided(at="2026-12-02T11:00:00Z", **broken_glass(signoffs=acts))
        assert (verdict.state, refusals(requirement(verdict, SIGNOFF))) == ("frozen", [("carol", "expired")])

    def test_waives_neither_a_veto_nor_the_plan_nor_what_was_not_seen_nor_the_rules_own_change(self) -> None:
        acts = (*signed("carol"), a_signoff("bob", "reject", reason="No"))
        assert decided(**broken_glass(signoffs=acts)).state == "rejected"
        no_plan = a_declaration(rollback=None)
        assert decided(**broken_glass(signoffs=signed("carol"), declaration=no_plan)).state == "needs-author"
        files = (a_file(".gate/policy.yaml"),)
        verdict = decided(**broken_glass(signoffs=signed("carol"), files=files))
        assert ("policy-change", "no-eligible-owner") in unmet(verdict)
        verdict = decided(**broken_glass(signoffs=signed("carol"), files=()))
        assert verdict.state == "error"

    def test_takes_no_sign_off_of_somebody_with_a_hand_in_it(self) -> None:
        pushers = (Push(account_key("dave"), HEAD), Push(account_key("carol"), "2" * 40))
        commits = (a_commit(), a_commit("2" * 40, by="carol"))
        verdict = decided(**broken_glass(signoffs=signed("carol"), pushers=pushers, commits=commits))
        assert (verdict.state, verdict.relaxations) == ("frozen", ())


class TestAReviewThatNobodyClosed:
    OWED = OwedReview(41, "2026-11-20T00:00:00Z", ("payments-api",))

    def test_holds_up_the_next_change_of_the_same_component_even_one_by_break_glass(self) -> None:
        verdict = decided(**broken_glass(signoffs=signed("carol"), owed_reviews=(self.OWED,)))
        assert verdict.state == "waiting"
        view = requirement(verdict, "emergency:after-review")
        assert view.code == "after-review-overdue"
        assert "#41, which was approved by break-glass, was due on 2026-11-20" in view.why
        assert "Somebody who neither made nor signed off #41" in view.next

    def test_is_not_overdue_before_its_time_which_the_verdict_knows(self) -> None:
        due = "2099-01-01T00:00:00Z"
        verdict = decided(signoffs=signed("alice", "bob", "carol"), owed_reviews=(replace(self.OWED, due_at=due),))
        assert unmet(verdict) == unmet(decided(signoffs=signed("alice", "bob", "carol")))
        assert verdict.valid_until is not None
        assert verdict.valid_until <= due

    def test_holds_up_nothing_of_other_components(self) -> None:
        owed = replace(self.OWED, components=("storefront",))
        assert decided(**broken_glass(signoffs=signed("carol"), owed_reviews=(owed,))).state == "approved"
