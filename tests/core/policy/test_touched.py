"""Touched: which components, unowned files and gate files a change touches."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from builders_decision import a_case
from builders_facts import a_component, a_declaration, a_file, a_policy, an_ownership, some_facts

from gate.core.change.facts import EarlierContent, LookAlike
from gate.core.ownership.registry import Component, Ownership, Rule, Section
from gate.core.policy.compiled_rules import CompiledRules
from gate.core.policy.touched import Touched, TouchedPart, survey

PAYMENTS, WEB = ("default", "payments-api"), ("default", "web")


def touched(*files: Any, **overrides: Any) -> Touched:
    facts = some_facts(files=tuple(a_file(f) if isinstance(f, str) else f for f in files), **overrides)
    return survey(facts, [file.path for file in facts.files], CompiledRules.of(facts.ownership, facts.policy))


def part_of(found: Touched, section: str, name: str) -> TouchedPart:
    (part,) = [part for part in found.parts if (part.component.section, part.component.name) == (section, name)]
    return part


def parts(found: Touched) -> Mapping[str, list[str]]:
    return {part.component.name: part.files for part in found.parts}


def sectioned(*, is_optional: bool = False, required: int | None = None, pattern: str = "/web/") -> Ownership:
    """Two sections over the same files: `default` and `layer`."""
    components = (
        Component("payments-api", "default", ("payments",), "r:1"),
        Component("layer", "layer", ("platform",), "r:2"),
    )
    sections = (
        Section("default", (Rule("/services/", "r:3", 0),), "r"),
        Section("layer", (Rule(pattern, "r:4", 1),), "r", is_optional=is_optional, required=required),
    )
    return an_ownership(a_component(), components=components, sections=sections)


SHARED = an_ownership(
    a_component(),
    components=(Component("payments-api", "default", ("payments",), "r:1"),),
    sections=(
        Section("default", (Rule("/a/", "r:3", 0), Rule("/both/", "r:4", 0)), "r"),
        Section("layer", (Rule("/b/", "r:5", 0), Rule("/both/", "r:6", 0)), "r"),
    ),
)
"""Two sections of which lines name one component."""


class TestComponents:
    def test_a_file_brings_in_its_owner_and_no_other(self) -> None:
        found = touched("services/payments/round.py")
        assert parts(found) == {"payments-api": ["services/payments/round.py"]}
        part = part_of(found, *PAYMENTS)
        assert (set(part.paths), part.is_declared, part.is_asked, part.required) == (
            {"services/payments/round.py"}, False, True, None,
        )  # fmt: skip

    def test_several_files_of_one_component_are_one_part(self) -> None:
        found = touched("services/payments/a.py", "services/payments/b/c.py", "web/x")
        assert parts(found) == {
            "payments-api": ["services/payments/a.py", "services/payments/b/c.py"], "web": ["web/x"],
        }  # fmt: skip
        assert [component.name for component in found.components] == ["payments-api", "web"]

    def test_every_section_speaks_for_itself(self) -> None:
        found = touched("services/a", ownership=sectioned(pattern="*", required=2))
        assert parts(found) == {"payments-api": ["services/a"], "layer": ["services/a"]}
        assert (part_of(found, "layer", "layer").required, part_of(found, *PAYMENTS).required) == (2, None)

    def test_a_file_of_one_section_is_none_of_another_that_shares_some(self) -> None:
        ownership = sectioned(pattern="*")
        found = touched("services/a", "web/x", ownership=ownership)
        assert parts(found) == {"payments-api": ["services/a"], "layer": ["services/a", "web/x"]}
        found = touched("b/x", "services/a", "web/x", ownership=ownership)
        assert parts(found) == {"payments-api": ["services/a"], "layer": ["b/x", "services/a", "web/x"]}

    def test_what_an_exclusion_leaves_to_a_component_is_listed_by_its_path_among_the_others(self) -> None:
        ownership = an_ownership(a_component("all", "web", "*"), a_component("pay", "payments", "/pay/", "!/pay/docs/"))
        found = touched("a", "pay/docs/x", "pay/x", "z", ownership=ownership)
        assert parts(found) == {"all": ["a", "pay/docs/x", "z"], "pay": ["pay/x"]}

    def test_they_are_in_the_order_of_section_and_name_whatever_order_they_are_written_in(self) -> None:
        ownership = an_ownership(
            a_component("b", "web", "/b/"), a_component("c", "web", "/c/"), a_component("a", "web", "/a/"),
            a_component("a", "web", "*", section="core"),
        )  # fmt: skip
        found = touched("a/x", "b/x", "c/x", ownership=ownership)
        assert [(part.component.section, part.component.name) for part in found.parts] == [
            ("core", "a"), ("default", "a"), ("default", "b"), ("default", "c"),
        ]  # fmt: skip

    def test_a_file_is_listed_once_where_two_sections_name_one_component(self) -> None:
        found = touched("a/x", "b/x", "both/x", ownership=SHARED)
        assert parts(found) == {"payments-api": ["a/x", "b/x", "both/x"]}

    def test_an_optional_section_is_informed_and_not_asked(self) -> None:
        found = touched("web/x", ownership=sectioned(is_optional=True))
        assert (part_of(found, "layer", "layer").is_asked, found.unowned) == (False, ["web/x"])

    @pytest.mark.parametrize("problem", ["no owner of this form", ""])
    def test_each_section_blocks_by_a_line_of_its_own(self, problem: str) -> None:
        rules = [Rule("/web/", source, None, problem=problem) for source in ("CODEOWNERS:3", "catalog:1")]
        sections = tuple(Section(f"s{number}", (rule,), "f") for number, rule in enumerate(rules))
        found = touched("web/a", ownership=an_ownership(a_component(), sections=sections))
        assert found.blocked == {rule.source: (rule, ["web/a"]) for rule in rules}

    def test_a_line_that_cannot_be_used_blocks_what_it_matches(self) -> None:
        rule = Rule("/web/", "CODEOWNERS:3", None, problem="no owner of this form")
        ownership = an_ownership(a_component(), sections=(Section("codeowners", (rule,), "CODEOWNERS"),))
        found = touched("web/a", "web/b", "docs/c", ownership=ownership)
        assert found.blocked == {"CODEOWNERS:3": (rule, ["web/a", "web/b"])}
        assert (found.unowned, parts(found)) == (["docs/c"], {})


class TestUnownedFiles:
    def test_what_no_section_names_is_unowned(self) -> None:
        found = touched("docs/a.md", "web/x", "docs/b.md")
        assert (found.unowned, found.unowned_paths) == (["docs/a.md", "docs/b.md"], {"docs/a.md", "docs/b.md"})

    def test_what_further_sections_alone_name_is_unowned(self) -> None:
        found = touched("web/x", ownership=sectioned())
        assert (found.unowned, part_of(found, "layer", "layer").is_asked) == (["web/x"], True)

    def test_what_optional_sections_alone_name_is_unowned_also_where_there_are_no_others(self) -> None:
        section = Section("layer", (Rule("/web/", "r:1", 0),), "r", is_optional=True)
        assert touched("web/x", ownership=an_ownership(a_component(), sections=(section,))).unowned == ["web/x"]

    def test_what_a_further_section_alone_names_is_unowned_whatever_else_the_component_has(self) -> None:
        assert touched("a/x", "b/x", ownership=SHARED).unowned == ["b/x"]

    def test_they_are_listed_by_path_whatever_else_they_meet(self) -> None:
        policy = a_policy(rules=[{"name": "r", "when": {"paths": ["*.py"]}, "require": {"escalation": True}}])
        assert touched("a.py", "b", "c.py", policy=policy).unowned == ["a.py", "b", "c.py"]

    def test_what_is_excluded_is_unowned(self) -> None:
        ownership = an_ownership(a_component("web", "web", "/web/", "!/web/free/"))
        assert touched("web/free/x", "web/x", ownership=ownership).unowned == ["web/free/x"]

    def test_an_earlier_content_adds_only_paths(self) -> None:
        found = touched("web/x", earlier_contents=(EarlierContent("k", (a_file("docs/a.md"),)),))
        assert (found.unowned, found.unowned_paths) == ([], {"docs/a.md"})

    def test_so_does_one_of_a_further_section(self) -> None:
        earlier = (EarlierContent("k", (a_file("web/gone"),)),)
        assert touched("services/a", ownership=sectioned(), earlier_contents=earlier).unowned_paths == {"web/gone"}


class TestGateFiles:
    @pytest.mark.parametrize(
        "path",
        [
            ".gate/policy.yaml",
            ".gate/tests/x.yaml",
            ".github/workflows/ci.yml",
            ".gitlab/CODEOWNERS",
            "CODEOWNERS",
            "docs/CODEOWNERS",
            ".gitattributes",
            "web/.gitattributes",
            ".gitmodules",
        ],
    )
    def test_what_steers_the_gate_the_platform_or_what_is_seen(self, path: str) -> None:
        found = touched(path)
        assert (found.gate_files, found.gate_paths) == ([path], {path})

    @pytest.mark.parametrize(
        "path", ["gate/x", "docs/.gate/policy.yaml", "CODEOWNERS.md", "services/payments/github.py"]
    )
    def test_nothing_else(self, path: str) -> None:
        assert touched(path).gate_files == []

    def test_a_policy_that_lies_elsewhere_makes_its_folder_one(self) -> None:
        policy = a_policy(file="ops/gate/policy.yaml")
        assert touched("ops/gate/x", policy=policy).gate_files == ["ops/gate/x"]
        assert touched("ops/gate/x").gate_files == []
        assert touched(".gate/x", "CODEOWNERS", policy=policy).gate_files == [".gate/x", "CODEOWNERS"]

    def test_they_are_listed_by_path_whoever_owns_them(self) -> None:
        ownership = an_ownership(a_component("ci", "platform", "/.github/"), a_component("code", "web", "CODEOWNERS"))
        files = [".gate/x", ".github/CODEOWNERS", ".github/ci.yml", "CODEOWNERS"]
        assert touched(*files, ownership=ownership).gate_files == files

    def test_a_policy_at_the_top_does_not_make_everything_one(self) -> None:
        assert touched("web/x", policy=a_policy(file="policy.yaml")).gate_files == []

    def test_an_owned_gate_file_belongs_to_its_owner_as_well(self) -> None:
        ownership = an_ownership(a_component("ci", "platform", "/.github/"))
        found = touched(".github/ci.yml", ownership=ownership)
        assert (parts(found), found.gate_files) == ({"ci": [".github/ci.yml"]}, [".github/ci.yml"])


class TestDeclarationsBroughtAlong:
    path = ".gate/changes/42.yaml"

    @pytest.mark.parametrize("path", [path, ".gate/changes/42.yml"])
    def test_a_new_declaration_is_the_authors_own(self, path: str) -> None:
        found = touched(a_file(path, "added"))
        assert (found.unowned, found.unowned_paths, found.gate_files, found.gate_paths) == ([], set(), [], set())

    @pytest.mark.parametrize(
        "file", [a_file(path, "modified"), a_file(path, "deleted"), a_file(path, "added", mode="100755"),
                 a_file(path, "added", mode="120000", link_target="web/x")],
    )  # fmt: skip
    def test_one_that_changes_or_is_no_plain_file_is_not(self, file: Any) -> None:
        assert touched(file).gate_files == [self.path]

    @pytest.mark.parametrize("path", [".gate/changes/a.json", ".gate/changes/sub/a.yaml", ".gate/a.yaml"])
    def test_nothing_else_passes_as_one(self, path: str) -> None:
        assert touched(a_file(path, "added")).gate_files == [path]


class TestByWayOf:
    def test_a_link_asks_the_owners_of_its_target_too(self) -> None:
        link = a_file("web/link", mode="120000", link_target="services/payments/key")
        assert parts(touched(link)) == {"web": ["web/link"], "payments-api": ["web/link"]}

    def test_a_link_asks_the_owners_of_a_file_as_of_a_folder_where_they_differ(self) -> None:
        ownership = an_ownership(a_component("file", "web", "/l*/x"), a_component("folder", "platform", "/lib/*/"))
        link = a_file("m", mode="120000", link_target="lib/x")
        assert parts(touched(link, ownership=ownership)) == {"file": ["m"], "folder": ["m"]}

    def test_a_link_to_a_file_of_which_a_line_cannot_be_used_is_blocked_by_it(self) -> None:
        folder = a_component("folder", "platform", "/lib/*/")
        section = an_ownership(folder).sections[0]
        rules = (Rule("/lib/x", "r:1", None, problem="bad"), *section.rules)
        ownership = an_ownership(folder, sections=(replace(section, rules=rules),))
        found = touched(a_file("m", mode="120000", link_target="lib/x"), ownership=ownership)
        assert (list(found.blocked), parts(found)) == (["r:1"], {"folder": ["m"]})

    def test_a_link_that_was_one_only_before_does_not(self) -> None:
        link = a_file("web/link", base_mode="120000", link_target="services/payments/key")
        assert parts(touched(link)) == {"web": ["web/link"]}

    def test_a_link_to_a_gate_file_is_one(self) -> None:
        link = a_file("web/link", mode="120000", link_target=".gate/policy.yaml")
        found = touched(link)
        assert (found.gate_files, found.gate_paths) == (["web/link"], {"web/link"})

    def test_a_link_inside_the_gates_folder_is_listed_once(self) -> None:
        link = a_file(".gate/link", mode="120000", link_target=".gate/policy.yaml")
        assert touched(link).gate_files == [".gate/link"]

    def test_a_path_that_looks_like_an_owned_one_asks_that_owner(self) -> None:
        alike = LookAlike("Web/x", "web/x", "differs only in case")
        assert parts(touched("Web/x", look_alikes=(alike,))) == {"web": ["Web/x"]}

    @pytest.mark.parametrize("modes", [{"mode": "160000"}, {"base_mode": "160000"}])
    def test_a_submodule_is_looked_up_as_a_folder_as_well(self, modes: dict[str, str]) -> None:
        ownership = an_ownership(a_component("vendor", "platform", "/vendor/lib/"))
        assert parts(touched(a_file("vendor/lib", **modes), ownership=ownership)) == {"vendor": ["vendor/lib"]}

    def test_a_file_of_a_folders_name_is_not_looked_up_as_one(self) -> None:
        ownership = an_ownership(a_component("vendor", "platform", "/vendor/lib/"))
        assert parts(touched("vendor/lib", ownership=ownership)) == {}

    def test_a_link_to_a_gate_file_is_listed_by_its_path_among_the_others(self) -> None:
        link = a_file(".a", mode="120000", link_target=".gate/policy.yaml")
        assert touched(link, ".gate/x").gate_files == [".a", ".gate/x"]

    def test_a_file_that_one_line_blocks_twice_is_listed_once_by_its_path(self) -> None:
        rule = Rule("/web/", "CODEOWNERS:3", None, problem="no owner of this form")
        ownership = an_ownership(a_component(), sections=(Section("codeowners", (rule,), "CODEOWNERS"),))
        links = [a_file(path, mode="120000", link_target="web/page") for path in ("a", "web/b")]
        found = touched(*links, "web/c", a_file("web/module", mode="160000"), ownership=ownership)
        assert found.blocked == {"CODEOWNERS:3": (rule, ["a", "web/b", "web/c", "web/module"])}

    def test_what_a_link_brings_in_is_listed_by_its_path_among_the_others(self) -> None:
        link = a_file("a", mode="120000", link_target="web/page")
        assert parts(touched(link, "web/x")) == {"web": ["a", "web/x"]}

    def test_a_link_to_a_folder_asks_the_owners_of_the_folder(self) -> None:
        link = a_file("web/link", mode="120000", link_target="services/payments")
        assert parts(touched(link)) == {"web": ["web/link"], "payments-api": ["web/link"]}
        to_the_gates = a_file("web/link", mode="120000", link_target=".gate")
        assert touched(to_the_gates).gate_files == ["web/link"]

    def test_a_submodule_in_place_of_the_gates_folder_is_one_of_its_files(self) -> None:
        assert touched(a_file(".gate", mode="160000")).gate_files == [".gate"]

    def test_lists_of_patterns_are_met_by_way_of_links_submodules_and_look_alikes(self) -> None:
        rule = {"name": "R", "when": {"paths": ["/a/"]}, "require": {"signoffs": {"owner": 1}}}
        files = (a_file("a", mode="160000"), a_file("a/in"), a_file("A/x"), a_file("l", mode="120000", link_target="a"))
        found = touched(*files, policy=a_policy(rules=[rule]), look_alikes=(LookAlike("A/x", "a/x", "case"),))
        assert (found.matched, found.matched_by_way) == ({("/a/",): ["a/in"]}, {("/a/",): {"a", "A/x", "l"}})
        assert found.astray == {("/a/",): set()}

    def test_a_file_that_leads_out_of_a_list_of_patterns_is_told(self) -> None:
        rule = {"name": "R", "when": {"paths": ["/a/"]}, "require": {"signoffs": {"owner": 1}}}
        links = (a_file("a/in", mode="120000", link_target="a/x"), a_file("a/out", mode="120000", link_target="b"))
        found = touched(*links, policy=a_policy(rules=[rule]))
        assert (found.astray, found.matched_by_way) == ({("/a/",): {"a/out"}}, {("/a/",): set()})

    def test_the_same_file_is_listed_once_for_a_component(self) -> None:
        link = a_file("web/link", mode="120000", link_target="web/page")
        assert parts(touched(link)) == {"web": ["web/link"]}


class TestDeclaredComponents:
    def test_a_declared_component_is_asked_for_without_files(self) -> None:
        found = touched("services/payments/a", declaration=a_declaration(affects=("web",)))
        part = part_of(found, *WEB)
        assert (part.files, part.is_declared, part.is_asked) == ([], True, True)
        assert found.undeclarable == []

    def test_in_every_section_that_has_one_of_that_name(self) -> None:
        ownership = an_ownership(
            a_component("web", "web", "/web/"), a_component("web", "platform", "/web/", section="ops")
        )
        found = touched("x", ownership=ownership, declaration=a_declaration(affects=("web",)))
        assert [part.component.section for part in found.parts] == ["default", "ops"]

    def test_a_name_that_no_component_has_is_told(self) -> None:
        assert touched("x", declaration=a_declaration(affects=("ghost", "web"))).undeclarable == ["ghost"]

    def test_declared_in_an_optional_section_it_is_asked_as_its_section_says(self) -> None:
        found = touched(
            "web/x",
            ownership=sectioned(is_optional=True, required=2),
            declaration=a_declaration(affects=("layer",)),
        )
        part = part_of(found, "layer", "layer")
        assert (part.is_asked, part.required, part.files) == (True, 2, ["web/x"])

    def test_declared_without_files_it_takes_the_count_of_its_own_section(self) -> None:
        declared = a_declaration(affects=("layer", "payments-api"))
        found = touched("x", ownership=sectioned(required=2), declaration=declared)
        assert [part.required for part in found.parts] == [None, 2]

    def test_a_section_that_asks_for_nothing_particular_leaves_the_count(self) -> None:
        found = touched("x", ownership=sectioned(), declaration=a_declaration(affects=("layer",)))
        assert part_of(found, "layer", "layer").required is None


class TestEarlierContents:
    def earlier(self, *paths: str) -> Any:
        return (EarlierContent("k", tuple(a_file(path) for path in paths)),)

    def test_they_add_paths_to_a_touched_component_and_no_files(self) -> None:
        found = touched("web/x", earlier_contents=self.earlier("web/gone"))
        part = part_of(found, *WEB)
        assert (part.files, set(part.paths)) == (["web/x"], {"web/x", "web/gone"})

    def test_they_bring_no_component_in_but_it_is_remembered_once(self) -> None:
        found = touched("web/x", earlier_contents=self.earlier("services/payments/a", "services/payments/b"))
        assert parts(found) == {"web": ["web/x"]}
        assert [component.name for component in found.left_behind] == ["payments-api"]

    def test_a_line_that_cannot_be_used_keeps_theirs_from_being_unowned(self) -> None:
        rule = Rule("/web/", "CODEOWNERS:3", None, problem="no owner of this form")
        ownership = an_ownership(a_component(), sections=(Section("codeowners", (rule,), "CODEOWNERS"),))
        found = touched("docs/c", ownership=ownership, earlier_contents=self.earlier("web/a", "docs/d"))
        assert found.unowned_paths == {"docs/c", "docs/d"}

    def test_they_add_no_gate_files_only_their_paths(self) -> None:
        found = touched("web/x", earlier_contents=self.earlier(".gate/policy.yaml"))
        assert (found.gate_files, found.gate_paths) == ([], {".gate/policy.yaml"})


class TestPatternLists:
    rules: ClassVar = [{"name": "r", "when": {"paths": ["/web/", "*.py"]}, "require": {"escalation": True}}]

    def test_each_list_knows_its_files_and_its_earlier_paths(self) -> None:
        found = touched(
            "a.py", "docs/y", "web/x", "z.py", policy=a_policy(rules=self.rules),
            earlier_contents=(EarlierContent("k", (a_file("old.py"),)),),
        )  # fmt: skip
        key = ("/web/", "*.py")
        assert found.matched[key] == ["a.py", "web/x", "z.py"]
        assert found.matched_paths[key] == {"a.py", "web/x", "z.py", "old.py"}

    def test_a_list_that_nothing_meets_is_empty(self) -> None:
        found = touched("docs/y", policy=a_policy(rules=self.rules))
        assert (list(found.matched.values()), list(found.matched_paths.values())) == ([[]], [set()])


class TestLinksAndSubmodules:
    def test_are_kept_apart_from_ordinary_files(self) -> None:
        link = a_file("web/link", mode="120000", link_target="web/a.js")
        was_module = a_file("web/module", base_mode="160000")
        case = a_case(files=(a_file("web/a.js"), link, was_module))
        assert [file.path for file in case.touched.odd] == ["web/link", "web/module"]
        assert a_case(files=(a_file("web/a.js"),)).touched.odd == ()
