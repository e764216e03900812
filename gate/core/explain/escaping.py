r"""Escaping: text of other people made harmless and visible before it is shown; `\u{202e}` for what hides itself."""

import unicodedata

from gate.core.lazy_regex import lazy_regex

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
PROSE_LIMIT = 1_000
"""How many characters of one text are shown at most."""
PATH_LIMIT = 4_200
"""How many characters of one path are shown at most: the longest path that a kernel opens, and some escapes."""
# What shows nothing, moves, reorders or breaks: controls, format characters, unusual blanks, invisible letters, lone
# surrogates, private use, tags. A table of its own, for the verdict holds such text: what Python calls printable
# changes with its version, and the same facts must give the same bytes in later years.
HIDDEN = lazy_regex(
    "[\x00-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5"
    "\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U0010ffff]"
)
_STACKED = lazy_regex(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4,}")
_CUT_ESCAPE = lazy_regex(r"\\(?:u(?:\{[0-9a-f]*)?)?\Z")
_BLANKS = lazy_regex(r"[ \t\r\n]+")


def visible(text: str) -> str:
    r"""Return a text in which every character can be seen and none moves, hides or overwrites another.

    SECURITY: controls (ANSI escapes, line breaks), bidirectional and zero-width characters, unusual blanks, invisible
    letters, lone surrogates and piles of combining marks become `\u{...}`. The result is one line.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _STACKED.sub(lambda found: found[0][:3] + "".join(map(_escaped, found[0][3:])), text)
    return HIDDEN.sub(lambda found: _escaped(found[0]), text)


def prose(text: str, limit: int = PROSE_LIMIT) -> str:
    """Return a text as one visible line, line breaks as blanks, cut between words where it is longer than `limit`."""
    return clip(visible(_BLANKS.sub(" ", text[: 4 * limit]).strip()), limit)


def path_text(path: str) -> str:
    """Return a path as it is shown: visible, and whole unless it is longer than any path that can be opened."""
    return clip(visible(path[:PATH_LIMIT]), PATH_LIMIT)


def clip(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters, cut between words; only a word longer than that is cut itself."""
    if len(text) <= limit:
        return text
    kept = text[: max(limit - 2, 0)]
    at = kept.rfind(" ")
    if at > 0:
        return f"{kept[:at].rstrip()} {ELLIPSIS}"
    # An escape is shown whole or not at all.
    return f"{_CUT_ESCAPE.sub('', kept)}{ELLIPSIS}"[:limit]


def cells(text: str) -> int:
    """Return how many columns a visible text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def _escaped(letter: str) -> str:
    return f"\\u{{{ord(letter):x}}}"
