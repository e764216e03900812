"""Search: filters, transitive dependencies, and who stands behind a name."""

from typing import Any

import pytest
from builders_facts import a_component, an_ownership

from gate.core.errors import UsageError
from gate.core.ownership.records import PersonRecord, TeamRecord
from gate.core.ownership.registry import Ownership
from gate.core.ownership.search import (
    Filters,
    components_owned,
    dependents_of,
    find_components,
    parse_query,
    person_references,
    team_references,
)


def some_components() -> Ownership:
    return an_ownership(
        a_component("shop", "web", "/web/", kind="website", tier=2, depends_on=("payments-api",)),
        a_component(
            "payments-api", "payments", "/pay/", kind="service", tier=1, environments=("production",),
            depends_on=("ledger",), title="Refunds and payments",
        ),
        a_component("ledger", "platform", kind="database", tier=1, links={"runbook": "https://example.com/Restore"}),
        a_component("notes", "@zoe", "*.md", section="docs"),
    )  # fmt: skip


def found(query: str, ownership: Ownership | None = None) -> list[str]:
    known = ownership or some_components()
    return [known.components[number].name for number in find_components(known, parse_query([query]))]


class TestQueries:
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("kind:service", ["payments-api"]),
            ("kind:service kind:database", ["payments-api", "ledger"]),
            ("tier:1 environment:Production", ["payments-api"]),
            ("owner:payments", ["payments-api"]),
            ("owner:zoe", ["notes"]),
            ("person:alice", ["payments-api"]),
            ("person:alice@example.com", ["payments-api"]),
            ("section:docs", ["notes"]),
            ("path:pay/README.md", ["payments-api", "notes"]),
            ("depends:ledger", ["shop", "payments-api"]),
            ("refunds", ["payments-api"]),
            ("RESTORE", ["ledger"]),
            ("/web/", ["shop"]),
            ("tier:1 refunds", ["payments-api"]),
            ("https://example.com/restore", ["ledger"]),
            ("nothing-like-it", []),
        ],
    )
    def test_all_terms_must_hold(self, query: str, names: list[str]) -> None:
        assert found(query) == names

    def test_an_unknown_key_is_refused_with_the_nearest_one(self) -> None:
        with pytest.raises(UsageError, match="Did you mean `kind:`"):
            parse_query(["kin:service"])

    def test_no_filter_finds_everything(self) -> None:
        assert len(find_components(some_components(), Filters())) == 4


class TestDependencies:
    def test_are_followed_through_others_and_around_circles(self) -> None:
        ownership = an_ownership(
            a_component("a", depends_on=("b",)),
            a_component("b", depends_on=("c",)),
            a_component("c", depends_on=("a",)),
        )
        assert dependents_of(ownership, ["a"]) == {"a", "b", "c"}
        assert dependents_of(ownership, ["unknown"]) == frozenset()


def people_and_teams(**teams: Any) -> Ownership:
    people = {"alice": PersonRecord(github="alice-adams", email="alice@example.com"), "bob": PersonRecord(github="Bob")}
    return an_ownership(people=people, teams={name: TeamRecord(**fields) for name, fields in teams.items()})


class TestWhoStandsBehindAName:
    def test_a_person_by_name_login_or_address_and_their_teams_through_teams(self) -> None:
        known = people_and_teams(
            web={"members": ("@ALICE-adams",)}, all={"members": ("web",)}, other={"members": ("bob",)}
        )
        expected = {"alice", "@alice-adams", "alice@example.com", "web", "all"}
        for name in ("alice", "@alice-adams", "Alice@Example.com", "alice-adams"):
            assert person_references(known, name) == expected, name

    def test_a_login_that_reads_like_a_persons_name_is_somebody_else(self) -> None:
        assert person_references(people_and_teams(), "@alice") == {"@alice"}
        assert "@alice" not in person_references(people_and_teams(), "alice")

    def test_somebody_unknown_is_a_login_or_an_address(self) -> None:
        assert person_references(people_and_teams(), "zed") == {"@zed"}
        assert person_references(people_and_teams(), "zed@example.com") == {"zed@example.com"}

    def test_teams_in_a_circle_end(self) -> None:
        known = people_and_teams(a={"members": ("b", "bob")}, b={"members": ("a",)})
        assert {"a", "b"} <= person_references(known, "bob")

    def test_a_team_by_name_or_by_its_team_on_the_forge(self) -> None:
        known = people_and_teams(web={"github_team": "Acme/Web"})
        for name in ("web", "@acme/web", "acme/web"):
            assert team_references(known, name) == {"web", "@acme/web"}, name
        assert team_references(known, "nobody") == frozenset()

    def test_owning_says_through_which_reference(self) -> None:
        known = an_ownership(a_component("a", ("@zoe", "web"), "*"), a_component("b", "other", "/b"))
        assert components_owned(known, {"web"}) == {0: "web"}
