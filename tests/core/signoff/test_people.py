"""People: who stands behind a name, and who had a hand in the change."""

import dataclasses
import itertools
from typing import Any

import pytest
from builders_decision import decided, requirement
from builders_facts import (
    HEAD,
    PEOPLE,
    a_change,
    a_commit,
    a_component,
    a_policy,
    account_key,
    accounts_of,
    an_account,
    an_ownership,
    some_facts,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.change.facts import Account, Facts, Push, Team
from gate.core.ownership.records import Milestone, PersonRecord, TeamRecord, Transfer
from gate.core.ownership.registry import Component
from gate.core.signoff.people import NOBODY, Directory, People, Strangers, contributions, people_of

UNKNOWN_NAME = "no team or person of this name is in the records"


def directory(**overrides: Any) -> Directory:
    return Directory(some_facts(**overrides))


def behind(reference: str, **overrides: Any) -> tuple[set[str], tuple[str, ...], set[str]]:
    people = directory(**overrides).behind(reference)
    return set(people.members), people.unreadable, set(people.explicit)


def a_payments_component(**fields: Any) -> Component:
    return a_component("payments-api", "payments", **fields).component


class TestWhoIsBehindAReference:
    def test_a_person_of_the_records_is_that_person_by_name(self) -> None:
        assert behind("alice") == ({"alice"}, (), {"alice"})

    def test_a_team_is_its_members_none_of_them_named_one_by_one(self) -> None:
        assert behind("payments") == ({"alice", "bob"}, (), set())

    def test_a_person_wins_over_a_team_of_the_same_name(self) -> None:
        ownership = an_ownership(teams={"alice": TeamRecord(members=("bob",))})
        assert behind("alice", ownership=ownership)[0] == {"alice"}

    def test_teams_nest(self) -> None:
        teams = {"all": TeamRecord(members=("some", "carol")), "some": TeamRecord(members=("@alice", "all"))}
        assert behind("all", ownership=an_ownership(teams=teams)) == ({"alice", "carol"}, (), set())

    def test_teams_that_hold_one_another_are_the_same_people_in_whatever_order_they_are_asked(self) -> None:
        teams = {
            "a": TeamRecord(members=("alice", "b")),
            "b": TeamRecord(members=("c", "bob"), github_team="acme/b"),
            "c": TeamRecord(members=("a", "carol", "d")),
            "d": TeamRecord(members=("dave", "gone")),
            "above": TeamRecord(members=("c", "erin")),
        }
        of_d = ({"dave"}, (f"gone: {UNKNOWN_NAME}",))
        circle = (
            {"alice", "bob", "carol", "dave"},
            ("@acme/b: its members cannot be read from here", f"gone: {UNKNOWN_NAME}"),
        )
        for order in itertools.permutations(teams):
            asked = directory(ownership=an_ownership(teams=teams))
            found = {name: asked.behind(name) for name in order}
            assert [(set(found[n].members), found[n].unreadable) for n in "abc"] == [circle] * 3
            assert (set(found["d"].members), found["d"].unreadable) == of_d
            assert found["above"].members == circle[0] | {"erin"}

    @settings(deadline=None)
    @given(
        members=st.dictionaries(
            st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefxyz"), max_size=4), min_size=6, max_size=6
        ),
        order=st.permutations("abcdef"),
    )
    def test_a_team_is_always_everybody_in_any_team_that_it_leads_to(
        self, members: dict[str, list[str]], order: list[str]
    ) -> None:
        people = {name: PersonRecord(name=name) for name in "xyz"}
        teams = {name: TeamRecord(members=tuple(named)) for name, named in members.items()}
        asked = directory(ownership=an_ownership(teams=teams, people=people))
        for name in order:
            reached = {name}
            for _ in members:
                reached |= {one for team in reached & teams.keys() for one in members[team]}
            assert asked.behind(name).members == reached & people.keys()

    def test_teams_within_teams_are_followed_however_deep(self) -> None:
        deep = {f"t{n}": TeamRecord(members=(f"t{n + 1}", "alice")) for n in range(5_000)}
        teams = {**deep, "t5000": TeamRecord(members=("bob", "t0"))}
        assert behind("t0", ownership=an_ownership(teams=teams))[0] == {"alice", "bob"}

    def test_a_team_that_holds_itself_adds_nobody(self) -> None:
        teams = {"own": TeamRecord(members=("own", "bob"))}
        assert behind("own", ownership=an_ownership(teams=teams)) == ({"bob"}, (), set())

    def test_an_unknown_name_is_nobody_and_says_so(self) -> None:
        assert behind("ghosts") == (set(), (f"ghosts: {UNKNOWN_NAME}",), set())

    def test_an_unknown_member_makes_the_team_unreadable_while_the_others_count(self) -> None:
        teams = {"t": TeamRecord(members=("alice", "ghosts"))}
        assert behind("t", ownership=an_ownership(teams=teams)) == ({"alice"}, (f"ghosts: {UNKNOWN_NAME}",), set())

    @pytest.mark.parametrize("login", ["@alice", "@ALICE"])
    def test_a_login_is_the_person_of_the_records_whatever_its_case(self, login: str) -> None:
        assert behind(login) == ({"alice"}, (), {"alice"})

    def test_a_login_and_an_address_that_the_records_write_in_capitals_are_that_person(self) -> None:
        people = {"alice": PersonRecord(name="A", github="Alice-A", github_id=1, email="Alice@Example.com")}
        ownership = dataclasses.replace(some_facts().ownership, people=people)
        for reference in ("@alice-a", "@ALICE-A", "alice@example.com", "ALICE@example.com"):
            assert behind(reference, ownership=ownership)[0] == {"alice"}

    def test_a_login_of_an_observed_account_is_its_person(self) -> None:
        accounts = {"github:7": Account("github:7", login="Oscar")}
        assert behind("@oscar", accounts=accounts)[0] == {"github:7"}

    def test_the_records_win_over_an_account_that_took_a_recycled_login(self) -> None:
        accounts = {"github:9": Account("github:9", login="alice")}
        assert behind("@alice", accounts=accounts)[0] == {"alice"}

    def test_a_login_that_nobody_has_is_a_person_of_its_own(self) -> None:
        assert behind("@Nobody") == ({"login:nobody"}, (), {"login:nobody"})

    @pytest.mark.parametrize("address", ["alice@example.com", "Alice@Example.COM"])
    def test_an_address_is_the_person_of_the_records(self, address: str) -> None:
        assert behind(address) == ({"alice"}, (), {"alice"})

    def test_an_address_of_an_observed_account_is_its_person(self) -> None:
        accounts = {"mail:x@y.z": Account("mail:x@y.z", email="X@y.z")}
        assert behind("x@Y.z", accounts=accounts)[0] == {"mail:x@y.z"}
        known = {"github:7": Account("github:7", login="x", email="X@y.z")}
        assert behind("x@Y.z", accounts=known)[0] == {"github:7"}

    def test_an_address_that_nobody_has_is_a_person_of_its_own(self) -> None:
        assert behind("Who@Else.org")[0] == {"mail:who@else.org"}

    def test_a_role_of_the_forge_is_not_resolved(self) -> None:
        assert behind("@@maintainer") == (set(), ("@@maintainer: roles of the forge are not resolved",), set())

    def test_a_role_of_the_forge_among_owners_is_nobody_who_could_have_its_name_for_a_login(self) -> None:
        ownership = an_ownership(a_component("web", "@@maintainer", "/services/"))
        accounts = {**accounts_of("dave"), "github:9": Account("github:9", login="@maintainer")}
        for known in (accounts_of("dave"), accounts):
            view = requirement(decided(ownership=ownership, accounts=known), "ownership:web")
            assert (view.code, view.state) == ("team-unreadable", "waiting")
            assert view.why.endswith("roles of the forge are not resolved.")


class TestTeamsOfTheForge:
    def test_its_members_count(self) -> None:
        assert behind("@acme/pay", teams={"acme/pay": Team(("alice", "github:7"))}) == (
            {"alice", "github:7"}, (), set(),
        )  # fmt: skip

    def test_one_that_was_not_observed_is_unreadable(self) -> None:
        assert behind("@acme/pay") == (set(), ("@acme/pay: its members cannot be read from here",), set())

    def test_one_that_could_not_be_read_in_full_still_counts_its_known_members(self) -> None:
        teams = {"acme/pay": Team(("alice",), "403 Forbidden")}
        assert behind("@acme/pay", teams=teams) == ({"alice"}, ("@acme/pay: 403 Forbidden",), set())

    def test_it_adds_to_the_members_of_the_record(self) -> None:
        ownership = an_ownership(teams={"pay": TeamRecord(members=("bob",), github_team="acme/pay")})
        assert behind("pay", ownership=ownership, teams={"acme/pay": Team(("alice",))})[0] == {"alice", "bob"}


class TestParties:
    directory = directory(policy=a_policy(roles={"dba": ["carol", "person:alice", "team:web", "@bob"]}))

    def members(self, party: str, component: Component | None = None) -> set[str]:
        return set(self.directory.party(party, component).members)

    def test_a_role_has_the_members_that_the_policy_lists(self) -> None:
        assert self.members("role:dba") == {"alice", "bob", "carol", "erin"}

    def test_a_role_that_nobody_defined_has_none(self) -> None:
        assert self.directory.party("role:security") == NOBODY

    @pytest.mark.parametrize(("party", "members"), [("team:web", {"erin"}), ("person:erin", {"erin"})])
    def test_teams_and_people_are_named(self, party: str, members: set[str]) -> None:
        assert self.members(party) == members

    @pytest.mark.parametrize("party", ["owner", "backup", "transfer"])
    def test_without_a_component_nobody_owns_anything(self, party: str) -> None:
        assert self.directory.party(party) == NOBODY

    def test_owner_and_backup_are_the_components(self) -> None:
        component = a_payments_component(backup="web")
        assert self.members("owner", component) == {"alice", "bob"}
        assert self.members("backup", component) == {"erin"}

    def test_a_component_without_backup_or_transfer_has_nobody_there(self) -> None:
        assert self.directory.party("backup", a_payments_component()) == NOBODY
        assert self.directory.party("transfer", a_payments_component()) == NOBODY

    def test_while_ownership_moves_both_sides_own_it(self) -> None:
        transfer = Transfer(to="web", reason="reorganised", milestones=(Milestone(name="told"),))
        component = a_payments_component(transfer=transfer)
        assert self.members("owner", component) == {"alice", "bob", "erin"}
        assert self.members("transfer", component) == {"erin"}

    def test_several_owners_are_one_circle(self) -> None:
        component = a_component("docs", ("alice", "erin")).component
        people = self.directory.party("owner", component)
        assert (people.members, people.explicit) == ({"alice", "erin"}, {"alice", "erin"})


class TestCircles:
    def test_they_join_members_reasons_and_names(self) -> None:
        one = People(frozenset({"a"}), ("x", "y"), frozenset({"a"}))
        two = People(frozenset({"b"}), ("y", "z"))
        joined = one | two
        assert (joined.members, joined.unreadable, joined.explicit) == ({"a", "b"}, ("x", "y", "z"), {"a"})
        assert people_of([one, two]) == joined

    def test_no_circles_are_nobody_and_one_is_itself(self) -> None:
        assert people_of([]) == NOBODY
        one = People(frozenset({"a"}), ("x", "x"))
        assert people_of([one]) is one

    def test_references_are_joined_each_time_alike(self) -> None:
        known = directory()
        assert known.behind_all(["alice", "web"]).members == {"alice", "erin"}
        assert known.behind_all(["alice", "web"]) is known.behind_all(["alice", "web"])
        assert known.behind_all([]) == NOBODY


OWNERS = [
    ("@x",),
    ("@X",),
    ("@x", "@y"),
    ("@y", "@X"),
    ("@z", "@org/t"),
    ("@alice", "@z"),
    ("web", "@y"),
    ("@z",),
    (),
]


class TestWhatIsWorkedOutOfTheRules:
    @pytest.mark.parametrize("known", [(), ("x",), ("Y",), ("x", "y", "z"), ("z",)])
    def test_it_names_the_people_who_are_found_without_it(self, known: tuple[str, ...]) -> None:
        owned = [a_component(f"c{number}", owners, "/a/") for number, owners in enumerate(OWNERS)]
        accounts = {f"github:{n}": Account(f"person {login}", login=login) for n, login in enumerate(known)}
        facts = some_facts(ownership=an_ownership(*owned), accounts={**accounts_of(*PEOPLE), **accounts})
        kept = Strangers.of(facts.ownership)
        for component in facts.ownership.components:
            assert Directory(facts, kept).owners(component) == Directory(facts).owners(component), component.owners

    def test_it_is_the_same_after_accounts_were_known(self) -> None:
        ownership = an_ownership(a_component("c", ("@x", "@y"), "/a/"))
        kept, (component,) = Strangers.of(ownership), ownership.components
        known = some_facts(ownership=ownership, accounts={"github:1": Account("somebody", login="x")})
        assert Directory(known, kept).owners(component).members == {"somebody", "login:y"}
        assert Directory(some_facts(ownership=ownership), kept).owners(component).members == {"login:x", "login:y"}


class TestNames:
    @pytest.mark.parametrize(
        ("account", "name"),
        [
            (Account("github:7", login="oscar", email="o@x.org", name="Oscar"), "oscar"),
            (Account("github:7", email="o@x.org", name="Oscar"), "o@x.org"),
            (Account("github:7", name="Oscar"), "Oscar"),
            (Account("github:7"), "github:7"),
        ],
    )
    def test_the_best_known_name_is_shown(self, account: Account, name: str) -> None:
        assert directory(accounts={"github:7": account}).display("github:7") == name

    def test_people_of_the_records_keep_their_name(self) -> None:
        accounts = {"github:1001": an_account("alice", login="mallory")}
        assert directory(accounts=accounts).display("alice") == "alice"

    @pytest.mark.parametrize(
        ("person", "name"), [("login:oscar", "oscar"), ("mail:a@b", "a@b"), ("x", "x"), ("x:", "x:")]
    )
    def test_who_was_never_observed_is_shown_by_the_key(self, person: str, name: str) -> None:
        assert directory(accounts={}).display(person) == name

    def test_the_first_account_by_key_names_the_person(self) -> None:
        accounts = {"b": Account("p", login="later"), "a": Account("p", login="first")}
        assert directory(accounts=accounts).display("p") == "first"

    def test_an_account_belongs_to_a_person_or_to_nobody_known(self) -> None:
        known = directory()
        assert known.person_of(account_key("alice")) == "alice"
        assert (known.person_of("github:9"), known.person_of(None)) == (None, None)


def hands(**overrides: Any) -> dict[str, tuple[str, str]]:
    found = contributions(some_facts(**overrides))
    return {person: (hand.code, hand.how) for person, hand in found.items()}


class TestWhoHadAHand:
    def test_the_author_the_committer_the_pusher_and_the_co_author_had(self) -> None:
        found = hands(
            commits=(a_commit(author=account_key("alice"), committer=account_key("bob"), co_authors=("github:1003",)),),
            pushers=(Push(account_key("erin"), "9" * 40),),
        )
        assert found == {
            "dave": ("author", "wrote this change"),
            "alice": ("author", f"wrote commit {HEAD[:12]}"),
            "bob": ("committer", f"committed {HEAD[:12]}"),
            "erin": ("pusher", "pushed 999999999999 to this branch"),
            "carol": ("co-author", f"is named co-author of {HEAD[:12]}"),
        }

    def test_the_weightiest_reason_is_the_one_told(self) -> None:
        assert hands()["dave"] == ("author", "wrote this change")

    def test_the_author_is_excluded_whatever_the_policy_lists(self) -> None:
        policy = a_policy(signoffs={"exclude": ["pusher"]})
        found = hands(policy=policy, commits=(a_commit(author="github:1001", committer="github:1002"),))
        assert found == {"dave": ("author", "wrote this change"), "alice": ("author", f"wrote commit {HEAD[:12]}")}

    @pytest.mark.parametrize("kind", ["committer", "co-author", "pusher"])
    def test_policy_chooses_who_else_is(self, kind: str) -> None:
        found = hands(
            policy=a_policy(signoffs={"exclude": [kind]}),
            commits=(a_commit(committer="github:1001", co_authors=("github:1002",)),),
            pushers=(Push("github:1003", "9" * 40),),
        )
        assert {code for code, _ in found.values()} == {"author", kind}

    def test_a_proven_mechanical_merge_excludes_nobody(self) -> None:
        merge = a_commit("c" * 40, by="alice", co_authors=("github:1002",), is_mechanical_merge=True)
        assert hands(commits=(a_commit(), merge)).keys() == {"dave"}
        assert hands(commits=(a_commit(), merge), pushers=None).keys() == {"dave"}

    def test_the_forges_own_committer_is_nobody(self) -> None:
        accounts = {**accounts_of("dave"), "mail:noreply": Account("mail:noreply", "platform")}
        assert hands(commits=(a_commit(committer="mail:noreply"),), accounts=accounts).keys() == {"dave"}

    def test_an_account_that_nobody_knows_is_excluded_by_its_key(self) -> None:
        assert hands(commits=(a_commit(author="mail:x@y"),))["mail:x@y"] == ("author", f"wrote commit {HEAD[:12]}")

    def test_a_commit_without_author_or_committer_excludes_nobody(self) -> None:
        assert hands(commits=(a_commit(author=None, committer=None),)).keys() == {"dave"}

    def test_committers_stand_for_pushers_where_those_cannot_be_known(self) -> None:
        policy = a_policy(signoffs={"exclude": ["pusher"]})
        commits = (a_commit(committer=account_key("bob")),)
        assert hands(policy=policy, commits=commits, pushers=None)["bob"] == (
            "pusher", f"committed {HEAD[:12]}, which stands for pushing it",
        )  # fmt: skip
        assert "bob" not in hands(policy=policy, commits=commits)

    def test_a_push_without_a_commit_is_told_without_one(self) -> None:
        assert hands(pushers=(Push(account_key("erin")),))["erin"] == ("pusher", "pushed commits to this branch")

    def test_the_order_of_commits_and_pushes_changes_no_reason(self) -> None:
        commits = (a_commit("2" * 40, by="alice"), a_commit("1" * 40, by="alice"))
        pushes = (Push("github:1005", "4" * 40), Push("github:1005", "3" * 40))
        first = hands(commits=commits, pushers=pushes)
        assert first == hands(commits=commits[::-1], pushers=pushes[::-1])
        assert (first["alice"][1], first["erin"][1]) == (
            "wrote commit 111111111111", "pushed 333333333333 to this branch",
        )  # fmt: skip

    def test_nobody_else_had(self) -> None:
        facts: Facts = some_facts(change=a_change("erin"), commits=(), pushers=())
        assert contributions(facts).keys() == {"erin"}
        assert set(PEOPLE) - contributions(facts).keys() == {"alice", "bob", "carol", "dave"}
