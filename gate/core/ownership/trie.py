"""The trie of all patterns of all layers, segment by segment: what the path matcher walks.

A node has its literal children in a dictionary, its globs in an index, one child for `*` and one for `**`.
"""

from collections.abc import Sequence

from gate.core.ownership.globs import LOOP, STAR, Glob, GlobIndex
from gate.core.ownership.patterns import Reach, Route, Segment

Result = tuple[int, ...]
"""For each layer the index of its last matching pattern, or -1."""
Mark = tuple[int, int]
"""A layer, and the index of a pattern in it."""
Marks = tuple[Mark, ...]
"""At most one mark a layer, in the order of the layers."""

_NO_MARKS: Marks = ()
_NO_CHILDREN: "dict[str, Node]" = {}


def with_mark(marks: Marks, mark: tuple[Mark]) -> Marks:
    """Return marks with one more, unless its layer has one: marks come layer by layer, the highest of each first."""
    return marks if marks and marks[-1][0] == mark[0][0] else marks + mark


class Node:
    """One place in the trie. `here` marks what ends at this entry, `under` what takes in all below it.

    Both hold the highest mark of each layer; the others are in `beaten`. `top` is the highest index of each
    layer in the whole subtree, `named` the highest that depends on the name of a child, `globbed` on a glob for it.
    """

    __slots__ = (
        "beaten", "globbed", "globs", "here", "index", "is_loop", "literals", "loop", "named", "star", "top", "under",
    )  # fmt: skip

    def __init__(self, top: Marks = _NO_MARKS, *, is_loop: bool = False) -> None:
        self.is_loop = is_loop
        self.literals = _NO_CHILDREN
        self.star: Node | None = None
        self.loop: Node | None = None
        self.globs: dict[Glob, Node] | None = None
        self.index: GlobIndex[Node] | None = None
        self.top = top
        self.here = self.under = self.named = self.globbed = _NO_MARKS
        self.beaten: list[tuple[bool, Mark]] | None = None

    def insert(self, route: Route, mark: tuple[Mark]) -> None:
        """Add one route; marks come layer by layer, the highest index of each first."""
        self.top = with_mark(self.top, mark)
        node = self
        for segment in route.segments[:-1]:
            node = node.glob_child(segment, mark) if isinstance(segment, Glob) else node.child(segment, mark)
        if route.segments:
            node.insert_last(route.segments[-1], route.reach, mark)
        else:
            self.end_here(mark, route.reach)

    def insert_last(self, segment: Segment, reach: Reach, mark: tuple[Mark]) -> None:
        """Add the last segment of a route to the node that the others lead to."""
        node = self.glob_child(segment, mark) if isinstance(segment, Glob) else self.child(segment, mark)
        node.end_here(mark, reach)
        if reach != "below" and segment is not STAR:
            self.named = with_mark(self.named, mark)
            if isinstance(segment, Glob):
                self.globbed = with_mark(self.globbed, mark)

    def insert_name(self, name: str, reach: Reach, mark: tuple[Mark]) -> None:
        """Add a last segment that is a name, as `insert_last` does; quick where nothing of that name is there yet."""
        if name in self.literals:
            self.insert_last(name, reach, mark)
            return
        node = self.child(name, mark)
        if reach != "below":
            node.here = mark
            self.named = with_mark(self.named, mark)
        if reach != "entry":
            node.under = mark

    def end_here(self, mark: tuple[Mark], reach: Reach) -> None:
        """Add the end of a route to its last node."""
        if reach != "below":
            self.here = with_mark(self.here, mark)
            if self.here[-1] != mark[0]:
                self.keep_beaten(mark[0], is_here=True)
        if reach != "entry":
            self.under = with_mark(self.under, mark)
            if self.under[-1] != mark[0]:
                self.keep_beaten(mark[0], is_here=False)

    def child(self, name: str, mark: tuple[Mark]) -> "Node":
        """Return the child for a name, made where there is none, on the way of a mark."""
        node = self.literals.get(name)
        if node is None:
            node = Node(mark)
            if self.literals is _NO_CHILDREN:
                self.literals = {name: node}
            else:
                self.literals[name] = node
        elif node.top[-1][0] != mark[0][0]:
            node.top += mark
        return node

    def glob_child(self, segment: Glob, mark: tuple[Mark]) -> "Node":
        """Return the child for a segment with wildcards, made where there is none, on the way of a mark."""
        if segment is LOOP:
            node = self.loop = self.loop or Node(is_loop=True)
        elif segment is STAR:
            node = self.star = self.star or Node()
        else:
            if self.globs is None:
                self.globs = {}
            found = self.globs.get(segment)
            node = self.globs[segment] = found or Node()
        node.top = with_mark(node.top, mark)
        return node

    def keep_beaten(self, mark: Mark, *, is_here: bool) -> None:
        """Keep the mark of a pattern that a later one of the same layer always beats."""
        self.beaten = self.beaten or []
        self.beaten.append((is_here, mark))

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
