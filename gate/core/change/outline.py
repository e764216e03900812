"""Outline: a Markdown text as headings, lists, paragraphs and fenced blocks, each with its line, free of any parser."""

from typing import Literal

from gate.core.values import dataclass


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of visible text. Comments, images and struck-out text are left out of it.

    `text` holds the address of a link behind its text (`runbook <https://...>`), `plain` does not. Where the line has
    a colon outside code and links, `label` is what stands before it, and `value` and `plain_value` what stands after.
    """

    text: str
    plain: str
    line: int
    label: str | None = None
    value: str = ""
    plain_value: str = ""
    is_strong: bool = False
    is_link: bool = False
    is_value_link: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 6."""

    level: int
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of text that belong together."""

    lines: tuple[TextLine, ...]


@dataclass(frozen=True, slots=True)
class ListItem:
    """One item of a list; `is_checked` is None where it has no check box. Its first block mostly is a paragraph."""

    blocks: "tuple[Block, ...]"
    line: int
    is_checked: bool | None = None


@dataclass(frozen=True, slots=True)
class ItemList:
    """A list, numbered or not."""

    items: tuple[ListItem, ...]
    line: int
    is_ordered: bool = False


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block; `line` is the line of its first line of content."""

    info: str
    content: str
    line: int


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table, its cells as lines of text; the first row is the table's head."""

    cells: tuple[TextLine, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table of at least one row."""

    rows: tuple[TableRow, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Omitted:
    """Something that is no text of the author's own: quoted, code, or HTML."""

    kind: Literal["quote", "code", "html"]
    line: int


Block = Heading | Paragraph | ItemList | Fence | Table | Omitted


@dataclass(frozen=True, slots=True)
class Outline:
    """The blocks of a text from top to bottom."""

    blocks: tuple[Block, ...]
