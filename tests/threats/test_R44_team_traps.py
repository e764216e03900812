"""R44: a team that cannot be read is not an empty one, and nobody is in a team who is not listed there."""

from pathlib import Path
from typing import ClassVar

import pytest
from builders_decision import decided, refusals, signed
from builders_facts import TEAMS, a_component, a_policy, a_signoff, an_ownership
from builders_service import a_service
from builders_threats import counted, owners

from gate.core.change.facts import Team
from gate.core.ownership.records import TeamRecord

ON_FORGE = an_ownership(a_component("payments-api", "@acme/payments", "/services/payments/"))


class TestATeamThatCannotBeRead:
    @pytest.mark.parametrize(
        "teams", [{}, {"acme/payments": Team(unreadable="404 Not Found")}], ids=["not asked", "hidden"]
    )
    def test_waits_and_names_the_team_whoever_has_signed(self, teams: dict[str, Team]) -> None:
        verdict = decided(ownership=ON_FORGE, teams=teams, signoffs=signed("alice", "bob"))
        view = owners(verdict)
        assert (verdict.state, view.code, view.given) == ("waiting", "team-unreadable", 0)
        assert "@acme/payments" in view.why
        assert view.next.startswith("Let the gate read the team")
        assert "@acme/payments" in verdict.summary

    def test_read_in_part_counts_those_who_are_known(self) -> None:
        teams = {"acme/payments": Team(("bob",), unreadable="the list is cut off")}
        verdict = decided(ownership=ON_FORGE, teams=teams, signoffs=signed("bob"))
        assert (verdict.state, counted(owners(verdict))) == ("approved", ["bob"])
        verdict = decided(ownership=ON_FORGE, teams=teams, signoffs=signed("alice"))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "not-eligible")])

    def test_takes_nobodys_veto_away(self) -> None:
        no = (a_signoff("alice", "reject", reason="No"),)
        verdict = decided(ownership=ON_FORGE, teams={}, signoffs=no)
        assert verdict.state == "rejected"


class TestMembership:
    def test_of_an_empty_team_is_nobodys(self) -> None:
        verdict = decided(ownership=ON_FORGE, teams={"acme/payments": Team()}, signoffs=signed("alice"))
        assert (verdict.state, owners(verdict).code) == ("waiting", "no-eligible-owner")
        assert "has no members" in verdict.summary

    def test_of_another_team_of_the_same_name_is_not_this_ones(self) -> None:
        teams = {"other/payments": Team(("alice",)), "payments": Team(("alice",)), "acme/payments": Team(("bob",))}
        verdict = decided(ownership=ON_FORGE, teams=teams, signoffs=signed("alice"))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "not-eligible")])

    def test_of_a_team_that_contains_itself_adds_nobody_and_ends(self) -> None:
        loop = an_ownership(teams={**TEAMS, "payments": TeamRecord(members=("payments", "bob"))})
        verdict = decided(ownership=loop, policy=a_policy(), signoffs=signed("alice"))
        assert (verdict.state, refusals(owners(verdict))) == ("waiting", [("alice", "not-eligible")])


class TestATeamThatOwnsNoneOfTheFilesThemselves:
    FILES: ClassVar[dict[str, str | None]] = {
        ".gate/ownership.yaml": None,
        "CODEOWNERS": "* @carol\n/api/ @acme/payments\n",
        ".gate/policy.yaml": "version: 1\ndefault_owner: '@carol'\nsources: [codeowners]\n",
    }

    def test_is_read_where_one_looks_like_a_file_of_theirs(self, tmp_path: Path) -> None:
        with a_service(tmp_path, files=self.FILES) as service:
            pull = service.forge.a_pull({"API/pay.py": "x = 1\n"})
            service.settle()
            assert {view.code for view in service.verdict(pull).requirements if view.state == "waiting"} == {
                "paths-uncovered"
            }
            pull.review(service.forge.carol, "APPROVED")
            pull.review(service.forge.alice, "APPROVED")
            service.settle()
            assert service.verdict(pull).state == "approved", service.verdict(pull).summary
