"""Paths as they are shown: what in a name can deceive the eye or a matcher, and the escaped form of it."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

from gate.core.change.facts import Problem

MAX_NAMED_PROBLEMS = 100
PathTrouble = Literal["", "undecodable-path", "suspicious-path"]
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# What reorders or breaks a line: bidirectional controls, line and paragraph separators.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKS = frozenset("\u2028\u2029")
_FIRST_PRINTABLE = 0x20
_DELETE = 0x7F
_LAST_C1 = 0x9F


def trouble_of(path: str | bytes) -> PathTrouble:
    """Return why a path cannot be judged, or an empty text where it can.

    SECURITY: a replacement character may stand for any lost byte, so that two paths collapse into one (R32); control
    and bidirectional characters beat matchers and eyes (R30, R31).
    """
    if isinstance(path, bytes):
        try:
            path = path.decode()
        except UnicodeDecodeError:
            return "undecodable-path"
    if ("/." in path or path[:1] in {"", ".", "/"} or "//" in path or "~" in path) and _is_beyond_git(path):
        return "suspicious-path"
    if path.isascii() and path.isprintable():
        return ""
    if _REPLACEMENT in path or any(0xD800 <= ord(letter) <= 0xDFFF for letter in path):  # noqa: PLR2004 (surrogates)
        return "undecodable-path"
    return "suspicious-path" if any(map(is_deceiving, path)) else ""


def _is_beyond_git(path: str) -> bool:
    """Return whether a path has a segment that no honest git writes: `..`, nothing, or a spelling of `.git`.

    SECURITY: a tree object can hold any name; `docs/../secure/x` would be matched as a file of docs (CVE-2014-9390).
    """
    for segment in path.split("/"):
        drawn = "".join(letter for letter in segment if letter.isascii() or unicodedata.category(letter) != "Cf")
        plain = drawn.rstrip(". ").lower()
        if segment in {"", ".", ".."} or plain in {".git", "git~1"}:
            return True
    return False


def is_deceiving(letter: str) -> bool:
    """Return whether a character is a control, reorders text, or breaks a line."""
    number = ord(letter)
    return number < _FIRST_PRINTABLE or _DELETE <= number <= _LAST_C1 or letter in _BIDI or letter in _BREAKS


def has_bidi(text: str) -> bool:
    """Return whether a text holds characters that reorder what is shown."""
    return not text.isascii() and not _BIDI.isdisjoint(text)


def shown(path: str | bytes) -> str:
    r"""Return a path for the eye: undecodable bytes as `\xff`, controls and invisible characters as `\u{202e}`."""
    text = path.decode(errors="backslashreplace") if isinstance(path, bytes) else path
    if text.isascii() and text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def quoted(text: str, limit: int = 120) -> str:
    """Return a foreign text as part of a sentence: in backticks, without control characters, cut at `limit`."""
    short = text if len(text) <= limit else text[: limit - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return f"`{shown(short).replace('`', chr(39))}`"


def path_problems(raw_paths: Iterable[str | bytes]) -> tuple[Problem, ...]:
    """Return what keeps paths from being judged: undecodable names, control and bidirectional characters."""
    found: dict[str, list[str]] = {}
    for raw in raw_paths:
        code = trouble_of(raw)
        if code:
            found.setdefault(code, []).append(shown(raw))
    why = {
        "undecodable-path": "is not UTF-8, so that no ownership pattern can be compared with it",
        "suspicious-path": "holds control characters, characters that reorder text, or names that git itself refuses",
    }
    return tuple(
        Problem(
            code=code,
            why=f"The path {paths[0]} {why[code]}{_and_more(paths)}.",
            next="Rename the file with printable UTF-8 characters.",
            files=tuple(sorted(paths)[:MAX_NAMED_PROBLEMS]),
        )
        for code, paths in sorted(found.items())
    )


def _and_more(paths: Sequence[str]) -> str:
    return f" (and {len(paths) - 1} more such paths)" if len(paths) > 1 else ""


def _escaped(letter: str) -> str:
    return f"\\u{{{ord(letter):x}}}"
