"""Sign-off requirements: whom a change must ask, how many, in which words, and who mends what nobody can meet."""

import dataclasses
import itertools
from typing import Any

import pytest
from builders_decision import PAYMENTS, WEB, decided, people_in, requirement, signed, states
from builders_facts import (
    AT,
    HEAD,
    a_change,
    a_commit,
    a_component,
    a_declaration,
    a_file,
    a_policy,
    account_key,
    accounts_of,
    an_ownership,
    some_facts,
)

from gate.core.change.facts import Account, EarlierContent, Push, Team
from gate.core.decide import decide
from gate.core.ownership.records import Milestone, TeamRecord, Transfer
from gate.core.policy.compiled_rules import CompiledRules
from gate.core.verdict import Verdict

BOT = "github:49699333"
UNOWNED = "ownership:unowned"
FREE = a_file("scripts/x.sh")
PAID = a_file("services/payments/round.py")
TWO_OWNERS = {"name": "Two", "require": {"signoffs": {"owner": 2}}}
BOTH_PARTIES = {"from": ["owner", "backup"]}


def rule_line(verdict: Verdict, identity: str) -> tuple[str, int]:
    """The name and the line of the rule behind a requirement."""
    rule = requirement(verdict, identity).rule
    assert rule is not None
    return rule.name, rule.line


class TestHowManyOwners:
    def test_as_many_as_the_section_of_the_component_requires_where_that_is_more(self) -> None:
        plain = an_ownership()
        sections = tuple(dataclasses.replace(section, required=2) for section in plain.sections)
        ownership = dataclasses.replace(plain, sections=sections)
        view = requirement(decided(ownership=ownership, signoffs=signed("alice")), PAYMENTS)
        assert (view.state, view.needed, view.given) == ("waiting", 2, 1)
        assert requirement(decided(ownership=ownership, signoffs=signed("alice", "bob")), PAYMENTS).state == "met"

    def test_the_strictest_rule_raises_the_owners_own_requirement(self) -> None:
        verdict = decided(policy=a_policy(rules=[TWO_OWNERS]), signoffs=signed("alice"))
        view = requirement(verdict, PAYMENTS)
        assert (view.state, view.needed, view.given, rule_line(verdict, PAYMENTS)) == ("waiting", 2, 1, ("Two", 10))
        assert "rule:Two:owner:payments-api" not in states(verdict)

    def test_where_backups_may_sign_too_the_owners_of_a_rule_are_asked_apart(self) -> None:
        policy = a_policy(rules=[TWO_OWNERS], signoffs=BOTH_PARTIES)
        verdict = decided(policy=policy, signoffs=signed("carol"))
        assert (requirement(verdict, PAYMENTS).state, requirement(verdict, PAYMENTS).needed) == ("met", 1)
        apart = requirement(verdict, "rule:Two:owner:payments-api")
        assert (apart.state, apart.needed, people_in(apart)) == ("waiting", 2, ["alice", "bob"])

    def test_a_rule_about_components_raises_nothing_for_files_that_nobody_owns(self) -> None:
        rule = {**TWO_OWNERS, "when": {"tier": [1]}}
        verdict = decided(files=(PAID, FREE), policy=a_policy(rules=[rule], default_owner="payments"))
        assert (requirement(verdict, PAYMENTS).needed, requirement(verdict, UNOWNED).needed) == (2, 1)
        everything = decided(files=(PAID, FREE), policy=a_policy(rules=[TWO_OWNERS], default_owner="payments"))
        assert requirement(everything, UNOWNED).needed == 2

    @pytest.mark.parametrize("parties", [{}, {"signoffs": BOTH_PARTIES}], ids=["owners", "backups too"])
    def test_a_rule_that_holds_of_files_that_nobody_owns_raises_what_their_owner_is_asked(self, parties: Any) -> None:
        declared = a_declaration(environments=("production",))
        rule = {**TWO_OWNERS, "when": {"environment": ["production"]}}
        policy = a_policy(rules=[rule], default_owner="payments", **parties)
        assert requirement(decided(files=(FREE,), policy=policy, declaration=declared), UNOWNED).needed == 2
        assert requirement(decided(files=(FREE, PAID), policy=policy, declaration=declared), UNOWNED).needed == 2
        assert requirement(decided(files=(FREE, PAID), policy=policy), UNOWNED).needed == 1

    def test_a_rule_that_asks_fewer_than_usual_lowers_nothing(self) -> None:
        one = {"name": "One", "require": {"signoffs": {"owner": 1}}}
        policy = a_policy(rules=[one], signoffs={"each_component": 2}, lines={"signoffs": 4})
        verdict = decided(policy=policy)
        assert (requirement(verdict, PAYMENTS).needed, rule_line(verdict, PAYMENTS)) == (2, ("Owners sign off", 4))

    def test_a_rule_that_asks_as_many_as_usual_is_not_why_they_are_asked(self) -> None:
        one = {"name": "One", "require": {"signoffs": {"owner": 1}}}
        verdict = decided(policy=a_policy(rules=[one], lines={"signoffs": 4}))
        assert (requirement(verdict, PAYMENTS).needed, rule_line(verdict, PAYMENTS)) == (1, ("Owners sign off", 4))


class TestWhatARulesSignOffCovers:
    def test_for_a_component_its_files_alone(self) -> None:
        rule = {"name": "Back", "require": {"signoffs": {"backup": 1}}}
        earlier = EarlierContent("older", (PAID, a_file("docs/other.md")))
        acts = signed("carol", commit="0" * 40, content="older")
        verdict = decided(policy=a_policy(rules=[rule]), signoffs=acts, earlier_contents=(earlier,))
        assert requirement(verdict, "rule:Back:backup:payments-api").state == "met"

    def test_may_be_of_those_whom_it_is_handed_to(self) -> None:
        transfer = Transfer(to="web", reason="reorganised", milestones=(Milestone(name="told"),))
        ownership = an_ownership(a_component("payments-api", "payments", "/services/", transfer=transfer))
        rule = {"name": "New", "require": {"signoffs": {"transfer": 1}}}
        name = "rule:New:transfer:payments-api"
        view = requirement(decided(policy=a_policy(rules=[rule]), ownership=ownership), name)
        assert (people_in(view), view.why) == (["erin"], "Nobody of web has signed off yet.")


class TestALineThatIsNotKnown:
    def test_is_named_as_line_0(self) -> None:
        verdict = decided(files=(PAID, FREE, a_file(".gate/policy.yaml")), policy=a_policy(default_owner="web"))
        assert {rule_line(verdict, name) for name in (PAYMENTS, UNOWNED, "policy-change")} == {
            ("Owners sign off", 0), ("Unowned files", 0), ("Gate files", 0),
        }  # fmt: skip


class TestAnOptionalSection:
    def test_asks_nobody_and_a_declaration_asks_its_owners(self) -> None:
        plain = an_ownership(
            a_component("payments-api", "payments", "/services/"),
            a_component("docs", "web", "/services/", section="docs"),
        )
        first, optional = plain.sections
        ownership = dataclasses.replace(plain, sections=(first, dataclasses.replace(optional, is_optional=True)))
        verdict = decided(ownership=ownership, signoffs=signed("alice"))
        assert (verdict.state, "ownership:docs/docs" in states(verdict)) == ("approved", False)
        asked = decided(ownership=ownership, signoffs=signed("alice"), declaration=a_declaration(affects=("docs",)))
        assert states(asked)["ownership:docs/docs"] == "waiting"


class TestComponentsOfOneName:
    def test_are_asked_each_for_itself_and_told_apart_by_their_sections(self) -> None:
        ownership = an_ownership(
            a_component("web", "payments", "/web/"), a_component("web", "web", "/web/", section="ops")
        )
        verdict = decided(ownership=ownership, files=(a_file("web/x"),), signoffs=signed("erin"))
        assert {name: state for name, state in states(verdict).items() if name.startswith("ownership:")} == {
            "ownership:web": "waiting", "ownership:ops/web": "met",
        }  # fmt: skip


class TestTheCircleInWords:
    def test_names_the_owner_and_the_backup(self) -> None:
        view = requirement(decided(policy=a_policy(signoffs=BOTH_PARTIES)), PAYMENTS)
        assert view.why == "Nobody of payments or platform has signed off yet."

    def test_names_no_backup_where_there_is_none(self) -> None:
        verdict = decided(policy=a_policy(signoffs=BOTH_PARTIES), files=(a_file("web/page.html"),))
        assert requirement(verdict, WEB).why == "Nobody of web or the backup has signed off yet."

    def test_names_a_team_once_that_is_both(self) -> None:
        ownership = an_ownership(a_component("web", "web", "/services/", backup="web"))
        view = requirement(decided(policy=a_policy(signoffs=BOTH_PARTIES), ownership=ownership), WEB)
        assert view.why == "Nobody of web has signed off yet."


class TestWhoMendsWhatNobodyCanMeet:
    HANDS = (a_commit(by="alice"), a_commit("2" * 40, by="bob"))

    def following(self, component: dict[str, Any], **policy: Any) -> str:
        ownership = an_ownership(a_component("payments-api", "payments", "/services/", **component))
        verdict = decided(ownership=ownership, policy=a_policy(**policy), commits=self.HANDS)
        view = requirement(verdict, PAYMENTS)
        assert (view.state, view.code) == ("waiting", "no-eligible-owner")
        assert view.why == "alice and bob had a hand in this change, and nobody else is left of payments."
        return view.next

    def test_the_backup_where_there_is_one_that_is_not_asked_yet(self) -> None:
        assert self.following({"backup": "platform"}) == (
            "Let the backup platform sign off too (`signoffs: from: [owner, backup]`), or name a further owner."
        )

    def test_else_the_default_owner(self) -> None:
        assert self.following({}, default_owner="web") == (
            "Ask web, the default owner, to name a further owner or a backup for payments-api."
        )

    def test_else_a_further_owner_in_the_records(self) -> None:
        assert self.following({}) == (
            "Name a further owner of payments-api on the base branch, or a backup and `from: [owner, backup]`."
        )

    def test_no_backup_that_is_asked_already(self) -> None:
        ownership = an_ownership(a_component("payments-api", "payments", "/services/", backup="payments"))
        policy = a_policy(signoffs=BOTH_PARTIES)
        view = requirement(decided(ownership=ownership, policy=policy, commits=self.HANDS), PAYMENTS)
        assert view.next.startswith("Name a further owner of payments-api")

    def test_of_a_role_further_people(self) -> None:
        rule = {"name": "DBA", "require": {"signoffs": {"role:dba": 1}}}
        verdict = decided(policy=a_policy(rules=[rule], roles={"dba": ["dave"]}))
        view = requirement(verdict, "rule:DBA:role:dba")
        assert (view.code, view.next) == (
            "no-eligible-owner",
            "Name further people in the ownership records, or a backup and `from: [owner, backup]`.",
        )

    def test_is_said_anew_for_each_change_under_the_same_rules(self) -> None:
        bots = {account_key(name): Account(name, kind="bot", login=name) for name in ("alice", "bob")}
        by_bots = some_facts(accounts={**accounts_of("dave"), **bots})
        by_hand = some_facts(commits=self.HANDS)
        compiled = CompiledRules.of(by_bots.ownership, by_bots.policy)
        said = [requirement(decide(f, at=AT, compiled=compiled), PAYMENTS).why for f in (by_bots, by_hand, by_bots)]
        assert said == [
            "payments has 2 people, but 1 must sign off.",
            "alice and bob had a hand in this change, and nobody else is left of payments.",
            "payments has 2 people, but 1 must sign off.",
        ]


class TestWhoIsAsked:
    def team(self, *members: str, **fields: Any) -> Any:
        return an_ownership(
            a_component("payments-api", "payments", "/services/"),
            teams={"payments": TeamRecord(members=members, **fields)},
        )

    def test_everybody_who_may_in_the_order_of_their_names(self) -> None:
        view = requirement(decided(ownership=self.team("erin", "carol", "bob", "alice")), PAYMENTS)
        assert people_in(view) == ["alice", "bob", "carol", "erin"]
        assert view.next == "Ask alice, bob, carol or erin to sign off."

    def test_four_by_name_and_the_number_of_the_others(self) -> None:
        many = self.team("alice", "bob", "carol", "erin", "@yan", "@zoe")
        view = requirement(decided(ownership=many), PAYMENTS)
        assert view.next == "Ask alice, bob, carol, erin or 2 more to sign off."
        assert people_in(view) == ["alice", "bob", "carol", "erin", "yan", "zoe"]

    @pytest.mark.parametrize(
        ("sources", "how"),
        [
            (["review"], "an approving review"),
            (["link", "api"], "the approval link or the API"),
            (["comment"], "the comment `/signoff payments-api`"),
        ],
    )
    def test_is_told_the_ways_that_the_policy_accepts(self, sources: list[str], how: str) -> None:
        view = requirement(decided(policy=a_policy(signoffs={"sources": sources})), PAYMENTS)
        assert [actor.how for actor in view.who] == [how, how]

    def test_nobody_yet_of_several_is_counted(self) -> None:
        view = requirement(decided(policy=a_policy(signoffs={"each_component": 2})), PAYMENTS)
        assert (view.why, view.next) == ("0 of 2 people of payments signed off.", "Ask alice or bob to sign off.")

    def test_one_more_of_those_left(self) -> None:
        given: dict[str, Any] = {"policy": a_policy(signoffs={"each_component": 2}), "signoffs": signed("alice")}
        two_left = requirement(decided(ownership=self.team("alice", "bob", "carol"), **given), PAYMENTS)
        assert two_left.why == "1 of 2 people of payments signed off."
        assert two_left.next == "Ask one more of bob or carol to sign off."

    def test_the_members_of_a_team_that_cannot_be_read(self) -> None:
        ownership = self.team("alice", github_team="acme/payments")
        teams = {"acme/payments": Team(unreadable="404 Not Found")}
        view = requirement(decided(ownership=ownership, teams=teams), PAYMENTS)
        assert people_in(view) == ["alice", "@acme/payments"]
        assert view.who[1].how.startswith("a member: an approving review")

    def test_is_told_anew_where_a_team_can_be_read_for_one_change_and_not_for_the_next(self) -> None:
        ownership = self.team("alice", github_team="acme/payments")
        teams = (Team(), Team(unreadable="404 Not Found"), Team())
        facts = [some_facts(ownership=ownership, teams={"acme/payments": team}) for team in teams]
        compiled = CompiledRules.of(facts[0].ownership, facts[0].policy)
        views = [requirement(decide(one, at=AT, compiled=compiled), PAYMENTS) for one in facts]
        assert [people_in(view) for view in views] == [["alice"], ["alice", "@acme/payments"], ["alice"]]

    def test_is_remembered_for_a_few_answers_and_not_for_every_change_there_was(self) -> None:
        team = ("alice", "bob", "carol", "erin", "@yan", "@zoe")
        keys = [account_key(name) if name.isalpha() else f"login:{name[1:]}" for name in team]
        made_by = [hands for count in (1, 2, 3) for hands in itertools.combinations(keys, count)]
        first = some_facts(ownership=self.team(*team))
        compiled = CompiledRules.of(first.ownership, first.policy)
        sizes = []
        for hands in made_by:
            commits = tuple(a_commit(str(number) * 40, author=key) for number, key in enumerate(hands))
            assert decide(dataclasses.replace(first, commits=commits), at=AT, compiled=compiled).requirements
            sizes += [len(asking.said) for asking in compiled.remembered.values()]
        assert len(made_by) > 2 * max(sizes)
        assert max(sizes) == 16

    def test_is_told_why_one_of_their_own_does_not_count_and_not_somebody_elses(self) -> None:
        acts = (*signed("erin", at="2026-12-01T10:00:00Z"), *signed("alice", void="dismissed"))
        view = requirement(decided(signoffs=acts), PAYMENTS)
        assert [entry.person for entry in view.signoffs.not_counted] == ["erin", "alice"]
        assert view.why == "Nobody of payments has signed off yet. alice approved, but the review was dismissed."

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"base_ref": "release/1"}, "the change then went to `release/1`"),
            ({"plan_digest": "sha256:other"}, "the rollback plan has changed since"),
            ({"scopes": {"component:default/payments-api": "sha256:x"}}, "what it covers has changed since"),
            ({"commit": "0" * 40}, "on commit 000000000000, which is not the head"),
        ],
    )
    def test_why_an_approval_no_longer_counts_is_said_at_once(self, fields: dict[str, Any], words: str) -> None:
        view = requirement(decided(signoffs=signed("alice", **fields)), PAYMENTS)
        assert view.why == f"Nobody of payments has signed off yet. alice approved, but {words}."


class TestFilesThatNobodyOwns:
    def test_are_asked_of_the_default_owner_by_the_line_that_names_it(self) -> None:
        policy = a_policy(default_owner="web", lines={"default_owner": 3, "unowned": 5})
        verdict = decided(files=(FREE,), policy=policy)
        assert (people_in(requirement(verdict, UNOWNED)), rule_line(verdict, UNOWNED)) == (
            ["erin"], ("Unowned files", 3),
        )  # fmt: skip
        assert requirement(verdict, UNOWNED).kind == "ownership"

    def test_are_waived_with_the_others_by_what_waives_ownership(self) -> None:
        model = {"name": "S", "when": {"paths": ["*"]}, "approved_by": "platform", "until": "2027-01-01"}
        for default_owner in ("web", None):
            policy = a_policy(standard_changes=[model], **({"default_owner": default_owner} if default_owner else {}))
            view = requirement(decided(files=(FREE,), policy=policy), UNOWNED)
            assert (view.state, view.why) == ("met", "Waived by the standard change `S`.")

    def test_are_all_files_where_the_base_says_nothing_at_all(self) -> None:
        ownership = an_ownership(components=(), sections=(), sources=())
        view = requirement(decided(files=(FREE,), ownership=ownership), UNOWNED)
        assert (view.state, view.next) == (
            "waiting", "Nothing on the base branch says who owns what: commit there what `gate init` writes.",
        )  # fmt: skip

    def test_block_where_there_is_none(self) -> None:
        verdict = decided(files=(FREE, a_file("scripts/y.sh")), policy=a_policy(lines={"unowned": 5}))
        view = requirement(verdict, UNOWNED)
        assert (view.state, view.code, view.needed, rule_line(verdict, UNOWNED)[1]) == (
            "waiting", "paths-uncovered", 1, 5,
        )  # fmt: skip
        assert view.why == "Nobody owns scripts/x.sh and 1 more, and the policy names no `default_owner`."
        assert view.kind == "ownership"
        assert view.files == ("scripts/x.sh", "scripts/y.sh")


class TestABotsChange:
    def verdict(self, login: str | None, *signers: str, **facts: Any) -> Verdict:
        accounts = {**accounts_of("alice", "bob", "carol", "dave"), BOT: Account(BOT, kind="bot", login=login)}
        commits = (a_commit(author=BOT, committer=BOT),)
        given = {"accounts": accounts, "commits": commits, "pushers": (Push(BOT, HEAD),), "signoffs": signed(*signers)}
        return decided(**given, **facts)

    def test_takes_two_people(self) -> None:
        one = requirement(self.verdict("robot[bot]", "alice"), "rule:two-humans")
        assert (one.state, one.code, one.given, one.needed, people_in(one)) == (
            "waiting", "bot-author-needs-two", 1, 2, ["bob"],
        )  # fmt: skip
        assert one.why == "robot[bot] made this change; 1 of 2 people have signed off."
        two = requirement(self.verdict("robot[bot]", "alice", "bob"), "rule:two-humans")
        assert (two.state, two.code, two.given, two.next, two.who) == ("met", "two-humans", 2, "", ())

    def test_takes_one_of_them_by_any_rule_and_tells_who_else_may(self) -> None:
        policy = a_policy(rules=[{"name": "DBA", "require": {"signoffs": {"role:dba": 1}}}], roles={"dba": ["carol"]})
        one = requirement(self.verdict("robot[bot]", "alice", policy=policy), "rule:two-humans")
        assert (one.given, people_in(one)) == (1, ["bob", "carol"])
        two = requirement(self.verdict("robot[bot]", "alice", "carol", policy=policy), "rule:two-humans")
        assert (two.state, two.given) == ("met", 2)

    def test_takes_them_too_where_some_files_wait_for_an_owner_that_there_is_not(self) -> None:
        verdict = self.verdict("robot[bot]", "alice", "bob", files=(PAID, FREE))
        assert (states(verdict)[UNOWNED], states(verdict)["rule:two-humans"]) == ("waiting", "met")

    def test_names_a_bot_without_a_login_by_its_key(self) -> None:
        assert requirement(self.verdict(None), "rule:two-humans").why.startswith(f"{BOT} made this change")


class TestTheGatesOwnFiles:
    FILES = (a_file(".gate/policy.yaml"),)

    def test_are_the_policy_owners_and_else_the_default_owners(self) -> None:
        policy = a_policy(policy_owner="platform", default_owner="web", lines={"policy_owner": 2})
        verdict = decided(files=self.FILES, policy=policy)
        view = requirement(verdict, "policy-change")
        assert (view.kind, view.code, people_in(view)) == ("policy-change", "policy-change-needs-owner", ["carol"])
        assert view.why == "Nobody of platform has signed off yet."
        assert rule_line(verdict, "policy-change") == ("Gate files", 2)
        default = decided(files=self.FILES, policy=a_policy(default_owner="web"))
        assert people_in(requirement(default, "policy-change")) == ["erin"]

    def test_of_nobody_can_be_approved_by_nobody(self) -> None:
        view = requirement(decided(files=self.FILES, signoffs=signed("alice", "bob", "carol")), "policy-change")
        assert (view.state, view.code) == ("waiting", "no-eligible-owner")
        assert view.why == "The policy owner has no members, so nobody can sign off."
        assert view.next == "Set `policy_owner` in the policy; until then nobody can approve such a change."

    def test_are_nobodys_yet_with_a_bare_codeowners_file_and_no_policy(self) -> None:
        bare = an_ownership(a_component("web", "web", "/web/"), is_bare_codeowners=True)
        verdict = decided(files=self.FILES, ownership=bare, policy=a_policy(file="built-in defaults"))
        assert "policy-change" not in states(verdict)
        assert "policy-change" in states(decided(files=self.FILES, ownership=bare))
        without = an_ownership(a_component("web", "web", "/web/"))
        no_policy = decided(files=self.FILES, ownership=without, policy=a_policy(file="built-in defaults"))
        assert "policy-change" in states(no_policy)

    def test_do_not_excuse_their_author(self) -> None:
        verdict = decided(
            files=self.FILES,
            policy=a_policy(policy_owner="platform"),
            change=a_change("carol"),
            signoffs=signed("carol"),
        )
        assert requirement(verdict, "policy-change").state == "waiting"


class TestTheCircleOfAnyParty:
    @pytest.mark.parametrize(
        ("party", "words"),
        [
            ("owner", "payments"),
            ("backup", "platform"),
            ("transfer", "web"),
            ("team:platform", "platform"),
            ("role:dba", "dba"),
        ],
    )
    def test_is_whom_the_party_stands_for(self, party: str, words: str) -> None:
        transfer = Transfer(to="web", reason="reorganised", milestones=(Milestone(name="told"),))
        component = a_component("payments-api", "payments", "/services/payments/", backup="platform", transfer=transfer)
        policy = a_policy(signoffs={"from": [party]}, roles={"dba": ["carol"]})
        view = requirement(decided(ownership=an_ownership(component), policy=policy), PAYMENTS)
        assert view.why == f"Nobody of {words} has signed off yet."

    def test_is_the_party_itself_where_nobody_takes_the_component_over(self) -> None:
        view = requirement(decided(policy=a_policy(signoffs={"from": ["transfer"]})), PAYMENTS)
        assert view.why == "Transfer has no members, so nobody can sign off."
