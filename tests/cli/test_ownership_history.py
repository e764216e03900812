"""`gate ownership history` on real repositories: each version with who, what field by field, when and why."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders_gate_command import run_gate
from builders_git import GitRepository, a_repository

FIRST = """\
version: 1
teams: {payments: {members: ["@alice"]}, platform: {members: ["@carol"]}}
components:
  - {name: api, owner: payments, paths: [/api/]}
  - {name: web, owner: platform, paths: [/web/]}
"""
PLACE = ".gate/ownership.yaml"


@pytest.fixture
def shop(tmp_path: Path) -> GitRepository:
    repository = a_repository(tmp_path / "shop", {"README.md": "1"})
    repository.commit({PLACE: FIRST}, message="Write records")
    repository.commit({"api/a.py": "1"}, message="Touch no record")
    repository.commit({PLACE: FIRST.replace("owner: platform", "owner: payments")}, message="Web changes hands")
    repository.commit({PLACE: "version: 1\ncomponents: 7\n"}, message="Broken")
    moved = FIRST.replace(
        "owner: payments, paths: [/api/]", 'owner: platform, tier: 1, paths: ["/api/", "!/api/docs/"]'
    )
    repository.commit({PLACE: moved}, branch="work", message="work")
    repository.commit({PLACE: moved}, merging=("work",), message="Hand the API over")
    repository.commit(
        {PLACE: FIRST.replace("  - {name: api, owner: payments, paths: [/api/]}\n", "")}, message="Retire it"
    )
    repository.check_out()
    return repository


def versions(shop: GitRepository, name: str) -> list[Any]:
    ran = run_gate("ownership", "history", name, "--repo", shop.path, "--json")
    assert ran.code == 0
    found: list[Any] = json.loads(ran.out)
    return found


class TestHistory:
    def test_is_newest_first_with_kind_and_subject(self, shop: GitRepository) -> None:
        found = versions(shop, "api")
        assert [(one["kind"], one["subject"]) for one in found] == [
            ("removed", "Retire it"),
            ("changed", "Hand the API over"),
            ("added", "Write records"),
        ]

    def test_tells_each_field_before_and_after(self, shop: GitRepository) -> None:
        changes = {one["field"]: (one["before"], one["after"]) for one in versions(shop, "api")[1]["changes"]}
        assert changes == {
            "owner": ("payments", "platform"),
            "tier": ("", "1"),
            "paths": ("/api/", "/api/, !/api/docs/"),
        }

    def test_a_version_that_cannot_be_read_is_left_out_and_named(self, shop: GitRepository) -> None:
        ran = run_gate("ownership", "history", "web", "--repo", shop.path)
        assert "The records of one commit are invalid and left out" in ran.err
        assert "owner: platform -> payments" in ran.out
        assert "Touch no record" not in ran.out

    def test_an_unknown_component_gets_a_next_step(self, shop: GitRepository) -> None:
        ran = run_gate("ownership", "history", "nothing", "--repo", shop.path)
        assert (ran.code, "See `gate ownership list`" in ran.err) == (2, True)
