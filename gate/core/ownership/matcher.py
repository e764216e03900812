"""The path matcher: many ordered lists of patterns as one lazy automaton over the segments of a path.

All patterns of all layers make one trie: a node has its literal children in a dictionary, its globs in an index, one
child for `*` and one for `**`. What is still possible inside a folder (the live nodes, and the best index so far of
each layer) is a state; states are interned and remembered by folder path. A file then costs one split and one
dictionary hit, plus one hit by its name only where a pattern that looks at names could still win.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat

from gate.core.ownership.globs import LOOP, STAR, Glob, GlobIndex
from gate.core.ownership.patterns import Dialect, Pattern, PatternError, Route, parse_routes, read_pattern

Result = tuple[int, ...]
"""For each layer the index of its last matching pattern, or -1."""
Mark = tuple[int, int]
"""A layer, and the index of a pattern in it."""

Marks = tuple[Mark, ...]
"""At most one mark a layer, in the order of the layers."""

MEMORY_BUDGET = 24_000_000
"""What is remembered at most, in characters plus 100 for each item; then the memory is emptied and fills anew."""
_ITEM_COST = 100
_DEEP = 64
"""Folders nested deeper than this are remembered themselves, without each folder above them."""
_NO_MARKS: Marks = ()
_NO_CHILDREN: "dict[str, _Node]" = {}


class PathMatcher:
    """Says for every path, layer by layer, which pattern matched last; the cost of a path does not grow with patterns.

    A layer is an ordered list of patterns in its own dialect. Text that `parse_pattern` refuses is taken in its widest
    reading (`read_pattern`), so that a caller can block what it matches; text without any reading matches nothing.
    Paths are compared character by character as git has them: case, Unicode form and control characters all count.
    Memory is bounded by MEMORY_BUDGET however many paths are asked.
    """

    def __init__(self, layers: Sequence[Sequence[str | Pattern]], *, dialects: Sequence[Dialect] = ()) -> None:
        self.layer_count = len(layers)
        root = _Node()
        for layer, patterns in enumerate(layers):
            dialect = dialects[layer] if dialects else "github"
            for index, item in enumerate(patterns):
                for route in item.routes if isinstance(item, Pattern) else _routes(item, dialect):
                    root.insert(route, ((layer, index),))
        self._memory = _Memory(root, self.layer_count)

    def match(self, path: str) -> Result:
        """Return for each layer the index of the last pattern that matches a file, or -1."""
        folder, _, name = path.rpartition("/")
        state = self._memory.folders.get(folder) or self._memory.find(folder)
        return state.answer or state.names.get(name) or self._memory.find_file(state, name)

    def match_entry(self, path: str, *, as_folder: bool) -> Result:
        """Return `match`; with `as_folder` for an entry that is a file and a folder at once, as a submodule is.

        Such an entry also matches the patterns that match a folder of its path or everything inside it (R28).
        """
        if not as_folder:
            return self.match(path)
        folder, _, name = path.rpartition("/")
        state = self._memory.folders.get(folder) or self._memory.find(folder)
        return self._memory.result_of(state, name, as_folder=True)

    def match_all(self, paths: Iterable[str]) -> list[Result]:
        """Return `match` of every path, in order; the fast way to ask for many. Equal answers are mostly one object."""
        known = self._memory.folders
        asked = paths if isinstance(paths, list | tuple) else list(paths)
        try:
            # NOTE: plain dictionaries and one comprehension: CPython's quickest way, close to a bare loop.
            return [
                state.answer or state.names[name]
                for folder, _, name in map(str.rpartition, asked, repeat("/"))
                for state in (known[folder],)
            ]
        except KeyError:
            pass
        find, find_file = self._memory.find, self._memory.find_file
        return [
            state.answer or state.names.get(name) or find_file(state, name)
            for folder, _, name in map(str.rpartition, asked, repeat("/"))
            for state in (known.get(folder) or find(folder),)
        ]

    def group(self, paths: Sequence[str]) -> dict[Result, list[int]]:
        """Return the positions of the paths by what they match: nearly always far fewer groups than paths."""
        by_identity: dict[int, list[int]] = {}
        results = self.match_all(paths)
        for position, identity in enumerate(map(id, results)):
            if identity in by_identity:
                by_identity[identity].append(position)
            else:
                by_identity[identity] = [position]
        groups: dict[Result, list[int]] = {}
        for positions in by_identity.values():
            groups.setdefault(results[positions[0]], []).extend(positions)
        if len(groups) != len(by_identity):
            for positions in groups.values():
                positions.sort()
        return groups

    def every_match(self, path: str, layer: int, *, as_folder: bool = False) -> tuple[int, ...]:
        """Return the indices of all patterns of one layer that match a path, ascending. Slow: nothing is remembered."""
        *folders, name = path.split("/")
        nodes = self._memory.start
        marks: set[Mark] = set()
        for node in nodes[:1]:
            marks.update(node.every_under())
        for folder in folders:
            nodes = _reached(nodes, folder)
            for node in nodes:
                marks.update(node.every_under())
        for node in nodes:
            for child in node.children(name):
                marks.update(child.every_here())
                if as_folder:
                    marks.update(child.every_under())
        return tuple(sorted(index for found, index in marks if found == layer))


def _routes(text: str, dialect: Dialect) -> tuple[Route, ...]:
    try:
        return parse_routes(text, dialect)
    except PatternError:
        pattern = read_pattern(text, dialect)
        return pattern.routes if pattern is not None else ()


def _with(marks: Marks, mark: tuple[Mark]) -> Marks:
    """Return marks with one more, which replaces one of its own layer."""
    if not marks or (len(marks) == 1 and marks[0][0] == mark[0][0]):
        return mark
    return (marks[:-1] if marks[-1][0] == mark[0][0] else marks) + mark


class _Node:
    """One place in the trie. `here` marks what ends at this entry, `under` what takes in all below it.

    Both hold the highest mark of each layer; the others are in `beaten`. `top` is the highest index of each
    layer in the whole subtree, `named` the highest that depends on the name of a child.
    """

    __slots__ = ("beaten", "globs", "here", "index", "is_loop", "literals", "loop", "named", "star", "top", "under")

    def __init__(self, *, is_loop: bool = False) -> None:
        self.is_loop = is_loop
        self.literals = _NO_CHILDREN
        self.star: _Node | None = None
        self.loop: _Node | None = None
        self.globs: dict[Glob, _Node] | None = None
        self.index: GlobIndex[_Node] | None = None
        self.here = self.under = self.top = self.named = _NO_MARKS
        self.beaten: list[tuple[bool, Mark]] | None = None

    def insert(self, route: Route, mark: tuple[Mark]) -> None:
        """Add one route; marks come in ascending order."""
        node = parent = self
        node.top = _with(node.top, mark)
        for segment in route.segments:
            parent = node
            if isinstance(segment, Glob):
                node = node.glob_child(segment)
            elif (child := node.literals.get(segment)) is not None:
                node = child
            else:
                node = _Node()
                node.top = mark
                if parent.literals is _NO_CHILDREN:
                    parent.literals = {segment: node}
                else:
                    parent.literals[segment] = node
                continue
            node.top = _with(node.top, mark)
        if route.reach != "below":
            if node.here:
                node.keep_beaten(node.here, mark, is_here=True)
            node.here = _with(node.here, mark)
            if route.segments[-1] is not STAR:
                parent.named = _with(parent.named, mark)
        if route.reach != "entry":
            if node.under:
                node.keep_beaten(node.under, mark, is_here=False)
            node.under = _with(node.under, mark)

    def glob_child(self, segment: Glob) -> "_Node":
        """Return the child for a segment with wildcards, made where there is none."""
        if segment is LOOP:
            self.loop = self.loop or _Node(is_loop=True)
            return self.loop
        if segment is STAR:
            self.star = self.star or _Node()
            return self.star
        if self.globs is None:
            self.globs = {}
        return self.globs.get(segment) or self.globs.setdefault(segment, _Node())

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

    def children(self, name: str) -> "list[_Node]":
        """Return the children that one more segment leads to, the loop aside."""
        child = self.literals.get(name)
        found = [] if child is None else [child]
        if self.star is not None:
            found.append(self.star)
        if self.globs is not None:
            found += self.matching(name)
        return found

    def matching(self, name: str) -> "list[_Node]":
        """Return the children for globs that match a name."""
        if self.index is None:
            self.index = GlobIndex((self.globs or {}).items())
        return self.index.find(name)


def _reached(nodes: "Sequence[_Node]", name: str) -> "tuple[_Node, ...]":
    """Return the nodes that are live one segment further, each once."""
    reached: list[_Node] = []
    for node in nodes:
        if node.is_loop:
            reached.append(node)
        for child in node.children(name):
            reached.append(child)
            if child.loop is not None:
                reached.append(child.loop)
    return tuple(dict.fromkeys(reached)) if len(reached) > 1 else tuple(reached)


def _can_win(marks: Marks, best: Result) -> bool:
    for layer, index in marks:  # noqa: SIM110 (a generator costs more than the loop)
        if best[layer] < index:
            return True
    return False


class _State:
    """What is still possible inside a folder.

    `answer` is what every file in it matches, None where that depends on the file's name; `names` is what its files
    match by name, and `steps` the states of its folders, both as far as they have been asked for. `default` is what a
    file matches whose name nothing names, `naming` the nodes that could name one and win.
    """

    __slots__ = ("answer", "best", "default", "names", "naming", "nodes", "steps")

    def __init__(self, nodes: "tuple[_Node, ...]", best: Result, default: Result) -> None:
        self.nodes = nodes
        self.best = best
        self.default = default
        self.naming = tuple([node for node in nodes if _can_win(node.named, default)])
        self.answer = None if self.naming else default
        self.names: dict[str, Result] = {}
        self.steps: dict[str, _State] = {}


class _Memory:
    """The states by folder path and all that was worked out once; emptied when its budget is spent."""

    def __init__(self, root: _Node, layer_count: int) -> None:
        self.start: tuple[_Node, ...] = (root,) if root.loop is None else (root, root.loop)
        self.folders: dict[str, _State] = {}
        self._layer_count = layer_count
        self._results: dict[Result, Result] = {}
        self._states: dict[tuple[tuple[_Node, ...], Result], _State] = {}
        self._spent = 0
        self._begin()

    def find(self, folder: str) -> _State:
        """Return the state of a folder, and remember it and those above it."""
        above, _, name = folder.rpartition("/")
        if (state := self.folders.get(above)) is not None:
            state = self._step(state, name)
            self._keep(folder, state)
            return state
        return self._find_deep(folder)

    def _find_deep(self, folder: str) -> _State:
        pending: list[str] = []
        head = folder
        while (state := self.folders.get(head)) is None:
            pending.append(head)
            head = head.rpartition("/")[0] if len(pending) <= _DEEP else ""
        if len(pending) > _DEEP:
            for name in folder.split("/"):
                state = self._step(state, name)
            self._keep(folder, state)
            return state
        for head in reversed(pending):
            state = self._step(state, head.rpartition("/")[2])
            self._keep(head, state)
        return state

    def find_file(self, state: _State, name: str) -> Result:
        """Return what a file of a folder matches, and remember it."""
        result = state.default
        for node in state.naming:
            child = node.literals.get(name)
            if child is not None and child.here:
                result = self._raised(result, child.here)
            if node.globs is not None:
                for child in node.matching(name):
                    if child.here:
                        result = self._raised(result, child.here)
        self._pay(name)
        state.names[name] = result
        return result

    def _keep(self, folder: str, state: _State) -> None:
        self._pay(folder)
        self.folders[folder] = state

    def _pay(self, text: str) -> None:
        """Count what is about to be remembered; forget everything first where the budget is spent.

        SECURITY: a change with a million folders or names must not exhaust the memory (S11).
        """
        self._spent += len(text) + _ITEM_COST
        if self._spent > MEMORY_BUDGET:
            self._begin()

    def result_of(self, state: _State, name: str, *, as_folder: bool = False) -> Result:
        """Return what one entry of a folder matches, worked out anew."""
        best = state.best
        for node in state.nodes:
            for child in node.children(name):
                best = self._raised(best, child.here)
                if as_folder:
                    best = self._raised(best, child.under)
        return best

    def _begin(self) -> None:
        self.folders.clear()
        self._results.clear()
        self._states.clear()
        self._spent = 0
        best = self._raised((-1,) * self._layer_count, self.start[0].under)
        self.folders[""] = self._state(self.start, best)

    def _step(self, state: _State, name: str) -> _State:
        if not state.nodes:
            return state
        if (known := state.steps.get(name)) is not None:
            return known
        nodes = _reached(state.nodes, name)
        best = state.best
        for node in nodes:
            if node.under:
                best = self._raised(best, node.under)
        found = state if nodes == state.nodes and best is state.best else self._state(nodes, best)
        self._pay(name)
        state.steps[name] = found
        return found

    def _state(self, nodes: tuple[_Node, ...], best: Result) -> _State:
        """Return the state of these nodes, without those that can no longer win."""
        live = tuple([node for node in nodes if _can_win(node.top, best)])
        state = self._states.get((live, best))
        if state is None:
            default = best
            for node in live:
                if node.star is not None:
                    default = self._raised(default, node.star.here)
            state = self._states[live, best] = _State(live, best, default)
        return state

    def _raised(self, best: Result, marks: Marks) -> Result:
        """Return the best indices after some marks; equal ones are one object."""
        raised: list[int] | None = None
        for layer, index in marks:
            if best[layer] < index:
                raised = list(best) if raised is None else raised
                raised[layer] = index
        result = best if raised is None else tuple(raised)
        return self._results.setdefault(result, result)
