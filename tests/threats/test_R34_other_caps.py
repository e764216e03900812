"""R34: the commit or sign-off beyond a page is judged like the first, or the whole change blocks."""

from pathlib import Path

from builders_decision import decided, refusals, signed
from builders_facts import a_commit, a_signoff, blob_of
from builders_git import ALICE, DAVE
from builders_threats import a_shop, codes, owners, unmet

from gate.core.change.facts import Problem


class TestMoreCommitsThanAPlatformLists:
    def test_the_251st_excludes_its_author_like_the_first(self) -> None:
        commits = (*(a_commit(blob_of(f"commit {number}")) for number in range(250)), a_commit("f" * 40, by="alice"))
        verdict = decided(commits=commits, signoffs=signed("alice"))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "author")])

    def test_an_early_one_in_a_long_branch_excludes_its_author_in_a_checkout(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.repository.commit({"payments/pay.py": "2\n"}, branch="change", by=ALICE)
        for number in range(101):
            shop.repository.commit({"docs/a.md": f"{number}\n"}, branch="change", by=DAVE)
        ran = shop.check("--signoff", "alice", "--signoff", "bob")
        assert (ran.code, codes(ran)["ownership:payments"]) == (1, "no-eligible-owner")

    def test_a_list_that_was_cut_off_blocks(self) -> None:
        problem = Problem("too-many-commits", "The platform lists 250 of 251 commits.", "Squash the change.")
        verdict = decided(problems=(problem,), signoffs=signed("alice"))
        assert (verdict.state, unmet(verdict)) == ("error", [("complete:too-many-commits", "too-many-commits")])


class TestMoreReviewsThanAPage:
    def test_a_rejection_after_many_approvals_still_stands(self) -> None:
        many = tuple(a_signoff("erin", id=f"review:{number}") for number in range(150))
        no = a_signoff("bob", "reject", at="2026-12-01T11:30:00Z")
        verdict = decided(signoffs=(*many, a_signoff("alice"), no))
        assert (verdict.state, unmet(verdict)[0][1]) == ("rejected", "veto")

    def test_an_approval_after_many_others_counts(self) -> None:
        many = tuple(a_signoff("erin", id=f"review:{number}") for number in range(150))
        assert decided(signoffs=(*many, a_signoff("alice"))).state == "approved"
