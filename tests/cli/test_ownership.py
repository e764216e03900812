"""`gate ownership` on real repositories: list, show, search, coverage."""

import re
from pathlib import Path

import pytest
from builders_gate_command import run_gate
from builders_git import GitRepository, a_repository

RECORDS = """\
version: 1
people:
  alice: {github: alice}
teams:
  payments: {members: [alice]}
  platform: {members: ["@carol"]}
components:
  - name: payments-api
    title: Payments API
    kind: service
    tier: 1
    environments: [production]
    owner: payments
    backup: platform
    paths: ["/pay/", "!/pay/docs/"]
    depends_on: [ledger]
    links: {runbook: "https://example.com/runbook"}
    rollback: {method: redeploy-previous, steps: [deploy], restore_minutes: 15}
    reviewed: 2026-10-01
    review_every_days: 90
  - name: ledger
    kind: database
    tier: 1
    owner: platform
"""


@pytest.fixture
def shop(tmp_path: Path) -> GitRepository:
    repository = a_repository(tmp_path / "shop", {".gate/ownership.yaml": RECORDS, "pay/a.py": "1"})
    repository.commit({"pay/a.py": "2"})
    repository.commit({"other.py": "2"})
    repository.check_out()
    return repository


class TestList:
    def test_every_component_with_what_is_known_of_it(self, shop: GitRepository) -> None:
        ran = run_gate("ownership", "list", "--repo", shop.path)
        assert (ran.code, ran.err) == (0, "")
        assert ran.rows == [
            ["COMPONENT", "KIND", "TIER", "OWNER", "BACKUP", "ENVIRONMENTS"],
            ["payments-api", "service", "1", "payments", "platform", "production"],
            ["ledger", "database", "1", "platform"],
        ]

    @pytest.mark.parametrize(
        ("option", "value"), [("--kind", "service"), ("--person", "alice"), ("--environment", "production")]
    )
    def test_filters(self, shop: GitRepository, option: str, value: str) -> None:
        ran = run_gate("ownership", "list", "--repo", shop.path, "--json", option, value)
        assert [item["name"] for item in ran.json] == ["payments-api"]

    def test_a_bare_codeowners_file_lists_its_owner_sets(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "bare", {"CODEOWNERS": "*.a @x @b\n*.b @c\n"})
        ran = run_gate("ownership", "list", "--repo", shop.path, "--rev", "main")
        assert ran.rows == [["COMPONENT"], ["@b @x"], ["@c"]]

    def test_several_filters_must_all_hold(self, shop: GitRepository) -> None:
        ran = run_gate("ownership", "list", "--repo", shop.path, "--kind", "service", "--owner", "platform")
        assert ran.out == "None of 2 components matches.\n"


class TestShow:
    def test_everything_known_and_what_is_missing(self, shop: GitRepository) -> None:
        ran = run_gate("ownership", "show", "payments-api", "--repo", shop.path)
        assert ran.rows[:3] == [
            ["payments-api", "Payments API"],
            ["owner", "payments (alice)"],
            ["backup", "platform (@carol)"],
        ]
        assert ["rollback", "redeploy-previous, 1 step, 15 min to restore"] in ran.rows
        assert ["!/pay/docs/", ".gate/ownership.yaml:15"] in ran.rows
        assert ran.rows[-1] == ["Missing: escalation."]

    def test_who_depends_on_it(self, shop: GitRepository) -> None:
        ran = run_gate("ownership", "show", "ledger", "--repo", shop.path)
        assert ["depended on by", "payments-api"] in ran.rows
        assert "none: it is only ever declared" in ran.out

    def test_as_json_with_its_patterns(self, shop: GitRepository) -> None:
        (item,) = run_gate("ownership", "show", "payments-api", "--repo", shop.path, "--json").json
        assert item["owners"] == ["payments"]
        assert item["rollback"]["restore_minutes"] == 15
        assert [one["pattern"] for one in item["paths"]] == ["/pay/", "!/pay/docs/"]

    def test_a_name_that_does_not_exist_gets_the_nearest(self, shop: GitRepository) -> None:
        ran = run_gate("ownership", "show", "payment-api", "--repo", shop.path)
        assert (ran.code, ran.out) == (2, "")
        assert "Did you mean payments-api?" in ran.err


class TestSearch:
    def test_terms_and_words(self, shop: GitRepository) -> None:
        for query in (["depends:ledger"], ["person:alice", "kind:service"], ["api"], ["path:pay/x.py"]):
            ran = run_gate("ownership", "search", *query, "--repo", shop.path, "--json")
            assert [item["name"] for item in ran.json] == ["payments-api"], query

    def test_an_unknown_key_is_wrong_usage(self, shop: GitRepository) -> None:
        assert run_gate("ownership", "search", "tir:1", "--repo", shop.path).code == 2


class TestCoverage:
    def test_files_changes_and_components(self, shop: GitRepository) -> None:
        ran = run_gate("ownership", "coverage", "--repo", shop.path, "--json")
        assert ran.json["files"] == {"have": 1, "total": 3, "percent": 33.3}
        assert ran.json["changes"] == {"have": 1, "total": 2, "percent": 50.0}
        assert ran.json["unowned"] == [".gate/ownership.yaml", "other.py"]
        assert ran.json["tiers"][0]["backup"] == {"have": 1, "total": 2, "percent": 50.0}

    def test_as_text(self, shop: GitRepository) -> None:
        ran = run_gate("ownership", "coverage", "--repo", shop.path, "--rev", "main")
        assert ran.rows[0] == ["files with an owner", "33.3 %", "1 of 3"]
        assert ["ledger", "backup, escalation, playbook, runbook"] in ran.rows

    @pytest.mark.parametrize(("limit", "code"), [("33.3", 0), ("33.4", 1), ("100", 1), ("0", 0)])
    def test_a_limit_sets_the_exit_code(self, shop: GitRepository, limit: str, code: int) -> None:
        assert run_gate("ownership", "coverage", "--repo", shop.path, "--fail-under", limit).code == code

    def test_a_repository_without_commits_has_no_changes(self, tmp_path: Path) -> None:
        empty = GitRepository(tmp_path / "empty")
        empty.write({"CODEOWNERS": "* @a\n"})
        ran = run_gate("ownership", "coverage", "--repo", empty.path, "--json")
        assert (ran.json["files"]["percent"], ran.json["changes"]["total"]) == (100.0, 0)

    def test_of_a_repository_without_files_is_no_share_at_all(self, tmp_path: Path) -> None:
        empty = GitRepository(tmp_path / "empty")
        ran = run_gate("ownership", "coverage", "--repo", empty.path)
        assert ran.rows[0] == ["files with an owner", "no files", "nothing to own yet"]
        ran = run_gate("ownership", "coverage", "--repo", empty.path, "--json")
        assert ran.json["files"] == {"have": 0, "total": 0, "percent": None}


class TestHelp:
    @pytest.mark.parametrize("words", [["owners"], ["ownership"], ["ownership", "list"], ["ownership", "show"],
                                       ["ownership", "search"], ["ownership", "coverage"]])  # fmt: skip
    def test_every_command_shows_an_example(self, words: list[str]) -> None:
        ran = run_gate(*words, "--help")
        assert ran.code == 0
        assert "\\b" not in ran.out
        assert re.search(r"Examples?:(\n +| )gate ", ran.out)
