"""Globs: one segment of a path pattern with `*` or `?` in it, and an index that finds those that match a name."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Generic, TypeVar

from gate.core.lazy_regex import lazy_regex
from gate.core.values import dataclass

Token = str | re.Pattern[str]
_Value = TypeVar("_Value")
_Tables = dict[int, dict[str, list[tuple["Glob", _Value]]]]
_FEW = 32
_TOKEN = lazy_regex(r"(?P<range>\[(?P<not>[!^]?)(?P<set>\]?[^\]]*)\])|\\.|[^\\]", re.DOTALL)
_TOKEN_WITHOUT_RANGE = lazy_regex(r"\\.|[^\\]", re.DOTALL)


@dataclass(frozen=True)
class Glob:
    """One segment with wildcards: literal chunks with `*` between them; a chunk may hold `?` and ranges.

    `chunks` are regular expressions without repetition where `exact` is false, plain texts where it is true. Matching
    takes time linear in the name for plain chunks: each is looked for once, leftmost first, never twice.
    """

    text: str
    chunks: tuple[str, ...]
    exact: tuple[bool, ...]
    longest: str = ""

    def __hash__(self) -> int:
        """Return the hash of the text alone, which the interpreter keeps: equal globs have equal texts."""
        return hash(self.text)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """Return the whole glob; atomic groups keep a failed match from being tried again further left (S11)."""
        parts = [chunk if exact else f"(?:{chunk})" for chunk, exact in zip(self._sources, self.exact, strict=True)]
        if len(parts) == 1:
            return re.compile(parts[0], re.DOTALL)
        middle = "".join(f"(?>.*?{part})" for part in parts[1:-1])
        return re.compile(f"{parts[0]}{middle}.*{parts[-1]}", re.DOTALL)

    @property
    def _sources(self) -> tuple[str, ...]:
        return tuple(re.escape(chunk) if exact else chunk for chunk, exact in zip(self.chunks, self.exact, strict=True))

    @property
    def prefix(self) -> str:
        """Return the plain text with which every match begins; may be empty."""
        return self.chunks[0] if self.exact[0] else ""

    @property
    def suffix(self) -> str:
        """Return the plain text with which every match ends; may be empty."""
        return self.chunks[-1] if self.exact[-1] else ""

    def matches(self, name: str) -> bool:
        """Return whether the glob matches a whole name, line breaks and all."""
        if not all(self.exact):
            return self._pattern.fullmatch(name) is not None
        first, last = self.chunks[0], self.chunks[-1]
        if len(name) < len(first) + len(last) or not name.startswith(first) or not name.endswith(last):
            return False
        place, end = len(first), len(name) - len(last)
        for chunk in self.chunks[1:-1]:
            place = name.find(chunk, place, end)
            if place < 0:
                return False
            place += len(chunk)
        return True


STAR = Glob("*", ("", ""), (True, True))
"""Any one segment."""
LOOP = Glob("**", ("", "", ""), (True, True, True))
"""Any number of segments, none included."""


def parse_segment(text: str, *, has_ranges: bool = False) -> str | Glob | None:
    """Return one segment as plain text or as a glob; None where it ends in a lone backslash or its range is broken."""
    if text == "*":
        return STAR
    if "?" not in text and "\\" not in text and "[" not in text:
        return _simple_segment(text) if "*" in text else text
    chunks: list[str] = [""]
    exact = [True]
    longest = run = ""
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place) if has_ranges else _TOKEN_WITHOUT_RANGE.match(text, place)
        if found is None:
            return None
        place = found.end()
        if found[0] == "*":
            chunks.append("")
            exact.append(True)
            run = ""
            continue
        piece = "." if found[0] == "?" else ""
        if has_ranges and found["range"]:
            piece = _range(found["not"], found["set"])
            if not piece:
                return None
        letter = found[0].removeprefix("\\")
        run = "" if piece else run + letter
        longest = max(longest, run, key=len)
        _grow(chunks, exact, letter, piece)
    if len(chunks) == 1 and exact[0]:
        return chunks[0]
    # Empty chunks between stars say nothing: `a**b` is `a*b`.
    kept = [index for index, chunk in enumerate(chunks) if chunk or index in {0, len(chunks) - 1}]
    glob = Glob(text, tuple(chunks[index] for index in kept), tuple(exact[index] for index in kept), longest)
    return STAR if glob.chunks == STAR.chunks else glob


def _simple_segment(text: str) -> str | Glob:
    first, *rest = text.split("*")
    chunks = (first, *filter(None, rest[:-1]), rest[-1])
    return STAR if chunks == STAR.chunks else Glob(text, chunks, (True,) * len(chunks), max(chunks, key=len))


def _grow(chunks: list[str], exact: list[bool], letter: str, piece: str) -> None:
    if piece and exact[-1]:
        chunks[-1], exact[-1] = re.escape(chunks[-1]), False
    if exact[-1]:
        chunks[-1] += letter
    else:
        chunks[-1] += piece or re.escape(letter)


def _range(negation: str, letters: str) -> str:
    """Return a range as a regular expression; empty where it can match nothing, as `[z-a]`."""
    letters = letters.replace("\\", "")
    parts = []
    while letters:
        low, high = letters[0], letters[0]
        if letters[1:2] == "-" and len(letters) > 2:  # noqa: PLR2004 (low, hyphen, high)
            high = letters[2]
            letters = letters[2:]
        letters = letters[1:]
        if low > high:
            return ""
        parts.append(f"{re.escape(low)}-{re.escape(high)}")
    return f"[{'^' if negation else ''}{''.join(parts)}]" if parts else ""


class GlobIndex(Generic[_Value]):
    """The values of all globs that match a name, found without trying each glob.

    A glob is filed under the longest plain text that its matches end with, begin with or hold; only what is filed
    under something that the name has is tried. So the cost of a name does not grow with the globs (S11).
    """

    def __init__(self, globs: Iterable[tuple[Glob, _Value]]) -> None:
        ends: _Tables[_Value] = {}
        starts: _Tables[_Value] = {}
        self._by_inner: _Tables[_Value] = {}
        self._tried: list[tuple[str, Glob, _Value]] = []
        inner = []
        for glob, value in globs:
            if glob.longest and glob.longest == glob.suffix:
                _file(ends, glob, value)
            elif glob.longest and glob.longest == glob.prefix:
                _file(starts, glob, value)
            else:
                inner.append((glob.longest, glob, value))
        # Where a name is cut to be looked up in a table.
        self._by_end = [(-length, table) for length, table in ends.items()]
        self._by_start = [*starts.items()]
        if len(inner) <= _FEW:
            self._tried = inner
            return
        for text, glob, value in inner:
            if text:
                _file(self._by_inner, glob, value)
            else:
                self._tried.append((text, glob, value))

    def find(self, name: str) -> list[_Value]:
        """Return the value of every glob that matches the name."""
        candidates: list[tuple[Glob, _Value]] = []
        for place, table in self._by_end:
            if (end := name[place:]) in table:
                candidates += table[end]
        for place, table in self._by_start:
            if (start := name[:place]) in table:
                candidates += table[start]
        for text, glob, value in self._tried:
            if text in name:
                candidates.append((glob, value))
        if self._by_inner:
            for length, table in self._by_inner.items():
                for text in {name[place : place + length] for place in range(len(name) - length + 1)} & table.keys():
                    candidates += table[text]
        return [value for glob, value in candidates if glob.matches(name)] if candidates else []


def _file(tables: "_Tables[_Value]", glob: Glob, value: _Value) -> None:
    tables.setdefault(len(glob.longest), {}).setdefault(glob.longest, []).append((glob, value))
