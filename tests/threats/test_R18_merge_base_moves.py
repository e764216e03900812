"""R18: the base moves under an approved change; what would be merged now is compared with what was approved."""

from pathlib import Path

from builders_decision import decided, refusals, signed
from builders_facts import HEAD, a_file, blob_of
from builders_git import BOB, DAVE, a_repository
from builders_threats import owners

from gate.adapters.git.checkout import Checkout
from gate.core.change.facts import EarlierContent

ROUND = a_file("services/payments/round.py")
AGAIN = a_file("services/payments/guard.py", "deleted")


class TestTheBaseMovesUnderAnApproval:
    def test_a_file_that_the_change_now_alters_anew_voids_it(self) -> None:
        acts = signed("alice", commit=HEAD, content="seen")
        verdict = decided(files=(AGAIN, ROUND), earlier_contents=(EarlierContent("seen", (ROUND,)),), signoffs=acts)
        view = owners(verdict)
        assert (verdict.state, view.code, refusals(view)) == (
            "waiting",
            "stale-approval",
            [("alice", "scope-changed")],
        )

    def test_another_content_underneath_voids_it_though_the_head_is_the_same(self) -> None:
        before = a_file("services/payments/round.py", base_blob=blob_of("as it was on the base"))
        acts = signed("alice", commit=HEAD, content="seen")
        verdict = decided(earlier_contents=(EarlierContent("seen", (before,)),), signoffs=acts)
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "scope-changed")])

    def test_a_base_that_moved_elsewhere_voids_nothing(self) -> None:
        acts = signed("alice", commit=HEAD, content="seen")
        verdict = decided(earlier_contents=(EarlierContent("seen", (ROUND,)),), signoffs=acts)
        assert verdict.state == "approved"


class TestTheFilesOfAChange:
    def test_grow_when_the_head_takes_in_what_the_base_has_reverted(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"a": "1\n", "guard": "on\n"})
        shop.commit({"guard": "off\n"}, by=BOB)
        shop.commit({"a": "2\n"}, branch="change", by=DAVE)
        checkout = Checkout.open(shop.path)
        assert [file.path for file in checkout.changes("main", "change").files] == ["a"]
        shop.commit({"guard": "on\n"}, by=BOB, message="Revert")
        assert [file.path for file in checkout.changes("main", "change").files] == ["a"]
        shop.git("update-ref", "refs/heads/main", shop.rev("main~2"))
        assert [file.path for file in checkout.changes("main", "change").files] == ["a", "guard"]
