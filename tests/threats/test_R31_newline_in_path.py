"""R31: a line break in a path beats a matcher whose `.` stops there and whose `$` accepts one more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.core.ownership.codeowners import parse_codeowners
from gate.core.ownership.matcher import PathMatcher

CONTROLS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x00", "\x1b", "\x85", "\u2028", "\u2029"]


class TestALineBreakInAPath:
    @pytest.mark.parametrize("control", CONTROLS, ids=ascii)
    @pytest.mark.parametrize(
        "pattern",
        [
            "/secure/",
            "secure/",
            "/secure/**",
            "/secure/*",
            "/secure/a*b",
            "/secure/a?*b",
            "**/a*b",
            "*b",
            "/secure",
            "*",
        ],
    )
    def test_is_a_character_like_any_other(self, pattern: str, control: str) -> None:
        assert PathMatcher([[pattern]]).match(f"secure/a{control}b") == (0,)

    @pytest.mark.parametrize("pattern", ["/secure/a?b", "/secure/*?b", "/secure/?" + "?" * 2])
    def test_is_one_character_to_a_question_mark(self, pattern: str) -> None:
        assert PathMatcher([[pattern]]).match("secure/a\nb") == (0,)

    @pytest.mark.parametrize("pattern", ["/secure/key", "*.pem", "key", "k?y", "/secure/k*y", "**/key"])
    def test_at_the_end_is_not_dropped(self, pattern: str) -> None:
        asked = PathMatcher([[pattern]])
        assert asked.match("secure/key\n") == (-1,)
        assert asked.match("secure/a.pem\n") == (-1,)

    def test_in_a_folder_name_does_not_hide_what_is_below(self) -> None:
        asked = PathMatcher([["*", "/secure*/", "**/b/*.key"]])
        assert asked.match_all(["secure\nx/a/c", "secure\n/b/x\n.key", "a\n/b/c"]) == [(1,), (2,), (0,)]
        assert asked.every_match("secure\n/b/x\n.key", 0) == (0, 1, 2)
        assert asked.match_entry("secure\n", as_folder=True) == (1,)

    def test_never_splits_a_list_of_paths(self) -> None:
        assert PathMatcher([["/b"]]).match_all(["a\nb", "b"]) == [(-1,), (0,)]

    @given(name=st.text(st.characters(exclude_characters="/"), min_size=1, max_size=8))
    def test_or_any_other_text_never_leaves_its_folder(self, name: str) -> None:
        asked = PathMatcher([["/secure/", "/secure/*", "secure/**"]])
        assert asked.match(f"secure/{name}") == (2,)
        assert asked.every_match(f"secure/{name}", 0) == (0, 1, 2)


class TestALineBreakInCodeowners:
    @pytest.mark.parametrize("control", [control for control in CONTROLS if "\n" not in control], ids=ascii)
    def test_is_a_line_feed_alone_so_that_nothing_smuggles_a_line_in(self, control: str) -> None:
        rules = parse_codeowners(f"/secure/ @sec{control}/secure/ @evil\n", file="CODEOWNERS").rules
        assert [rule.line for rule in rules] == [1]
        assert "@evil" not in rules[0].owners or rules[0].problem is not None
