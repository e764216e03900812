"""The trie: what is kept of each pattern where it ends, and what can still win."""

import pytest

from gate.core.ownership.matcher import PathMatcher
from gate.core.ownership.trie import can_win, with_mark


class TestMarks:
    def test_hold_of_each_layer_the_first_alone_which_is_the_highest(self) -> None:
        marks = with_mark((), ((0, 4),))
        for mark in ((0, 1), (2, 3), (2, 0)):
            marks = with_mark(marks, (mark,))
        assert marks == ((0, 4), (2, 3))

    @pytest.mark.parametrize(("best", "wins"), [((2, 0), True), ((3, 0), False), ((4, 0), False), ((4, -1), True)])
    def test_win_only_over_what_is_lower_in_their_own_layer(self, best: tuple[int, ...], *, wins: bool) -> None:
        assert can_win(((0, 3), (1, 0)), best) is wins


class TestPatternsThatARepeatedOneReplaced:
    @pytest.mark.parametrize(
        ("pattern", "paths"),
        [
            ("/docs/*", {"docs/x": (0, 2), "docs/x/y": (), "docs": ()}),
            ("/docs/", {"docs/x": (0, 2), "docs/x/y": (0, 2), "docs": ()}),
            ("/docs", {"docs/x": (0, 2), "docs/x/y": (0, 2), "docs": (0, 2)}),
        ],
    )
    def test_still_match_what_they_match_and_nothing_else(
        self, pattern: str, paths: dict[str, tuple[int, ...]]
    ) -> None:
        asked = PathMatcher([[pattern, "/other", pattern]])
        assert {path: asked.every_match(path, 0) for path in paths} == paths
