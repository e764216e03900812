"""Markdown text: other people's words and paths as GitHub's Markdown that shows exactly them and does nothing."""

import re

from gate.core.explain.escaping import PROSE_LIMIT, path_text, prose
from gate.core.lazy_regex import lazy_regex

# Between single backticks our own sentences quote names; whatever stands there becomes a code span again.
_QUOTED = lazy_regex(r"`([^`]{1,300})`")
# Words that GitHub turns into something: mentions, addresses, links, issue references, emoji, formulas.
_ACTIVE = lazy_regex(r"@|://|www\.|#[0-9]|GH-[0-9]|^!|[:$\\`]|mailto|xmpp", re.IGNORECASE)
_LEADING = lazy_regex(r"^(?:[-+=]|([0-9]{1,9})[.)])")
_SPECIAL = lazy_regex(r"[\\`*_\[\]<>&~|#!^=]|(?<=\])\(")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_RUNS = lazy_regex("`+")
_TRAILING = lazy_regex(r"^(.*?)([:,.;)]*)$", re.DOTALL)


def inline(text: str, limit: int = PROSE_LIMIT, *, starts_line: bool = False) -> str:
    """Return a text as one line of Markdown that renders as that text: no mention, link, image, heading or tag of it.

    With `starts_line` it may stand where a list or a heading could begin.
    SECURITY: whatever GitHub would act upon stands in a code span, where nothing acts; the rest is escaped.
    """
    line = ""
    for index, part in enumerate(_QUOTED.split(prose(text, limit))):
        piece = code(part) if index % 2 else _words(part, is_first=starts_line and index == 0)
        # Two code spans that touch would become one with another meaning.
        line += f" {piece}" if line.endswith("`") and piece.startswith("`") else piece
    return line


def code(text: str) -> str:
    """Return a visible text as a code span whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in _RUNS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    # CommonMark takes one blank off both ends where both have one and there is more than blanks.
    is_padded = text[:1] in {"`", " "} or text[-1:] in {"`", " "}
    padding = " " if is_padded and text.strip(" ") else ""
    return f"{fence}{padding}{text}{padding}{fence}" if text else ""


def quoted(text: str, limit: int = PROSE_LIMIT) -> str:
    """Return somebody's words as one code span, so that it is plain that they are theirs and not the gate's."""
    return code(prose(text, limit)) or "(empty)"


def path(text: str) -> str:
    """Return a path as a code span."""
    return code(path_text(text)) or "(empty)"


def _words(text: str, *, is_first: bool) -> str:
    words = text.split(" ")
    return " ".join(_word(word, is_first=is_first and index == 0) for index, word in enumerate(words))


def _word(word: str, *, is_first: bool) -> str:
    found = _TRAILING.match(word)
    stem, tail = (found[1], found[2]) if found else (word, "")
    if _ACTIVE.search(stem):
        return code(stem) + tail
    escaped = _SPECIAL.sub(lambda special: _ENTITIES.get(special[0], f"\\{special[0]}"), word)
    if is_first and (start := _LEADING.match(escaped)):
        digits = start[1] or ""
        return f"{digits}\\{escaped[len(digits) :]}"
    return escaped
