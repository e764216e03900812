"""Compiling: one layer of patterns into the trie; most by cutting their text, the others as they are parsed.

Nearly all lines of real files are a path from the root, with `/` or `/*` at its end or with nothing. Lines of one
folder share the way to it, so that most cost one look at the folder and one at the name.
"""

from collections.abc import Sequence

from gate.core.ownership.globs import LOOP, STAR
from gate.core.ownership.patterns import (
    Dialect,
    Pattern,
    PatternError,
    Reach,
    Route,
    are_simple,
    is_simple,
    parse_routes,
    read_pattern,
)
from gate.core.ownership.trie import Mark, Node, with_mark


def insert_layer(root: Node, layer: int, patterns: Sequence[str | Pattern], dialect: Dialect) -> None:
    """Add all patterns of one layer to a trie that holds the layers before it.

    The last pattern is added first: what comes later is beaten wherever it meets one, and nothing is ever replaced.
    """
    are_all_simple = are_simple(patterns)
    whole: Reach = "tree" if dialect == "github" else "entry"
    folders: dict[str, Node] = {}
    for index in range(len(patterns) - 1, -1, -1):
        item = patterns[index]
        mark = ((layer, index),)
        if isinstance(item, str) and (are_all_simple or is_simple(item)) and (item[0] == "/" or dialect == "github"):
            if "*" not in item and "?" not in item:
                is_folder = item[-1] == "/"
                above, slash, name = (item[:-1] if is_folder else item).rpartition("/")
                parent = folders.get(above) or _folder(root, folders, above, mark)
                if not slash:  # a name alone matches at any depth
                    parent = parent.glob_child(LOOP, mark)
                parent.insert_name(name, "below" if is_folder else whole, mark)
                continue
            is_deep = item[-5:] == "/**/*"
            path = item[: -5 if is_deep else -2]
            if item[-2:] == "/*" and "*" not in path and "?" not in path:
                folder = folders.get(path) or _folder(root, folders, path, mark)
                if is_deep:
                    folder.end_here(mark, "below")
                else:
                    folder.insert_last(STAR, "entry", mark)
                continue
        for route in item.routes if isinstance(item, Pattern) else _routes(item, dialect):
            root.insert(route, mark)


def _folder(root: Node, folders: dict[str, Node], path: str, mark: tuple[Mark]) -> Node:
    """Return the node of a folder that is written out, made where there is none, and keep it for further patterns."""
    above, _, name = path.rpartition("/")
    parent = folders.get(above)
    if parent is not None:
        node = parent.child(name, mark)
    else:
        node = root
        root.top = with_mark(root.top, mark)
        for name in path.removeprefix("/").split("/") if path else ():
            node = node.child(name, mark)
    folders[path] = node
    return node


def _routes(text: str, dialect: Dialect) -> tuple[Route, ...]:
    try:
        return parse_routes(text, dialect)
    except PatternError:
        pattern = read_pattern(text, dialect)
        return pattern.routes if pattern is not None else ()
