"""The path matcher: many ordered lists of patterns as one lazy automaton over the segments of a path.

All patterns of all layers make one trie: a node has its literal children in a dictionary, its globs in an index, one
child for `*` and one for `**`. What is still possible inside a folder (the live nodes, and the best index so far of
each layer) is a state; states are interned and remembered by folder path. A file then costs one split and one
dictionary hit, plus one hit by its name only where a pattern that looks at names could still win.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import repeat

from gate.core.ownership.patterns import Dialect, Pattern, PatternError, Route, parse_routes, read_pattern
from gate.core.ownership.trie import Mark, Marks, Node, Result, can_win, reached_nodes

__all__ = ["MEMORY_BUDGET", "PathMatcher", "Result"]

MEMORY_BUDGET = 36_000_000
"""What is remembered at most, in bytes of short texts, roughly; then the memory is emptied and fills anew."""
_ITEM_COST = 150
_STATE_COST = 500
_DEEP = 64
"""Folders nested deeper than this are remembered themselves, without each folder above them."""
_NO_NAMES: dict[str, Result] = {}
_NO_STEPS: "dict[str, _State]" = {}


class PathMatcher:
    """Says for every path, layer by layer, which pattern matched last; the cost of a path does not grow with patterns.

    A layer is an ordered list of patterns in its own dialect. Text that `parse_pattern` refuses is taken in its widest
    reading (`read_pattern`), so that a caller can block what it matches; text without any reading matches nothing.
    Paths are compared character by character as git has them: case, Unicode form and control characters all count.
    Memory is bounded by MEMORY_BUDGET however many paths are asked.
    """

    def __init__(self, layers: Sequence[Sequence[str | Pattern]], *, dialects: Sequence[Dialect] = ()) -> None:
        self.layer_count = len(layers)
        root = Node()
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
        by_identity: defaultdict[int, list[int]] = defaultdict(list)
        results = self.match_all(paths)
        for position, identity in enumerate(map(id, results)):
            by_identity[identity].append(position)
        groups: dict[Result, list[int]] = {}
        for positions in by_identity.values():
            known = groups.setdefault(results[positions[0]], positions)
            if known is not positions:
                known.extend(positions)
        if len(groups) < len(by_identity):
            # Equal answers are two objects where the memory was emptied in between.
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
            nodes = reached_nodes(nodes, folder)
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


class _State:
    """What is still possible inside a folder.

    `answer` is what every file in it matches, None where that depends on the file's name; `names` is what its files
    match by name, and `steps` the states of its folders, both as far as they have been asked for. `default` is what a
    file matches whose name nothing names, `naming` the nodes that could name one and win.
    """

    __slots__ = ("answer", "best", "default", "names", "naming", "nodes", "steps")

    def __init__(self, nodes: "tuple[Node, ...]", best: Result, default: Result) -> None:
        self.nodes = nodes
        self.best = best
        self.default = default
        self.naming = tuple([node for node in nodes if can_win(node.named, default)]) if nodes else ()
        self.answer = None if self.naming else default
        self.names: dict[str, Result] = {} if self.naming else _NO_NAMES
        self.steps: dict[str, _State] = {} if nodes else _NO_STEPS


class _Memory:
    """The states by folder path and all that was worked out once; emptied when its budget is spent."""

    def __init__(self, root: Node, layer_count: int) -> None:
        self.start: tuple[Node, ...] = (root,) if root.loop is None else (root, root.loop)
        self.folders: dict[str, _State] = {}
        self._layer_count = layer_count
        self._results: dict[Result, Result] = {}
        self._states: dict[tuple[tuple[Node, ...], Result], _State] = {}
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
        nodes = reached_nodes(state.nodes, name)
        best = state.best
        for node in nodes:
            if node.under:
                best = self._raised(best, node.under)
        found = state if nodes == state.nodes and best is state.best else self._state(nodes, best)
        self._pay(name)
        state.steps[name] = found
        return found

    def _state(self, nodes: tuple[Node, ...], best: Result) -> _State:
        """Return the state of these nodes, without those that can no longer win."""
        live = tuple([node for node in nodes if can_win(node.top, best)])
        state = self._states.get((live, best))
        if state is None:
            default = best
            for node in live:
                if node.star is not None:
                    default = self._raised(default, node.star.here)
            self._spent += _STATE_COST + 8 * len(live)
            state = self._states[live, best] = _State(live, best, default)
        return state

    def _raised(self, best: Result, marks: Marks) -> Result:
        """Return the best indices after some marks; equal ones are one object."""
        raised: list[int] | None = None
        for layer, index in marks:
            if best[layer] < index:
                raised = list(best) if raised is None else raised
                raised[layer] = index
        if raised is None:
            return best
        result = tuple(raised)
        known = self._results.get(result)
        if known is None:
            self._spent += _ITEM_COST + 8 * len(result)
            known = self._results[result] = result
        return known
