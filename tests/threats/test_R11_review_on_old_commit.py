"""R11: a review given on an earlier commit is one of that commit, however late it was submitted."""

from builders_decision import decided, refusals, signed
from builders_facts import HEAD, a_file, blob_of
from builders_threats import owners

from gate.core.change.facts import EarlierContent

OLD = "0" * 40
LATE = "2026-12-01T11:59:00Z"


class TestAReviewSubmittedLate:
    def test_on_an_unknown_earlier_commit_does_not_count(self) -> None:
        verdict = decided(signoffs=signed("alice", commit=OLD, at=LATE))
        view = owners(verdict)
        assert (verdict.state, view.code, refusals(view)) == (
            "waiting",
            "review-on-old-commit",
            [("alice", "old-commit")],
        )
        assert f"on commit {OLD[:12]}, which is not the head" in view.why

    def test_without_a_commit_does_not_count(self) -> None:
        verdict = decided(signoffs=signed("alice", commit="", at=LATE))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "old-commit")])

    def test_on_a_commit_with_other_content_does_not_count(self) -> None:
        before = EarlierContent("seen", (a_file("services/payments/round.py", blob=blob_of("before")),))
        verdict = decided(signoffs=signed("alice", commit=OLD, content="seen", at=LATE), earlier_contents=(before,))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "scope-changed")])

    def test_whose_content_is_not_known_does_not_count_even_on_the_head(self) -> None:
        verdict = decided(signoffs=signed("alice", commit=HEAD, content="unknown", at=LATE))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "old-commit")])

    def test_on_a_commit_with_the_same_content_counts(self) -> None:
        same = EarlierContent("seen", (a_file("services/payments/round.py"),))
        verdict = decided(signoffs=signed("alice", commit=OLD, content="seen", at=LATE), earlier_contents=(same,))
        assert verdict.state == "approved"
