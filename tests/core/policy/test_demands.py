"""Demands: how those who are asked are listed."""

import pytest

from gate.core.policy.demands import in_words


class TestAList:
    @pytest.mark.parametrize(
        ("items", "last", "words"),
        [
            ([], "and", "nobody"),
            (["a"], "or", "a"),
            (["a", "b"], "and", "a and b"),
            (["a", "b", "c"], "or", "a, b or c"),
        ],
    )
    def test_reads_as_people_say_it(self, items: list[str], last: str, words: str) -> None:
        assert in_words(items, last=last) == words
