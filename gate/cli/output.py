"""What the commands print: tables that fit the terminal, JSON, colours, progress; untrusted text made harmless."""

import json
import os
import shutil
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from gate import bootstrap
from gate.core.explain.escaping import visible
from gate.core.values import dataclass

_GAP = 2
_NARROWEST = 8
_CHUNK = 4_000
_UNBOUNDED = 1_000_000
_WIDEST_PIPED = 80
_ONE_IN = 20


def width_of(text: str) -> int:
    """Return how many columns a terminal gives to a text."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(letter) in {"W", "F"} for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) != 0 for letter in text)


def is_coloured() -> bool:
    """Return whether standard output takes colours: a terminal, and NO_COLOR is not set."""
    return bootstrap.is_coloured(sys.stdout) and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str = "", *, is_bold: bool = False, is_dim: bool = False) -> str:
    """Return a text in a colour where standard output takes colours, else as it is."""
    if not text or not (colour or is_bold or is_dim) or not is_coloured():
        return text
    return click.style(text, fg=colour or None, bold=is_bold or None, dim=is_dim or None)


def line_width() -> int:
    """Return how wide a line may be: the terminal's width, or as good as unbounded where nobody looks at it."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _UNBOUNDED


def write_lines(lines: Iterable[str]) -> None:
    """Print lines, many at a time; ends the process quietly when the reader has seen enough (`... | head`)."""
    batch: list[str] = []
    try:
        for line in lines:
            batch.append(line)
            if len(batch) >= _CHUNK:
                _write(batch)
                batch = []
        _write(batch)
        sys.stdout.flush()
    except BrokenPipeError:
        # NOTE: Python flushes standard output once more at its end, and would complain about the pipe then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def write_json(value: Any) -> None:
    """Print a value as JSON in ASCII: what is not ASCII is escaped, so that no terminal is moved by it."""
    write_lines([json.dumps(value, indent=2)])


def warn(text: str) -> None:
    """Print one line on standard error."""
    click.echo(visible(text), err=True)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its text, already harmless, and how it is painted."""

    text: str
    colour: str = ""
    is_bold: bool = False
    is_dim: bool = False


def table(headers: Sequence[str], rows: Sequence[Sequence[Cell | str]], *, is_headed: bool = True) -> Iterator[str]:
    """Yield the lines of a table; on a terminal it fits the width, and what is too long loses its middle.

    Texts are made visible. Piped into a file or another program nothing is shortened: columns are as wide as nearly
    all of their cells, and what is longer pushes its own line to the right, so that one long path does not widen all.
    """
    cells = [[_cell(cell) for cell in row] for row in rows]
    sizes = [Counter({width_of(header): 1} if is_headed else {}) for header in headers]
    for row in cells:
        for column, cell in enumerate(row):
            sizes[column][width_of(cell.text)] += 1
    is_whole = line_width() == _UNBOUNDED
    widths = [_usual(column) if is_whole else max(column, default=0) for column in sizes]
    widths = widths if is_whole else _fitted(widths, line_width())
    if is_headed and cells:
        yield _line([Cell(header.upper(), is_dim=True) for header in headers], widths, is_whole=is_whole)
    for row in cells:
        yield _line(row, widths, is_whole=is_whole)


@contextmanager
def progress(label: str, length: int, *, shown_from: int = 1) -> Iterator[Any]:
    """Give something with `update(n)` that shows a bar on standard error, on a terminal and for long work alone."""
    is_hidden = length < shown_from or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb"
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=is_hidden) as bar:
        yield bar


def _write(lines: Sequence[str]) -> None:
    if lines:
        encoding = sys.stdout.encoding or "ascii"
        text = "\n".join(lines) + "\n"
        sys.stdout.write(text.encode(encoding, errors="backslashreplace").decode(encoding))


def _cell(cell: Cell | str) -> Cell:
    return Cell(visible(cell)) if isinstance(cell, str) else cell


def _line(cells: Sequence[Cell], widths: Sequence[int], *, is_whole: bool) -> str:
    parts = []
    last = len(cells) - 1
    for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        text = cell.text if is_whole else shortened(cell.text, width)
        padding = "" if column == last else " " * (max(width - width_of(text), 0) + _GAP)
        painted = paint(text, cell.colour, is_bold=cell.is_bold, is_dim=cell.is_dim)
        parts.append(painted + padding)
    return "".join(parts).rstrip(" ")


def shortened(text: str, width: int) -> str:
    """Return a text in at most so many columns; the middle goes, since both ends of a path say more."""
    if width_of(text) <= width:
        return text
    mark = "\u2026" if (sys.stdout.encoding or "").lower().startswith("utf") else "~"
    room = max(width - 1, 1)
    tail = room * 2 // 3
    head = room - tail
    start, end = _head(text, head), _head(text[::-1], tail)[::-1]
    return f"{start}{mark}{end}"


def _head(text: str, width: int) -> str:
    used = 0
    for place, letter in enumerate(text):
        used += width_of(letter)
        if used > width:
            return text[:place]
    return text


def _usual(sizes: Counter[int]) -> int:
    """Return the width that holds all cells of a column but the longest one in twenty."""
    left_out, widest = 0, 0
    for size in sorted(sizes, reverse=True):
        left_out, widest = left_out + sizes[size], size
        if left_out * _ONE_IN > sizes.total():
            break
    return min(widest, _WIDEST_PIPED)


def _fitted(widths: Sequence[int], terminal: int) -> list[int]:
    """Return widths that fit the terminal: the widest columns give way first."""
    fitted = list(widths)
    excess = sum(fitted) + _GAP * (len(fitted) - 1) - terminal
    while excess > 0:
        widest = max(range(len(fitted)), key=fitted.__getitem__)
        others = [size for column, size in enumerate(fitted) if column != widest]
        target = max(max(others, default=0), fitted[widest] - excess, _NARROWEST)
        if target >= fitted[widest]:
            target = max(fitted[widest] - 1, _NARROWEST)
        if target >= fitted[widest]:
            break
        excess -= fitted[widest] - target
        fitted[widest] = target
    return fitted
