"""R03: a commit that nobody can be named for blocks, because its maker could not be kept from signing it off."""

from pathlib import Path

from builders_decision import decided, refusals
from builders_facts import HEAD, a_commit, a_policy, a_signoff, account_key
from builders_gate_command import run_gate
from builders_git import DAVE, WEB_FLOW, a_repository
from builders_threats import a_shop, codes, owners, unmet

from gate.core.change.facts import Push

SECOND = "2" * 40
NAMELESS = a_commit(SECOND, author=None, committer=None)


class TestACommitOfNobody:
    def test_blocks_however_many_have_signed_off(self) -> None:
        signoffs = (a_signoff("alice"), a_signoff("bob"))
        verdict = decided(commits=(a_commit(), NAMELESS), unattributed=(SECOND,), signoffs=signoffs)
        assert verdict.state == "needs-author"
        assert unmet(verdict) == [("complete:unattributed-commit", "unattributed-commit")]
        assert f"Nobody can be named for commit {SECOND[:12]}" in verdict.summary

    def test_blocks_where_only_committers_are_excluded_too(self) -> None:
        policy = a_policy(signoffs={"exclude": ["committer"]})
        verdict = decided(policy=policy, unattributed=(SECOND,), signoffs=(a_signoff("alice"),))
        assert (verdict.state, unmet(verdict)[0][1]) == ("needs-author", "unattributed-commit")

    def test_excludes_the_recorded_pusher_though_the_commit_names_nobody(self) -> None:
        pushers = (Push(account_key("dave"), HEAD), Push(account_key("alice"), SECOND))
        verdict = decided(commits=(a_commit(), NAMELESS), pushers=pushers, signoffs=(a_signoff("alice"),))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "pusher")])

    def test_does_not_disturb_the_owner_who_pushed_nothing(self) -> None:
        pushers = (Push(account_key("dave"), HEAD), Push(account_key("alice"), SECOND))
        verdict = decided(commits=(a_commit(), NAMELESS), pushers=pushers, signoffs=(a_signoff("bob"),))
        assert verdict.state == "approved"


class TestInACheckout:
    def test_a_commit_without_any_address_blocks(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"CODEOWNERS": "* alice@example.com\n"})
        shop.commit({"a.py": "1\n"}, branch="change", by="Nobody <>")
        line = ("check", "--repo", shop.path, "--base", "main", "--head", "change", "--json")
        signed = ("--author", "dave@example.com", "--signoff", "alice@example.com")
        ran = run_gate(*line, *signed, "--body", "-", stdin=b"## Rollback plan\n\n- Method: revert\n")
        assert (ran.code, ran.json["state"]) == (1, "needs-author")
        assert "complete:unattributed-commit" in [entry["id"] for entry in ran.json["requirements"]]
        shop.commit({"b.py": "1\n"}, branch="honest", start="main", by="Dave <dave@example.com>")
        line = ("check", "--repo", shop.path, "--base", "main", "--head", "honest", "--json")
        ran = run_gate(*line, *signed, "--body", "-", stdin=b"## Rollback plan\n\n- Method: revert\n")
        assert (ran.code, ran.json["state"]) == (0, "approved")

    def test_a_commit_in_the_platforms_own_name_blocks(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.repository.commit({"payments/pay.py": "2\n"}, branch="change", by=WEB_FLOW)
        for author in ((), ("--author", "dave@example.com")):
            ran = shop.check("--signoff", "alice", *author)
            assert (ran.code, ran.json["state"]) == (1, "needs-author")
            assert "complete:unattributed-commit" in codes(ran)

    def test_a_commit_that_the_platform_only_committed_does_not(self, tmp_path: Path) -> None:
        shop = a_shop(tmp_path)
        shop.repository.commit({"payments/pay.py": "2\n"}, branch="change", by=DAVE, committer=WEB_FLOW)
        assert shop.check("--signoff", "alice").code == 0
