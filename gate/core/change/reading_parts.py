"""Parts of values: lines, rows and code as what a key's value is made of, and the key that is being collected."""

from collections.abc import Sequence
from dataclasses import field

from gate.core.change.outline import Fence, ItemList, TableRow, TextLine
from gate.core.change.reading_statements import Part
from gate.core.change.vocabulary import LISTS, Key
from gate.core.values import dataclass

_DATA_BLOCKS = frozenset({"yaml gate", "yml gate"})


@dataclass(frozen=True, slots=True)
class Loose:
    """Text that stands behind no key."""

    part: Part
    is_item: bool = False
    label: str | None = None


@dataclass(slots=True)
class OpenKey:
    """A key whose value is still being collected. `home` is the list in which the key stands as an item."""

    key: Key
    line: int
    parts: list[Part] = field(default_factory=list)
    home: ItemList | None = None
    has_inline: bool = False
    is_heading: bool = False
    is_soft: bool = False


def row_part(row: TableRow) -> Part:
    """Return the cells of a row as one part."""
    text = " | ".join(cell.text for cell in row.cells if cell.text)
    return Part(text, " | ".join(cell.plain for cell in row.cells if cell.plain), row.line)


def is_data_block(fence: Fence) -> bool:
    """Return whether a fenced block is data for the gate."""
    return " ".join(fence.info.lower().split()) in _DATA_BLOCKS


def part_of(line: TextLine) -> Part:
    """Return a line as a part."""
    return Part(line.text, line.plain, line.line, is_link=line.is_link)


def value_part(line: TextLine) -> Part:
    """Return what stands behind the label of a line."""
    return Part(line.value, line.plain_value, line.line, is_link=line.is_value_link)


def joined(lines: Sequence[TextLine]) -> Part:
    """Return lines that belong together as one part."""
    is_link = all(line.is_link for line in lines)
    text, plain = " ".join(line.text for line in lines), " ".join(line.plain for line in lines)
    return Part(text, plain, lines[0].line, is_link=is_link)


def takes_item(opened: OpenKey, home: ItemList, line: TextLine | None) -> bool:
    """Return whether an item belongs to the open key: `Steps:` with the list behind it, or beside it."""
    if opened.home is home:
        return (not opened.parts or opened.key == "steps") and (line is None or line.label is None)
    return opened.is_heading or not opened.parts or opened.key == "steps" or opened.key in LISTS
