"""Markdown (CommonMark, tables, struck-out text) as an outline: what the author says, and on which line."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from gate.adapters.markdown.inline import cell_line, text_lines
from gate.core.change.outline import (
    Block,
    Fence,
    Heading,
    ItemList,
    ListItem,
    Omitted,
    Outline,
    Paragraph,
    Table,
    TableRow,
    TextLine,
)
from gate.core.lazy_regex import lazy_regex

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_NESTING = 20
"""Quotes and lists nested deeper than this are not looked into."""
_BOX = lazy_regex(r"\[([ xX\u00a0])\](?:\s|$)")
_COMMENT = lazy_regex(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# Markdown between these tags is shown as quoted or struck out, though the parser reads it as ordinary text.
_SETTING_ASIDE = lazy_regex(r"<(/?)(?:blockquote|del|s|strike|template)\b", re.IGNORECASE)


def read_outline(text: str) -> Outline:
    """Return the outline of a Markdown text, in time that grows about linearly with it, whatever it holds.

    SECURITY: quotes, HTML with its comments, images and struck-out text are not what the author declares (R37); they
    come out as `Omitted` or not at all. Nothing is rendered.
    """
    tokens = _parser().parse(text)
    return Outline(tuple(_without_what_is_set_aside(_Walk(tokens))))


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])


class _Walk:
    """Walks the parser's flat list of tokens once."""

    def __init__(self, tokens: "Sequence[Token]") -> None:
        self.tokens = tokens
        self.at = 0

    def blocks(self, until: str = "") -> "Iterator[tuple[Block, Token]]":
        """Yield the blocks up to a closing token, which is consumed."""
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.type == until:
                return
            block = self._block(token)
            if block is not None:
                yield block, token

    def _block(self, token: "Token") -> Block | None:  # noqa: PLR0911 (one return for each kind of block)
        line = _line(token)
        match token.type:
            case "heading_open":
                said = text_lines(self._inline("heading_close"), line)
                return Heading(int(token.tag[1:]), " ".join(one.plain for one in said).strip(), line)
            case "paragraph_open":
                return Paragraph(text_lines(self._inline("paragraph_close"), line))
            case "bullet_list_open" | "ordered_list_open":
                is_ordered = token.type == "ordered_list_open"
                return ItemList(tuple(self._items(token.type.replace("open", "close"))), line, is_ordered)
            case "fence":
                return Fence(token.info.strip(), token.content, line + 1)
            case "table_open":
                return Table(tuple(self._rows()), line)
            case "blockquote_open":
                for _ in self.blocks("blockquote_close"):
                    pass
                return Omitted("quote", line)
            case "code_block":
                return Omitted("code", line)
            case "html_block":
                return Omitted("html", line)
        return None

    def _inline(self, until: str) -> "Sequence[Token]":
        children: Sequence[Token] = ()
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.type == until:
                break
            children = token.children or children
        return children

    def _items(self, until: str) -> Iterator[ListItem]:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.type == until:
                return
            if token.type == "list_item_open":
                blocks = tuple(_without_what_is_set_aside(self, "list_item_close"))
                yield _with_box(ListItem(blocks, _line(token)))

    def _rows(self) -> Iterator[TableRow]:
        cells: list[TextLine] = []
        line = 0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.type == "table_close":
                return
            if token.type == "tr_open":
                cells, line = [], _line(token)
            elif token.type == "inline":
                cells.append(cell_line(token.children or (), line))
            elif token.type == "tr_close":
                yield TableRow(tuple(cells), line)


def _without_what_is_set_aside(walk: _Walk, until: str = "") -> Iterator[Block]:
    """Yield blocks; those between an opening and a closing HTML tag that sets text aside are left out."""
    depth = 0
    for block, token in walk.blocks(until):
        if token.type == "html_block":
            shown = _COMMENT.sub("", token.content)
            for closing in _SETTING_ASIDE.findall(shown):
                depth = max(0, depth + (-1 if closing else 1))
            if shown.strip():
                yield block
        elif not depth:
            yield block


def _with_box(item: ListItem) -> ListItem:
    """Return the item with its check box taken out of its text."""
    first = item.blocks[0] if item.blocks else None
    if not isinstance(first, Paragraph) or not first.lines or not (box := _BOX.match(first.lines[0].text)):
        return item
    head = first.lines[0]
    size = box.end()
    label = head.label[size:].strip() if head.label is not None else None
    rest = TextLine(
        text=head.text[size:].strip(),
        plain=head.plain[size:].strip(),
        line=head.line,
        label=label,
        value=head.value,
        plain_value=head.plain_value,
        is_strong=head.is_strong,
        is_link=head.is_link,
        is_value_link=head.is_value_link,
    )
    blocks = (Paragraph((rest, *first.lines[1:])), *item.blocks[1:])
    return ListItem(blocks, item.line, is_checked=box[1] in "xX")


def _line(token: "Token") -> int:
    return token.map[0] + 1 if token.map else 0
