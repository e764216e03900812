import datetime as dt
from pathlib import Path

import pytest
from builders_reconcile import LINES, a_shop

from gate.adapters.git.branch_history import BranchHistory
from gate.adapters.git.checkout import Checkout
from gate.core.audit.reconcile import in_period
from gate.core.errors import UnreadableError

AS_MERGE = "Merge pull request #1 from acme/change-1"


class TestWhatAccountsForACommit:
    def test_a_merge_of_what_was_approved(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.propose(1, {"api/pay.py": LINES + "x\n"})
        shop.repository.commit({"README.md": "Shop!\n"})
        shop.repository.merge("change-1", message=AS_MERGE)
        found = shop.last(shop.merged(1))
        assert (found.status, found.how, found.change, found.is_mechanical) == ("accounted", "merge", 1, True)
        assert found.why == "#1 was approved, and this is its content."

    def test_a_squash(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.propose(1, {"api/pay.py": LINES + "x\n", "new.txt": "new\n"}, commits=2)
        shop.repository.commit({"api/pay.py": LINES + "x\n", "new.txt": "new\n"}, message="Add tax (#1)")
        found = shop.last(shop.merged(1))
        assert (found.status, found.how) == ("accounted", "squash")

    def test_every_commit_of_a_rebase(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.propose(1, {"a.txt": "a\n", "b.txt": "b\n"}, commits=2)
        shop.repository.commit({"README.md": "Shop!\n"})
        shop.repository.commit({"a.txt": "a\n"}, message="Part 0")
        shop.repository.commit({"b.txt": "b\n"}, message="Part 1")
        found = shop.reconciled(shop.merged(1))
        assert [(one.how, one.status, one.code) for one in found.accounts[1:]] == [
            ("direct-push", "bypass", "direct-push"),
            ("rebase", "accounted", ""),
            ("rebase", "accounted", ""),
        ]

    def test_a_squash_onto_a_file_that_the_branch_changed_elsewhere(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.propose(1, {"api/pay.py": LINES + "last\n"})
        shop.repository.commit({"api/pay.py": "first\n" + LINES})
        shop.repository.commit({"api/pay.py": "first\n" + LINES + "last\n"}, message="Add tax (#1)")
        assert shop.last(shop.merged(1)).status == "accounted"

    def test_a_change_of_the_branch_under_its_former_name(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.propose(1, {"api/pay.py": LINES + "x\n"})
        shop.repository.merge("change-1", message=AS_MERGE)
        change = shop.merged(1, base_ref="master")
        assert shop.last(change).code == "another-branch"
        assert shop.last(change, former_names=frozenset({"master"})).status == "accounted"

    def test_what_was_there_before_the_gate(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        later = shop.repository.commit({"README.md": "Shop!\n"})
        assert [one.status for one in shop.reconciled(baseline=later).accounts] == ["before-gate", "before-gate"]


class TestWhatIsABypass:
    def test_a_direct_push(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.repository.commit({"api/pay.py": "rm -rf\n"})
        assert shop.last().code == "direct-push"

    def test_a_direct_push_whose_message_names_an_approved_change(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.propose(1, {"api/pay.py": LINES + "x\n"})
        real = shop.repository.merge("change-1", message=AS_MERGE)
        shop.repository.commit({"api/pay.py": "rm -rf\n"}, message="Add tax (#1)\n\nApproved-by: alice")
        found = shop.last(shop.merged(1, real))
        assert (found.status, found.code, found.change) == ("bypass", "unknown-change", 1)

    def test_a_merge_that_was_never_approved(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.propose(1, {"api/pay.py": LINES + "x\n"})
        shop.repository.merge("change-1", message=AS_MERGE)
        found = shop.last(shop.merged(1, is_approved=False, verdict="waiting"))
        assert (found.code, found.why) == ("unapproved-merge", "#1 was merged while the gate said waiting.")

    def test_a_merge_with_another_file_in_it(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.propose(1, {"api/pay.py": LINES + "x\n"})
        shop.repository.merge("change-1", changing={"web/page.html": "<script>\n"}, message=AS_MERGE)
        found = shop.last(shop.merged(1))
        assert found.code == "content-differs"
        assert found.why == "web/page.html changed, which is no part of what was approved."
        assert found.is_mechanical is False

    @pytest.mark.parametrize("content", ["other\n", LINES])
    def test_a_squash_with_other_content_or_with_some_left_out(self, tmp_path: Path, content: str) -> None:
        shop = a_shop(tmp_path)
        shop.propose(1, {"api/pay.py": LINES + "x\n", "new.txt": "new\n"})
        shop.repository.commit({"api/pay.py": content, "new.txt": "new\n"}, message="Add tax (#1)")
        assert shop.last(shop.merged(1)).code == "content-differs"

    def test_a_conflict_solved_by_hand(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.propose(1, {"api/pay.py": LINES + "theirs\n"})
        shop.repository.commit({"api/pay.py": LINES + "ours\n"})
        shop.repository.commit({"api/pay.py": LINES + "ours\ntheirs\n"}, merging=("change-1",), message=AS_MERGE)
        assert shop.last(shop.merged(1)).code == "content-unproven"

    def test_the_approved_head_pushed_past_the_merge_button(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.propose(1, {"api/pay.py": LINES + "x\n"})
        shop.repository.branch("main", "change-1")
        assert shop.last(shop.merged(1)).code == "out-of-band"

    def test_a_change_that_rode_along_in_another(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.propose(1, {"a.txt": "a\n"})
        shop.propose(2, {"b.txt": "b\n"})
        merge = shop.repository.merge("change-2", message="Merge pull request #2 from acme/change-2")
        found = shop.reconciled(shop.merged(1, merge), shop.merged(2, merge))
        assert (found.accounts[-1].change, found.indirect) == (2, (1,))

    def test_a_tip_that_vanished(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        gone = shop.repository.commit({"api/pay.py": "rm -rf\n"})
        shop.repository.branch("main", shop.baseline)
        shop.repository.commit({"README.md": "Shop!\n"})
        found = shop.reconciled(earlier_tips=(gone,))
        assert [(one.sha, one.code) for one in found.lost] == [(gone, "force-push")]
        assert found.counts["force_pushes"] == 1

    def test_a_head_that_was_never_judged(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.propose(1, {"api/pay.py": LINES + "x\n"})
        shop.repository.merge("change-1", message=AS_MERGE)
        assert shop.last(shop.merged(1, files=None)).code == "not-judged"


class TestRepositoriesThatTheGateNeverSaw:
    def test_claims_direct_pushes_and_reverts_are_told_apart(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        first = shop.repository.commit({"a.txt": "a\n"}, message="Add a (#1)")
        shop.repository.commit({"b.txt": "b\n"}, message="Add b")
        shop.repository.commit({"a.txt": None}, message=f"Revert a (#2)\n\nThis reverts commit {first}.")
        second = shop.repository.commit({"c.txt": "c\n"}, message="Add c (#3)")
        shop.repository.commit({"c.txt": "d\n"}, message=f"This reverts commit {second}.")
        found = shop.surveyed()
        assert [one.status for one in found.accounts] == [
            "claimed",
            "claimed",
            "bypass",
            "claimed",
            "claimed",
            "bypass",
        ]
        assert [one.is_exact_revert for one in found.accounts if one.reverts] == [True, False]
        assert (found.counts["changes"], found.counts["direct_pushes"]) == (3, 2)

    def test_a_merge_with_a_hand_in_it_is_seen(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.propose(1, {"a.txt": "a\n"})
        shop.repository.merge("change-1", changing={"b.txt": "b\n"}, message=AS_MERGE)
        assert shop.surveyed().counts["merges_by_hand"] == 1

    def test_a_merge_of_histories_without_a_common_root_stops_nothing(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        tree = shop.repository.git("write-tree")
        alone = shop.repository.git("-c", "user.name=A", "-c", "user.email=a@b", "commit-tree", tree, "-m", "alone")
        shop.repository.git("update-ref", "refs/heads/alone", alone)
        shop.repository.commit({}, merging=("alone",), message="Merge alone")
        shop.propose(1, {"a.txt": "a\n"})
        shop.repository.merge("change-1", message=AS_MERGE)
        assert [one.is_mechanical for one in shop.surveyed().accounts if one.how == "merge"] == [True, True]


class TestAHistoryThatIsNotAllThere:
    def test_a_shallow_clone_accounts_for_nothing(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.repository.commit({"a.txt": "a\n"})
        shop.repository.git("clone", "--quiet", "--depth", "1", f"file://{shop.repository.path}", str(tmp_path / "cut"))
        checkout = Checkout.open(tmp_path / "cut")
        with pytest.raises(UnreadableError, match="cut off"):
            BranchHistory(checkout).commits(checkout.resolve("main"))
        checkout.close()


class TestPeriods:
    def test_a_backdated_commit_does_not_leave_the_period(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        day = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
        shop.repository.commit({"a.txt": "a\n"}, at=day)
        shop.repository.commit({"a.txt": "b\n"}, at=day - dt.timedelta(days=300), message="Backdated")
        shop.repository.commit({"a.txt": "c\n"}, at=day + dt.timedelta(days=300), message="From the future")
        shop.repository.commit({"a.txt": "d\n"}, at=day + dt.timedelta(days=1), message="Today")
        found = in_period(shop.surveyed().accounts, "2026-11-01T00:00:00Z", "2026-11-02T00:00:01Z")
        assert [one.subject for one in found] == ["Change something", "Backdated", "From the future", "Today"]
        before = in_period(shop.surveyed().accounts, "", "2026-10-31T00:00:00Z")
        assert [one.subject for one in before] == ["Begin", "Change something", "Backdated"]
