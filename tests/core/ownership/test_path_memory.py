"""Path memory: what is remembered of paths stays within its budget, in bytes, whatever a change consists of (S11)."""

import tracemalloc
from collections.abc import Callable, Sequence

import pytest

from gate.core.ownership import path_memory
from gate.core.ownership.matcher import PathMatcher

BUDGET = 1_000_000
COUNT = 6_000

GLOBS = [["*.md", "/deep/**/x"]]
FOLDERS = [[f"/d{number}/*/x" for number in range(COUNT)]]
LAYERS = [[f"/d{number}/" for number in range(COUNT)], *([["*.py"]] * 40)]
SAME_FOLDER = [f"a/{number:05}" + "n" * 300 for number in range(COUNT)]
LONG_FOLDERS = [f"{number:05}" + "n" * 300 + "/a" for number in range(COUNT)]
STATES = [f"d{number}/a" for number in range(COUNT)]

Ask = Callable[[PathMatcher, str], object]
WAYS: dict[str, Ask] = {
    "one": lambda asked, path: asked.match(path),
    "many at once": lambda asked, path: asked.match_all([path]),
    "by meaning": lambda asked, path: asked.by_meaning([path]),
}


def most_bytes_kept(asked: PathMatcher, ask: Ask, paths: Sequence[str]) -> int:
    """How many bytes at most are held on to while paths are asked for, one after another."""
    ask(asked, "warm/up")
    tracemalloc.start()
    try:
        for path in paths:
            ask(asked, path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class TestWhatIsRememberedStaysWithinItsBudget:
    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize(
        ("layers", "paths"),
        [(GLOBS, SAME_FOLDER), (GLOBS, LONG_FOLDERS), (FOLDERS, LONG_FOLDERS), (FOLDERS, STATES), (LAYERS, STATES)],
        ids=["long names", "long folders", "settled folders", "a rule each", "an answer each"],
    )
    def test_whatever_is_asked_and_however(
        self, layers: list[list[str]], paths: list[str], way: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(path_memory, "MEMORY_BUDGET", BUDGET)
        assert most_bytes_kept(PathMatcher(layers), WAYS[way], paths) < BUDGET
