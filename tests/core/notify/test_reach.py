"""Reach: whom a name of the records stands for where somebody is told, called or reminded."""

import itertools
from dataclasses import replace

from builders_facts import PEOPLE, an_ownership
from hypothesis import given
from hypothesis import strategies as st

from gate.core.notify.reach import Address, Callee, party_callees
from gate.core.ownership.records import Contact, PersonRecord, TeamRecord

CHAT = Contact(channel="chat", to="notify:payments")
PAGE = Contact(channel="web", to="https://payments.example")


def told(name: str, people: dict[str, PersonRecord] | None = None, **teams: TeamRecord) -> list[str]:
    ownership = replace(an_ownership(), people=PEOPLE if people is None else people, teams=teams)
    return [one.name for one in party_callees(name, ownership)]


class TestTeams:
    def test_one_with_contacts_of_its_own_is_told_by_them_alone(self) -> None:
        teams = {"payments": TeamRecord(members=("alice", "bob"), contacts=(CHAT,))}
        (found,) = party_callees("payments", replace(an_ownership(), teams=teams))
        assert found == Callee("payments", (Address("chat", "notify:payments"),))

    def test_the_members_of_one_without_are_told_one_by_one(self) -> None:
        assert told("payments", payments=TeamRecord(members=("alice", "@bob", "@stranger"))) == [
            "alice", "bob", "stranger",
        ]  # fmt: skip

    def test_a_web_page_reaches_nobody_so_the_members_are_told(self) -> None:
        assert told("payments", payments=TeamRecord(members=("alice",), contacts=(PAGE,))) == ["alice"]


class TestTeamsWithinTeams:
    def test_the_members_of_the_inner_team_are_told(self) -> None:
        inner = TeamRecord(members=("alice", "bob"))
        assert told("all", all=TeamRecord(members=("payments",)), payments=inner) == ["alice", "bob"]

    def test_an_inner_team_with_contacts_of_its_own_is_told_by_them_alone(self) -> None:
        teams = {
            "all": TeamRecord(members=("payments", "web", "carol")),
            "payments": TeamRecord(members=("alice", "bob"), contacts=(CHAT,)),
            "web": TeamRecord(members=("dave", "carol")),
        }
        assert told("all", **teams) == ["payments", "dave", "carol"]

    def test_teams_that_hold_one_another_tell_the_same_people_whichever_is_named(self) -> None:
        teams = {"a": TeamRecord(members=("b", "alice")), "b": TeamRecord(members=("c",))}
        teams["c"] = TeamRecord(members=("a", "c", "bob"), github_team="acme/c")
        for order in itertools.permutations(teams):
            shuffled = {name: teams[name] for name in order}
            assert [sorted(told(name, **shuffled)) for name in "abc"] == [["alice", "bob"]] * 3

    def test_they_are_followed_however_deep(self) -> None:
        deep = {f"t{n}": TeamRecord(members=(f"t{n + 1}",)) for n in range(5_000)}
        assert told("t0", **deep, t5000=TeamRecord(members=("bob", "t0"))) == ["bob"]

    @given(
        members=st.dictionaries(
            st.sampled_from("abcde"), st.lists(st.sampled_from("abcdexyz"), max_size=4), min_size=5, max_size=5
        ),
        reachable=st.sets(st.sampled_from("abcde")),
    )
    def test_everybody_is_always_told_or_is_in_a_team_that_is(
        self, members: dict[str, list[str]], reachable: set[str]
    ) -> None:
        people = {name: PersonRecord(email=f"{name}@example.com") for name in "xyz"}
        teams = {
            name: TeamRecord(members=tuple(named), contacts=(CHAT,) if name in reachable else ())
            for name, named in members.items()
        }

        def everybody(names: set[str]) -> set[str]:
            for _ in members:
                names = names | {one for team in names & teams.keys() for one in members[team]}
            return names & people.keys()

        for name in members:
            found = told(name, people, **teams)
            assert everybody(set(found)) == everybody({name})


class TestAddresses:
    def test_one_of_the_records_is_the_person_who_has_it_as_it_is_where_sign_offs_are_asked_for(self) -> None:
        assert told("Alice@Example.com") == ["alice"]

    def test_one_that_nobody_of_the_records_has_is_nobody(self) -> None:
        assert told("who@else.org") == []
