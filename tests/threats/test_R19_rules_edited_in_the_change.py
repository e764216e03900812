"""R19: a change that edits the rules is judged by those of the base, and needs their owner besides."""

from pathlib import Path

import pytest
from builders_decision import decided, requirement, signed
from builders_facts import a_file, a_policy, a_signoff
from builders_git import DAVE
from builders_threats import POLICY, RECORDS, a_shop, codes, unmet

from gate.core.change.facts import EarlierContent

LAX = POLICY + "unowned: allow\nrollback: {required: false}\n"


class TestAChangeOfTheRules:
    @pytest.mark.parametrize(
        "path",
        [".gate/policy.yaml", ".gate/ownership.yaml", ".github/workflows/ci.yml", "CODEOWNERS", "docs/CODEOWNERS"],
    )
    def test_needs_the_policy_owner_whoever_else_signs(self, path: str) -> None:
        policy = a_policy(policy_owner="platform", unowned="allow")
        files = (a_file(path), a_file("services/payments/round.py"))
        verdict = decided(files=files, policy=policy, signoffs=signed("alice", "bob", "erin"))
        assert verdict.state == "waiting"
        assert unmet(verdict) == [("policy-change", "policy-change-needs-owner")]
        assert verdict.summary.startswith("Waiting for carol to sign off on")
        assert decided(files=files, policy=policy, signoffs=signed("alice", "carol")).state == "approved"

    @pytest.mark.parametrize("now", [".gate/policy.yaml", "services/payments/round.py"], ids=["still", "no longer"])
    def test_is_held_by_the_no_of_a_policy_owner_like_any_others_files(self, now: str) -> None:
        policy = a_policy(policy_owner="platform", unowned="allow")
        earlier = (EarlierContent("k", (a_file(".gate/policy.yaml"),)),)
        acts = (*signed("alice", "bob"), a_signoff("carol", "reject", reason="No"))
        verdict = decided(files=(a_file(now),), policy=policy, signoffs=acts, earlier_contents=earlier)
        assert verdict.state == "rejected"
        assert verdict.summary.startswith("Rejected: carol rejected this change on 2026-12-01: No.")

    def test_blocks_where_the_policy_names_no_owner_for_it(self) -> None:
        policy = a_policy(unowned="allow")
        signoffs = signed("alice", "bob", "carol", "erin")
        verdict = decided(files=(a_file(".gate/policy.yaml"),), policy=policy, signoffs=signoffs)
        assert verdict.state == "waiting"
        assert "Set `policy_owner` in the policy" in requirement(verdict, "policy-change").next


class TestInACheckout:
    def test_a_laxer_policy_of_the_change_does_not_govern_it(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.repository.commit({".gate/policy.yaml": LAX, "loose.py": "1\n"}, branch="change", by=DAVE)
        ran = shop.check("--signoff", "alice", "--signoff", "bob")
        assert (ran.code, ran.json["state"]) == (1, "waiting")
        assert codes(ran)["policy-change"] == "policy-change-needs-owner"
        assert codes(ran)["ownership:unowned"] == "paths-uncovered"

    def test_an_owner_that_the_change_itself_names_is_none(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        records = RECORDS.replace("owner: alice", "owner: bob")
        shop.repository.commit({".gate/ownership.yaml": records, "payments/pay.py": "2\n"}, branch="change", by=DAVE)
        ran = shop.check("--signoff", "bob", "--signoff", "carol")
        assert (ran.code, codes(ran)["ownership:payments"]) == (1, "paths-uncovered")
        assert shop.check("--signoff", "alice", "--signoff", "carol").code == 0

    def test_a_gate_file_renamed_away_is_still_one(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.repository.commit({".gate/policy.yaml": None, "payments/policy.yaml": POLICY}, branch="change", by=DAVE)
        ran = shop.check("--signoff", "alice", "--signoff", "bob")
        assert ran.code == 1
        assert codes(ran)["policy-change"] == "policy-change-needs-owner"
