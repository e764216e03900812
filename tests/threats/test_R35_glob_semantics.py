"""R35: another glob library gives another owner; syntax that the platform does not know is an error."""

import fnmatch

import pytest

from gate.core.ownership.codeowners import parse_codeowners
from gate.core.ownership.matcher import PathMatcher
from gate.core.ownership.patterns import PatternError, parse_pattern


def deciding_line(text: str, path: str) -> tuple[int, str | None]:
    """Return number and problem of the line that decides; 0 where none does."""
    rules = parse_codeowners(text, file="CODEOWNERS").rules
    (index,) = PathMatcher([[rule.pattern for rule in rules]]).match(path)
    return (0, None) if index < 0 else (rules[index].line, rules[index].problem)


class TestWhereGlobLibrariesDiffer:
    @pytest.mark.parametrize(
        ("pattern", "path"), [("docs/*", "docs/secret/k"), ("a*c", "a/b/c"), ("/docs/*.md", "docs/a/b.md")]
    )
    def test_a_star_stops_at_a_slash(self, pattern: str, path: str) -> None:
        assert fnmatch.fnmatchcase(path, pattern.removeprefix("/"))
        assert PathMatcher([[pattern]]).match(path) == (-1,)

    def test_the_last_match_wins_whether_it_names_a_file_or_a_folder(self) -> None:
        text = "*.key @sec\n/app/ @app\n"
        assert deciding_line(text, "app/a.key") == (2, None)
        assert deciding_line("/app/ @app\n*.key @sec\n", "app/a.key") == (2, None)
        assert deciding_line("/app/a.key @sec\n/app/ @app\n", "app/a.key") == (2, None)

    def test_a_line_without_owners_takes_ownership_away(self) -> None:
        rules = parse_codeowners("* @x\n/gen/\n", file="CODEOWNERS").rules
        assert deciding_line("* @x\n/gen/\n", "gen/a") == (2, None)
        assert rules[1].owners == ()

    def test_case_and_unicode_form_always_count(self) -> None:
        asked = PathMatcher([["/Secure/", "*.KEY", "/z\u00e9/"]])
        assert asked.match_all(["secure/a", "a.key", "ze\u0301/a", "z\u00e9/a"]) == [(-1,), (-1,), (-1,), (2,)]


class TestSyntaxThatThePlatformDoesNotKnow:
    @pytest.mark.parametrize("pattern", ["/secure/[ab].key", "!/secure/", "\\#secure", "/secure/***/key"])
    def test_is_an_error_wherever_patterns_are_written(self, pattern: str) -> None:
        with pytest.raises(PatternError):
            parse_pattern(pattern)

    @pytest.mark.parametrize(
        ("line", "path"),
        [
            ("/secure/[ab].key @sec", "secure/a.key"),
            ("/secure/[ab].key @sec", "secure/[ab].key"),
            ("!/secure/ @sec", "secure/a"),
            ("\\#secure @sec", "#secure"),
            ("/secure/ sec", "secure/a"),
            ("/secure/ @sec, @ops", "secure/a"),
            ("/secure//keys/ @sec", "secure/keys/a"),
        ],
    )
    def test_blocks_the_files_that_it_may_have_meant_instead_of_leaving_them_to_others(
        self, line: str, path: str
    ) -> None:
        number, problem = deciding_line(f"* @everybody\n{line}\n", path)
        assert number == 2
        assert problem

    def test_blocks_nothing_else(self) -> None:
        assert deciding_line("* @everybody\n/secure/[ab].key @sec\n", "secure/c.key") == (1, None)
