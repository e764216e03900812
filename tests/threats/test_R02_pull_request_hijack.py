"""R02: whoever pushed, wrote or committed anything in a change signs it off no more than its author does."""

from pathlib import Path

import pytest
from builders_decision import decided, refusals
from builders_facts import HEAD, a_commit, a_policy, a_signoff, account_key, an_ownership
from builders_service import a_service
from builders_threats import counted, owners

from gate.core.change.facts import Commit, Push

SECOND, THIRD = "2" * 40, "3" * 40
DAVE_PUSHED = Push(account_key("dave"), HEAD)


class TestAnOwnerWhoTakesOverSomebodyElsesChange:
    @pytest.mark.parametrize(
        ("commit", "code", "how"),
        [
            (a_commit(SECOND, author=account_key("alice")), "author", f"but wrote commit {SECOND[:12]}"),
            (a_commit(SECOND, committer=account_key("alice")), "committer", f"but committed {SECOND[:12]}"),
            (a_commit(SECOND, co_authors=(account_key("alice"),)), "co-author", "is named co-author of"),
        ],
    )
    def test_does_not_count_for_any_hand_in_a_commit(self, commit: Commit, code: str, how: str) -> None:
        verdict = decided(commits=(a_commit(), commit), signoffs=(a_signoff("alice"),))
        view = owners(verdict)
        assert (verdict.state, refusals(view)) == ("waiting", [("alice", code)])
        assert how in view.signoffs.not_counted[0].why
        assert verdict.summary == "Waiting for bob to sign off on payments-api; nothing else is missing."

    def test_does_not_count_for_having_pushed_what_others_wrote(self) -> None:
        pushers = (DAVE_PUSHED, Push(account_key("alice"), SECOND))
        view = owners(decided(pushers=pushers, signoffs=(a_signoff("alice"),)))
        assert (view.code, refusals(view)) == ("contributor-approval", [("alice", "pusher")])
        assert f"pushed {SECOND[:12]} to this branch" in view.why

    def test_is_not_laundered_by_a_later_push_of_a_third(self) -> None:
        commits = (a_commit(), a_commit(SECOND, by="alice"), a_commit(THIRD, by="erin"))
        pushers = (DAVE_PUSHED, Push(account_key("alice"), SECOND), Push(account_key("erin"), THIRD))
        verdict = decided(commits=commits, pushers=pushers, signoffs=(a_signoff("alice"),))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "author")])

    def test_leaves_the_owner_who_kept_out_of_it_to_sign_off(self) -> None:
        verdict = decided(commits=(a_commit(), a_commit(SECOND, by="alice")), signoffs=(a_signoff("bob"),))
        assert (verdict.state, counted(owners(verdict))) == ("approved", ["bob"])


class TestAPolicyThatListsFewerHands:
    def test_still_excludes_who_wrote_a_commit(self) -> None:
        policy = a_policy(signoffs={"exclude": ["author"]})
        commits = (a_commit(), a_commit(SECOND, by="alice"))
        verdict = decided(policy=policy, commits=commits, signoffs=(a_signoff("alice"),), ownership=an_ownership())
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "author")])


class TestACommitThatSeveralPushed:
    def test_excludes_each_of_them_wherever_they_pushed_it(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            forge = service.forge
            pull = forge.a_pull()
            service.settle()
            theirs = forge.shop.make_commit({"api/pay.py": "amount = 9\n"}, parents=[pull.head_sha], author=forge.dave)
            forge.shop.push("elsewhere", theirs, pusher=forge.alice)  # who wrote it in another's name
            service.settle()
            forge.shop.push(pull.head_ref, theirs, pusher=forge.dave)
            pull.review(forge.alice, "APPROVED")
            service.settle()
            assert service.check(pull) == "in_progress"
            pull.review(forge.bob, "APPROVED")
            service.settle()
            assert service.check(pull) == "success"
