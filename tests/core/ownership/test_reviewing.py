"""Reviewing: what somebody confirms with a record, and that it is another record once other people are behind it."""

from typing import Any

import pytest
from builders_facts import a_component, an_ownership

from gate.core.ownership.records import Contact, Milestone, TeamRecord, Transfer
from gate.core.ownership.reviewing import record_digest

HANDED = Transfer(to="heirs", reason="reorganised", milestones=(Milestone(name="told"),))
RECORD = a_component("web", "all", "/web/", backup="spare", transfer=HANDED)
TEAMS = {
    "all": TeamRecord(members=("alice", "inner")),
    "inner": TeamRecord(members=("innermost", "all")),
    "innermost": TeamRecord(members=("bob",), github_team="acme/web"),
    "spare": TeamRecord(members=("others",)),
    "others": TeamRecord(members=("carol",)),
    "heirs": TeamRecord(members=("erin", "dave")),
    "elsewhere": TeamRecord(members=("dave", "all")),
}


def digest(**changed: TeamRecord) -> str:
    ownership = an_ownership(RECORD, teams={**TEAMS, **changed})
    return record_digest(ownership, ownership.components[0])


class TestWhatIsConfirmed:
    @pytest.mark.parametrize("team", ["all", "inner", "innermost", "spare", "others", "heirs"])
    def test_is_who_is_behind_the_owner_backup_and_new_owner_by_whatever_team(self, team: str) -> None:
        members = (*TEAMS[team].members, "mallory")
        assert digest(**{team: TEAMS[team].model_copy(update={"members": members})}) != digest()

    def test_is_which_team_of_the_forge_is_among_them(self) -> None:
        assert digest(innermost=TeamRecord(members=("bob",), github_team="acme/others")) != digest()

    @pytest.mark.parametrize(
        "changed",
        [
            {"elsewhere": TeamRecord(members=("mallory",))},
            {"inner": TEAMS["inner"].model_copy(update={"contacts": (Contact(channel="chat", to="notify:inner"),)})},
        ],
    )
    def test_is_neither_a_team_that_only_holds_the_owner_nor_what_else_one_says(self, changed: Any) -> None:
        assert digest(**changed) == digest()
