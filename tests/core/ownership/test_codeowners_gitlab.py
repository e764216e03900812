"""CODEOWNERS as GitLab reads it: its pages "Syntax of CODEOWNERS file" and "Advanced CODEOWNERS configuration"."""

import pytest

from gate.core.ownership.codeowners import CodeownersFile, CodeownersSection, parse_codeowners
from gate.core.ownership.matcher import PathMatcher

Owners = tuple[str, ...]


def a_file(text: str) -> CodeownersFile:
    return parse_codeowners(text, file="CODEOWNERS", dialect="gitlab")


def owners_of(text: str, path: str) -> dict[str, Owners]:
    """Return the owners by section, without sections where no line matches or an exclusion decides."""
    file = a_file(text)
    layers = [[rule for rule in file.rules if rule.section == section.name] for section in file.sections]
    asked = PathMatcher([[rule.pattern for rule in rules] for rules in layers], dialects=["gitlab"] * len(layers))
    decided = zip(file.sections, layers, asked.match(path), strict=True)
    return {
        section.name: rules[index].owners
        for section, rules, index in decided
        if index >= 0 and not rules[index].is_exclusion
    }


class TestSections:
    TEXT = """\
* @admin

[README Owners]
README.md @user1 @user2
internal/README.md @user4

[README other owners]
README.md @user3
"""

    def test_each_adds_its_own_owners(self) -> None:
        assert owners_of(self.TEXT, "README.md") == {
            "default": ("@admin",),
            "README Owners": ("@user1", "@user2"),
            "README other owners": ("@user3",),
        }
        assert owners_of(self.TEXT, "internal/README.md") == {
            "default": ("@admin",),
            "README Owners": ("@user4",),
            "README other owners": ("@user3",),
        }

    @pytest.mark.parametrize(
        ("heading", "section"),
        [
            ("[Docs]", ("Docs", False, 1, ())),
            ("^[Docs]", ("Docs", True, 1, ())),
            ("[Docs][5]", ("Docs", False, 5, ())),
            ("[Docs] @a @g/s", ("Docs", False, 1, ("@a", "@g/s"))),
            ("^[My Docs][2] @a", ("My Docs", True, 2, ("@a",))),
        ],
    )
    def test_may_be_optional_ask_for_several_and_have_default_owners(
        self, heading: str, section: tuple[str, bool, int, Owners]
    ) -> None:
        file = a_file(heading + "\n/a @x\n")
        name, is_optional, required, owners = section
        assert file.sections[1:] == (
            CodeownersSection(name, is_optional=is_optional, required=required, default_owners=owners, line=1),
        )
        assert file.faults == ()

    def test_with_equal_names_are_one_whatever_the_case(self) -> None:
        file = a_file("[Docs]\nee/ @a\n[Db]\nREADME @d\n[DOCS]\nREADME @b\n")
        assert [section.name for section in file.sections] == ["default", "Docs", "Db"]
        assert [rule.line for rule in file.rules if rule.section == "Docs"] == [2, 6]

    def test_are_required_when_any_heading_of_the_name_is(self) -> None:
        for text in ("^[A]\n[a]\n", "[A]\n^[a]\n"):
            assert not a_file(text).sections[1].is_optional
        assert a_file("^[A]\n^[a]\n").sections[1].is_optional

    def test_ask_for_the_most_that_any_heading_of_the_name_asks_for(self) -> None:
        for text in ("[A][3]\n[a]\n", "[A]\n[a][3]\n", "[A][2]\n[a][3]\n"):
            assert a_file(text).sections[1].required == 3

    def test_called_default_stay_apart_from_the_lines_before_any_heading(self) -> None:
        text = "* @a\n[Default]\n*.md @b\n"
        assert owners_of(text, "x.md") == {"default": ("@a",), "Default (named)": ("@b",)}

    @pytest.mark.parametrize("name", ["default (named)", "Default (named)"])
    def test_called_default_are_one_with_those_called_as_they_are_shown(self, name: str) -> None:
        file = a_file(f"[default]\n*.md @b\n^[{name}]\n*.txt @c\n")
        assert [(section.name, section.is_optional) for section in file.sections[1:]] == [("default (named)", False)]
        assert [rule.line for rule in file.rules if rule.section == "default (named)"] == [2, 4]

    @pytest.mark.parametrize("count", ["0", "-1", "x", "", "1.5", "99999999"])
    def test_with_an_invalid_number_ask_for_one_and_are_reported(self, count: str) -> None:
        file = a_file(f"[Docs][{count}]\n/a @x\n")
        assert file.sections[1].required == 1
        assert [(fault.code, fault.severity) for fault in file.faults] == [("codeowners-section", "warning")]

    def test_whose_heading_cannot_be_read_are_an_entry_of_the_section_before(self) -> None:
        file = a_file("* @group\n\n[Section name\ndocs/ @docs_group\n")
        assert [(rule.pattern, rule.owners, rule.section) for rule in file.rules] == [
            ("*", ("@group",), "default"),
            ("[Section", (), "default"),
            ("docs/", ("@docs_group",), "default"),
        ]
        assert file.rules[1].problem is not None
        assert file.faults[0].code == "codeowners-section"


class TestDefaultOwners:
    TEXT = "[Docs] @docs-team\ndocs/\nREADME.md\n[Database] @db @agarcia\nmodel/db/\nconfig/db/setup.md @docs-team\n"

    def test_own_what_a_line_leaves_without_owner(self) -> None:
        assert owners_of(self.TEXT, "docs/a") == {"Docs": ("@docs-team",)}
        assert owners_of(self.TEXT, "model/db/x") == {"Database": ("@db", "@agarcia")}

    def test_yield_to_the_owners_of_a_line(self) -> None:
        assert owners_of(self.TEXT, "config/db/setup.md") == {"Database": ("@docs-team",)}

    def test_of_a_later_heading_of_the_same_name_hold_from_there(self) -> None:
        text = "[A] @x\n/one\n[a] @y\n/two\n[A]\n/three\n"
        assert [rule.owners for rule in a_file(text).rules] == [("@x",), ("@y",), ("@y",)]


class TestExclusions:
    def test_hold_in_their_section_alone(self) -> None:
        text = "* @u\n!pom.xml\n[Ruby]\n*.rb @ruby\n!/config/**/*.rb\n"
        assert owners_of(text, "pom.xml") == {}
        assert owners_of(text, "x.rb") == {"default": ("@u",), "Ruby": ("@ruby",)}
        assert owners_of(text, "config/a/b.rb") == {"default": ("@u",)}

    def test_cannot_be_taken_back_by_a_later_line(self) -> None:
        text = "[Ruby]\n*.rb @ruby\n!/config/**/*.rb\n/config/routes.rb @ops\n"
        assert owners_of(text, "config/routes.rb") == {}
        assert [rule.line for rule in a_file(text).rules] == [2, 4, 3]

    def test_of_folders_take_out_all_below(self) -> None:
        assert owners_of("* @u\n!**/generated/\n", "a/generated/b/c") == {}

    def test_that_cannot_be_read_are_reported(self) -> None:
        (rule,) = a_file("!a//b\n").rules
        assert rule.is_exclusion
        assert rule.problem is not None


class TestOwners:
    def test_may_be_users_groups_roles_and_addresses(self) -> None:
        line = "/a @user @group/with-nested/sub_group @@developer @@Maintainers me@example.com me@localhost"
        assert a_file(line).rules[0].owners == tuple(line.split()[1:])

    def test_that_are_malformed_are_ignored_and_reported(self) -> None:
        file = a_file("/path/* @group user_without_at_symbol @user_with_at_symbol @@guest")
        assert file.rules[0].owners == ("@group", "@user_with_at_symbol")
        assert file.rules[0].problem is None
        assert [fault.code for fault in file.faults] == ["codeowners-owner", "codeowners-owner"]

    def test_that_are_missing_block_instead_of_approving(self) -> None:
        file = a_file("/a\n/b nobody\n")
        assert [rule.problem for rule in file.rules] == ["the entry has no owner, so GitLab approves it by itself"] * 2

    def test_in_a_comment_behind_an_entry_count_as_owners(self) -> None:
        file = a_file("/a @x # asked @y to help\n")
        assert file.rules[0].owners == ("@x", "@y")
        assert [(fault.code, fault.severity) for fault in file.faults] == [("codeowners-comment", "warning")]


class TestPatterns:
    def test_keep_escaped_blanks_and_a_leading_escaped_hash(self) -> None:
        text = "path\\ with\\ spaces/*.md @a\n\\#file.rb @b\n"
        assert owners_of(text, "path with spaces/x.md") == {"default": ("@a",)}
        assert owners_of(text, "lib/#file.rb") == {"default": ("@b",)}

    def test_with_an_unescaped_blank_end_there(self) -> None:
        (rule,) = a_file("folder with spaces/*.md @group").rules
        assert (rule.pattern, rule.owners) == ("folder", ("@group",))
