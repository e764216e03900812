r"""Path patterns in the CODEOWNERS syntax: read, checked, and explained where they say what does not work.

The syntax is that of gitignore (git's documentation, gitignore, "Pattern format") with the exceptions of GitHub's page
"About code owners": no `[ ]` ranges, no `!`, no leading `\#`, and a last segment `*` stands for direct children alone.
GitLab's dialect is that of its pages "Syntax of CODEOWNERS file" and "Advanced CODEOWNERS configuration": Ruby's
`File.fnmatch` with FNM_PATHNAME and FNM_DOTMATCH, so a pattern without leading slash may begin at any depth, only a
trailing slash takes in what lies below, and ranges work.
"""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, NoReturn, cast

from gate.core.lazy_regex import lazy_regex
from gate.core.ownership.globs import LOOP, STAR, Glob, parse_segment
from gate.core.values import dataclass

Dialect = Literal["github", "gitlab"]
Reach = Literal["tree", "entry", "below"]
Segment = str | Glob
MAX_PATTERN = 4096
"""Longest pattern in characters; git itself takes no longer path."""

_ODD_START = frozenset("!#" + "".join(filter(str.isspace, map(chr, range(0x3001)))))
_NEVER_SIMPLE = ("\\", "[", "]", "!", "#", "//", "***")
_ESCAPED = lazy_regex(r"\\.", re.DOTALL)
_RANGE = lazy_regex(r"\[[^\]]*\]?|\]")
_DOTS = lazy_regex(r"(?:\A|(?<=/))\.{1,2}(?:/|\Z)")


class PatternError(ValueError):
    """A pattern says something that does not work: `reason` is one sentence, `suggestion` the next step."""

    def __init__(self, reason: str, suggestion: str) -> None:
        super().__init__(f"{reason} ({suggestion})")
        self.reason = reason
        self.suggestion = suggestion


class Route(NamedTuple):
    """One way down the tree: segments from the root, and what their end takes in.

    `tree` is the entry and all below it, `entry` the entry alone, `below` all below it (a folder's contents).
    """

    segments: tuple[Segment, ...]
    reach: Reach


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that has been read: its text and the routes that it stands for, nearly always one."""

    text: str
    routes: tuple[Route, ...]


def parse_pattern(text: str, dialect: Dialect = "github") -> Pattern:
    """Return what a pattern means, or raise PatternError with the reason and what to write instead."""
    return Pattern(text, parse_routes(text, dialect))


def parse_routes(text: str, dialect: Dialect = "github") -> tuple[Route]:
    """Return the route of a pattern, as `parse_pattern` reads it."""
    if not is_simple(text):
        refuse_unsupported(text, dialect)
    elif "*" not in text and "?" not in text:
        return (_plain_route(text, dialect),)
    route = _github_route(text) if dialect == "github" else _gitlab_route(text)
    if route is None:
        _refuse_unreadable(text)
    return (route,)


def check_pattern(text: str, dialect: Dialect = "github") -> None:
    """Raise PatternError where `parse_pattern` would; quick for most patterns."""
    if not is_simple(text):
        parse_routes(text, dialect)


def is_simple(text: str) -> bool:
    """Return whether a pattern is well formed at first sight; one that is not must be looked at closely."""
    # NOTE: plain searches for text cost a third of one regular expression; `are_simple` looks for the same.
    if "//" in text or "\\" in text or "[" in text or "]" in text or "***" in text:
        return False
    if not 1 < len(text) <= MAX_PATTERN or text[0] in _ODD_START or text[-1].isspace():
        return False
    return ("/." not in text and text[0] != ".") or _DOTS.search(text) is None


def are_simple(texts: Sequence[str | Pattern]) -> bool:
    """Return whether all patterns of a list are texts and well formed at first sight; False says nothing of each.

    It looks at all of them at once, in a fifth of the time; a name of one letter passes, which `is_simple` leaves out.
    """
    try:
        joined = "\n".join(cast("Sequence[str]", texts))
    except TypeError:  # one that was read already
        return False
    if any(map(joined.__contains__, _NEVER_SIMPLE)) or joined.split() != [*texts]:
        return False
    if len(joined) > MAX_PATTERN and max(map(len, joined.split())) > MAX_PATTERN:
        return False
    tails = f"/{joined}/".replace("\n", "/").split("/.")
    # After `/.` a folder must be named: nothing, a slash, or a point with one of them after it is no name.
    return not any(tail in {"", "."} or tail.startswith(("/", "./")) for tail in tails[1:]) and "/" not in texts


def read_pattern(text: str, dialect: Dialect = "github") -> Pattern | None:
    """Return the widest reading of a pattern, also of one that does not work; None where it has none.

    For lines that the platform ignores: whatever their author may have meant is blocked rather than given to somebody
    else. A range is read as a range and as plain text, `!x` as `x` and as a name with an exclamation mark.
    """
    try:
        return parse_pattern(text, dialect)
    except PatternError:
        body = text.strip()
    if len(text) > MAX_PATTERN or body in {"", "/"}:
        return None
    routes: list[Route] = []
    for reading in (body[1:], "\\" + body) if body.startswith("!") else (body,):
        tidy = _DOTS.sub("", re.sub(r"/+", "/", reading))
        if tidy in {"", "/"}:
            continue
        for has_ranges in (True, False):
            route = _github_route(tidy, has_ranges=has_ranges) if dialect == "github" else _gitlab_route(tidy)
            if route is not None and route not in routes:
                routes.append(route)
    return Pattern(text, tuple(routes)) if routes else None


def refuse_unsupported(text: str, dialect: Dialect = "github") -> None:
    """Raise PatternError where a pattern says something that its platform ignores or that can never match."""
    if not text:
        raise PatternError("the pattern is empty", "write a path such as `/docs/`")
    if len(text) > MAX_PATTERN:
        raise PatternError(
            f"the pattern has {len(text):,} characters, more than the {MAX_PATTERN:,} of the longest path",
            "write a shorter one with `*` or `**`",
        )
    plain = _ESCAPED.sub("x", text)
    if text[0].isspace() or plain[-1].isspace():
        raise PatternError("the pattern begins or ends with a blank", "take the blank out, or escape it as `\\ `")
    if text[0] == "!":
        raise PatternError("`!` does not take a match back here", "let a later line say who owns these files")
    if dialect == "github":
        _refuse_on_github(text, plain)
    elif text[0] == "#":
        raise PatternError("`#` begins a comment", "escape it as `\\#`")
    if "//" in plain:
        raise PatternError("`//` never matches, because no folder has an empty name", "write one `/`")
    if _DOTS.search(plain):
        raise PatternError("`.` and `..` never match a folder", "write the path from the root of the repository")


def _refuse_on_github(text: str, plain: str) -> None:
    if text == "/":
        raise PatternError("`/` never matches anything", "write `*` for every file")
    if text[0] == "#" or text.startswith("\\#"):
        raise PatternError(
            "a `#` at the start begins a comment, and `\\#` does not change that",
            "anchor the pattern (`/#name`), or write `?` in place of the `#`",
        )
    if found := _RANGE.search(plain):
        raise PatternError(
            f"`{found[0][:40]}` ranges do not work in CODEOWNERS",
            "write one line for each, `?` for any one character, or `\\[` for a bracket in a name",
        )
    if "***" in plain:
        raise PatternError("three asterisks in a row mean nothing", "write `**` for any number of folders")


def _refuse_unreadable(text: str) -> NoReturn:
    if (len(text) - len(text.rstrip("\\"))) % 2:
        raise PatternError("a backslash at the end escapes nothing", "take it out, or write `\\\\` for a backslash")
    raise PatternError("the pattern never matches anything", "check its ranges and backslashes")


def _plain_route(text: str, dialect: Dialect) -> Route:
    """Read a pattern without wildcards and escapes, which most are."""
    names = text.split("/")
    is_folder = not names[-1]
    if is_folder:
        names.pop()
    if not names[0]:
        del names[0]
    elif dialect == "gitlab" or len(names) == 1:
        return Route((LOOP, *names), _reach(dialect, is_folder=is_folder))
    return Route(tuple(names), _reach(dialect, is_folder=is_folder))


def _reach(dialect: Dialect, *, is_folder: bool) -> Reach:
    if is_folder:
        return "below"
    return "tree" if dialect == "github" else "entry"


def _github_route(text: str, *, has_ranges: bool = False) -> Route | None:
    names = text.replace("\\/", "/").removeprefix("/").split("/")
    is_anchored = text[:1] == "/" or len(names) > 2 or (len(names) == 2 and bool(names[1]))  # noqa: PLR2004 (name, slash)
    is_folder = names[-1] == "" and len(names) > 1
    parts = _segments(names[:-1] if is_folder else names, has_ranges=has_ranges)
    if not parts:
        return None
    if not is_anchored:
        # A name alone matches at any depth; gitignore reads a lone `**` there as `*`.
        parts = [LOOP, STAR if parts == [LOOP] else parts[0]]
    if is_folder:
        # A folder pattern that ends in `**` means the folders inside, so one more segment is needed.
        return _folder_route([*parts, STAR] if parts[-1] is LOOP else parts)
    if parts[-1] is LOOP:
        return _folder_route(parts[:-1])
    if parts[-1] is STAR:
        return _folder_route(parts[:-2]) if parts[-2:-1] == [LOOP] else Route(tuple(parts), "entry")
    return Route(tuple(parts), "tree")


def _gitlab_route(text: str) -> Route | None:
    is_folder = text.endswith("/")
    names = text.replace("\\/", "/").strip("/").split("/")
    parts = [] if names == [""] else _segments(names, has_ranges=True)
    if parts is None:
        return None
    if not text.startswith("/"):
        parts = [LOOP, *parts] if parts[:1] != [LOOP] else parts
    if is_folder:
        return _folder_route(parts[:-1] if parts[-1:] == [LOOP] else parts)
    if parts[-1] is LOOP:
        # fnmatch knows `**/` alone; `**` at the end is a `*`.
        parts[-1] = STAR
    if parts[-1] is STAR and parts[-2:-1] == [LOOP]:
        return _folder_route(parts[:-2])
    return Route(tuple(parts), "entry")


def _folder_route(parts: list[Segment]) -> Route:
    return Route(tuple(parts), "below")


def _segments(names: list[str], *, has_ranges: bool) -> list[Segment] | None:
    parts: list[Segment] = []
    for name in names:
        if name[:2] == "**" and not name.strip("*"):
            if parts[-1:] != [LOOP]:
                parts.append(LOOP)
            continue
        part = parse_segment(name, has_ranges=has_ranges)
        if part is None:
            return None
        parts.append(part)
    return parts
