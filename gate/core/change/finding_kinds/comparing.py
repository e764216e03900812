"""Comparing two versions of files by the named things in them: what went away, and did not turn up elsewhere."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from gate.core.change.migration_tools.source_text import FileContent, decoded
from gate.core.change.paths import quoted

Named = Callable[[str, str], frozenset[str] | None]
"""Returns the things that a text of some path names, None where the text cannot be read."""
Scope = Literal["anywhere", "folder", "file"]
"""Where a thing that disappears from a file may turn up again and be the same thing still."""
_NAMED = 3


def gone_from(files: Sequence[FileContent], named: Named, *, scope: Scope) -> Mapping[str, tuple[Sequence[str], bool]]:
    """Return for each file what its base names and its head does not, and whether the head could not be read.

    What appears anew within the scope, in another changed file, has moved and is not gone.
    """
    before = {file.path: _names(file.path, file.base, named) for file in files}
    after = {file.path: None if _is_withheld(file) else _names(file.path, file.head, named) for file in files}
    appeared: dict[str, set[str]] = {}
    for path, names in after.items():
        appeared.setdefault(_place(path, scope), set()).update((names or frozenset()) - (before[path] or frozenset()))
    gone: dict[str, tuple[Sequence[str], bool]] = {}
    for file in files:
        had, has = before[file.path], after[file.path]
        if not had:
            continue
        if has is None:
            gone[file.path] = (sorted(had), True)
        elif missing := had - has - appeared[_place(file.path, scope)]:
            gone[file.path] = (sorted(missing), False)
    return gone


def json_section(text: str, key: str) -> Mapping[str, Any] | None:
    """Return the mapping under a key of a JSON document, empty where there is none; None for what is no JSON."""
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    section = document.get(key) if isinstance(document, dict) else None
    return section if isinstance(section, dict) else {}


def _is_withheld(file: FileContent) -> bool:
    """Return whether a file that stands at the head was not handed over: too large, or a link."""
    return file.head is None and file.status != "deleted"


def _place(path: str, scope: Scope) -> str:
    if scope == "anywhere":
        return ""
    return path if scope == "file" else path.rpartition("/")[0]


def _names(path: str, raw: bytes | None, named: Named) -> frozenset[str] | None:
    if raw is None:
        return frozenset()
    text = decoded(raw)
    return None if text is None else named(path, text)


def in_words(names: Sequence[str]) -> str:
    """Return the first names and how many more there are, each in backticks and bounded."""
    first = ", ".join(quoted(name) for name in names[:_NAMED])
    more = len(names) - _NAMED
    return f"{first} and {more} more" if more > 0 else first


def added_lines(file: FileContent) -> list[str]:
    """Return the lines of the head that the base does not have, without their comments' own lines."""
    head, base = decoded(file.head), decoded(file.base)
    known = {line.strip() for line in (base or "").split("\n")}
    lines = [line.strip() for line in (head or "").split("\n")]
    return [line for line in lines if line not in known and not line.startswith(("#", "//", "--"))]
