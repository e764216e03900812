"""Diff: what changed in a file, line by line, neutral to syntax, with everything that hides itself made visible."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Literal

from gate.core.counting import count_of
from gate.core.explain.escaping import visible
from gate.core.values import dataclass

MAX_LINES = 400
MAX_COMPARED = 6_000
MAX_WIDTH = 2_000
_CONTEXT = 3
LineKind = Literal["same", "added", "removed", "gap"]


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line as it is shown. Numbers count from 1 on their side, 0 where the line is not on it."""

    kind: LineKind
    before: int
    after: int
    text: str


@dataclass(frozen=True, slots=True)
class FileDiff:
    """The shown lines of one file, how many changed lines are left out, and why nothing is shown where nothing is."""

    lines: tuple[DiffLine, ...] = ()
    omitted: int = 0
    note: str = ""


def diff_of(before: bytes | None, after: bytes | None) -> FileDiff:
    """Return how two contents of a file differ; None stands for one that is too large to be read.

    SECURITY: no line is hidden for what it holds: controls, bidirectional and zero-width characters become visible, and
    what is left out is counted (R58).
    """
    if before is None or after is None:
        return FileDiff(note="It is too large to be shown here.")
    old, new = _lines(before), _lines(after)
    if old is None or new is None:
        return FileDiff(
            note=f"It is binary: {count_of(len(before), 'byte')} before, {count_of(len(after), 'byte')} now."
        )
    if max(len(old), len(new)) > MAX_COMPARED:
        return FileDiff(
            note=f"It is too long to be compared here: {count_of(len(old), 'line')} before, {len(new):,} now."
        )
    if old == new:
        return FileDiff(note="Its lines are the same." if before == after else "Only its last line break differs.")
    lines = list(_compared(old, new))
    kept = lines[:MAX_LINES]
    return FileDiff(tuple(kept), sum(line.kind in {"added", "removed"} for line in lines[MAX_LINES:]))


def _lines(raw: bytes) -> list[str] | None:
    """Return the lines of a text, None where it is none. Only LF ends a line, so that a CR shows."""
    if b"\0" in raw[:8000]:
        return None
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for place, group in enumerate(matcher.get_grouped_opcodes(_CONTEXT)):
        if place or group[0][1]:
            yield DiffLine("gap", group[0][1] + 1, group[0][3] + 1, "")
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                for offset in range(old_to - old_from):
                    at = old_from + offset
                    yield DiffLine("same", at + 1, new_from + offset + 1, _shown(old[at]))
                continue
            for at in range(old_from, old_to):
                yield DiffLine("removed", at + 1, 0, _shown(old[at]))
            for at in range(new_from, new_to):
                yield DiffLine("added", 0, at + 1, _shown(new[at]))


def _shown(line: str) -> str:
    shown = visible(line.replace("\t", "    "))
    more = len(shown) - MAX_WIDTH
    return shown if more <= 0 else f"{shown[:MAX_WIDTH]}\N{HORIZONTAL ELLIPSIS} ({count_of(more, 'more character')})"
