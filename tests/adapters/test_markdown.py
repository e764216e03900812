"""Markdown as an outline: lines, what is left out, and hostile texts in bounded time."""

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.adapters.markdown.outline import read_outline
from gate.core.change.outline import Fence, Heading, ItemList, Omitted, Paragraph, Table


def _lines(text: str) -> list[tuple[int, str]]:
    return [(line.line, line.text) for block in read_outline(text).blocks for line in getattr(block, "lines", ())]


class TestLines:
    def test_every_block_knows_where_it_is(self) -> None:
        text = "# A\n\npara\nmore\n\n- one\n  - two\n\n```x y\ncode\n```\n\nB\n=\n\n|a|b|\n|-|-|\n|c|d|\n\n> q\n"
        blocks = read_outline(text).blocks
        assert [type(block) for block in blocks] == [Heading, Paragraph, ItemList, Fence, Heading, Table, Omitted]
        assert [line.line for line in blocks[1].lines] == [3, 4]
        assert [block.line for block in blocks if not isinstance(block, Paragraph)] == [1, 6, 10, 13, 16, 20]
        assert blocks[2].items[0].blocks[1].items[0].line == 7
        assert (blocks[3].info, blocks[3].content) == ("x y", "code\n")
        assert [row.line for row in blocks[5].rows] == [16, 18]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_whatever_ends_them(self, end: str) -> None:
        assert _lines(f"a{end}{end}b{end}c") == [(1, "a"), (3, "b"), (4, "c")]

    def test_a_line_break_in_html_begins_a_line_of_text_on_the_same_line(self) -> None:
        assert _lines("a<br>b\nc") == [(1, "a"), (1, "b"), (2, "c")]


class TestWhatIsLeftOut:
    @pytest.mark.parametrize(
        ("text", "left"),
        [
            ("a <!-- b --> c", "a c"),
            ("a ![b](c.png) d", "a d"),
            ("a ~~b~~ c", "a c"),
            ("a <del>b</del> c", "a c"),
            ("a <s>b <b>c</b></s> d", "a d"),
            ("a <b>b</b> c", "a b c"),
            ("[a](https://b.example)", "a <https://b.example>"),
            ("<https://b.example>", "https://b.example"),
            ("[![i](x.png)](https://b.example) c", "c"),
            ("**a** _b_ `c`", "a b c"),
            ("a &amp; b &lt;!-- c", "a & b <!-- c"),
        ],
    )
    def test_comments_images_and_what_is_struck_out(self, text: str, left: str) -> None:
        assert [said for _, said in _lines(text)] == [left]

    def test_html_blocks_and_what_they_set_aside(self) -> None:
        blocks = read_outline("<blockquote>\n\na\n\n- b\n\n</blockquote>\n\nc\n").blocks
        assert [block.lines[0].text for block in blocks if isinstance(block, Paragraph)] == ["c"]
        assert not any(isinstance(block, ItemList) for block in blocks)

    def test_a_tag_in_a_comment_sets_nothing_aside(self) -> None:
        assert _lines("<!-- <blockquote> -->\n\nc\n") == [(3, "c")]


class TestLabels:
    @pytest.mark.parametrize(
        ("text", "label", "value"),
        [
            ("a: b", "a", "b"),
            ("**a:** b", "a", "b"),
            ("**a**: b", "a", "b"),
            ("`a`: b", "a", "b"),
            ("a:", "a", ""),
            ("a: b: c", "a", "b: c"),
            ("a\uff1ab", "a", "b"),
            ("`a: b`", None, ""),
            ("[a: b](c)", None, ""),
            ("[a](c): b", "a", "b"),
            ("`x:y` a: b", "x:y a", "b"),
            ("plain", None, ""),
        ],
    )
    def test_a_colon_in_code_or_links_is_none(self, text: str, label: str | None, value: str) -> None:
        [line] = read_outline(text).blocks[0].lines
        assert (line.label, line.value) == (label, value)

    @pytest.mark.parametrize(
        ("text", "box"), [("- [x] a: b", True), ("- [X] a: b", True), ("- [ ] a: b", False), ("- a: b", None)]
    )
    def test_a_box_is_no_part_of_the_text(self, text: str, box: bool | None) -> None:  # noqa: FBT001 (parametrized)
        [item] = read_outline(text).blocks[0].items
        line = item.blocks[0].lines[0]
        assert (item.is_checked, line.text, line.label, line.value) == (box, "a: b", "a", "b")

    def test_a_link_that_looks_like_a_box_is_none(self) -> None:
        assert read_outline("- [x](https://a.example) b").blocks[0].items[0].is_checked is None


_SIZE = 100_000
_HOSTILE = {
    "brackets": "[",
    "images": "![",
    "open links": "[a](",
    "links in angles": "[a](<b",
    "emphasis in links": "[*a](",
    "quotes": "> ",
    "lists": "- ",
    "quotes and lists": "> - ",
    "list lines": "- a\n",
    "stars": "*a ",
    "underscores": "a_",
    "struck": "~~a ",
    "ticks": "`a``b",
    "comments": "a <!-- ",
    "comment blocks": "<!--",
    "tags": "<a ",
    "declarations": "<!A ",
    "processing": "<?",
    "cells": "|a",
    "entities": "&#1",
    "backslashes": "\\",
    "references": "[a]: b\n",
    "headings": "# a\n",
    "underlines": "a\n-\n",
    "fences": "```\n",
    "struck blocks": "<del>\n\n",
}


class TestHostileTexts:
    @pytest.mark.parametrize("name", _HOSTILE)
    def test_a_hundred_kilobytes_take_bounded_time(self, name: str) -> None:
        piece = _HOSTILE[name]
        start = time.perf_counter()
        read_outline((piece * (_SIZE // len(piece) + 1))[:_SIZE])
        assert time.perf_counter() - start < 20  # about one second on a quiet machine; quadratic would take minutes

    def test_steps_of_ever_deeper_lists_do_not_exhaust_the_stack(self) -> None:
        assert read_outline("".join(f"{'  ' * depth}- a\n" for depth in range(400))).blocks

    @settings(max_examples=150)
    @given(st.text(alphabet="ab:#-*_`~<>[]()!|\\& \n\t\r1.x\u200b\u202e\x00", max_size=200))
    def test_whatever_is_written_lines_stay_within_the_text(self, text: str) -> None:
        count = len(text.splitlines()) + text.count("\r") + 1
        for line, said in _lines(text):
            assert 1 <= line <= count
            assert said.strip()


def test_the_parser_is_loaded_only_when_something_is_read() -> None:
    code = "import sys, gate.adapters.markdown.outline; sys.exit('markdown_it' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
