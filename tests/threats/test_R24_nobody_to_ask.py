"""R24: where nobody is left to ask, nobody has signed off: an empty set of owners is never an approval."""

from pathlib import Path
from typing import Any

import pytest
from builders_facts import AT, a_file, a_policy, a_signoff, an_ownership, some_facts
from builders_git import a_repository

from gate.bootstrap import open_checkout, yaml_loader
from gate.core.decide import decide
from gate.core.ownership.registry import Component, Ownership, Rule, Section
from gate.core.policy.model import Policy
from gate.core.verdict import Verdict
from gate.usecases.load_ownership import load_ownership

EVERYBODY = ("alice", "bob", "carol", "erin")
TOUCHED = "pkg/x.py"


def judged(ownership: Ownership, **policy: Any) -> Verdict:
    """The verdict on a change of one file that everybody but its author has approved."""
    signoffs = tuple(a_signoff(person) for person in EVERYBODY)
    facts = some_facts(files=(a_file(TOUCHED),), ownership=ownership, policy=a_policy(**policy), signoffs=signoffs)
    return decide(facts, at=AT)


def loaded(tmp_path: Path, files: dict[str, Any], **policy: Any) -> Ownership:
    shop = a_repository(tmp_path / "shop", files)
    tree = open_checkout(shop.path).tree("main")
    return load_ownership(
        tree, load_yaml=yaml_loader(), policy=Policy.model_validate({"version": 1, **policy})
    ).ownership


class TestNobodyToAsk:
    def test_a_real_owner_who_approves_is_enough(self, tmp_path: Path) -> None:
        assert judged(loaded(tmp_path, {"CODEOWNERS": "* @alice\n"})).state == "approved"

    @pytest.mark.parametrize(
        "files",
        [
            {"README.md": ""},
            {"CODEOWNERS": "/other/ @alice\n"},
            {"CODEOWNERS": "* @alice\n/pkg/\n"},
            {"CODEOWNERS": "* @alice\n/pkg/ alice\n"},
            {"CODEOWNERS": "* @alice\n/pkg/ @acme/nobody-knows\n"},
            {"CODEOWNERS": "* @alice\n" + "#" * 3 * 1024 * 1024},
            {"OWNERS": "approvers: [alice]\n", "pkg/OWNERS": "approvers: alice\n"},
            {"OWNERS": "approvers: [alice]\n", "pkg/OWNERS": "options: {no_parent_owners: true}\n"},
            {"OWNERS": "approvers: [team]\n", "OWNERS_ALIASES": "aliases: {team: []}\n"},
            {"OWNERS": "approvers: [alice]\n", "pkg/OWNERS": "filters: {'[.]py$': {approvers: [bob]}}\n"},
            {"catalog-info.yaml": "kind: Component\nmetadata: {name: a}\nspec: {owner: alice}\n"},
            {"catalog-info.yaml": "kind: Component\nmetadata: {name: a}\nspec: {}\n"},
        ],
    )
    def test_no_number_of_approvals_by_others_stands_for_the_owner(self, tmp_path: Path, files: dict[str, str]) -> None:
        verdict = judged(loaded(tmp_path, files))
        assert verdict.state != "approved"

    def test_an_empty_owner_set_asks_somebody_who_does_not_exist(self) -> None:
        component = Component("pkg", "default", (), "r.yaml:1")
        sections = (Section("default", (Rule("*", "r.yaml:2", 0),), "r.yaml"),)
        assert judged(Ownership(components=(component,), sections=sections)).state != "approved"

    def test_a_team_without_members_signs_nothing(self) -> None:
        ownership = an_ownership(teams={})
        assert judged(ownership).state != "approved"

    def test_unowned_files_ask_the_default_owner_where_there_is_one(self, tmp_path: Path) -> None:
        known = loaded(tmp_path, {"CODEOWNERS": "/other/ @alice\n"})
        assert judged(known, default_owner="@carol").state == "approved"
        assert judged(known, default_owner="@nobody").state != "approved"
