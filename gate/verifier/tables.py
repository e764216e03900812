"""Tables of an export against the evidence that they are made from."""

from __future__ import annotations

import csv
import io
import re
from typing import Any, Iterable, Iterator

from gate.verifier.export import Export, Row

_WRITTEN_OUT = re.compile(r"\\u\{([0-9a-f]{1,6})\}")


def table_of(export: Export, name: str) -> list[dict[str, str]]:
    """Return the rows of a table, each by its columns."""
    return list(csv.DictReader(io.StringIO(export.read(name).decode(), newline="")))


def differing(export: Export, name: str, rows: Iterable[Row]) -> Iterator[str]:
    """Yield rows of a table that are not those of the evidence, in the same order."""
    found = table_of(export, name)
    count = 0
    for row in rows:
        if count < len(found):
            wrong = [column for column, cell in found[count].items() if not is_same(cell, row.get(column))]
            if wrong:
                yield f"{name}: row {count + 1} says something else of {wrong[0]} than the evidence"
        count += 1
    if count != len(found):
        yield f"{name} has {len(found)} rows, and the evidence has {count}"


def is_same(cell: str | None, value: Any) -> bool:
    """Return whether a cell says what was recorded.

    What a spreadsheet would run begins with an apostrophe there, and what hides itself is written out.
    """
    text = "; ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    told = cell[1:] if cell and cell.startswith("'") else cell
    return told is not None and _hidden(told) == _hidden(text)


def _hidden(text: str) -> str:
    return _WRITTEN_OUT.sub(lambda found: chr(min(int(found.group(1), 16), 0x10FFFF)), text)
