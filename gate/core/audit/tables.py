"""Tables: rows as CSV for people, with what a spreadsheet would run made harmless, and as JSON lines for evidence."""

import re
from collections.abc import Mapping, Sequence

from gate.core.canonical import canonical_bytes
from gate.core.explain.escaping import visible

Cell = str | int | bool | None
# What spreadsheets take for the begin of a formula, full-width forms too, wherever blanks go before it (OWASP).
_FORMULA = re.compile(
    r"[\s\x00-\x1f\u200b-\u200f\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\t\r\n]"
)
# What most rows are, each cell after a comma: nothing to hide or to quote; and where in them something would run.
_is_easy = re.compile(r"[ !#-~]*").fullmatch
_before_runs = re.compile(r",(?='| *[=+\-@|%])").sub
_NOT_EASY = '"'
# What most other cells are: nothing to hide, to quote or to run.
_SIMPLE = re.compile(r"[A-Za-z0-9_#([.:/][ !#-+\--~]*|")
_PLAIN = re.compile(r"[^\",\r\n]*")


def harmless(text: str) -> str:
    """Return a text as a cell that no spreadsheet runs, in one visible line; `told` gives back what it says.

    A cell that begins like a formula, or with an apostrophe, gets an apostrophe before it.
    """
    shown = visible(text)
    return f"'{shown}" if text[:1] == "'" or _FORMULA.match(text) or _FORMULA.match(shown) else shown


def told(cell: str) -> str:
    """Return what a cell says, without the apostrophe that made it harmless."""
    return cell.removeprefix("'")


def csv_line(cells: Sequence[Cell]) -> bytes:
    """Return one line of CSV (RFC 4180), in UTF-8."""
    texts = [
        cell if cell.__class__ is str else str(cell) if cell.__class__ is int and cell >= 0 else _easy(cell)
        for cell in cells
    ]
    row = "," + ",".join(texts)
    if _is_easy(row) and row.count(",") == len(cells):
        return (_before_runs(",'", row)[1:] + "\r\n").encode()
    simple = _SIMPLE.fullmatch
    texts = [cell if cell.__class__ is str and simple(cell) else _cell(cell) for cell in cells]
    return (",".join(texts) + "\r\n").encode()


def _easy(value: Cell) -> str:
    """Return a cell that is no text; one that makes its row go the long way for a number that begins with a minus."""
    return _NOT_EASY if value.__class__ is int else _cell(value)


def json_line(row: Mapping[str, object]) -> bytes:
    """Return one row as canonical JSON and a newline."""
    return canonical_bytes(dict(row)) + b"\n"


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    text = harmless(value)
    return text if text and _PLAIN.fullmatch(text) else f'"{text.replace(chr(34), chr(34) * 2)}"' if text else ""
