"""Path memory: what was worked out of a trie, by folder and name, within a budget of memory.

What is still possible inside a folder (the live nodes, and the best index so far of each layer) is a state; states are
interned and remembered by folder path. It is emptied when its budget is spent, and fills anew.
"""

from collections.abc import Hashable

from gate.core.ownership.trie import Marks, Node, Result, can_win, reached_nodes

MEMORY_BUDGET = 36_000_000
"""What is remembered at most, in bytes of short texts, roughly; then the memory is emptied and fills anew."""
_ITEM_COST = 150
_STATE_COST = 500
_DEEP = 64
"""Folders nested deeper than this are remembered themselves, without each folder above them."""
_NO_NAMES: dict[str, Result] = {}
_NO_STEPS: "dict[str, State]" = {}


class State:
    """What is still possible inside a folder.

    `answer` is what every file in it matches, None where that depends on the file's name; `usual` what every file
    matches whose name no pattern writes out, None where a glob over names could win. `names` and `meanings` hold the
    others by name, and `steps` the states of the folders, all as far as they have been asked for. `default` is what a
    file matches that nothing names, `naming` the nodes that could name one and win.
    """

    __slots__ = ("answer", "best", "default", "meanings", "names", "naming", "nodes", "steps", "usual")

    def __init__(self, nodes: "tuple[Node, ...]", best: Result, default: Result) -> None:
        self.nodes = nodes
        self.best = best
        self.default = default
        self.naming = tuple([node for node in nodes if can_win(node.named, default)]) if nodes else ()
        self.answer = None if self.naming else default
        self.usual = None if any(can_win(node.globbed, default) for node in self.naming) else default
        self.names: dict[str, Result] = {} if self.naming else _NO_NAMES
        self.meanings: dict[str, Hashable] = {}
        self.steps: dict[str, State] = {} if nodes else _NO_STEPS


def room_for(path: str) -> int:
    """Return how many bytes at most, roughly, a path adds to a memory: each folder above it, and its name."""
    return (len(path) + _ITEM_COST) * min(path.count("/") + 1, _DEEP)


class PathMemory:
    """The states by folder path and all that was worked out once; emptied when its budget is spent.

    `meanings` holds, by folder, what the usual match of its files means.
    """

    def __init__(self, root: Node, layer_count: int) -> None:
        self.start: tuple[Node, ...] = (root,) if root.loop is None else (root, root.loop)
        self.folders: dict[str, State] = {}
        self.meanings: dict[str, Hashable] = {}
        self._layer_count = layer_count
        self._results: dict[Result, Result] = {}
        self._states: dict[tuple[tuple[Node, ...], Result], State] = {}
        self._spent = 0
        self._begin()

    def find(self, folder: str) -> State:
        """Return the state of a folder, and remember it and those above it."""
        above, _, name = folder.rpartition("/")
        if (state := self.folders.get(above)) is not None:
            state = self._step(state, name)
            self._keep(folder, state)
            return state
        return self._find_deep(folder)

    def _find_deep(self, folder: str) -> State:
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

    def find_file(self, state: State, name: str) -> Result:
        """Return what a file of a folder matches, and remember it."""
        result = self.file(state, name)
        self.pay(name)
        state.names[name] = result
        return result

    def file(self, state: State, name: str) -> Result:
        """Return what a file of a folder matches."""
        result = state.default
        for node in state.naming:
            child = node.literals.get(name)
            if child is not None and child.here:
                result = self._raised(result, child.here)
            if node.globs is not None:
                for child in node.matching(name):
                    if child.here:
                        result = self._raised(result, child.here)
        return result

    def _keep(self, folder: str, state: State) -> None:
        self.pay(folder)
        self.folders[folder] = state

    def pay(self, text: str) -> None:
        """Count what is about to be remembered; forget everything first where the budget is spent.

        SECURITY: a change with a million folders or names must not exhaust the memory (S11).
        """
        self._spent += len(text) + _ITEM_COST
        if self._spent > MEMORY_BUDGET:
            self._begin()

    def result_of(self, state: State, name: str, *, as_folder: bool = False) -> Result:
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
        self.meanings.clear()
        self._results.clear()
        self._states.clear()
        self._spent = 0
        best = self._raised((-1,) * self._layer_count, self.start[0].under)
        self.folders[""] = self._state(self.start, best)

    def _step(self, state: State, name: str) -> State:
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
        self.pay(name)
        state.steps[name] = found
        return found

    def _state(self, nodes: tuple[Node, ...], best: Result) -> State:
        """Return the state of these nodes, without those that can no longer win."""
        live = tuple([node for node in nodes if can_win(node.top, best)])
        state = self._states.get((live, best))
        if state is None:
            default = best
            for node in live:
                if node.star is not None:
                    default = self._raised(default, node.star.here)
            self._spent += _STATE_COST + 8 * len(live)
            state = self._states[live, best] = State(live, best, default)
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
