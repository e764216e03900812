"""Compiling: what is cut by its text means what is parsed, and a plain file reads as any other does."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.ownership.codeowners import parse_codeowners
from gate.core.ownership.matcher import PathMatcher
from gate.core.ownership.patterns import Dialect, Pattern, PatternError, are_simple, parse_pattern, read_pattern

DIALECTS: tuple[Dialect, ...] = get_args(Dialect)
NAMES = ["a", "b", "ab", "a.js", ".js", "é", "*", "A", "a b", "[ab]"]
SEGMENTS = ["a", "b", "ab", "*", "*", "**", "a*", "*.js", "?", "a.js", ".js", "é"]
ODD_SEGMENTS = ["..", ".", "", "[ab]", "***", "a\\", "\\ b", "!a", "#", "a b", "\u00a0a"]
ENDS = ["", "", "/", "/*", "/**", "/**/*", "/**/"]


@st.composite
def patterns(draw: st.DrawFn, *, odd: bool = True) -> str:
    """Any text that might be a pattern."""
    segments = st.sampled_from([*SEGMENTS, *ODD_SEGMENTS] if odd and draw(st.integers(0, 4)) == 0 else SEGMENTS)
    parts = "/".join(draw(st.lists(segments, min_size=0 if odd else 1, max_size=4)))
    return draw(st.sampled_from(["", "/", "/"])) + parts + draw(st.sampled_from(ENDS))


LAYERS = st.lists(st.lists(patterns(), max_size=8), min_size=1, max_size=3)
PATHS = st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5).map("/".join), min_size=1, max_size=12)


def parsed(text: str, dialect: Dialect) -> Pattern:
    """The pattern as it is parsed, which is put into the trie route by route."""
    return read_pattern(text, dialect) or Pattern(text, ())


class TestATextThatIsCut:
    @settings(max_examples=200, deadline=None)
    @given(layers=LAYERS, paths=PATHS, dialect=st.sampled_from(DIALECTS))
    def test_always_means_what_its_parsed_pattern_means(
        self, layers: list[list[str]], paths: list[str], dialect: Dialect
    ) -> None:
        dialects = [dialect] * len(layers)
        cut = PathMatcher(layers, dialects=dialects)
        routed = PathMatcher([[parsed(text, dialect) for text in layer] for layer in layers], dialects=dialects)
        assert cut.match_all(paths) == routed.match_all(paths)
        for path in paths:
            assert cut.match_entry(path, as_folder=True) == routed.match_entry(path, as_folder=True)
            for number in range(len(layers)):
                assert cut.every_match(path, number) == routed.every_match(path, number)

    @pytest.mark.parametrize("dialect", DIALECTS)
    @pytest.mark.parametrize("start", ["", "/", "/a/", "a/", "/a/b/", "*/", "/a*/"])
    @pytest.mark.parametrize("end", ["a", "a/", "*", "**", "**/*", "**/", "*/", "a.js", "*.js", "?"])
    def test_means_it_alone_and_beside_an_odd_one(self, start: str, end: str, dialect: Dialect) -> None:
        text = start + end
        paths = ["a", "a/a", "a/b", "a/b/a", "b/a/b", "a/b/c/d", "a.js", "a/b/a.js", "c/a/a", "a/a/a"]
        routed = PathMatcher([[parsed(text, dialect)]], dialects=[dialect]).match_all(paths)
        assert PathMatcher([[text]], dialects=[dialect]).match_all(paths) == routed
        beside = PathMatcher([["/no[pe]/", text]], dialects=[dialect])
        assert [bool(answer[0] == 1) for answer in beside.match_all(paths)] == [answer == (0,) for answer in routed]


class TestALookAtAllPatternsAtOnce:
    @settings(max_examples=300, deadline=None)
    @given(texts=st.lists(st.one_of(patterns(), st.text("a/.*?[]\\!# \n\t\u00a0", max_size=6)), max_size=4))
    def test_never_takes_for_simple_what_is_refused(self, texts: list[str]) -> None:
        if are_simple(texts):
            for text in texts:
                assert parse_pattern(text).text == text
                assert not set(text) & set("\\[]")

    @pytest.mark.parametrize("text", ["/a/", "*", "a/.b/c.d/", "/.github/", "..a", ".a", "a/...", "a**b", "/x-y_z/*"])
    def test_takes_the_usual_ones_for_simple(self, text: str) -> None:
        assert are_simple([text, "/docs/"])
        assert are_simple([])

    @pytest.mark.parametrize("text", ["", "/", "a//b", "a b", "a\n", ".", "..", "a/.", "./a", "a/../b", "a/./.b", "!a"])
    def test_never_lets_one_odd_text_pass(self, text: str) -> None:
        assert not are_simple(["/docs/", text, "/lib/"])
        assert not are_simple(["/" + "a" * 5_000])

    def test_leaves_patterns_that_were_read_already_to_others(self) -> None:
        assert not are_simple([parse_pattern("/a/")])


class TestAPlainFile:
    LINES = st.lists(
        st.one_of(
            st.sampled_from(
                ["", "  ", "# c", "\t# c", "#", "[Section] @a", "\t/a\t@b  @b ", " /x/ @a #c", "/y @a/b# @c"]
            ),
            st.builds(
                "{}{} {}{}".format,
                st.sampled_from(["", "", " ", "\t"]),
                patterns(odd=False),
                st.lists(st.sampled_from(["@a", "@o/t", "x@y.z", "@a", "name", "@@maintainer", "#no", "p/q"])).map(
                    " ".join
                ),
                st.sampled_from(["", "", " ", "\r"]),
            ),
            st.builds("{} @a".format, patterns()),
        ),
        max_size=8,
    )

    @settings(max_examples=300, deadline=None)
    @given(lines=LINES, end=st.sampled_from(["\n", "\r\n"]))
    def test_reads_as_it_does_with_an_odd_character_in_a_comment(self, lines: list[str], end: str) -> None:
        plain, odd = end.join([*lines, "# e"]), end.join([*lines, "# é"])
        for text in (plain, plain.encode()):
            read, other = parse_codeowners(text, file="CODEOWNERS"), parse_codeowners(odd, file="CODEOWNERS")
            assert read.rules == other.rules
            assert read.faults == other.faults

    def test_shares_equal_owners_and_tells_a_fault_in_its_place(self) -> None:
        file = parse_codeowners(b"/a @x @y\n  /b @x nobody\n/c[1] @x\n/d @x @y", file="CODEOWNERS")
        assert file.rules[0].owners is file.rules[3].owners
        assert [(fault.line, fault.column, fault.code) for fault in file.faults] == [
            (2, 9, "codeowners-owner"),
            (3, 1, "codeowners-pattern"),
        ]


def test_a_refused_text_is_read_as_widely_as_before() -> None:
    with pytest.raises(PatternError):
        parse_pattern("/a/[b]/")
    assert PathMatcher([["/a/", "/a/[b]/"]]).match_all(["a/b/c", "a/[b]/c", "a/d"]) == [(1,), (1,), (0,)]
