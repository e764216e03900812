"""Counting: a number with its noun, and the words beside them that agree with it."""

import pytest

from gate.core.counting import agreeing, count_of


class TestANounWithItsNumber:
    @pytest.mark.parametrize(
        ("number", "words"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (2997, "2,997 files")]
    )
    def test_is_several_but_for_one(self, number: int, words: str) -> None:
        assert count_of(number, "file") == words

    def test_has_a_plural_of_its_own_where_one_is_given(self) -> None:
        assert [count_of(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]


class TestAWordBesideANumber:
    @pytest.mark.parametrize(("number", "word"), [(0, "are"), (1, "is"), (2, "are")])
    def test_agrees_with_it(self, number: int, word: str) -> None:
        assert agreeing(number, "is", "are") == word
