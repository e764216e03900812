"""The trie of all patterns of all layers, segment by segment: what the path matcher walks.

A node has its literal children in a dictionary, its globs in an index, one child for `*` and one for `**`.
"""

from collections.abc import Sequence

from gate.core.ownership.globs import LOOP, STAR, Glob, GlobIndex
from gate.core.ownership.patterns import Route

Result = tuple[int, ...]
"""For each layer the index of its last matching pattern, or -1."""
Mark = tuple[int, int]
"""A layer, and the index of a pattern in it."""
Marks = tuple[Mark, ...]
"""At most one mark a layer, in the order of the layers."""

_NO_MARKS: Marks = ()
_NO_CHILDREN: "dict[str, Node]" = {}


def with_mark(marks: Marks, mark: tuple[Mark]) -> Marks:
    """Return marks with one more, which replaces one of its own layer."""
    if not marks or (len(marks) == 1 and marks[0][0] == mark[0][0]):
        return mark
    return (marks[:-1] if marks[-1][0] == mark[0][0] else marks) + mark


class Node:
    """One place in the trie. `here` marks what ends at this entry, `under` what takes in all below it.

    Both hold the highest mark of each layer; the others are in `beaten`. `top` is the highest index of each
    layer in the whole subtree, `named` the highest that depends on the name of a child, `globbed` on a glob for it.
    """

    __slots__ = (
        "beaten", "globbed", "globs", "here", "index", "is_loop", "literals", "loop", "named", "star", "top", "under",
    )  # fmt: skip

    def __init__(self, *, is_loop: bool = False) -> None:
        self.is_loop = is_loop
        self.literals = _NO_CHILDREN
        self.star: Node | None = None
        self.loop: Node | None = None
        self.globs: dict[Glob, Node] | None = None
        self.index: GlobIndex[Node] | None = None
        self.here = self.under = self.top = self.named = self.globbed = _NO_MARKS
        self.beaten: list[tuple[bool, Mark]] | None = None

    def insert(self, route: Route, mark: tuple[Mark]) -> None:
        """Add one route; marks come in ascending order."""
        node = parent = self
        node.top = with_mark(node.top, mark)
        for segment in route.segments:
            parent = node
            if isinstance(segment, Glob):
                node = node.glob_child(segment)
            elif (child := node.literals.get(segment)) is not None:
                node = child
            else:
                node = Node()
                node.top = mark
                if parent.literals is _NO_CHILDREN:
                    parent.literals = {segment: node}
                else:
                    parent.literals[segment] = node
                continue
            node.top = with_mark(node.top, mark)
        if route.reach != "below":
            if node.here:
                node.keep_beaten(node.here, mark, is_here=True)
            node.here = with_mark(node.here, mark)
            if route.segments[-1] is not STAR:
                parent.add_name(route.segments[-1], mark)
        if route.reach != "entry":
            if node.under:
                node.keep_beaten(node.under, mark, is_here=False)
            node.under = with_mark(node.under, mark)

    def add_name(self, segment: str | Glob, mark: tuple[Mark]) -> None:
        """Note that a mark depends on the name of a child."""
        self.named = with_mark(self.named, mark)
        if isinstance(segment, Glob):
            self.globbed = with_mark(self.globbed, mark)

    def glob_child(self, segment: Glob) -> "Node":
        """Return the child for a segment with wildcards, made where there is none."""
        if segment is LOOP:
            self.loop = self.loop or Node(is_loop=True)
            return self.loop
        if segment is STAR:
            self.star = self.star or Node()
            return self.star
        if self.globs is None:
            self.globs = {}
        return self.globs.get(segment) or self.globs.setdefault(segment, Node())

    def keep_beaten(self, marks: Marks, mark: tuple[Mark], *, is_here: bool) -> None:
        """Keep the mark of the same layer that a new one replaces."""
        if marks[-1][0] == mark[0][0] and marks[-1] != mark[0]:
            self.beaten = self.beaten or []
            self.beaten.append((is_here, marks[-1]))

    def every_here(self) -> list[Mark]:
        """Return all marks of this entry, the beaten ones included."""
        return [*self.here, *(mark for is_here, mark in self.beaten or () if is_here)]

    def every_under(self) -> list[Mark]:
        """Return all marks that take in what is below, the beaten ones included."""
        return [*self.under, *(mark for is_here, mark in self.beaten or () if not is_here)]

    def children(self, name: str) -> "list[Node]":
        """Return the children that one more segment leads to, the loop aside."""
        child = self.literals.get(name)
        found = [] if child is None else [child]
        if self.star is not None:
            found.append(self.star)
        if self.globs is not None:
            found += self.matching(name)
        return found

    def matching(self, name: str) -> "list[Node]":
        """Return the children for globs that match a name."""
        if self.index is None:
            self.index = GlobIndex((self.globs or {}).items())
        return self.index.find(name)


def reached_nodes(nodes: "Sequence[Node]", name: str) -> "tuple[Node, ...]":
    """Return the nodes that are live one segment further, each once."""
    reached: list[Node] = []
    for node in nodes:
        if node.is_loop:
            reached.append(node)
        for child in node.children(name):
            reached.append(child)
            if child.loop is not None:
                reached.append(child.loop)
    return tuple(dict.fromkeys(reached)) if len(reached) > 1 else tuple(reached)


def written_names(root: Node) -> frozenset[str]:
    """Return every name that some pattern writes out for a file, in any folder."""
    found: set[str] = set()
    todo = [root]
    while todo:
        node = todo.pop()
        found.update([name for name, child in node.literals.items() if child.here])
        todo += [*node.literals.values(), *(node.globs or {}).values()]
        todo += [child for child in (node.star, node.loop) if child is not None]
    return frozenset(found)


def can_win(marks: Marks, best: Result) -> bool:
    """Return whether any of the marks is higher than what its layer has so far."""
    for layer, index in marks:  # noqa: SIM110 (a generator costs more than the loop)
        if best[layer] < index:
            return True
    return False
