"""Name patterns: whether the name of a branch or a repository is one that a policy writes with stars."""

import re
from collections.abc import Sequence


def matches_name(name: str, patterns: Sequence[str]) -> bool:
    """Return whether a branch or repository matches one of some patterns: `*` within a part, `**` across parts."""
    return any(_matches(name, re.findall(r"\*\*+|[^*]|\*", pattern)) for pattern in patterns)


def _matches(name: str, parts: Sequence[str]) -> bool:
    """Return whether a name matches, trying all readings at once: time grows with name times pattern, never beyond."""
    reached = {0}
    for part in parts:
        if part.startswith("**"):
            reached = set(range(min(reached), len(name) + 1))
        elif part == "*":
            reached = {end for start in reached for end in _within_part(name, start)}
        else:
            reached = {at + 1 for at in reached if _is_one(part, name[at : at + 1])}
        if not reached:
            return False
    return len(name) in reached


def _is_one(part: str, character: str) -> bool:
    return character == part or (part == "?" and character not in {"", "/"})


def _within_part(name: str, start: int) -> range:
    end = name.find("/", start)
    return range(start, (len(name) if end < 0 else end) + 1)
