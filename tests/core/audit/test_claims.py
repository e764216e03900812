import pytest

from gate.core.audit.claims import Claim, claim_of


class TestWhichChangeAMessageClaims:
    @pytest.mark.parametrize(
        "message",
        [
            "Merge pull request #12 from acme/topic\n\nAdd tax",
            "Add tax (#12)",
            "Add tax (#12)\n\n* first\n* second (#99)\n",
            "Merge branch 'topic' into 'main'\n\nAdd tax\n\nSee merge request acme/shop!12",
            "Merged in topic (pull request #12)\n\nAdd tax",
            "Pull request #12: Add tax",
            "Merged PR 12: Add tax",
            "Auto merge of #12 - dave:topic, r=alice",
            "Merge #12 #13\n\n12: Add tax",
            "Add tax\n\nReviewed-on: https://review.example/c/shop/+/12\n",
            "lib: add tax\n\nPR-URL: https://github.com/acme/shop/pull/12\n",
        ],
    )
    def test_the_wordings_of_the_platforms_are_known(self, message: str) -> None:
        assert claim_of(message).change == 12

    @pytest.mark.parametrize(
        "message",
        ["Fix #12", "Add tax", "", "Fix (#12) and more", "Approved-by: alice\nSee #12", "Merge branch 'main'"],
    )
    def test_a_mention_is_no_claim(self, message: str) -> None:
        assert claim_of(message).change is None


class TestWhatElseAMessageClaims:
    def test_reverts_and_backports_are_named(self) -> None:
        sha = "a" * 40
        assert claim_of(f'Revert "Add tax"\n\nThis reverts commit {sha}.').reverts == sha
        assert claim_of(f"Add tax\n\n(cherry picked from commit {sha})").backport_of == sha
        assert claim_of("Add tax") == Claim()
