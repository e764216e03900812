"""Eligibility: which approvals count, why each other does not, and which rejections stand."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from builders_decision import PAYMENTS, WEB, a_book, decided, people_in, refusals, requirement, signed
from builders_facts import (
    AT,
    BASE,
    HEAD,
    a_change,
    a_commit,
    a_component,
    a_declaration,
    a_file,
    a_plan,
    a_policy,
    a_signoff,
    account_key,
    accounts_of,
    an_account,
    an_ownership,
    some_facts,
)

from gate.core.change.facts import Account, EarlierContent, Push, Team
from gate.core.ownership.records import TeamRecord
from gate.core.signoff.eligibility import SignoffBook, longest_hold
from gate.core.signoff.people import Directory, People
from gate.core.signoff.scope import Subject
from gate.core.verdict import RequirementView

OLD = "0" * 40
SUBJECT = Subject("component:default/payments-api", "payments-api", frozenset({"services/payments/round.py"}))
OWNERS = People(frozenset({"alice", "bob"}))


def payments(**overrides: Any) -> RequirementView:
    """The requirement on payments-api."""
    return requirement(decided(**overrides), PAYMENTS)


class TestWhoCounts:
    def test_an_owners_review_of_the_head_counts(self) -> None:
        view = payments(signoffs=signed("alice"))
        assert (view.state, view.code, view.why) == ("met", "signed-off", "alice signed off.")
        assert [(s.person, s.source, s.at) for s in view.signoffs.counted] == [
            ("alice", "review", "2026-12-01T11:00:00Z")
        ]
        assert view.signoffs.not_counted == ()

    def test_one_person_counts_once_however_often_they_sign(self) -> None:
        acts = (a_signoff("alice"), a_signoff("alice", id="second", source="comment"))
        view = payments(signoffs=acts, policy=a_policy(signoffs={"each_component": 2}))
        assert (view.state, view.given, len(view.signoffs.counted)) == ("waiting", 1, 1)
        assert view.signoffs.counted[0].source == "review"

    def test_two_accounts_of_one_person_are_one_person(self) -> None:
        accounts = {**accounts_of("dave", "alice"), "mail:a@home": an_account("alice", email="a@home")}
        acts = (a_signoff("alice"), a_signoff("alice", id="b", account="mail:a@home"))
        view = payments(signoffs=acts, accounts=accounts, policy=a_policy(signoffs={"each_component": 2}))
        assert (view.state, view.given) == ("waiting", 1)

    @pytest.mark.parametrize("source", ["review", "link", "comment"])
    def test_each_default_channel_counts(self, source: str) -> None:
        assert payments(signoffs=signed("alice", source=source)).state == "met"

    def test_the_api_counts_only_where_the_policy_lists_it(self) -> None:
        act = signed("alice", source="api")
        view = payments(signoffs=act)
        assert (view.state, refusals(view)) == ("waiting", [("alice", "not-eligible")])
        assert view.signoffs.not_counted[0].why == "alice approved, but the policy does not accept a sign-off by api."
        assert payments(signoffs=act, policy=a_policy(signoffs={"sources": ["api"]})).state == "met"

    def test_a_policy_that_lists_only_links_takes_no_review(self) -> None:
        assert payments(signoffs=signed("alice"), policy=a_policy(signoffs={"sources": ["link"]})).state == "waiting"

    def test_who_is_not_asked_does_not_count(self) -> None:
        view = payments(signoffs=signed("erin"))
        assert (view.state, view.code, refusals(view)) == ("waiting", "paths-uncovered", [("erin", "not-eligible")])
        assert view.signoffs.not_counted[0].why == "erin approved, but is not among those asked here."

    def test_an_unknown_account_counts_for_nobody(self) -> None:
        view = payments(signoffs=signed("alice", account="github:9999"))
        assert (view.state, refusals(view)) == ("waiting", [("9999", "unknown-person")])
        assert view.signoffs.not_counted[0].why.endswith("but nobody of this name is known here.")

    def test_an_account_of_unknown_kind_counts_for_nobody_even_under_an_owners_name(self) -> None:
        accounts = {**accounts_of("dave"), account_key("alice"): an_account("alice", kind="unknown")}
        assert refusals(payments(signoffs=signed("alice"), accounts=accounts)) == [("alice", "unknown-person")]

    def test_an_act_dated_after_the_decision_does_not_count_yet(self) -> None:
        late = signed("alice", at="2026-12-01T12:00:01Z")
        view = payments(signoffs=late)
        assert (view.state, refusals(view)) == ("waiting", [("alice", "not-eligible")])
        assert view.signoffs.not_counted[0].why == "alice approved, but it is dated after this decision."
        assert payments(signoffs=signed("alice", at=AT)).state == "met"

    def test_the_verdict_changes_by_itself_when_such_an_act_takes_effect(self) -> None:
        assert decided(signoffs=signed("alice", at="2026-12-01T12:00:01Z")).valid_until == "2026-12-01T12:00:01Z"
        assert decided(signoffs=signed("alice", at=AT)).valid_until is None

    def test_only_approvals_count(self) -> None:
        withdrawal = (a_signoff("alice", "withdraw"),)
        view = payments(signoffs=withdrawal)
        assert (view.state, view.signoffs.counted, view.signoffs.not_counted) == ("waiting", (), ())


class TestBots:
    def test_a_bot_of_the_team_signs_nothing_off(self) -> None:
        accounts = {**accounts_of("dave", "bob"), account_key("alice"): an_account("alice", kind="bot")}
        view = payments(signoffs=signed("alice"), accounts=accounts)
        assert (view.state, view.code, refusals(view)) == ("waiting", "bot-approval-ignored", [("alice", "bot")])
        assert people_in(view) == ["bob"]
        assert view.signoffs.not_counted[0].why == (
            "alice approved, but only people sign off; a bot counts only where the policy names it."
        )

    def test_a_bot_counts_where_it_is_named_itself(self) -> None:
        accounts = {**accounts_of("dave"), account_key("alice"): an_account("alice", kind="bot")}
        rule = {"name": "Robot", "require": {"signoffs": {"person:alice": 1}}}
        verdict = decided(signoffs=signed("alice"), accounts=accounts, policy=a_policy(rules=[rule]))
        assert requirement(verdict, "rule:Robot:person:alice").state == "met"
        assert requirement(verdict, PAYMENTS).state == "waiting"

    def test_the_platforms_own_account_is_nobody(self) -> None:
        accounts = {**accounts_of("dave", "bob"), account_key("alice"): an_account("alice", kind="platform")}
        view = payments(signoffs=signed("alice"), accounts=accounts)
        assert (refusals(view), people_in(view)) == ([("alice", "bot")], ["bob"])

    def test_bots_and_contributors_are_not_eligible(self) -> None:
        book = a_book(accounts={**accounts_of("dave", "bob"), account_key("alice"): an_account("alice", kind="bot")})
        pool = People(frozenset({"alice", "bob", "dave"}))
        assert book.eligible(pool) == {"bob"}
        assert book.eligible(People(pool.members, explicit=frozenset({"alice"}))) == {"alice", "bob"}


class TestSeparationOfDuties:
    @pytest.mark.parametrize(
        ("overrides", "code", "reason"),
        [
            ({"change": a_change("alice")}, "author", "alice approved, but wrote this change."),
            ({"commits": (a_commit(author=account_key("alice")),)}, "author",
             f"alice approved, but wrote commit {HEAD[:12]}."),
            ({"commits": (a_commit(committer=account_key("alice")),)}, "committer",
             f"alice approved, but committed {HEAD[:12]}."),
            ({"commits": (a_commit(co_authors=(account_key("alice"),)),)}, "co-author",
             f"alice approved, but is named co-author of {HEAD[:12]}."),
            ({"pushers": (Push(account_key("alice"), "3f2a1c" + "0" * 34),)}, "pusher",
             "alice approved, but pushed 3f2a1c000000 to this branch."),
        ],
    )  # fmt: skip
    def test_whoever_had_a_hand_in_the_change_does_not_count(
        self, overrides: dict[str, Any], code: str, reason: str
    ) -> None:
        view = payments(signoffs=signed("alice"), **overrides)
        assert (view.state, refusals(view)) == ("waiting", [("alice", code)])
        assert view.code == ("self-approval" if code == "author" else "contributor-approval")
        assert view.signoffs.not_counted[0].why == reason
        assert view.why == f"Nobody of payments has signed off yet. {reason}"
        assert people_in(view) == ["bob"]

    def test_a_contributor_outside_the_circle_explains_nothing(self) -> None:
        view = payments(signoffs=signed("dave"))
        assert (view.code, refusals(view)) == ("paths-uncovered", [("dave", "author")])
        assert view.why == "Nobody of payments has signed off yet."


class TestVoidActs:
    @pytest.mark.parametrize(
        ("void", "code", "outer", "words"),
        [
            ("dismissed", "dismissed", "dismissed", "the review was dismissed"),
            ("withdrawn", "withdrawn", "withdrawn", "it was withdrawn"),
            ("edited", "edited", "edited", "the comment was edited or deleted afterwards"),
            ("expired", "expired", "expired", "it has expired"),
            ("old-commit", "old-commit", "paths-uncovered", "it was given on an earlier commit"),
            (
                "unconfirmed",
                "old-commit",
                "paths-uncovered",
                "it is not clear for which commit; confirm it by `/signoff SHA`",
            ),
            ("left-team", "left-team", "approver-not-eligible", "they have left the team since"),
            ("unknown-person", "unknown-person", "paths-uncovered", "nobody of this name is known here"),
            ("never-heard-of", "withdrawn", "withdrawn", "it no longer holds (never-heard-of)"),
        ],
    )
    def test_a_void_act_never_counts_and_says_why(self, void: str, code: str, outer: str, words: str) -> None:
        view = payments(signoffs=signed("alice", void=void))
        assert (view.state, view.code, refusals(view)) == ("waiting", outer, [("alice", code)])
        assert view.signoffs.not_counted[0].why == f"alice approved, but {words}."

    def test_a_fresh_approval_counts_beside_a_void_one(self) -> None:
        acts = (a_signoff("alice", void="dismissed"), a_signoff("alice", id="again"))
        view = payments(signoffs=acts)
        assert (view.state, refusals(view)) == ("met", [("alice", "dismissed")])

    def test_each_of_several_is_told_by_the_way_it_was_given(self) -> None:
        acts = [a_signoff("alice", id=f"a{way}", source=way, void="withdrawn") for way in ("review", "comment", "link")]
        view = payments(signoffs=tuple(acts))
        assert [entry.source for entry in view.signoffs.not_counted] == ["comment", "link", "review"]

    def test_a_long_unknown_reason_is_cut(self) -> None:
        view = payments(signoffs=signed("alice", void="x" * 5000))
        assert view.signoffs.not_counted[0].why == f"alice approved, but it no longer holds ({'x' * 40})."


class TestTakingBack:
    @pytest.mark.parametrize("decision", ["withdraw", "reject"])
    def test_a_later_no_of_the_same_person_ends_the_approval(self, decision: str) -> None:
        acts = (*signed("alice"), a_signoff("alice", decision, at="2026-12-01T11:30:00Z"))
        view = payments(signoffs=acts)
        assert (view.state, view.code, refusals(view)) == ("waiting", "withdrawn", [("alice", "withdrawn")])
        assert view.signoffs.not_counted[0].why == "alice approved, but they withdrew it or said no afterwards."

    @pytest.mark.parametrize("decision", ["withdraw", "reject"])
    def test_a_no_of_the_same_second_holds(self, decision: str) -> None:
        acts = (a_signoff("alice", id="z"), a_signoff("alice", decision, id="a"))
        assert payments(signoffs=acts).state == "waiting"

    def test_an_approval_after_the_withdrawal_counts(self) -> None:
        acts = (a_signoff("alice", "withdraw", at="2026-12-01T10:00:00Z"), *signed("alice"))
        assert payments(signoffs=acts).state == "met"

    def test_somebody_elses_withdrawal_takes_nothing_back(self) -> None:
        acts = (*signed("alice"), a_signoff("bob", "withdraw", at="2026-12-01T11:30:00Z"))
        assert payments(signoffs=acts).state == "met"

    @pytest.mark.parametrize(("given", "taken"), [("rule:DBA", "DBA"), ("DBA", "rule:DBA"), ("rule:DBA", "rule:DBA")])
    def test_a_rule_is_the_same_by_its_name_and_by_what_it_is_known_as(self, given: str, taken: str) -> None:
        rule = {"name": "DBA", "require": {"signoffs": {"role:dba": 1}}}
        policy = a_policy(rules=[rule], roles={"dba": ["carol"]})
        yes = a_signoff("carol", subjects=(given,))
        no = a_signoff("carol", "withdraw", at="2026-12-01T11:30:00Z", subjects=(taken,))
        found = [
            requirement(decided(policy=policy, signoffs=acts), "rule:DBA:role:dba") for acts in ((yes,), (yes, no))
        ]
        assert [view.state for view in found] == ["met", "waiting"]

    def test_a_withdrawal_to_come_takes_nothing_back_yet(self) -> None:
        acts = (*signed("alice"), a_signoff("alice", "withdraw", at="2026-12-01T12:30:00Z"))
        verdict = decided(signoffs=acts)
        assert (verdict.state, verdict.valid_until) == ("approved", "2026-12-01T12:30:00Z")
        assert decided("2026-12-01T12:30:00Z", signoffs=acts).state == "waiting"

    def test_a_dismissed_rejection_still_ends_the_approval_before_it(self) -> None:
        no = a_signoff("alice", "reject", at="2026-12-01T11:30:00Z", void="dismissed", voided_by=account_key("bob"))
        assert requirement(decided(signoffs=(*signed("alice"), no)), PAYMENTS).code == "withdrawn"

    def test_a_withdrawal_of_another_component_takes_nothing_back_here(self) -> None:
        approval = a_signoff("alice", subjects=("payments-api",))
        other = a_signoff("alice", "withdraw", at="2026-12-01T11:30:00Z", subjects=("web",))
        assert payments(signoffs=(approval, other)).state == "met"

    def test_a_withdrawal_by_the_components_id_answers_an_approval_by_its_name(self) -> None:
        approval = a_signoff("alice", subjects=("payments-api",))
        same = a_signoff("alice", "withdraw", at="2026-12-01T11:30:00Z", subjects=("component:default/payments-api",))
        assert payments(signoffs=(approval, same)).state == "waiting"

    def test_a_withdrawal_that_names_nothing_takes_everything_back(self) -> None:
        approval = a_signoff("alice", subjects=("payments-api",))
        assert (
            payments(signoffs=(approval, a_signoff("alice", "withdraw", at="2026-12-01T11:30:00Z"))).state == "waiting"
        )

    def test_a_withdrawal_that_names_something_takes_back_an_approval_of_everything(self) -> None:
        no = a_signoff("alice", "withdraw", at="2026-12-01T11:30:00Z", subjects=("web",))
        assert payments(signoffs=(*signed("alice"), no)).state == "waiting"

    def test_a_rejection_of_another_component_takes_back_all_approvals(self) -> None:
        approval = a_signoff("alice", subjects=("payments-api",))
        no = a_signoff("alice", "reject", at="2026-12-01T11:30:00Z", subjects=("web",))
        assert payments(signoffs=(approval, no)).code == "withdrawn"


class TestWhatAnApprovalIsAbout:
    two = (a_file("services/payments/round.py"), a_file("web/page.html"))
    both = a_policy(signoffs={"from": ["person:carol"]})

    @pytest.mark.parametrize(
        ("subjects", "covered"),
        [
            ((), {PAYMENTS, WEB}),
            (("payments-api",), {PAYMENTS}),
            (("component:default/web",), {WEB}),
            (("web", "payments-api"), {PAYMENTS, WEB}),
            (("nothing",), set()),
        ],
    )
    def test_named_subjects_limit_it(self, subjects: tuple[str, ...], covered: set[str]) -> None:
        verdict = decided(files=self.two, policy=self.both, signoffs=signed("carol", subjects=subjects))
        assert {identity for identity in (PAYMENTS, WEB) if requirement(verdict, identity).state == "met"} == covered

    def test_is_said_of_it_only_where_it_is_meant(self) -> None:
        acts = (*signed("alice", subjects=("payments-api",)), *signed("bob", subjects=("web",)))
        verdict = decided(files=self.two, signoffs=acts)
        assert [refusals(requirement(verdict, identity)) for identity in (PAYMENTS, WEB)] == [
            [], [("bob", "not-eligible")],
        ]  # fmt: skip
        beside = decided(files=self.two, signoffs=(*acts, a_signoff("bob", id="of everything")))
        assert refusals(requirement(beside, WEB)) == [("bob", "not-eligible"), ("bob", "not-eligible")]

    def test_what_was_shown_limits_it(self) -> None:
        book = a_book(files=self.two, policy=self.both)
        digest = book.digest(SUBJECT, binds_head=False)
        act = a_signoff("carol", source="link", scopes={"component:default/payments-api": digest}, commit=OLD)
        verdict = decided(files=self.two, policy=self.both, signoffs=(act,))
        assert requirement(verdict, PAYMENTS).state == "met"
        web = requirement(verdict, WEB)
        assert (web.state, web.signoffs.not_counted) == ("waiting", ())


class TestScope:
    def test_another_base_branch_is_another_scope(self) -> None:
        view = payments(signoffs=signed("alice", base_ref="release/1"))
        assert (view.code, refusals(view)) == ("base-changed", [("alice", "scope-changed")])
        assert view.signoffs.not_counted[0].why == "alice approved, but the change then went to `release/1`."

    def test_an_unknown_base_branch_never_counts(self) -> None:
        view = payments(signoffs=signed("alice", base_ref=""))
        assert (view.state, view.code) == ("waiting", "base-changed")
        assert view.signoffs.not_counted[0].why == "alice approved, but what it was given for is not known."

    @pytest.mark.parametrize("digest", ["", "sha256:other"])
    def test_another_rollback_plan_is_another_scope(self, digest: str) -> None:
        view = payments(signoffs=signed("alice", plan_digest=digest))
        assert (view.code, refusals(view)) == ("rollback-changed", [("alice", "scope-changed")])
        assert "but the rollback plan has changed since." in view.why

    def test_an_edited_plan_voids_what_was_given_for_the_old_one(self) -> None:
        declaration = a_declaration(rollback=a_plan(steps=("do nothing",)))
        assert payments(signoffs=signed("alice"), declaration=declaration).code == "rollback-changed"

    def test_a_review_of_an_unknown_earlier_commit_does_not_count(self) -> None:
        view = payments(signoffs=signed("alice", commit=OLD))
        assert (view.code, refusals(view)) == ("review-on-old-commit", [("alice", "old-commit")])
        assert view.signoffs.not_counted[0].why == "alice approved, but on commit 000000000000, which is not the head."

    def test_a_review_of_the_head_against_another_content_is_not_one_of_the_head(self) -> None:
        assert payments(signoffs=signed("alice", content="older")).code == "review-on-old-commit"

    def test_an_earlier_content_with_the_same_files_of_the_component_counts(self) -> None:
        earlier = EarlierContent("older", (a_file("services/payments/round.py"), a_file("docs/other.md")))
        act = signed("alice", commit=OLD, content="older")
        assert payments(signoffs=act, earlier_contents=(earlier,)).state == "met"

    @pytest.mark.parametrize(
        "file",
        [
            a_file("services/payments/round.py", blob="1" * 40),
            a_file("services/payments/round.py", base_blob="1" * 40),
            a_file("services/payments/round.py", mode="100755"),
            a_file("services/payments/else.py"),
        ],
    )
    def test_an_earlier_content_with_other_files_does_not(self, file: Any) -> None:
        earlier = EarlierContent("older", (file,))
        view = payments(signoffs=signed("alice", commit=OLD, content="older"), earlier_contents=(earlier,))
        assert (view.code, refusals(view)) == ("stale-approval", [("alice", "scope-changed")])
        assert view.signoffs.not_counted[0].why == "alice approved, but its files have changed since 000000000000."

    def test_a_file_that_the_earlier_content_had_besides_makes_it_another_scope(self) -> None:
        earlier = EarlierContent("older", (a_file("services/payments/round.py"), a_file("services/payments/gone.py")))
        view = payments(signoffs=signed("alice", commit=OLD, content="older"), earlier_contents=(earlier,))
        assert view.code == "stale-approval"

    def test_invalidate_all_binds_the_head(self) -> None:
        earlier = EarlierContent("older", (a_file("services/payments/round.py"),))
        policy = a_policy(signoffs={"on_push": "invalidate-all"})
        act = signed("alice", commit=OLD, content="older")
        assert payments(signoffs=act, earlier_contents=(earlier,), policy=policy).code == "review-on-old-commit"
        assert payments(signoffs=signed("alice"), policy=policy).state == "met"

    def test_a_link_whose_scope_is_unchanged_counts_on_any_commit(self) -> None:
        digest = a_book().digest(SUBJECT, binds_head=False)
        act = signed("alice", source="link", commit=OLD, scopes={SUBJECT.id: digest})
        assert payments(signoffs=act).state == "met"

    def test_a_link_whose_scope_has_changed_does_not_count_even_on_the_head(self) -> None:
        view = payments(signoffs=signed("alice", source="link", scopes={SUBJECT.id: "sha256:older"}))
        assert (view.code, refusals(view)) == ("stale-approval", [("alice", "scope-changed")])
        assert view.signoffs.not_counted[0].why == "alice approved, but what it covers has changed since."

    def test_a_link_for_the_scope_without_the_head_does_not_count_under_invalidate_all(self) -> None:
        digest = a_book().digest(SUBJECT, binds_head=False)
        act = signed("alice", source="link", scopes={SUBJECT.id: digest})
        policy = a_policy(signoffs={"on_push": "invalidate-all"})
        assert payments(signoffs=act, policy=policy).code == "stale-approval"
        with_head = a_book().digest(SUBJECT, binds_head=True)
        assert payments(signoffs=signed("alice", scopes={SUBJECT.id: with_head}), policy=policy).state == "met"

    def test_one_book_tells_the_scope_with_the_head_from_the_one_without(self) -> None:
        book = a_book()
        without, bound = (book.digest(SUBJECT, binds_head=binds) for binds in (False, True))
        assert without != bound
        assert (book.digest(SUBJECT, binds_head=False), book.digest(SUBJECT, binds_head=True)) == (without, bound)

    def test_a_rule_by_touch_covers_the_whole_earlier_content(self) -> None:
        rule = {"name": "Links", "when": {"touches": ["binary"]}, "require": {"signoffs": {"person:carol": 1}}}
        files = (a_file("web/logo.png", is_binary=True), a_file("web/page.html"))
        act = signed("carol", commit=OLD, content="older")
        same = EarlierContent("older", files)
        less = EarlierContent("older", files[:1])
        for content, state in ((same, "met"), (less, "waiting")):
            verdict = decided(files=files, policy=a_policy(rules=[rule]), signoffs=act, earlier_contents=(content,))
            assert requirement(verdict, "rule:Links:person:carol").state == state


class TestExpiry:
    policy = a_policy(signoffs={"expire_after": "1h"})

    def test_a_sign_off_expires_to_the_second(self) -> None:
        acts = signed("alice", at="2026-12-01T11:00:01Z")
        verdict = decided(signoffs=acts, policy=self.policy)
        assert (verdict.state, verdict.valid_until) == ("approved", "2026-12-01T12:00:01Z")
        after = decided("2026-12-01T12:00:01Z", signoffs=acts, policy=self.policy)
        view = requirement(after, PAYMENTS)
        assert (view.state, view.code, refusals(view)) == ("waiting", "expired", [("alice", "expired")])
        assert view.signoffs.not_counted[0].why == "alice approved, but it expired at 2026-12-01T12:00:01Z."
        assert after.valid_until is None

    @pytest.mark.parametrize(
        ("expiry", "emergency", "hours"),
        [("1h", None, 1), ("none", None, None), ("none", "24h", None), ("1h", "24h", 24), ("2d", "24h", 48)],
    )
    def test_it_is_for_good_once_no_path_could_count_it_any_more(
        self, expiry: str, emergency: str | None, hours: int | None
    ) -> None:
        path = {"label": "break-glass", "signoffs": {"person:carol": 1}, "expires_after": emergency}
        keys = {"emergency": path} if emergency else {}
        found = longest_hold(a_policy(signoffs={"expire_after": expiry}, **keys).policy)
        assert found == (None if hours is None else dt.timedelta(hours=hours))

    def test_without_expiry_nothing_expires(self) -> None:
        assert decided("2036-01-01T00:00:00Z", signoffs=signed("alice")).state == "approved"

    def test_what_does_not_count_anyway_does_not_expire(self) -> None:
        assert decided(signoffs=signed("erin"), policy=self.policy).valid_until is None

    def test_what_was_refused_already_keeps_its_first_reason(self) -> None:
        acts = signed("alice", at="2026-12-01T08:00:00Z", void="dismissed")
        assert refusals(payments(signoffs=acts, policy=self.policy)) == [("alice", "dismissed")]


class TestWhoIsStillAble:
    def test_who_signed_is_not_asked_again(self) -> None:
        view = payments(signoffs=signed("alice"), policy=a_policy(signoffs={"each_component": 2}))
        assert people_in(view) == ["bob"]
        assert view.next == "Ask bob to sign off."

    def test_a_met_requirement_asks_nobody(self) -> None:
        view = payments(signoffs=signed("alice"))
        assert (view.who, view.next) == ((), "")

    def test_members_of_an_unreadable_team_still_count(self) -> None:
        ownership_teams = {"payments": TeamRecord(members=("alice",), github_team="acme/payments")}
        facts = some_facts(
            ownership=dataclasses.replace(some_facts().ownership, teams=ownership_teams),
            teams={"acme/payments": Team(unreadable="404 Not Found")},
            signoffs=signed("alice"),
        )
        book = SignoffBook(facts, Directory(facts), "", AT)
        assert book.directory.behind("payments") == People(frozenset({"alice"}), ("@acme/payments: 404 Not Found",))


class TestVetoes:
    def standing(self, *acts: Any, at: str = AT, **overrides: Any) -> list[str]:
        verdict = decided(at, signoffs=acts, **overrides)
        return [view.id for view in verdict.requirements if view.kind == "veto"]

    def test_an_owners_rejection_stands(self) -> None:
        verdict = decided(signoffs=(*signed("bob"), a_signoff("alice", "reject", reason="Yen have no cents")))
        view = requirement(verdict, "veto:alice:review:alice:reject")
        assert (verdict.state, view.state, view.code) == ("rejected", "rejected", "veto")
        assert view.why == "alice rejected this change on 2026-12-01: Yen have no cents."
        assert [(actor.person, view.kind) for actor in view.who] == [("alice", "veto")]

    def test_it_names_the_line_of_the_policy_that_lets_them_reject(self) -> None:
        no = (a_signoff("alice", "reject"),)
        rules = [
            requirement(decided(signoffs=no, policy=policy), "veto:alice:review:alice:reject").rule
            for policy in (a_policy(lines={"signoffs": 4}), a_policy())
        ]
        assert [(rule.name, rule.file, rule.line) for rule in rules if rule] == [
            ("Veto", ".gate/policy.yaml", 4),
            ("Veto", ".gate/policy.yaml", 0),
        ]

    @pytest.mark.parametrize(("reason", "end"), [("Why?", ": Why?"), ("Fix X", ": Fix X."), (" ", "."), ("", ".")])
    def test_its_reason_ends_as_a_sentence(self, reason: str, end: str) -> None:
        verdict = decided(signoffs=(a_signoff("alice", "reject", reason=reason),))
        view = requirement(verdict, "veto:alice:review:alice:reject")
        assert view.why == f"alice rejected this change on 2026-12-01{end}"

    def test_it_is_judged_where_nobody_owns_a_file_and_no_default_owner_is_named(self) -> None:
        files = (a_file("scripts/x.sh"), a_file("services/payments/round.py"))
        assert self.standing(a_signoff("erin", "reject"), files=files) == []
        assert self.standing(a_signoff("alice", "reject"), files=files) != []

    def test_it_stands_across_pushes_bases_and_plans(self) -> None:
        no = a_signoff("alice", "reject", commit=OLD, base_ref="else", plan_digest="", content="gone")
        assert self.standing(no) == [f"veto:alice:{no.id}"]

    def test_the_backup_may_veto_and_a_stranger_may_not(self) -> None:
        assert self.standing(a_signoff("carol", "reject")) != []
        assert self.standing(a_signoff("erin", "reject")) == []

    def test_the_default_owner_keeps_their_veto_of_a_file_that_is_gone_again(self) -> None:
        earlier = (EarlierContent("k", (a_file("scripts/x.sh"),)),)
        policy = a_policy(default_owner="web")
        assert self.standing(a_signoff("erin", "reject"), policy=policy, earlier_contents=earlier) != []
        assert self.standing(a_signoff("erin", "reject"), policy=policy) == []

    def test_a_hand_in_the_change_takes_nobodys_veto_away(self) -> None:
        assert self.standing(a_signoff("alice", "reject"), commits=(a_commit(by="alice"),)) != []

    def test_a_rejection_to_come_does_not_stand_yet(self) -> None:
        late = a_signoff("alice", "reject", at="2026-12-01T12:00:01Z")
        assert self.standing(late) == []
        assert self.standing(dataclasses.replace(late, at=AT)) != []

    @pytest.mark.parametrize("decision", ["approve", "withdraw"])
    def test_its_author_answers_it_on_any_channel(self, decision: str) -> None:
        answer = a_signoff("alice", decision, at="2026-12-01T11:30:00Z", source="comment")
        assert self.standing(a_signoff("alice", "reject"), answer) == []

    def test_an_answer_before_it_is_none(self) -> None:
        assert self.standing(a_signoff("alice", "reject"), a_signoff("alice", at="2026-12-01T10:00:00Z")) != []

    def test_an_answer_of_the_same_second_is_none(self) -> None:
        assert self.standing(a_signoff("alice", "reject", id="a"), a_signoff("alice", id="z")) != []

    def test_an_answer_to_come_is_none_yet(self) -> None:
        answer = a_signoff("alice", "withdraw", at="2026-12-01T12:30:00Z")
        assert self.standing(a_signoff("alice", "reject"), answer) != []
        assert self.standing(a_signoff("alice", "reject"), answer, at="2026-12-01T12:30:00Z") == []

    def test_somebody_elses_approval_is_no_answer(self) -> None:
        assert self.standing(a_signoff("alice", "reject"), a_signoff("bob", at="2026-12-01T11:30:00Z")) != []

    @pytest.mark.parametrize("void", ["dismissed", "edited"])
    def test_an_edited_or_dismissed_answer_is_none(self, void: str) -> None:
        answer = a_signoff("alice", "withdraw", at="2026-12-01T11:30:00Z", void=void)
        assert self.standing(a_signoff("alice", "reject"), answer) != []

    def test_an_answer_about_something_else_is_none(self) -> None:
        no = a_signoff("alice", "reject", subjects=("payments-api",))
        answer = a_signoff("alice", at="2026-12-01T11:30:00Z", subjects=("web",))
        assert self.standing(no, answer) != []
        assert self.standing(no, dataclasses.replace(answer, subjects=("component:default/payments-api",))) == []

    @pytest.mark.parametrize(("by", "stands"), [("alice", False), ("bob", True), ("stranger", True)])
    def test_a_dismissal_lifts_it_only_by_its_own_author(self, by: str, *, stands: bool) -> None:
        no = a_signoff("alice", "reject", void="dismissed", voided_by=account_key(by))
        assert bool(self.standing(no)) is stands

    @pytest.mark.parametrize("decision", ["approve", "withdraw"])
    def test_what_its_author_did_in_the_same_second_does_not_answer_it(self, decision: str) -> None:
        assert self.standing(a_signoff("alice", "reject", id="a"), a_signoff("alice", decision, id="z")) != []

    def test_a_dismissal_by_nobody_known_lifts_nothing(self) -> None:
        assert self.standing(a_signoff("alice", "reject", void="dismissed", voided_by=None)) != []

    def test_the_voider_of_a_rejection_that_stands_changes_nothing(self) -> None:
        assert self.standing(a_signoff("alice", "reject", voided_by=account_key("alice"))) != []

    def test_where_it_cannot_be_told_who_is_entitled_everybody_is(self) -> None:
        ownership = dataclasses.replace(
            some_facts().ownership, teams={"payments": TeamRecord(github_team="acme/x"), "platform": TeamRecord()}
        )
        assert self.standing(a_signoff("erin", "reject"), ownership=ownership) != []

    def test_a_component_named_in_it_counts_though_no_longer_touched(self) -> None:
        assert self.standing(a_signoff("erin", "reject", subjects=("web",))) != []
        assert self.standing(a_signoff("erin", "reject", subjects=("component:default/web",))) != []
        assert self.standing(a_signoff("erin", "reject", subjects=("payments-api",))) == []

    def test_the_owner_of_what_only_an_earlier_content_touched_keeps_the_veto(self) -> None:
        earlier = EarlierContent("older", (a_file("web/page.html"),))
        assert self.standing(a_signoff("erin", "reject"), earlier_contents=(earlier,)) != []

    def test_the_default_owner_may_reject_files_that_nobody_owns(self) -> None:
        policy = a_policy(default_owner="web")
        no = a_signoff("erin", "reject")
        assert self.standing(no, policy=policy, files=(a_file("scripts/x.sh"),)) != []
        assert self.standing(no, policy=policy) == []
        closed = a_policy(default_owner="web", signoffs={"veto": ["backup"]})
        assert self.standing(no, policy=closed, files=(a_file("scripts/x.sh"),)) == []


class TestLifting:
    no = a_signoff("alice", "reject")
    policy = a_policy(roles={"veto-lift": ["carol", "erin", "dave", "bob"]})

    def lifted(self, *people: str, policy: Any = None, **fields: Any) -> bool:
        given = {"at": "2026-12-01T11:30:00Z", "reason": "agreed with Alice on the phone", **fields}
        acts = [a_signoff(person, "lift-veto", **given) for person in people]
        verdict = decided(signoffs=(self.no, *acts), policy=policy or self.policy)
        return not any(view.kind == "veto" for view in verdict.requirements)

    def test_what_came_in_the_same_second_lifts_nothing(self) -> None:
        assert not self.lifted("carol", "erin", at=self.no.at, id="zzz")

    def test_two_people_of_the_role_lift_it(self) -> None:
        assert self.lifted("carol", "erin")

    @pytest.mark.parametrize("people", [("carol",), ("carol", "carol"), ("carol", "alice"), ("carol", "dave"), ()])
    def test_fewer_or_others_do_not(self, people: tuple[str, ...]) -> None:
        assert not self.lifted(*people)

    def test_the_role_must_be_defined(self) -> None:
        assert not self.lifted("carol", "erin", policy=a_policy())

    @pytest.mark.parametrize(
        "fields",
        [
            {"reason": "  "},
            {"reason": ""},
            {"void": "edited"},
            {"at": "2026-12-01T10:59:59Z"},
            {"at": "2026-12-01T12:00:01Z"},
        ],
    )
    def test_it_takes_a_reason_a_time_and_an_act_that_stands(self, fields: dict[str, Any]) -> None:
        assert not self.lifted("carol", "erin", **fields)

    @pytest.mark.parametrize("decision", ["approve", "reject", "withdraw"])
    def test_nothing_else_that_they_do_lifts_it_whatever_reason_they_give(self, decision: str) -> None:
        acts = [a_signoff(one, decision, at="2026-12-01T11:30:00Z", reason="it is fine") for one in ("carol", "erin")]
        verdict = decided(signoffs=(self.no, *acts), policy=self.policy)
        assert "veto:alice:review:alice:reject" in [view.id for view in verdict.requirements]

    def test_lifting_approves_nothing(self) -> None:
        acts = [a_signoff(p, "lift-veto", at="2026-12-01T11:30:00Z", reason="agreed") for p in ("carol", "erin")]
        assert decided(signoffs=(self.no, *acts), policy=self.policy).state == "waiting"


class TestUnknownAccounts:
    def test_an_act_of_nobody_known_is_a_person_of_its_own(self) -> None:
        book = a_book(accounts={**accounts_of("dave"), "x": Account("alice")})
        assert book.person(a_signoff(account="x")) == "alice"
        assert book.person(a_signoff(account="mail:who@knows")) == "mail:who@knows"

    def test_tallies_of_the_same_pool_name_each_refusal_once_for_each_act(self) -> None:
        book = a_book(signoffs=(*signed("erin"), a_signoff("erin", id="two")))
        tally = book.tally(SUBJECT, OWNERS)
        assert [entry.code for entry in tally.signoffs.not_counted] == ["not-eligible", "not-eligible"]
        assert (tally.people, tally.able, tally.expires_at) == (frozenset(), {"alice", "bob"}, ())
        assert tally.reasons <= {""}

    def test_base_is_not_head(self) -> None:
        assert payments(signoffs=signed("alice", commit=BASE)).state == "waiting"


class TestTeamsThatCannotBeRead:
    def test_one_is_named_once_in_the_reason(self) -> None:
        ownership = an_ownership(a_component("web", "@acme/web", "/services/"))
        view = requirement(decided(ownership=ownership), "ownership:web")
        assert view.code == "team-unreadable"
        assert view.why == "Who belongs to @acme/web is not known in full: its members cannot be read from here."

    def test_those_of_a_larger_circle_keep_their_names(self) -> None:
        ownership = an_ownership(a_component("web", ("@acme/a", "@acme/b"), "/services/"))
        view = requirement(decided(ownership=ownership), "ownership:web")
        circle, _, gaps = view.why.partition(" is not known in full: ")
        assert circle == "Who belongs to @acme/a @acme/b"
        assert gaps == "the members of @acme/a and @acme/b cannot be read from here."
