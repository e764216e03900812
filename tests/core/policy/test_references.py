"""References: a decision asks the forge for the teams that it can need, and for no others."""

from typing import Any

import pytest
from builders_facts import a_component, a_policy, an_ownership

from gate.core.ownership.records import Milestone, TeamRecord, Transfer
from gate.core.ownership.resolve import OwnershipIndex
from gate.core.policy.references import conditions_of, teams_of_forge

RULE: dict[str, Any] = {"name": "R"}
DBA = "@acme/dba"


def teams(
    *components: Any,
    paths: tuple[str, ...] = (),
    led_to: tuple[str, ...] = (),
    declared: tuple[str, ...] = (),
    **given: Any,
) -> list[str]:
    """Which teams of the forge a change of some files can ask for; `teams` are those of the records."""
    records = given.pop("teams", {})
    ownership = an_ownership(*(components or (a_component("idle", "alice", "/idle/"),)), teams=records)
    index, policy = OwnershipIndex(ownership), a_policy(**given).policy
    found = teams_of_forge(index, policy, paths=paths, led_to=led_to, declared=declared)
    assert sorted(found) == list(found)
    return list(found)


class TestWhoOwnsTheFiles:
    WEB = a_component("web", ("@acme/web", "@alice", "bob@example.com"), "/web/", backup="@acme/spare")
    OTHER = a_component("other", "@acme/other", "/other/")

    def test_is_asked_with_the_backup_and_nobody_of_what_is_not_touched(self) -> None:
        assert teams(self.WEB, self.OTHER, paths=("web/page.html",)) == ["acme/spare", "acme/web"]
        assert teams(self.WEB, self.OTHER, paths=("elsewhere",)) == []

    def test_is_asked_where_a_file_leads_to_it_or_is_a_folder_in_its_place(self) -> None:
        assert teams(self.WEB, self.OTHER, paths=("docs/link",), led_to=("other/x",)) == ["acme/other"]
        assert teams(self.WEB, self.OTHER, paths=("other",), led_to=("other",)) == ["acme/other"]
        assert teams(self.WEB, self.OTHER, paths=("other",)) == []

    def test_is_asked_too_where_the_author_only_declares_the_component(self) -> None:
        assert teams(self.WEB, self.OTHER, declared=("other",)) == ["acme/other"]

    def test_is_asked_with_those_whom_the_component_is_handed_to(self) -> None:
        transfer = Transfer(to="@acme/new", reason="reorganised", milestones=(Milestone(name="told"),))
        moving = a_component("moving", "alice", "/m/", transfer=transfer)
        assert teams(moving, paths=("m/x",)) == ["acme/new"]

    def test_is_followed_through_the_teams_of_the_records_round_and_round(self) -> None:
        records = {
            "all": TeamRecord(members=("inner", "@acme/direct", "alice")),
            "inner": TeamRecord(members=("all",), github_team="acme/inner"),
            "idle": TeamRecord(github_team="acme/idle"),
        }
        owned = a_component("web", "all", "/web/")
        assert teams(owned, paths=("web/x",), teams=records) == ["acme/direct", "acme/inner"]


class TestWhoThePolicyNames:
    @pytest.mark.parametrize(
        "policy",
        [
            {"default_owner": DBA},
            {"policy_owner": DBA},
            {"signoffs": {"from": [f"team:{DBA}"]}},
            {"signoffs": {"veto": ["owner", f"team:{DBA}"]}},
            {"roles": {"dba": [f"team:{DBA}"]}},
            {"roles": {"dba": [f"person:{DBA}"]}},
            {"roles": {"dba": [DBA]}},
            {"rules": [{**RULE, "require": {"signoffs": {f"team:{DBA}": 1}}}]},
            {"rules": [{**RULE, "require": {"signoffs": {f"person:{DBA}": 1}}}]},
            {"rules": [{**RULE, "require": {"any_of": [{"escalation": True}, {"signoffs": {f"team:{DBA}": 1}}]}}]},
            {"rules": [{**RULE, "when": {"author_in": [f"team:{DBA}"]}, "require": {"escalation": True}}]},
            {"emergency": {"label": "x", "signoffs": {f"team:{DBA}": 1}}},
            {"emergency": {"label": "x", "signoffs": {"owner": 1}, "set_by": [f"team:{DBA}"]}},
            {"standard_changes": [
                {"name": "s", "when": {"paths": ["x"]}, "approved_by": DBA, "until": "2027-01-01"},
            ]},
            {"standard_changes": [
                {"name": "s", "when": {"author_in": [f"team:{DBA}"]}, "approved_by": "a", "until": "2027-01-01"},
            ]},
        ],
    )  # fmt: skip
    def test_is_asked_whatever_is_touched(self, policy: dict[str, Any]) -> None:
        assert teams(**policy) == ["acme/dba"]

    def test_is_nobody_where_it_names_nobody(self) -> None:
        assert teams(rules=[{**RULE, "require": {"signoffs": {"owner": 1, "role:security": 1}}}]) == []


class TestWhatIsNoTeamOfTheForge:
    @pytest.mark.parametrize("name", ["@alice", "alice", "acme/web", "alice@example.com", "ghosts"])
    def test_is_not_asked_for(self, name: str) -> None:
        assert teams(a_component("web", name, "/web/"), paths=("web/x",)) == []


class TestConditions:
    @pytest.mark.parametrize("wrap", [
        lambda inner: inner,
        lambda inner: {"any": [{"paths": ["x"]}, inner]},
        lambda inner: {"all": [{"paths": ["x"]}, inner]},
        lambda inner: {"not": inner},
        lambda inner: {"not": {"any": [{"all": [inner]}]}},
    ])  # fmt: skip
    def test_are_found_however_deep_in_rules_and_in_standard_changes(self, wrap: Any) -> None:
        inner = {"title": "needle"}
        rules = a_policy(rules=[{**RULE, "require": {"escalation": True}},
                                {**RULE, "when": wrap(inner), "require": {"escalation": True}}])  # fmt: skip
        models = a_policy(
            standard_changes=[{"name": "s", "when": wrap(inner), "approved_by": "a", "until": "2027-01-01"}]
        )
        for document in (rules, models):
            assert [one.title for one in conditions_of(document.policy) if one.title] == ["needle"]
