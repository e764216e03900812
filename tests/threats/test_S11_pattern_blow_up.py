"""S11: no pattern of a policy takes longer than its length times the text's, and none is skipped for its size."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.adapters.patterns_re2 import MAX_PATTERN, is_found, pattern_error
from gate.core.explain.escaping import visible
from gate.core.policy.conditions import matches_name

QUICK_SECONDS = 2


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


class TestTitlePatterns:
    @pytest.mark.parametrize(
        "pattern",
        ["(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y", "(.*)*(.*)*(.*)*!"],
    )
    def test_that_blow_up_elsewhere_are_searched_at_once(self, pattern: str) -> None:
        assert pattern_error(pattern) is None
        assert seconds(lambda: is_found(pattern, "a" * 4000 + "x" * 4000 + "?")) < QUICK_SECONDS

    @pytest.mark.parametrize(
        "pattern", ["((a{1,100}){1,100}){1,100}", "a{1001}", "(" * 500 + ")" * 499, "x" * (MAX_PATTERN + 1), "(?<=a)b"]
    )
    def test_that_cannot_be_searched_so_are_told_and_count_as_found(self, pattern: str) -> None:
        assert seconds(lambda: pattern_error(pattern)) < QUICK_SECONDS
        assert pattern_error(pattern)
        assert is_found(pattern, "anything"), "what demands is never skipped because it cannot be read"

    @pytest.mark.parametrize(
        ("pattern", "title", "expected"),
        [
            ("hotfix", "A hotfix", True),
            ("^hotfix", "A hotfix", False),
            ("(?i)HOTFIX", "a hotfix", True),
            (r"\bPAY-[0-9]+\b", "Round (PAY-7)", True),
            ("ü", "für", True),
            ("a.c", "a\nc", False),
            ("", "", True),
        ],
    )
    def test_say_what_re2_says(self, pattern: str, title: str, *, expected: bool) -> None:
        assert is_found(pattern, title) is expected

    @given(st.text(max_size=60), st.text(max_size=60))
    @settings(max_examples=200, deadline=None)
    def test_never_crash(self, pattern: str, title: str) -> None:
        reason = pattern_error(pattern)
        assert reason is None or reason == visible(reason)
        assert is_found(pattern, title) in {True, False}

    def test_with_half_a_character_are_told_and_a_title_with_one_is_searched(self) -> None:
        assert pattern_error("\ud800")
        assert is_found("\ud800", "anything")
        assert is_found("hotfix", "a \udfff hotfix")
        assert not is_found("hotfix", "a \udfff fix")


class TestBranchPatterns:
    @pytest.mark.parametrize(
        "pattern", ["*a" * 200, "**a" * 200, "**/" * 200 + "x", "*" * 4000, "?" * 2000 + "**" * 500, "**?" * 500]
    )
    def test_full_of_wildcards_are_matched_at_once(self, pattern: str) -> None:
        for name in ("a" * 255, "a/" * 127, "b" * 255):
            assert seconds(lambda name=name: matches_name(name, [pattern])) < QUICK_SECONDS

    @pytest.mark.parametrize(
        ("pattern", "name", "expected"),
        [
            ("main", "main", True),
            ("main", "main2", False),
            ("release/*", "release/1.0", True),
            ("release/*", "release/1/2", False),
            ("release/**", "release/1/2", True),
            ("*", "a/b", False),
            ("**", "a/b", True),
            ("v?", "v1", True),
            ("v?", "v/", False),
            ("v?", "v", False),
            ("a.c", "abc", False),
            ("[ab]", "a", False),
            ("main", "main\n", False),
        ],
    )
    def test_say_what_they_are_documented_to_say(self, pattern: str, name: str, *, expected: bool) -> None:
        assert matches_name(name, [pattern]) is expected
