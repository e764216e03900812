"""Loading ownership from real trees: which sources apply, and what fails closed."""

from pathlib import Path
from typing import Any, ClassVar

import pytest
from builders_git import GitRepository, Link, Submodule, a_repository

from gate.bootstrap import open_checkout, yaml_loader
from gate.core.errors import InvalidFileError, UnreadableError
from gate.core.ownership.registry import Ownership
from gate.core.ownership.resolve import OwnershipIndex
from gate.core.policy.model import Policy
from gate.usecases.load_ownership import OwnershipLoad, load_ownership

RECORDS = """\
version: 1
teams: {web: {members: ["@alice"]}}
components:
  - name: web
    owner: web
    paths: ["*", "!/docs/"]
"""
CATALOG = "kind: Component\nmetadata: {name: shop}\nspec: {owner: web, type: service}\n"
OWNERS = "approvers:\n  - alice\n"


def load(tmp_path: Path, files: dict[str, Any], *, repository: str | None = None, **policy: Any) -> OwnershipLoad:
    return load_at(a_repository(tmp_path / "shop", {"README.md": "", **files}), repository=repository, **policy)


def load_at(shop: GitRepository, *, repository: str | None = None, **policy: Any) -> OwnershipLoad:
    tree = open_checkout(shop.path).tree("main")
    given = Policy.model_validate({"version": 1, **policy})
    return load_ownership(tree, load_yaml=yaml_loader(), policy=given, repository=repository)


def answer(known: Ownership, path: str) -> str | None:
    """The owner in the first section, or why it is blocked."""
    found = OwnershipIndex(known).resolve(path)[0]
    return known.components[found.component].owner if found.component is not None else found.problem


class TestWhichSourcesApply:
    ALL: ClassVar = {
        ".gate/ownership.yaml": RECORDS,
        "CODEOWNERS": "* @a\n",
        "catalog-info.yaml": CATALOG,
        "OWNERS": OWNERS,
    }

    def test_without_a_list_the_first_kind_there_is(self, tmp_path: Path) -> None:
        for number, expected in enumerate(("records", "codeowners", "backstage", "owners")):
            files = dict(list(self.ALL.items())[number:])
            assert load(tmp_path / expected, files).ownership.sources == (expected,)

    def test_with_a_list_those_alone_each_a_section(self, tmp_path: Path) -> None:
        found = load(tmp_path, self.ALL, sources=("owners", "records", "codeowners", "backstage"))
        assert [section.name for section in found.ownership.sections] == [
            "default",
            "codeowners",
            "backstage",
            "owners",
        ]
        assert not found.ownership.is_bare_codeowners

    def test_a_listed_source_without_file_is_reported(self, tmp_path: Path) -> None:
        found = load(tmp_path, {"OWNERS": OWNERS}, sources=("records", "owners"))
        assert [fault.code for fault in found.faults] == ["source-absent"]

    def test_nothing_at_all_is_no_section(self, tmp_path: Path) -> None:
        assert load(tmp_path, {}).ownership == Ownership()

    def test_a_bare_codeowners_file_is_known_as_such(self, tmp_path: Path) -> None:
        assert load(tmp_path / "a", {"CODEOWNERS": "* @a\n"}).ownership.is_bare_codeowners
        assert not load(tmp_path / "b", {"CODEOWNERS": "* @a\n"}, sources=("codeowners",)).ownership.is_bare_codeowners

    @pytest.mark.parametrize("text", ["", "# nobody yet\n", "@acme/platform\n", "/docs/\n"])
    def test_one_that_names_nobody_lets_nothing_through(self, tmp_path: Path, text: str) -> None:
        assert not load(tmp_path, {"CODEOWNERS": text}).ownership.is_bare_codeowners


class TestCodeowners:
    def test_the_first_place_of_the_dialect_counts_alone(self, tmp_path: Path) -> None:
        files = {".github/CODEOWNERS": "* @hub\n", "CODEOWNERS": "* @root\n", "docs/CODEOWNERS": "* @docs\n"}
        shop = a_repository(tmp_path / "shop", {**files, ".gitlab/CODEOWNERS": "* @lab\n"})
        assert answer(load_at(shop).ownership, "x") == "@hub"
        assert answer(load_at(shop, codeowners_dialect="gitlab").ownership, "x") == "@root"

    def test_a_link_in_its_place_is_a_failure_not_absence(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableError, match="symbolic link"):
            load(tmp_path, {".github/CODEOWNERS": Link("../CODEOWNERS"), "CODEOWNERS": "* @a\n"})

    def test_gitlab_sections(self, tmp_path: Path) -> None:
        found = load(tmp_path, {"CODEOWNERS": "* @a\n[Docs][2] @w\ndocs/\n"}, codeowners_dialect="gitlab")
        assert [(s.name, s.required) for s in found.ownership.sections] == [
            ("codeowners", None),
            ("codeowners:Docs", 2),
        ]


class TestRecords:
    def test_all_files_are_one_set_with_the_line_of_every_rule(self, tmp_path: Path) -> None:
        further = "version: 1\ncomponents:\n- name: docs\n  owner: web\n  paths:\n  - /docs/\n"
        found = load(tmp_path, {".gate/ownership.yaml": RECORDS, ".gate/ownership/docs.yaml": further})
        index = OwnershipIndex(found.ownership)
        rules = [index.resolve(path)[0].rule for path in ("x", "docs/x")]
        assert [rule.source for rule in rules if rule] == [".gate/ownership.yaml:6", ".gate/ownership/docs.yaml:6"]

    def test_an_error_anywhere_refuses_the_whole_set_with_all_faults(self, tmp_path: Path) -> None:
        files = {".gate/ownership.yaml": RECORDS, ".gate/ownership/a.yaml": "a: [", ".gate/ownership/b.yaml": "a: ["}
        with pytest.raises(InvalidFileError) as error:
            load(tmp_path, files)
        assert {fault.file for fault in error.value.faults} == {".gate/ownership/a.yaml", ".gate/ownership/b.yaml"}

    @pytest.mark.parametrize("entry", [Link("elsewhere"), Submodule("a" * 40), "a file"])
    def test_something_in_place_of_the_folder_is_a_failure(self, tmp_path: Path, entry: Any) -> None:
        with pytest.raises(UnreadableError, match="not a folder"):
            load(tmp_path, {".gate": entry, "CODEOWNERS": "* @a\n"})

    def test_a_linked_records_file_is_a_failure(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableError):
            load(tmp_path, {".gate/ownership.yaml": Link("../x.yaml"), "CODEOWNERS": "* @a\n"})

    def test_a_file_with_another_ending_is_reported(self, tmp_path: Path) -> None:
        found = load(tmp_path, {".gate/ownership/web.yml": RECORDS, "CODEOWNERS": "* @a\n"})
        assert [(fault.file, fault.code) for fault in found.faults] == [
            (".gate/ownership/web.yml", "records-file-name")
        ]

    def test_components_of_other_repositories_own_nothing_here(self, tmp_path: Path) -> None:
        text = RECORDS + "    repositories: [acme/shop]\n"
        shop = a_repository(tmp_path / "shop", {".gate/ownership.yaml": text})
        assert answer(load_at(shop, repository="acme/other").ownership, "x") is None
        assert answer(load_at(shop, repository="acme/shop").ownership, "x") == "web"


class TestCatalogAndOwnersFiles:
    def test_several_documents_keep_their_lines(self, tmp_path: Path) -> None:
        group = "kind: Group\nmetadata: {name: web}\nspec: {type: team, members: [alice]}\n"
        found = load(tmp_path, {"catalog-info.yaml": f"# c\n---\n{group}---\n{CATALOG}"})
        (resolved,) = OwnershipIndex(found.ownership).resolve("x")
        assert resolved.rule is not None
        assert resolved.rule.source == "catalog-info.yaml:8"
        assert answer(found.ownership, "x") == "web"

    def test_a_broken_catalog_blocks_its_folder_and_says_where(self, tmp_path: Path) -> None:
        broken = f"{CATALOG}---\nkind: [\n"
        found = load(tmp_path, {"catalog-info.yaml": CATALOG, "sub/catalog-info.yaml": broken})
        assert "YAML" in str(answer(found.ownership, "sub/x"))
        assert answer(found.ownership, "x") == "group:web"
        assert [(fault.file, fault.line > 3) for fault in found.faults] == [("sub/catalog-info.yaml", True)]

    @pytest.mark.parametrize(("name", "good"), [("catalog-info.yaml", CATALOG), ("OWNERS", OWNERS)])
    @pytest.mark.parametrize("entry", [Link("../x"), Submodule("a" * 40)])
    def test_a_link_in_place_of_a_file_blocks_its_folder(
        self, tmp_path: Path, name: str, good: str, entry: Any
    ) -> None:
        found = load(tmp_path, {name: good, f"sub/{name}": entry})
        assert "stands where the file should be" in str(answer(found.ownership, "sub/x"))
        assert "stands" not in str(answer(found.ownership, "x"))

    def test_a_broken_owners_file_blocks_its_folder(self, tmp_path: Path) -> None:
        found = load(tmp_path, {"OWNERS": OWNERS, "sub/OWNERS": "approvers: *anchor\n"})
        assert answer(found.ownership, "x") == "@alice"
        assert OwnershipIndex(found.ownership).resolve("sub/x")[0].problem

    def test_broken_aliases_block_and_absent_ones_do_not(self, tmp_path: Path) -> None:
        found = load(tmp_path / "a", {"OWNERS": OWNERS, "OWNERS_ALIASES": "aliases: ["})
        assert "OWNERS_ALIASES" in str(answer(found.ownership, "x"))
        found = load(tmp_path / "b", {"OWNERS": OWNERS, "OWNERS_ALIASES": "aliases: {alice: [zoe]}"})
        assert found.ownership.teams["alice"].members == ("@zoe",)

    def test_linked_aliases_are_a_failure(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableError):
            load(tmp_path, {"OWNERS": OWNERS, "OWNERS_ALIASES": Link("x")})
