"""A second, slow reading of the CODEOWNERS pattern syntax, written from the documents and sharing no code.

It asks, entry by entry from the top, whether a pattern matches the entry as gitignore says it; a matched folder takes
in all below it, except that a last segment `*` stands for direct children alone (GitHub, "About code owners").
"""

from collections.abc import Sequence
from functools import cache


def documented_match(pattern: str, path: str, *, as_folder: bool = False) -> bool:
    """Return whether a well-formed pattern matches a file, or an entry that is a file and a folder."""
    if as_folder:
        # Such an entry is matched as a file, as a folder, or by what takes in everything inside it.
        wanted = _split(pattern)
        inner = wanted[:-1] if wanted[-2:] == ("**", "*") else wanted
        while inner[-1:] == ("**",):
            inner = inner[:-1]
        whole = "/" + "/".join(inner).removeprefix("/") + "/"
        is_whole = len(inner) < len(wanted) and _entry_matches(whole, path.split("/"), is_folder=True)
        return is_whole or documented_match(pattern, path) or _entry_matches(pattern, path.split("/"), is_folder=True)
    parts = path.split("/")
    is_direct = _split(pattern)[-1] == "*"
    for depth in range(1, len(parts) + 1):
        is_folder = depth < len(parts)
        if _entry_matches(pattern, parts[:depth], is_folder=is_folder) and not (is_folder and is_direct):
            return True
    return False


def documented_last(layers: Sequence[Sequence[str]], path: str, *, as_folder: bool = False) -> tuple[int, ...]:
    """Return for each layer the index of the last pattern that matches, by trying all of them."""
    return tuple(
        max((i for i, p in enumerate(layer) if documented_match(p, path, as_folder=as_folder)), default=-1)
        for layer in layers
    )


def documented_every(layer: Sequence[str], path: str, *, as_folder: bool = False) -> tuple[int, ...]:
    """Return the indices of all patterns that match."""
    return tuple(i for i, p in enumerate(layer) if documented_match(p, path, as_folder=as_folder))


@cache
def _split(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.split("/"))


def _entry_matches(pattern: str, parts: Sequence[str], *, is_folder: bool) -> bool:
    wanted = list(_split(pattern))
    has_slash = "/" in pattern[:-1]
    if wanted[-1] == "":
        if not is_folder:
            return False
        wanted.pop()
    if not has_slash:
        return _name_matches(wanted[0], parts[-1])
    if wanted[0] == "":
        del wanted[0]
    return _path_matches(tuple(wanted), tuple(parts))


def _path_matches(wanted: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    if not wanted:
        return not parts
    if wanted[0] == "**":
        if len(wanted) == 1:
            return bool(parts)
        return any(_path_matches(wanted[1:], parts[skip:]) for skip in range(len(parts) + 1))
    return bool(parts) and _name_matches(wanted[0], parts[0]) and _path_matches(wanted[1:], parts[1:])


def _name_matches(wanted: str, name: str) -> bool:
    if wanted == "":
        return name == ""
    if wanted[0] == "*":
        return any(_name_matches(wanted[1:], name[skip:]) for skip in range(len(name) + 1))
    if name == "":
        return False
    if wanted[0] == "?":
        return _name_matches(wanted[1:], name[1:])
    if wanted[0] == "\\":
        wanted = wanted[1:]
    return wanted[0] == name[0] and _name_matches(wanted[1:], name[1:])
