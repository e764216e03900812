"""CODEOWNERS files as values, and what both dialects share: lines, words, faults."""

import re
from collections.abc import Iterator
from dataclasses import field
from typing import NamedTuple

from gate.core.counting import agreeing, count_of
from gate.core.documents import Place
from gate.core.errors import Fault, Severity
from gate.core.explain.escaping import visible
from gate.core.lazy_regex import lazy_regex
from gate.core.ownership.patterns import Dialect, PatternError, read_pattern
from gate.core.values import dataclass

MAX_BYTES = 3 * 1024 * 1024
"""GitHub does not load a larger file ("About code owners", CODEOWNERS file size)."""
MAX_LINES = 300_000
MAX_RULES = 100_000
MAX_FAULTS = 1_000
MAX_WORD_SHOWN = 80
DEFAULT_SECTION = "default"
QUIET_STARTS = frozenset({"", " ", "\t", "#"})
"""How lines begin that may say nothing."""

# A blank at the end that a backslash keeps is part of the name, as in gitignore.
_PLAIN_BYTES = bytes({*b"\t\n", *range(ord(" "), ord("~") + 1)} - {*b"\\"})
_KEPT_BLANK = lazy_regex(r"\\([ \t])[ \t\r]*\Z")
_WORD = lazy_regex(r"(?:[^ \t\\]|\\.|\\\Z)+", re.DOTALL)
_ODD_BLANK = lazy_regex(r"[^\S \t]|[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class CodeownersSection:
    """A section of the file: who owns what its rules leave without owner, and how many must sign off."""

    name: str
    is_optional: bool
    required: int
    default_owners: tuple[str, ...]
    line: int


class CodeownersRule(NamedTuple):
    """One line: a pattern and its owners; without owners it un-owns what it matches.

    `problem` says why the platform ignores the line; what its pattern matches has to be blocked. An exclusion
    (GitLab's `!pattern`) stands last in its section whatever its line, because nothing there can take it back.
    """

    line: int
    column: int
    pattern: str
    owners: tuple[str, ...]
    section: str = DEFAULT_SECTION
    problem: str | None = None
    is_exclusion: bool = False


@dataclass(frozen=True, slots=True)
class CodeownersFile:
    """A CODEOWNERS file as its platform reads it, with every line that the platform ignores named in `faults`.

    INVARIANT: rules of one section stand in the order in which the last match wins. `unusable` is the reason why the
    platform loads nothing of the file; a caller must then fail closed, because `rules` is empty.
    """

    file: str
    dialect: Dialect
    sections: tuple[CodeownersSection, ...]
    rules: tuple[CodeownersRule, ...]
    faults: tuple[Fault, ...]
    unusable: str | None = None


@dataclass
class FaultList:
    """The faults of one file, bounded in number: what is left out is counted."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    left_out: int = 0

    def add(self, place: Place, code: str, message: str, suggestion: str, *, severity: Severity = "error") -> None:
        """Note one fault; beyond MAX_FAULTS it is only counted."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(self.file, *place, code, message, suggestion, severity))
        else:
            self.left_out += 1

    def result(self) -> tuple[Fault, ...]:
        """Return all faults noted, with one more that says how many were left out."""
        if self.left_out:
            do = agreeing(self.left_out, "does", "do")
            message = f"{count_of(self.left_out, 'more line')} of this file {do} not work"
            self.faults.append(Fault(self.file, 0, 0, "codeowners-more", message, "mend the ones listed first"))
            self.left_out = 0
        return tuple(self.faults)


def unusable_reason(text: bytes | str) -> tuple[str, str, str] | None:
    """Return code, reason and next step where a platform can load nothing of the file; None where it can."""
    size = len(text) if isinstance(text, bytes) or text.isascii() else len(text.encode(errors="surrogatepass"))
    if size > MAX_BYTES:
        reason = f"the file has {size:,} bytes; above {MAX_BYTES:,} the platform loads none of it"
        return "codeowners-too-large", reason, "join lines with `*` or `**`"
    if isinstance(text, bytes) and text[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "codeowners-encoding", "the file is written in UTF-16, which no platform reads", "save it as UTF-8"
    lines = text.count(b"\n") if isinstance(text, bytes) else text.count("\n")
    if lines > MAX_LINES:
        return "codeowners-too-large", f"the file has {lines:,} lines, more than {MAX_LINES:,}", "join lines with `*`"
    return None


def lines_of(text: bytes | str, faults: FaultList) -> Iterator[tuple[int, int, str]]:
    """Yield number, first column and text of every line that says something; one that is not UTF-8 is a fault alone.

    Only a line feed ends a line, with a carriage return before it or not; a byte order mark at the start says nothing.
    """
    for number, raw in enumerate(_decoded(text), 1):
        if isinstance(raw, UnicodeDecodeError):
            message = "the line is not UTF-8, so nobody can tell which files it means"
            faults.add((number, raw.start + 1), "codeowners-unreadable-line", message, "save the file as UTF-8")
            continue
        if number == 1:
            raw = raw.removeprefix("\ufeff")  # noqa: PLW2901 (the mark is no part of the line)
        line = raw.strip(" \t\r")
        if not line or line[0] == "#":
            continue
        if line[-1] == "\\" and (tail := _KEPT_BLANK.search(raw)):
            line += tail[1]
        yield number, (1 if line[0] == raw[0] else raw.index(line[0]) + 1), line


def plain_lines(text: bytes | str) -> list[str] | None:
    """Return the lines of a file without odd characters, blank ones and comments too; None where it has any.

    Nearly all files are plain: ASCII letters, blanks and tabs, no backslash, and carriage returns before line feeds
    alone. Their lines and words are what `str.split` makes of them, and nothing in them has to be reported.
    """
    if isinstance(text, str):
        text = text.encode(errors="surrogatepass")
    if odd := text.translate(None, _PLAIN_BYTES):
        if odd.strip(b"\r") or text.count(b"\r\n") != len(odd):
            return None
        text = text.replace(b"\r\n", b"\n")
    return text.decode("ascii").split("\n")


def _decoded(text: bytes | str) -> list[str] | list[str | UnicodeDecodeError]:
    if isinstance(text, str):
        return text.split("\n")
    try:
        return text.decode().split("\n")
    except UnicodeDecodeError:
        return [_decoded_line(line) for line in text.split(b"\n")]


def _decoded_line(line: bytes) -> str | UnicodeDecodeError:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        return error


def words_of(line: str, place: Place, faults: FaultList) -> list[str]:
    r"""Return the words of a line: only blanks and tabs part them, and a backslash before one keeps it (`my\ dir/`)."""
    is_plain = line.isascii() and line.isprintable()
    if is_plain and "\\" not in line:
        return line.split()
    if not is_plain and (found := _ODD_BLANK.search(line)):
        faults.add(
            (place[0], place[1] + found.start()),
            "codeowners-odd-blank",
            f"the line holds an invisible character (U+{ord(found[0]):04X}), which parts no words",
            "write a plain blank, or take it out",
            severity="warning",
        )
    return _WORD.findall(line)


def word_place(line: str, index: int, place: Place) -> Place:
    """Return where a word of a line begins, counted from 0."""
    starts = [found.start() for found in _WORD.finditer(line)]
    return place[0], place[1] + starts[index]


def note_pattern_problem(
    error: PatternError, place: Place, pattern: str, faults: FaultList, *, dialect: Dialect = "github"
) -> str:
    """Note that a pattern does not work, and return the sentence for its rule."""
    code = "codeowners-pattern" if read_pattern(pattern, dialect) else "codeowners-unreadable-line"
    faults.add(place, code, error.reason, error.suggestion)
    return error.reason


def shortened(word: str) -> str:
    """Return a word as a sentence can hold it: bounded, and visible."""
    return visible(word if len(word) <= MAX_WORD_SHOWN else word[:MAX_WORD_SHOWN] + "...")
