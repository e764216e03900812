"""R16: an approval is one for the branch the change then went to; aimed elsewhere it is void."""

from builders_decision import decided, refusals, signed
from builders_facts import HEAD, a_change, a_file, a_policy
from builders_threats import owners

from gate.core.change.facts import EarlierContent

EVIL = a_file("services/payments/evil.py", "added")


class TestAChangeAimedElsewhere:
    def test_loses_its_approvals_though_the_head_is_the_same(self) -> None:
        verdict = decided(signoffs=signed("alice", commit=HEAD, base_ref="mallory/base"))
        view = owners(verdict)
        assert (verdict.state, view.code, refusals(view)) == ("waiting", "base-changed", [("alice", "scope-changed")])
        assert view.signoffs.not_counted[0].why == "alice approved, but the change then went to `mallory/base`."

    def test_loses_them_with_the_commits_that_the_other_base_held_already(self) -> None:
        acts = signed("alice", commit=HEAD, base_ref="mallory/base", content="small")
        small = EarlierContent("small", (a_file("services/payments/round.py"),))
        verdict = decided(files=(a_file("services/payments/round.py"), EVIL), signoffs=acts, earlier_contents=(small,))
        assert (verdict.state, owners(verdict).code) == ("waiting", "base-changed")

    def test_loses_them_between_two_governed_branches_too(self) -> None:
        policy = a_policy(branches=["main", "release/*"])
        acts = signed("alice", base_ref="main")
        assert decided(change=a_change(base_ref="main"), policy=policy, signoffs=acts).state == "approved"
        verdict = decided(change=a_change(base_ref="release/1"), policy=policy, signoffs=acts)
        assert (verdict.state, owners(verdict).code) == ("waiting", "base-changed")

    def test_keeps_none_of_which_the_base_is_not_known(self) -> None:
        verdict = decided(signoffs=signed("alice", base_ref=""))
        assert (verdict.state, owners(verdict).code) == ("waiting", "base-changed")
        assert "what it was given for is not known" in owners(verdict).why

    def test_is_approved_again_by_a_sign_off_for_the_new_base(self) -> None:
        acts = (*signed("alice", base_ref="mallory/base"), *signed("alice", id="anew"))
        assert decided(signoffs=acts).state == "approved"
