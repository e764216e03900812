"""Tables: rows as CSV for people, with what a spreadsheet would run made harmless, and as JSON lines for evidence."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from gate.core.canonical import canonical_bytes
from gate.core.explain.escaping import visible

Cell = str | int | bool | None
# What spreadsheets take for the begin of a formula, full-width forms too, wherever blanks go before it (OWASP).
_FORMULA = re.compile(
    r"[\s\x00-\x1f\u200b-\u200f\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\t\r\n]"
)
# How a cell after its comma begins that would run or has an apostrophe of its own, or that is to be looked at by
# itself: what begins with a blank, may be a negative number, or may be no text at all.
_odd = re.compile(r",['=+\-@|% NTF]").search
_DOUBTFUL, _NUMBER_OR_BLANK, _NO_TEXT = "- NTF", "- ", ("None", "True", "False")
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
    """Return one line of CSV (RFC 4180), in UTF-8.

    Most rows are looked at as a whole, each cell after a comma: nothing in them is to be hidden or quoted.
    """
    row = _template(len(cells)) % tuple(cells)
    if row.isascii() and row.isprintable() and '"' not in row and row.count(",") == len(cells):
        safe = _without_formulas(row)
        if safe is not None:
            return f"{safe[1:]}\r\n".encode()
    simple = _SIMPLE.fullmatch
    texts = [cell if cell.__class__ is str and simple(cell) else _cell(cell) for cell in cells]
    return (",".join(texts) + "\r\n").encode()


@cache
def _template(count: int) -> str:
    return ",%s" * count


def _without_formulas(row: str) -> str | None:
    """Return a row with an apostrophe before each cell that needs one; None where a cell is to be looked at by itself.

    Each cell of it follows a comma, and has none.
    """
    found = _odd(row)
    while found is not None:
        at = found.end() - 1
        first = row[at]
        if first not in _DOUBTFUL:
            row = f"{row[:at]}'{row[at:]}"
        elif first in _NUMBER_OR_BLANK or row.startswith(_NO_TEXT, at):
            return None
        found = _odd(row, at)
    return row


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
