"""R22: a branch of one's own with a policy that asks nothing yields no approval."""

from pathlib import Path

from builders_decision import decided, signed
from builders_facts import a_change, a_policy
from builders_git import DAVE
from builders_threats import POLICY, RECORDS, Shop, a_shop, codes, unmet

LAX = "version: 1\nbranches: ['**']\nunowned: allow\nrollback: {required: false}\n"


class TestABaseThatNobodyGoverns:
    def test_is_never_approved_whoever_signs(self) -> None:
        verdict = decided(change=a_change(base_ref="mallory/base"), signoffs=signed("alice", base_ref="mallory/base"))
        assert (verdict.state, unmet(verdict)) == ("error", [("complete:branch-not-governed", "branch-not-governed")])
        assert "The gate does not speak for the branch `mallory/base`" in verdict.summary

    def test_is_none_that_only_resembles_a_governed_one(self) -> None:
        policy = a_policy(branches=["main", "release/*"])
        for name in ("Main", "main ", "refs/heads/main", "release/1/x", "xmain"):
            change = a_change(base_ref=name)
            verdict = decided(change=change, policy=policy, signoffs=signed("alice", base_ref=name))
            assert verdict.state == "error", name

    def test_includes_the_default_branch_even_where_the_policy_leaves_it_out(self) -> None:
        policy = a_policy(branches=["release/*"])
        assert decided(policy=policy, signoffs=signed("alice")).state == "approved"


class TestInACheckout:
    def mallory(self, path: Path) -> Shop:
        shop = a_shop(path)
        records = RECORDS.replace("/payments/", "/nothing/")
        lax = {".gate/policy.yaml": LAX, ".gate/ownership.yaml": records}
        shop.repository.commit(lax, branch="mallory", by=DAVE)
        shop.repository.commit({"payments/pay.py": "evil\n"}, branch="change", start="mallory", by=DAVE)
        return shop

    def test_a_base_of_ones_own_is_not_governed_whatever_its_own_policy_says(self, tmp_path: Path) -> None:
        shop = self.mallory(tmp_path)
        shop.repository.git("update-ref", "refs/remotes/origin/main", shop.repository.rev("main"))
        shop.repository.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
        ran = shop.check(base="mallory")
        assert (ran.code, ran.json["state"]) == (1, "error")
        assert codes(ran)["complete:branch-not-governed"] == "branch-not-governed"
        assert codes(ran)["rollback"] == "rollback-declared"

    def test_where_the_default_branch_is_not_known_the_verdict_says_so(self, tmp_path: Path) -> None:
        ran = self.mallory(tmp_path).check(base="mallory")
        known = "The default branch is not known here; the policy of `mallory` is taken as it stands."
        assert known in ran.json["assumptions"]

    def test_a_governed_release_branch_keeps_the_demands_of_the_default_branch(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path, {".gate/policy.yaml": POLICY + "branches: ['release/*']\n"})
        shop.repository.commit({".gate/policy.yaml": LAX}, branch="release/1", by=DAVE)
        shop.repository.commit({"loose.py": "evil\n"}, branch="change", start="release/1", by=DAVE)
        shop.repository.git("update-ref", "refs/remotes/origin/main", shop.repository.rev("main"))
        shop.repository.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
        ran = shop.check(base="release/1")
        assert (ran.code, ran.json["state"]) == (1, "waiting")
        assert codes(ran)["ownership:unowned"] == "paths-uncovered"
