"""Path memory: what was worked out of a trie, by folder and name, within a budget of memory.

What is still possible inside a folder (the live nodes, and the best index so far of each layer) is a state; states are
interned. Remembered by folder path is what all files of a folder match, and its state only where something else is
possible. The memory is emptied when its budget is spent, and fills anew.
"""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Literal, cast

from gate.core.ownership.trie import Marks, Node, Result, can_win, reached_nodes

MEMORY_BUDGET = 36_000_000
"""What is remembered at most, in bytes of short texts, roughly; then the memory is emptied and fills anew."""
_ITEM_COST = 150
_ANSWER_COST = 60
_STATE_COST = 500
_DEEP = 64
"""Folders nested deeper than this are remembered themselves, without each folder above them."""
_NO_NAMES: dict[str, Any] = {}

Settled = tuple[int, *tuple[int, ...]]
"""A result that holds for every file of a folder; true, because where there are no layers nothing is settled."""


class State(list[None]):
    """What is still possible inside a folder where something is: by its files' names, or in the folders below it.

    `answer` is what every file in it matches, None where that depends on the file's name; `usual` what every file
    matches whose name no pattern writes out, None where a glob over names could win. `names` and `meanings` hold the
    others by name, and `steps` what holds in the folders below, all as far as they have been asked for. `default` is
    what a file matches that nothing names, `naming` the nodes that could name one and win.

    NOTE: it is a list without items, and so it is false while every answer is true: the interpreter's quickest way to
    tell the two apart, looking at nothing that is not read anyway (docs/benchmarks.md, bar 3).
    """

    __slots__ = ("answer", "best", "default", "meanings", "names", "naming", "nodes", "steps", "usual")

    def __init__(self, nodes: "tuple[Node, ...]", best: Result, default: Result) -> None:
        self.nodes = nodes
        self.best = best
        self.default = default
        self.naming = tuple([node for node in nodes if can_win(node.named, default)])
        self.answer = None if self.naming or not default else default
        self.usual = None if any(can_win(node.globbed, default) for node in self.naming) else default
        self.names = self.meanings = _NO_NAMES
        if self.answer is None:
            self.names, self.meanings = {}, {}
        self.steps: dict[str, Result | State] = {}

    if TYPE_CHECKING:

        def __bool__(self) -> Literal[False]: ...


class PathMemory:
    """What holds by folder path, and all that was worked out once; emptied when its budget is spent.

    `folders` holds the states, and in place of one in which nothing is possible any more what all below it matches;
    `answers` holds, of the folders whose files were asked for, what every file matches, or the state where that depends
    on the file's name; `meanings` what the usual match of a folder's files means, `named` where there is none what is
    known by the file's name.
    """

    def __init__(self, root: Node, layer_count: int) -> None:
        self.start: tuple[Node, ...] = (root,) if root.loop is None else (root, root.loop)
        self.folders: dict[str, Result | State] = {}
        self.answers: dict[str, Settled | State] = {}
        self.meanings: dict[str, Hashable] = {}
        self.named: dict[str, tuple[None, dict[str, Hashable]]] = {}
        self._layer_count = layer_count
        self._results: dict[Result, Result] = {}
        self._states: dict[tuple[tuple[Node, ...], Result], State] = {}
        self._spent = 0
        self._begin()

    @property
    def room(self) -> int:
        """Return how many bytes at most, roughly, what is remembered takes."""
        return self._spent

    def find(self, folder: str) -> Settled | State:
        """Return what `answers` holds of a folder, and remember it."""
        found = self.found(folder)
        answer = found if isinstance(found, tuple) or found.answer is None else found.answer
        self._spent += _ANSWER_COST
        known = self.answers[folder] = cast("Settled | State", answer)
        return known

    def found(self, folder: str) -> Result | State:
        """Return what `folders` holds of a folder, and remember it and what holds above it."""
        found = self.folders.get(folder)
        if found is None:
            above, _, name = folder.rpartition("/")
            found = self.folders.get(above)
            if found is None:
                return self._find_deep(folder)
            if not isinstance(found, tuple):
                found = self._step(found, name)
            self.pay(folder)
            self.folders[folder] = found
        return found

    def _find_deep(self, folder: str) -> Result | State:
        pending: list[str] = []
        head = folder
        while (found := self.folders.get(head)) is None:
            pending.append(head)
            head = head.rpartition("/")[0] if len(pending) <= _DEEP else ""
        if len(pending) > _DEEP:
            for name in folder.split("/"):
                found = self._step(found, name)
            return self._keep(folder, found)
        for head in reversed(pending):
            found = self._keep(head, self._step(found, head.rpartition("/")[2]))
        return found

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

    def _keep(self, folder: str, found: Result | State) -> Result | State:
        self.pay(folder)
        self.folders[folder] = found
        return found

    def pay(self, text: str) -> None:
        """Count what is about to be remembered; forget everything first where the budget is spent.

        SECURITY: a change with a million folders or names must not exhaust the memory (S11).
        """
        self._spent += len(text) + _ITEM_COST
        if self._spent > MEMORY_BUDGET:
            self._begin()

    def entry(self, folder: str, name: str) -> Result:
        """Return what an entry of a folder that is a file and a folder at once matches, worked out anew."""
        state = self.found(folder)
        if isinstance(state, tuple):
            return state
        best = state.best
        for node in state.nodes:
            for child in node.children(name):
                best = self._raised(self._raised(best, child.here), child.under)
        return best

    def _begin(self) -> None:
        self.folders.clear()
        self.answers.clear()
        self.meanings.clear()
        self.named.clear()
        self._results.clear()
        self._states.clear()
        self._spent = 0
        best = self._raised((-1,) * self._layer_count, self.start[0].under)
        self.folders[""] = self._state(self.start, best)

    def _step(self, above: Result | State, name: str) -> Result | State:
        if isinstance(above, tuple):
            return above
        if (known := above.steps.get(name)) is not None:
            return known
        nodes = reached_nodes(above.nodes, name)
        best = above.best
        for node in nodes:
            if node.under:
                best = self._raised(best, node.under)
        found = above if nodes == above.nodes and best is above.best else self._state(nodes, best)
        self.pay(name)
        above.steps[name] = found
        return found

    def _state(self, nodes: tuple[Node, ...], best: Result) -> Result | State:
        """Return the state of these nodes, without those that can no longer win; the best result where none is left."""
        live = tuple([node for node in nodes if can_win(node.top, best)])
        if best and not live:
            return best
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
