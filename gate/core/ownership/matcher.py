"""The path matcher: many ordered lists of patterns as one lazy automaton over the segments of a path.

All patterns of all layers make one trie: a node has its literal children in a dictionary, its globs in an index, one
child for `*` and one for `**`. What is still possible inside a folder (the live nodes, and the best index so far of
each layer) is a state; states are interned and remembered by folder path. A file then costs one split and one
dictionary hit, plus one hit by its name only where a pattern that looks at names could still win.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat

from gate.core.ownership.globs import LOOP, STAR, Glob, GlobIndex
from gate.core.ownership.patterns import Dialect, Pattern, PatternError, Route, parse_pattern, read_pattern

Result = tuple[int, ...]
"""For each layer the index of its last matching pattern, or -1."""
Mark = tuple[int, int]
"""A layer, and the index of a pattern in it."""

MEMORY_BUDGET = 24_000_000
"""What is remembered at most, in characters plus 100 for each item; then the memory is emptied and fills anew."""
_ITEM_COST = 100
_DEEP = 64
"""Folders nested deeper than this are remembered themselves, without each folder above them."""


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
                pattern = item if isinstance(item, Pattern) else _read(item, dialect)
                if pattern is not None:
                    for route in pattern.routes:
                        root.insert(route, layer, index)
        self._memory = _Memory(root, self.layer_count)

    def match(self, path: str) -> Result:
        """Return for each layer the index of the last pattern that matches a file, or -1."""
        folder, _, name = path.rpartition("/")
        state = self._memory.folders.get(folder) or self._memory.find(folder)
        return state.answer or state.names.get(name) or self._memory.file(state, name)

    def match_entry(self, path: str, *, as_folder: bool) -> Result:
        """Return `match`; with `as_folder` for an entry that is a file and a folder at once, as a submodule is.

        Such an entry also matches the patterns that match a folder of its path or everything inside it (R28).
        """
        if not as_folder:
            return self.match(path)
        folder, _, name = path.rpartition("/")
        return self._memory.result_of(self._memory.find(folder), name, as_folder=True)

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
            return [self.match(path) for path in asked]

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
        nodes: Sequence[_Node] = self._memory.start
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


def _read(text: str, dialect: Dialect) -> Pattern | None:
    try:
        return parse_pattern(text, dialect)
    except PatternError:
        return read_pattern(text, dialect)


class _Node:
    """One place in the trie. `here` marks what ends at this entry, `under` what takes in all below it.

    Both hold at most one mark a layer, the highest; the others are in `beaten`. `top` is the highest index of each
    layer in the whole subtree, `named` the highest that depends on the name of a child.
    """

    __slots__ = ("beaten", "globs", "here", "index", "is_loop", "literals", "loop", "named", "star", "top", "under")

    def __init__(self, *, is_loop: bool = False) -> None:
        self.is_loop = is_loop
        self.literals: dict[str, _Node] = {}
        self.star: _Node | None = None
        self.loop: _Node | None = None
        self.globs: dict[Glob, _Node] | None = None
        self.index: GlobIndex[_Node] | None = None
        self.here: tuple[Mark, ...] = ()
        self.under: tuple[Mark, ...] = ()
        self.beaten: list[tuple[bool, Mark]] | None = None
        self.top: dict[int, int] = {}
        self.named: dict[int, int] | None = None

    def insert(self, route: Route, layer: int, index: int) -> None:
        """Add one route; layers and indices come in ascending order."""
        node = parent = self
        node.top[layer] = index
        for segment in route.segments:
            parent = node
            if isinstance(segment, str):
                child = node.literals.get(segment)
                if child is None:
                    child = node.literals[segment] = _Node()
            else:
                child = node.glob_child(segment)
            node = child
            node.top[layer] = index
        mark = (layer, index)
        if route.reach != "below":
            node.here = node.outdone(node.here, mark, is_here=True)
            if route.segments[-1] is not STAR:
                parent.named = {} if parent.named is None else parent.named
                parent.named[layer] = index
        if route.reach != "entry":
            node.under = node.outdone(node.under, mark, is_here=False)

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

    def outdone(self, marks: tuple[Mark, ...], mark: Mark, *, is_here: bool) -> tuple[Mark, ...]:
        """Return the marks with one more; an earlier one of the same layer is put among the beaten."""
        if marks and marks[-1][0] == mark[0]:
            if marks[-1] != mark:
                self.beaten = self.beaten or []
                self.beaten.append((is_here, marks[-1]))
            return (*marks[:-1], mark)
        return (*marks, mark)

    def every_here(self) -> list[Mark]:
        """Return all marks of this entry, the beaten ones included."""
        return [*self.here, *(mark for is_here, mark in self.beaten or () if is_here)]

    def every_under(self) -> list[Mark]:
        """Return all marks that take in what is below, the beaten ones included."""
        return [*self.under, *(mark for is_here, mark in self.beaten or () if not is_here)]

    def children(self, name: str) -> "list[_Node]":
        """Return the children that one more segment leads to, the loop aside."""
        found = [self.star] if self.star is not None else []
        child = self.literals.get(name)
        if child is not None:
            found.append(child)
        if self.globs is not None:
            if self.index is None:
                self.index = GlobIndex(self.globs.items())
            found += self.index.find(name)
        return found


def _reached(nodes: "Sequence[_Node]", name: str) -> "list[_Node]":
    """Return the nodes that are live one segment further, each once."""
    reached: list[_Node] = []
    for node in nodes:
        if node.is_loop:
            reached.append(node)
        for child in node.children(name):
            reached.append(child)
            if child.loop is not None:
                reached.append(child.loop)
    return list(dict.fromkeys(reached)) if len(reached) > 1 else reached


def _can_win(marks: dict[int, int] | None, best: Result) -> bool:
    if marks is not None:
        for layer, index in marks.items():
            if best[layer] < index:
                return True
    return False


class _State:
    """What is still possible inside a folder.

    `answer` is what every file in it matches, None where that depends on the file's name; `names` is what its files
    match by name, and `steps` the states of its folders, both as far as they have been asked for.
    """

    __slots__ = ("answer", "best", "names", "nodes", "steps")

    def __init__(self, nodes: "tuple[_Node, ...]", best: Result, answer: Result | None) -> None:
        self.nodes = nodes
        self.best = best
        self.answer = answer
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

    def file(self, state: _State, name: str) -> Result:
        """Return what a file of a folder matches, and remember it."""
        result = self.result_of(state, name)
        self.pay(name)
        state.names[name] = result
        return result

    def _keep(self, folder: str, state: _State) -> None:
        self.pay(folder)
        self.folders[folder] = state

    def pay(self, text: str) -> None:
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
        found = self._state(nodes, best)
        self.pay(name)
        state.steps[name] = found
        return found

    def _state(self, nodes: Sequence[_Node], best: Result) -> _State:
        """Return the state of these nodes, without those that can no longer win."""
        live = tuple([node for node in nodes if _can_win(node.top, best)])
        state = self._states.get((live, best))
        if state is None:
            default = best
            for node in live:
                if node.star is not None:
                    default = self._raised(default, node.star.here)
            is_same = not any(_can_win(node.named, default) for node in live)
            state = self._states[live, best] = _State(live, best, default if is_same else None)
        return state

    def _raised(self, best: Result, marks: tuple[Mark, ...]) -> Result:
        """Return the best indices after some marks; equal ones are one object."""
        raised: list[int] | None = None
        for layer, index in marks:
            if best[layer] < index:
                raised = list(best) if raised is None else raised
                raised[layer] = index
        result = best if raised is None else tuple(raised)
        return self._results.setdefault(result, result)
