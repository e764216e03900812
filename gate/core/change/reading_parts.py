"""Parts of values: lines, rows and blocks of code of an outline as what a key's value is made of."""

from collections.abc import Sequence

from gate.core.change.outline import Fence, TableRow, TextLine
from gate.core.change.reading_statements import Part

_DATA_BLOCKS = frozenset({"yaml gate", "yml gate"})


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
