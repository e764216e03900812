"""Paths as they are shown, and which cannot be judged."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.change.paths import has_bidi, shown, trouble_of


class TestWhatIsShown:
    @given(st.one_of(st.text(max_size=40), st.binary(max_size=40)))
    @settings(max_examples=200, deadline=None)
    def test_is_always_one_printable_line_that_can_be_encoded(self, path: str | bytes) -> None:
        text = shown(path)
        assert text.isprintable()
        assert text.encode().decode() == text

    @given(st.text(max_size=40).filter(str.isprintable))
    @settings(max_examples=100, deadline=None)
    def test_of_a_printable_path_is_the_path(self, path: str) -> None:
        assert shown(path) == path

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            (b"a\xffb", "a\\xffb"),
            ("a\nb", "a\\u{a}b"),
            ("\u202e", "\\u{202e}"),
            ("\U000e0041", "\\u{e0041}"),
            ("\udcff", "\\u{dcff}"),
        ],
    )
    def test_of_anything_else_is_escaped(self, path: str | bytes, text: str) -> None:
        assert shown(path) == text


class TestWhichPathsCannotBeJudged:
    @given(st.binary(min_size=1, max_size=30))
    @settings(max_examples=200, deadline=None)
    def test_bytes_are_judged_as_their_text_is(self, raw: bytes) -> None:
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            assert trouble_of(raw) == "undecodable-path"
        else:
            assert trouble_of(raw) == trouble_of(text)

    @given(
        st.text(alphabet=st.characters(codec="utf-8"), max_size=20),
        st.sampled_from("\n\r\t\0\x1b\x7f\x9b\u202e\u2066\u2028"),
    )
    @settings(max_examples=100, deadline=None)
    def test_a_deceiving_character_anywhere_is_trouble(self, text: str, letter: str) -> None:
        assert trouble_of(text + letter + "x") != ""

    @pytest.mark.parametrize("path", ["", "/a", "a//b", "./a", "a/../b", ".git/x", "a/.GIT/x", ".Git . /x", "GIT~1"])
    def test_names_that_git_refuses_are_trouble(self, path: str) -> None:
        assert trouble_of(path) == "suspicious-path"

    @pytest.mark.parametrize(
        "path", ["a", ".gitignore", ".github/x", "a/.gitkeep", "...", "a..b/c", "x~1", "a b", "\u00e9"]
    )
    def test_ordinary_names_are_none(self, path: str) -> None:
        assert trouble_of(path) == ""


class TestBidi:
    def test_is_any_character_that_reorders_text(self) -> None:
        assert has_bidi("a\u202eb")
        assert not has_bidi("abc \u05d0\u05d1")
