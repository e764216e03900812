"""Source text with its comments and strings blanked, so that words in them are never taken for code."""

import re
from typing import Literal

from gate.core.lazy_regex import lazy_regex
from gate.core.values import dataclass

MAX_BYTES = 1_000_000
MAX_PYTHON = 250_000
"""A syntax tree takes a hundred times the room of its text, so Python is read up to this many characters."""
_MAX_UNCLOSED = 50
Language = Literal["sql", "c", "ruby", "hash"]
_OPENERS: dict[Language, re.Pattern[str]] = {
    # NOTE: `/*!` is a comment that MySQL executes, so it stays code.
    "sql": lazy_regex(r"--|^[ \t]*#|/\*(?!!)|'|\"|`|\$\w{0,63}\$", re.MULTILINE),
    "c": lazy_regex(r"//|/\*|\"\"\"|@\"|\"|'|`"),
    # HCL, GraphQL, TOML and their like.
    "hash": lazy_regex(r"#|//|/\*|\"\"\"|\"|<<[~-]?[A-Z_]\w{0,63}"),
    "ruby": lazy_regex(r"#(?!\{)|^=begin\b|<<[~-]?['\"]?[A-Z_]\w{0,63}['\"]?|\"|'|%[qQwWiI]?\(", re.MULTILINE),
}
# What ends a string that `opener` begins; possessive, so that a missing end costs one pass and no more.
_ENDS: dict[str, re.Pattern[str]] = {
    "sql'": lazy_regex(r"(?:[^'\\]++|\\.|'')*+'", re.DOTALL),
    'sql"': lazy_regex(r'(?:[^"]++|"")*+"'),
    "sql`": lazy_regex(r"[^`]*+`"),
    'c"': lazy_regex(r'(?:[^"\\\n]++|\\.)*+"'),
    "c'": lazy_regex(r"(?:[^'\\\n]++|\\.)*+'"),
    "c`": lazy_regex(r"(?:[^`\\]++|\\.)*+`", re.DOTALL),
    'c"""': lazy_regex(r'.*?"""', re.DOTALL),
    'c@"': lazy_regex(r'(?:[^"]++|"")*+"'),
    'hash"': lazy_regex(r'(?:[^"\\\n]++|\\.)*+"'),
    'hash"""': lazy_regex(r'.*?"""', re.DOTALL),
    "ruby'": lazy_regex(r"(?:[^'\\]++|\\.)*+'", re.DOTALL),
    'ruby"': lazy_regex(r'(?:[^"\\]++|\\.)*+"', re.DOTALL),
}
_NOT_BLANK = lazy_regex(r"\S")


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file that the change touches, as it stands at the head and at the merge base; None where it does not.

    `status` is that of `ChangedFile`.
    """

    path: str
    status: str
    head: bytes | None = None
    base: bytes | None = None

    @property
    def name(self) -> str:
        """Return the last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """Return the path up to and with its last slash; empty at the root."""
        return self.path[: len(self.path) - len(self.name)]


def decoded(raw: bytes | None) -> str | None:
    """Return a text, None where it is absent, above 1 MB, or no text."""
    if raw is None or len(raw) > MAX_BYTES:
        return None
    encoding = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text.replace("\r\n", "\n")


def blanked(text: str, language: Language) -> str | None:
    """Return a text of the same length with comments as blanks and the inside of strings as `_`.

    None where too many comments or strings are never closed: such a text is not what it claims to be, and reading on
    would take time that grows with its square.
    """
    done: list[str] = []
    position = unclosed = 0
    opener = _OPENERS[language]
    while found := opener.search(text, position):
        start = found.end()
        done.append(text[position : found.start()])
        end, is_comment = _end_of(text, found, language)
        if end < 0:
            unclosed += 1
            if unclosed > _MAX_UNCLOSED:
                return None
            done.append(found[0])
            position = start
            continue
        whole = text[found.start() : end]
        blank = _NOT_BLANK.sub(" ", whole) if is_comment else whole[0] + _NOT_BLANK.sub("_", whole[1:-1]) + whole[-1]
        done.append(_heredoc(text, found, end) if whole.startswith("<<") else blank)
        position = end
    done.append(text[position:])
    return "".join(done)


def _end_of(text: str, found: re.Match[str], language: Language) -> tuple[int, bool]:
    """Return where what an opener begins has ended (-1: never), and whether it is a comment."""
    opened, start = found[0], found.end()
    if opened in {"--", "//"} or opened.lstrip(" \t") == "#":
        end = text.find("\n", start)
        return (len(text) if end < 0 else end), True
    if opened in {"/*", "=begin"}:
        close = "*/" if opened == "/*" else "\n=end"
        end = text.find(close, start)
        return (len(text) if end < 0 else end + len(close)), True
    if opened.startswith("<<"):
        tag = opened.lstrip("<~-").strip("'\"")
        ended = re.compile(rf"^[ \t]*{tag}\b", re.MULTILINE).search(text, start)
        return (ended.end() if ended else -1), False
    if opened.startswith(("$", "%")):
        close = opened if opened.startswith("$") else ")"
        end = text.find(close, start)
        return (end + len(close) if end >= 0 else -1), False
    ended = _ENDS[language + opened].match(text, start)
    return (ended.end() if ended else -1), False


def _heredoc(text: str, found: re.Match[str], end: int) -> str:
    """Return a heredoc as an empty string, with what follows its tag on the first line kept as code."""
    line_end = text.find("\n", found.end(), end)
    tag = '"' + "_" * (len(found[0]) - 2) + '"'
    return tag + text[found.end() : line_end] + _NOT_BLANK.sub(" ", text[line_end:end])


def closing(text: str, start: int) -> int:
    """Return the index of the bracket that closes the one at `start`; -1 where none does."""
    pairs = {"(": ")", "[": "]", "{": "}"}
    stack: list[str] = []
    for found in re.compile(r"[()\[\]{}]").finditer(text, start):
        letter = found[0]
        if letter in pairs:
            stack.append(pairs[letter])
        elif not stack or stack.pop() != letter:
            return -1
        if not stack:
            return found.start()
    return -1


def split_arguments(text: str) -> list[str]:
    """Return the arguments of a call, split at the commas outside of all brackets; an empty text has none."""
    parts, depth, current = [], 0, ""
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += letter
    parts.append(current.strip())
    return [part for part in parts if part]
