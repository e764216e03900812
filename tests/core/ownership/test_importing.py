"""Importing: records and CODEOWNERS files as sections and components, several sources as one registry."""

from typing import Any

from gate.core.canonical import canonical_bytes
from gate.core.ownership.codeowners import parse_codeowners
from gate.core.ownership.imported import Imported, merge_imported
from gate.core.ownership.importing import import_codeowners, import_records
from gate.core.ownership.records import OwnershipRecords
from gate.core.ownership.registry import Ownership
from gate.core.ownership.resolve import OwnershipIndex


def records(*components: dict[str, Any], repository: str | None = None, **fields: Any) -> Imported:
    listed = [{"owner": "payments", **component} for component in components]
    parsed = OwnershipRecords.model_validate_json(canonical_bytes({"version": 1, "components": listed, **fields}))
    return import_records(parsed, lambda path: f"r.yaml:{len(path)}{path[1]}", repository=repository, file="r.yaml")


def codeowners(text: str, dialect: Any = "github") -> Imported:
    return import_codeowners(parse_codeowners(text, file="CODEOWNERS", dialect=dialect))


def answer(known: Ownership, path: str) -> list[str | None]:
    found = OwnershipIndex(known).resolve(path)
    return [None if one.component is None else known.components[one.component].name for one in found]


class TestRecords:
    def test_each_section_name_is_a_section_in_written_order(self) -> None:
        known = merge_imported(
            [
                records(
                    {"name": "a", "paths": ["*"]},
                    {"name": "law", "paths": ["LICENSE"], "section": "legal"},
                    {"name": "b", "paths": ["/b/", "!/b/docs/"]},
                )
            ]
        )
        assert [section.name for section in known.sections] == ["default", "legal"]
        assert answer(known, "b/x") == ["b", None]
        assert answer(known, "b/docs/x") == ["a", None]
        assert answer(known, "LICENSE") == ["a", "law"]

    def test_rules_say_where_they_are_written(self) -> None:
        (section,) = records({"name": "a", "paths": ["/a/", "!/a/b"]}).sections
        assert [(rule.pattern, rule.is_exclusion, rule.source) for rule in section.rules] == [
            ("/a/", False, "r.yaml:40"),
            ("/a/b", True, "r.yaml:40"),
        ]

    def test_a_component_of_other_repositories_owns_nothing_here_and_stays_known(self) -> None:
        component = {"name": "a", "paths": ["*"], "repositories": ["acme/shop"]}
        for repository, expected in (("acme/other", None), ("ACME/Shop", "a"), (None, "a")):
            known = merge_imported([records(component, repository=repository)])
            assert answer(known, "x") == [expected]
            assert [(each.name, each.has_files) for each in known.components] == [("a", expected is not None)]

    def test_a_thing_without_files_is_a_component(self) -> None:
        (component,) = records({"name": "ledger-db", "kind": "database", "reviewed": "2026-10-01"}).components
        assert (component.kind, component.has_files, component.reviewed) == ("database", False, "2026-10-01")


class TestCodeowners:
    def test_a_component_is_named_by_its_sorted_owner_set_which_may_sign_off(self) -> None:
        result = codeowners("*.js @zoe @acme/web\n*.py @acme/web @zoe # the same two\n")
        assert [(each.name, each.owners) for each in result.components] == [("@acme/web @zoe", ("@acme/web", "@zoe"))]

    def test_owners_that_differ_by_case_are_the_same(self) -> None:
        assert len(codeowners("a @Zoe\nb @zoe @ZOE\n").components) == 1

    def test_a_line_without_owners_unowns_and_says_so(self) -> None:
        known = merge_imported([codeowners("* @a\n/docs/\n")])
        (found,) = OwnershipIndex(known).resolve("docs/x")
        assert found.component is None
        assert found.rule is not None
        assert found.rule.source == "CODEOWNERS:2"

    def test_an_ignored_line_blocks_what_it_matches_last_and_nothing_else(self) -> None:
        known = merge_imported([codeowners("* @a\n/docs/ bob\n/docs/ok @b\n")])
        index = OwnershipIndex(known)
        assert "bob" in str(index.resolve("docs/x")[0].problem)
        assert answer(known, "docs/ok") == ["@b"]
        assert answer(known, "src") == ["@a"]

    def test_a_file_above_the_platforms_limit_blocks_every_path(self) -> None:
        result = codeowners("* @a\n" + "#" * 3 * 1024 * 1024)
        (found,) = OwnershipIndex(merge_imported([result])).resolve("any/thing")
        assert "bytes" in str(found.problem)
        assert result.faults

    def test_an_empty_file_is_a_section_that_owns_nothing(self) -> None:
        known = merge_imported([codeowners("")])
        assert [section.name for section in known.sections] == ["codeowners"]
        assert answer(known, "x") == [None]


GITLAB = """\
* @lead
^[Docs] @writers
docs/
[Database][2] @dba
*.sql
!/sandbox/
model/ @dba @lead
"""


class TestGitlab:
    def test_sections_carry_counts_defaults_and_whether_they_are_optional(self) -> None:
        known = merge_imported([codeowners(GITLAB, "gitlab")])
        assert [(s.name, s.is_optional, s.required, s.dialect) for s in known.sections] == [
            ("codeowners", False, None, "gitlab"),
            ("codeowners:Docs", True, None, "gitlab"),
            ("codeowners:Database", False, 2, "gitlab"),
        ]
        assert answer(known, "docs/a.sql") == ["@lead", "@writers", "@dba"]
        assert answer(known, "model/a.py") == ["@lead", None, "@dba @lead"]

    def test_an_exclusion_takes_out_of_its_section_for_good(self) -> None:
        known = merge_imported([codeowners(GITLAB, "gitlab")])
        assert answer(known, "sandbox/model/a.sql") == ["@lead", None, None]


class TestSeveralSources:
    def test_each_source_is_a_section_of_its_own_and_indices_are_kept_apart(self) -> None:
        known = merge_imported([records({"name": "all", "paths": ["*"]}), codeowners("*.js @web\n")])
        assert answer(known, "x.js") == ["all", "@web"]
        assert known.sources == ("records", "codeowners")

    def test_section_names_stay_unique(self) -> None:
        known = merge_imported([records({"name": "a", "paths": ["*"], "section": "codeowners"}), codeowners("* @b\n")])
        assert [section.name for section in known.sections] == ["codeowners", "file:codeowners"]
        assert [each.section for each in known.components] == ["codeowners", "file:codeowners"]

    def test_who_is_in_a_team_is_said_by_the_first_source_that_names_it(self) -> None:
        first = records(teams={"web": {"members": ["alice"]}})
        second = records(teams={"web": {"members": ["mallory"]}})
        assert merge_imported([first, second]).teams["web"].members == ("alice",)
