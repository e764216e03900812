"""CODEOWNERS as GitHub reads it: every rule of its page "About code owners", and every line that it ignores."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.ownership.codeowners import CodeownersFile, CodeownersRule, codeowner_error, parse_codeowners
from gate.core.ownership.codeowners_lines import MAX_BYTES, MAX_FAULTS, MAX_RULES
from gate.core.ownership.matcher import PathMatcher
from gate.core.ownership.patterns import Dialect

EXAMPLE = """\
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""


def a_file(text: str | bytes) -> CodeownersFile:
    return parse_codeowners(text, file=".github/CODEOWNERS")


def owners_of(text: str | bytes, path: str) -> tuple[str, ...] | None:
    """Return the owners of the deciding line, None where no line matches."""
    rules = a_file(text).rules
    (index,) = PathMatcher([[rule.pattern for rule in rules]]).match(path)
    return None if index < 0 else rules[index].owners


class TestTheExampleOfThePage:
    @pytest.mark.parametrize(
        ("path", "owners"),
        [
            ("README.md", ("@global-owner1", "@global-owner2")),
            ("src/a.js", ("@js-owner",)),
            ("a.go", ("docs@example.com",)),
            ("a/b.txt", ("@octo-org/octocats",)),
            ("build/logs/x.txt", ("@octocat",)),
            ("docs/getting-started.md", ("@doctocat",)),
            ("x/apps/a", ("@octocat",)),
            ("deeply/nested/logs/a", ("@octocat",)),
            ("scripts/a.js", ("@doctocat", "@octocat")),
            ("apps/a.js", ("@octocat",)),
            ("apps/github/a.js", ()),
            ("apps/github", ()),
        ],
    )
    def test_gives_the_owners_that_the_page_names(self, path: str, owners: tuple[str, ...]) -> None:
        assert owners_of(EXAMPLE, path) == owners

    def test_has_no_faults_and_one_section(self) -> None:
        file = a_file(EXAMPLE)
        assert file.faults == ()
        assert file.unusable is None
        assert [section.name for section in file.sections] == ["default"]
        assert {rule.section for rule in file.rules} == {"default"}

    def test_keeps_line_and_column_of_every_rule(self) -> None:
        assert a_file("\n#\n  /a/ @x\n\t/b/ @y\n").rules == (
            CodeownersRule(3, 3, "/a/", ("@x",)),
            CodeownersRule(4, 2, "/b/", ("@y",)),
        )


class TestHowALineIsRead:
    @pytest.mark.parametrize(
        ("line", "pattern", "owners"),
        [
            ("/a @x", "/a", ("@x",)),
            ("/a\t@x\t\t@y", "/a", ("@x", "@y")),
            ("  /a   @x  ", "/a", ("@x",)),
            ("/a", "/a", ()),
            ("/a @x # @y", "/a", ("@x",)),
            ("/a @x #@y", "/a", ("@x",)),
            ("/a #@y", "/a", ()),
            ("/a#b @x", "/a#b", ("@x",)),
            ("my\\ dir/ @x", "my\\ dir/", ("@x",)),
            ("my\\\\ @x", "my\\\\", ("@x",)),
            ("dir\\ ", "dir\\ ", ()),
            ("/a @x @x @y", "/a", ("@x", "@y")),
            ("/a @o/t me@example.com", "/a", ("@o/t", "me@example.com")),
            ("/a @user_company", "/a", ("@user_company",)),
            ("é/ @x", "é/", ("@x",)),
        ],
    )
    def test_it_gives_pattern_and_owners(self, line: str, pattern: str, owners: tuple[str, ...]) -> None:
        (rule,) = a_file(line).rules
        assert (rule.pattern, rule.owners, rule.problem) == (pattern, owners, None)

    @pytest.mark.parametrize("line", ["", " ", "\t", "#", "# /a @x", "  # /a @x", "\r"])
    def test_a_blank_line_or_a_comment_says_nothing(self, line: str) -> None:
        file = a_file(line + "\n" + line)
        assert (file.rules, file.faults) == ((), ())

    def test_line_ends_of_any_system_and_a_byte_order_mark_change_nothing(self) -> None:
        plain = a_file("/a @x\n/b @y\n")
        assert a_file("/a @x\r\n/b @y\r\n").rules == plain.rules
        assert a_file(b"\xef\xbb\xbf/a @x\n/b @y").rules == plain.rules
        assert a_file("\ufeff/a @x\n/b @y").rules == plain.rules

    @pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
    def test_only_a_line_feed_ends_a_line(self, odd: str) -> None:
        file = a_file(f"/a @x\n/b{odd}* @evil\n/c @y")
        assert [rule.line for rule in file.rules] == [1, 2, 3]
        assert file.rules[1].pattern == f"/b{odd}*"

    @pytest.mark.parametrize("odd", ["\u00a0", "\u200b", "\u2003", "\u202e"])
    def test_an_invisible_character_parts_no_words_and_is_reported(self, odd: str) -> None:
        file = a_file(f"/secret/{odd}@sec")
        assert file.rules[0].pattern == f"/secret/{odd}@sec"
        (fault,) = file.faults
        assert (fault.code, fault.line, fault.column, fault.severity) == ("codeowners-odd-blank", 1, 9, "warning")
        assert f"U+{ord(odd):04X}" in fault.message


class TestALineThatThePlatformIgnores:
    @pytest.mark.parametrize(
        ("line", "column", "said", "suggestion"),
        [
            ("/a @", 4, "`@` is not an owner", "`@user`"),
            ("/a  alice", 5, "`alice` is not an owner", "write `@alice`"),
            ("/a @x acme/payments", 7, "`acme/payments` is not an owner", "write `@acme/payments`"),
            ("/a @x/y/z", 4, "`@x/y/z` is not an owner", "`@organisation/team`"),
            ("/a @@maintainer", 4, "a role", "`@organisation/team`"),
            ("/a me@", 4, "`me@` is not an owner", "e-mail"),
            ("/my dir/ @x", 5, "`dir/` is not an owner", "escape a blank"),
            ("/a @x, @y", 4, "`@x,` is not an owner", "`@user`"),
            ("[ab].txt @x", 1, "`[ab]` ranges do not work in CODEOWNERS", "one line for each"),
            ("!/docs/ @x", 1, "`!`", "later line"),
            ("\\#a @x", 1, "\\#", "/#name"),
            ("a//b @x", 1, "`//` never matches", "one `/`"),
            ("[Docs][2] @x", 1, "ranges do not work", "set the dialect to gitlab"),
            ("^[Docs]", 1, "ranges do not work", "set the dialect to gitlab"),
        ],
    )
    def test_keeps_its_rule_with_the_problem_and_is_reported(
        self, line: str, column: int, said: str, suggestion: str
    ) -> None:
        file = a_file(f"# first\n{line}\n/last @z\n")
        first, last = file.rules
        assert first.problem is not None
        assert said in first.problem
        assert last == CodeownersRule(3, 1, "/last", ("@z",))
        (fault,) = file.faults
        assert (fault.file, fault.line, fault.column) == (".github/CODEOWNERS", 2, column)
        assert said in fault.message
        assert suggestion in fault.suggestion
        assert fault.severity == "error"

    def test_names_every_wrong_owner_of_a_line(self) -> None:
        file = a_file("/a bob @x eve bob")
        assert [fault.column for fault in file.faults] == [4, 11, 15]
        assert file.rules[0].problem == "`bob` is not an owner, so the platform skips the line"
        assert file.rules[0].owners == ("@x",)

    def test_still_matches_so_that_its_files_can_be_blocked(self) -> None:
        rules = a_file("* @x\n/secret/[ab].key @sec\n").rules
        asked = PathMatcher([[rule.pattern for rule in rules]])
        assert asked.match("secret/a.key") == (1,)
        assert asked.match("secret/c.key") == (0,)

    @pytest.mark.parametrize("line", ["/ @x", "a\\", "x" * 5000 + " @x"])
    def test_blocks_nothing_where_no_pattern_can_be_read(self, line: str) -> None:
        file = a_file(f"* @y\n{line}\n")
        assert [fault.code for fault in file.faults] == ["codeowners-unreadable-line"]
        assert PathMatcher([[rule.pattern for rule in file.rules]]).match("x" * 5000) == (0,)

    def test_that_is_not_utf_8_takes_no_other_line_with_it(self) -> None:
        file = a_file(b"/a @x\n/b\xff\xfe @y\n/z\xc3\xa9 @z\n")
        assert [(rule.line, rule.pattern) for rule in file.rules] == [(1, "/a"), (3, "/zé")]
        (fault,) = file.faults
        assert (fault.line, fault.column, fault.code) == (2, 3, "codeowners-unreadable-line")

    def test_shows_hostile_words_shortened_and_escaped(self) -> None:
        (fault,) = a_file("/a " + "\x1b[31m" + "x" * 10_000).faults[1:]
        assert fault.code == "codeowners-owner"
        assert "\x1b" not in fault.message
        assert len(fault.message) < 200

    def test_is_listed_up_to_a_bound_and_the_rest_is_counted(self) -> None:
        file = a_file("/a bob\n" * (MAX_FAULTS + 7))
        assert len(file.rules) == MAX_FAULTS + 7
        assert len(file.faults) == MAX_FAULTS + 1
        assert file.faults[-1].message == "7 more lines of this file do not work"
        assert a_file("/a bob\n" * (MAX_FAULTS + 1)).faults[-1].message == "1 more line of this file does not work"


class TestAFileThatThePlatformDoesNotLoad:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            (b"# " + b"x" * MAX_BYTES + b"\n* @x\n", "codeowners-too-large"),
            ("# " + "é" * (MAX_BYTES // 2) + "\n* @x\n", "codeowners-too-large"),
            ("\n" * 300_001 + "* @x\n", "codeowners-too-large"),
            ("a\n" * (MAX_RULES + 1), "codeowners-too-large"),
            ("* @x\n".encode("utf-16"), "codeowners-encoding"),
        ],
    )
    def test_has_no_rules_and_says_so_for_the_caller_to_fail_closed(self, text: str | bytes, code: str) -> None:
        file = a_file(text)
        assert file.rules == ()
        assert file.unusable
        assert [(fault.code, fault.line, fault.severity) for fault in file.faults] == [(code, 0, "error")]
        assert file.faults[0].message == file.unusable

    def test_is_only_one_above_three_megabytes(self) -> None:
        text = b"* @x\n#" + b"x" * (MAX_BYTES - 6)
        assert len(text) == MAX_BYTES
        assert a_file(text).unusable is None


class TestWhoCanBeNamed:
    @pytest.mark.parametrize(
        "word",
        ["@a", "@A-1", "@octo-org/octocats", "@a_b", "user@example.com", "a.b+c@mail.example.co.uk", "@o/t.x_y-z"],
    )
    def test_a_user_a_team_or_an_address(self, word: str) -> None:
        assert codeowner_error(word) is None

    @pytest.mark.parametrize(
        "word",
        ["@", "@-a", "a", "@a/", "@/a", "@a/b/c", "@a b", "@a\n", "a@b", "@é", "@a@b", "@@owner", "@a#b", "a@b.c,"],
    )
    def test_nobody_else(self, word: str) -> None:
        assert codeowner_error(word) is not None


class TestWhateverTheTextIs:
    @settings(max_examples=150, deadline=None)
    @given(
        text=st.one_of(
            st.binary(max_size=200),
            st.text(max_size=200),
            st.lists(
                st.sampled_from(
                    ["a", "*", "/", "\\", " ", "#", "[", "]", "!", "^", "@", "@x", "\n", "\r", "\xa0", "[A]"]
                ),
                max_size=40,
            ).map("".join),
        ),
        dialect=st.sampled_from(["github", "gitlab"]),
    )
    def test_parsing_never_fails_and_never_loses_the_place_of_a_rule(self, text: bytes | str, dialect: Dialect) -> None:
        file = parse_codeowners(text, file="CODEOWNERS", dialect=dialect)
        lines = text.count(b"\n" if isinstance(text, bytes) else "\n") + 1
        assert all(1 <= rule.line <= lines and rule.column >= 1 for rule in file.rules)
        assert all(0 <= fault.line <= lines and fault.message and fault.suggestion for fault in file.faults)
        assert {rule.section for rule in file.rules} <= {section.name for section in file.sections}
        broken = {fault.line for fault in file.faults if fault.severity == "error"}
        assert {rule.line for rule in file.rules if rule.problem} <= broken
        asked = PathMatcher([[rule.pattern for rule in file.rules]], dialects=[dialect])
        assert asked.match("a/b")[0] < len(file.rules)


class TestAnOwnerInThePlaceOfAPath:
    def test_is_warned_of_with_the_line_that_was_meant(self) -> None:
        (fault,) = a_file("# owners\n@acme/platform\n").faults
        assert (fault.code, fault.severity) == ("codeowners-owner-as-path", "warning")
        assert str(fault) == (
            ".github/CODEOWNERS:2:1: `@acme/platform` stands where a path belongs, so the line names no owner "
            "(write `* @acme/platform` for all files)"
        )

    @pytest.mark.parametrize("line", ["@types/ @acme/types", "@acme/x @acme/types", "/@acme", "docs"])
    def test_a_folder_of_such_a_name_is_none(self, line: str) -> None:
        assert a_file(f"{line}\n").faults == ()
