"""Escaping: what hides itself is made visible."""

import unicodedata

import pytest
from builders_verdict import hidden_in
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.explain.escaping import cells, clip, path_text, prose, visible

INVISIBLE_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"


class TestWhatIsMadeVisible:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("plain text", "plain text"),
            ("Käse 猫 😀", "Käse 猫 😀"),
            ("a\nb\r\tc", "a\\u{a}b\\u{d}\\u{9}c"),
            ("\x1b[2J", "\\u{1b}[2J"),
            ("\x9b2J", "\\u{9b}2J"),
            ("abc\u202exyz", "abc\\u{202e}xyz"),
            ("a\u200bb\ufeffc\u2060d", "a\\u{200b}b\\u{feff}c\\u{2060}d"),
            ("a\u00a0b", "a\\u{a0}b"),
            ("\u3164\u2800", "\\u{3164}\\u{2800}"),
            ("\udcff", "\\u{dcff}"),
            ("\U000e0041", "\\u{e0041}"),
            ("\u2028", "\\u{2028}"),
        ],
    )
    def test_controls_bidi_zero_width_and_invisible_letters(self, text: str, shown: str) -> None:
        assert visible(text) == shown

    def test_no_character_at_all_hides(self) -> None:
        everything = "".join(map(chr, range(0x110000)))
        assert hidden_in("".join(visible(letter) for letter in everything)) == []

    def test_letters_and_signs_of_all_scripts_are_shown_as_they_are(self) -> None:
        plain = "".join(
            letter
            for number in range(0x20, 0x110000)
            if unicodedata.category(letter := chr(number))[0] in "LNPS" and letter not in INVISIBLE_LETTERS
        )
        assert visible(plain) == plain

    def test_a_pile_of_marks_does_not_grow_over_other_lines(self) -> None:
        assert visible("a" + "\u0301" * 50).count("\u0301") == 3

    @given(st.text())
    @settings(max_examples=150)
    def test_the_result_is_always_one_printable_line(self, text: str) -> None:
        assert hidden_in(visible(text)) == []
        assert "\n" not in visible(text)


class TestCutting:
    def test_prose_is_cut_between_words(self) -> None:
        assert prose("one two three four", 12) == "one two …"

    def test_line_breaks_of_prose_are_blanks(self) -> None:
        assert prose("one\r\n two\tthree ") == "one two three"

    def test_a_path_keeps_its_line_break_visible(self) -> None:
        assert path_text("secure/a\nb") == "secure/a\\u{a}b"

    def test_an_escape_is_never_cut_in_two(self) -> None:
        assert clip("\\u{202e}" * 3, 12) == "\\u{202e}…"

    @given(st.text(max_size=300), st.integers(2, 100))
    @settings(max_examples=150)
    def test_the_limit_always_holds(self, text: str, limit: int) -> None:
        assert len(prose(text, limit)) <= limit

    @given(st.lists(st.text("abcdef", min_size=1, max_size=8), min_size=1, max_size=40), st.integers(12, 100))
    @settings(max_examples=150)
    def test_words_are_never_cut_where_one_fits(self, words: list[str], limit: int) -> None:
        kept = prose(" ".join(words), limit).removesuffix(" …").split(" ")
        assert kept == words[: len(kept)]


class TestWidth:
    @pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("猫", 2), ("e\u0301", 1), ("ü", 1)])
    def test_counts_columns_not_letters(self, text: str, columns: int) -> None:
        assert cells(text) == columns
