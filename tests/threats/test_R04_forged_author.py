"""R04: names in commits are claims: they exclude, never let in, and the reason names the commit."""

from pathlib import Path
from typing import ClassVar

from builders_decision import decided, refusals
from builders_facts import HEAD, a_change, a_commit, a_policy, a_signoff, account_key
from builders_forge_world import BODY
from builders_service import a_service
from builders_threats import owners

from gate.core.change.facts import Push

SECOND = "2" * 40
DAVE_PUSHED = Push(account_key("dave"), HEAD)


class TestAPusherWhoForgesTheAuthor:
    def test_is_excluded_all_the_same(self) -> None:
        pushers = (DAVE_PUSHED, Push(account_key("alice"), SECOND))
        commits = (a_commit(), a_commit(SECOND, by="dave"))
        verdict = decided(commits=commits, pushers=pushers, signoffs=(a_signoff("alice"),))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "pusher")])

    def test_does_not_stop_being_the_author_of_the_request(self) -> None:
        commits = (a_commit(by="erin"),)
        pushers = (Push(account_key("erin"), HEAD),)
        verdict = decided(change=a_change("alice"), commits=commits, pushers=pushers, signoffs=(a_signoff("alice"),))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "author")])


class TestAnOwnerNamedByForgery:
    def test_is_excluded_by_a_reason_that_names_the_commit(self) -> None:
        commits = (a_commit(), a_commit(SECOND, author=account_key("alice")))
        view = owners(decided(commits=commits, signoffs=(a_signoff("alice"),)))
        assert refusals(view) == [("alice", "author")]
        assert view.signoffs.not_counted[0].why == f"alice approved, but wrote commit {SECOND[:12]}."
        assert [actor.person for actor in view.who] == ["bob"]


class TestATrailerAlone:
    COMMITS = (a_commit(), a_commit(SECOND, co_authors=(account_key("alice"),)))

    def test_excludes_by_default_and_names_the_commit(self) -> None:
        view = owners(decided(commits=self.COMMITS, signoffs=(a_signoff("alice"),)))
        assert (view.state, refusals(view)) == ("waiting", [("alice", "co-author")])
        assert f"is named co-author of {SECOND[:12]}" in view.why

    def test_excludes_nobody_where_the_policy_lifts_it(self) -> None:
        policy = a_policy(signoffs={"exclude": ["author", "committer", "pusher"]})
        verdict = decided(policy=policy, commits=self.COMMITS, signoffs=(a_signoff("alice"),))
        assert verdict.state == "approved"


class TestAnAddressThatNamesAnOwner:
    FILES: ClassVar[dict[str, str | None]] = {
        ".gate/ownership.yaml": None,
        "CODEOWNERS": "/api/ @alice @bob\n",
        ".gate/policy.yaml": 'version: 1\ndefault_owner: "@carol"\nsources: [codeowners]\n',
    }

    def test_takes_neither_her_login_nor_her_veto(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files=self.FILES) as service:
            forge = service.forge
            forged = ("x", "1+alice@users.noreply.github.com")  # a number that sorts before hers
            forge.shop.commit("topic", {"api/pay.py": "x = 1\n"}, author=forged, pusher=forge.dave, start="main")
            pull = forge.shop.open_pull(head="topic", base="main", author=forge.dave, title="X", body=BODY)
            service.settle()
            pull.review(forge.alice, "CHANGES_REQUESTED")
            pull.review(forge.bob, "APPROVED")
            service.settle()
            assert service.errors == []
            assert "veto" in service.codes(pull)
            assert service.check(pull) == "failure", service.verdict(pull).summary
