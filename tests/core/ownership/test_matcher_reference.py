"""The automaton against a second reading of the documents that tries every pattern on every path."""

import pytest
from builders_patterns import documented_every, documented_last
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.ownership import path_memory
from gate.core.ownership.matcher import PathMatcher

NAMES = st.sampled_from(["a", "b", "ab", "aba", "a.js", "b.js", ".js", "a\nb", "é", "e\u0301", "*", "#x", "A", " a"])
SEGMENTS = st.one_of(
    st.sampled_from(
        ["a", "b", "ab", "aba", "*", "*", "**", "**", "?", "*.js", "a*", "*b", "a*b", "?.js", "*a*", "**b", "é"]
    ),
    st.sampled_from(["a*a", "ab*b", "a.js", "\\*", "*?", "?*?", "a?b", "*.j*", "#x", "A", "a\\b", "*a*b*"]),
)


@st.composite
def patterns(draw: st.DrawFn) -> str:
    parts = draw(st.lists(SEGMENTS, min_size=1, max_size=4))
    text = draw(st.sampled_from(["", "/"])) + "/".join(parts) + draw(st.sampled_from(["", "", "/"]))
    return "/" + text if text.startswith("#") else text


PATHS = st.lists(NAMES, min_size=1, max_size=5).map("/".join)
LAYERS = st.lists(st.lists(patterns(), max_size=7), max_size=4)


def by_answer(paths: list[str], expected: list[tuple[int, ...]]) -> dict[tuple[int, ...], list[str]]:
    """The paths in their order by what they match."""
    return {answer: [p for p, e in zip(paths, expected, strict=True) if e == answer] for answer in expected}


class TestTheAutomatonGivesTheDocumentedAnswer:
    @settings(max_examples=200, deadline=None)
    @given(layers=LAYERS, paths=st.lists(PATHS, min_size=1, max_size=12))
    def test_for_any_rules_and_paths_cold_and_warm_one_by_one_and_in_batch(
        self, layers: list[list[str]], paths: list[str]
    ) -> None:
        expected = [documented_last(layers, path) for path in paths]
        asked = PathMatcher(layers)
        assert [asked.match(path) for path in paths] == expected
        assert [asked.match(path) for path in reversed(paths)] == expected[::-1]
        assert asked.match_all(paths) == expected
        assert PathMatcher(layers).match_all(iter(paths)) == expected
        assert asked.by_meaning(paths) == by_answer(paths, expected)
        cold = PathMatcher(layers)
        for _ in ("cold", "warm"):
            assert cold.by_meaning(paths) == by_answer(paths, expected)
        groups = PathMatcher(layers).group(paths)
        assert sorted(i for positions in groups.values() for i in positions) == list(range(len(paths)))
        assert all(expected[i] == result for result, positions in groups.items() for i in positions)
        assert all(positions == sorted(positions) for positions in groups.values())

    @settings(max_examples=100, deadline=None)
    @given(layers=LAYERS, path=PATHS)
    def test_for_a_submodule_as_file_and_as_folder(self, layers: list[list[str]], path: str) -> None:
        asked = PathMatcher(layers)
        assert asked.match_entry(path, as_folder=True) == documented_last(layers, path, as_folder=True)
        assert asked.match_entry(path, as_folder=False) == documented_last(layers, path)

    @settings(max_examples=100, deadline=None)
    @given(layers=LAYERS.filter(bool), path=PATHS, as_folder=st.booleans())
    def test_for_every_match_of_a_layer(self, layers: list[list[str]], path: str, *, as_folder: bool) -> None:
        asked = PathMatcher(layers)
        for number, layer in enumerate(layers):
            expected = documented_every(layer, path, as_folder=as_folder)
            assert asked.every_match(path, number, as_folder=as_folder) == expected

    @settings(max_examples=60, deadline=None)
    @given(layers=LAYERS, paths=st.lists(PATHS, min_size=4, max_size=30))
    def test_also_while_the_memory_is_emptied_all_the_time(self, layers: list[list[str]], paths: list[str]) -> None:
        expected = [documented_last(layers, path) for path in paths]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(path_memory, "MEMORY_BUDGET", 250)
            asked = PathMatcher(layers)
            assert asked.match_all(paths) == expected
            assert asked.by_meaning(paths) == by_answer(paths, expected)
            groups = asked.group(paths)
        assert sorted(i for positions in groups.values() for i in positions) == list(range(len(paths)))
        assert all(expected[i] == result for result, positions in groups.items() for i in positions)
        assert all(positions == sorted(positions) for positions in groups.values())
