"""The path matcher: many ordered lists of patterns as one lazy automaton over the segments of a path.

All patterns of all layers make one trie: a node has its literal children in a dictionary, its globs in an index, one
child for `*` and one for `**`. What all files of a folder match is remembered by folder path; where a pattern that
looks at names could still win, what is still possible in the folder (a state: the live nodes, and the best index so far
of each layer) stands in its place. A file then costs one split and one dictionary hit, plus one hit by its name only in
such a folder.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

from gate.core.ownership.compiling import insert_layer
from gate.core.ownership.path_memory import PathMemory
from gate.core.ownership.patterns import Dialect, Pattern
from gate.core.ownership.trie import Mark, Node, Result, reached_nodes, written_names

__all__ = ["PathMatcher", "Result"]


class PathMatcher:
    """Says for every path, layer by layer, which pattern matched last; the cost of a path does not grow with patterns.

    A layer is an ordered list of patterns in its own dialect. Text that `parse_pattern` refuses is taken in its widest
    reading (`read_pattern`), so that a caller can block what it matches; text without any reading matches nothing.
    Paths are compared character by character as git has them: case, Unicode form and control characters all count.
    `meaning_of` is what `by_meaning` groups by. Memory is bounded by `path_memory.MEMORY_BUDGET` however many paths are
    asked.
    """

    def __init__(
        self,
        layers: Sequence[Sequence[str | Pattern]],
        *,
        dialects: Sequence[Dialect] = (),
        meaning_of: Callable[[Result], Hashable] = tuple,
    ) -> None:
        self.layer_count = len(layers)
        root = Node()
        for layer, patterns in enumerate(layers):
            insert_layer(root, layer, patterns, dialects[layer] if dialects else "github")
        self._memory = PathMemory(root, self.layer_count)
        self._root = root
        self._written: frozenset[str] | None = None
        self._meaning_of = meaning_of

    @property
    def room(self) -> int:
        """Return how many bytes, roughly, what is remembered of paths takes."""
        return self._memory.room

    def match(self, path: str) -> Result:
        """Return for each layer the index of the last pattern that matches a file, or -1."""
        folder, _, name = path.rpartition("/")
        memory = self._memory
        known = memory.answers.get(folder)
        if known is None:
            known = memory.find(folder)
        return known or known.names.get(name) or memory.find_file(known, name)

    def match_entry(self, path: str, *, as_folder: bool) -> Result:
        """Return `match`; with `as_folder` for an entry that is a file and a folder at once, as a submodule is.

        Such an entry also matches the patterns that match a folder of its path or everything inside it (R28).
        """
        if not as_folder:
            return self.match(path)
        folder, _, name = path.rpartition("/")
        return self._memory.entry(folder, name)

    def match_all(self, paths: Iterable[str]) -> list[Result]:
        """Return `match` of every path, in order; the fast way to ask for many. Equal answers are mostly one object."""
        answers = self._memory.answers
        asked = paths if isinstance(paths, list | tuple) else list(paths)
        try:
            # NOTE: plain dictionaries and one comprehension: CPython's quickest way, close to a bare loop. A folder
            # that settles its files leads straight to the answer: with thousands of rules there are as many answers,
            # and each object more that a path touches is one more wait for memory.
            return [
                known or known.names[name]
                for folder, _, name in map(str.rpartition, asked, repeat("/"))
                for known in (answers[folder],)
            ]
        except KeyError:
            pass
        find, find_file = self._memory.find, self._memory.find_file
        return [
            known or known.names.get(name) or find_file(known, name)
            for folder, _, name in map(str.rpartition, asked, repeat("/"))
            for before in (answers.get(folder),)
            for known in (find(folder) if before is None else before,)
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

    def by_meaning(self, paths: Iterable[str]) -> "dict[Any, list[str]]":
        """Return the paths, in their order, by what `meaning_of` makes of their matches: the fastest way to group them.

        What it returns is remembered with the folder and the name, so that it must depend on the match alone.
        """
        if self._written is None:
            self._written = written_names(self._root)
        written, usual_of, named_of = self._written, self._memory.meanings.get, self._memory.named.get
        groups: defaultdict[Any, list[str]] = defaultdict(list)
        above = usual = last = None
        group: list[str] = []
        named: Mapping[str, Hashable] = {}
        for path in paths:
            folder, _, name = path.rpartition("/")
            if folder != above:
                # NOTE: sorted paths come folder by folder, so that this is done once for all files of most of them.
                above, usual = folder, usual_of(folder)
                if usual is None:
                    usual, named = named_of(folder) or self._enter(folder)
                if usual is not last and usual is not None:
                    last, group = usual, groups[usual]
            if usual is None:
                meaning = named.get(name)
                groups[self._find_meaning(folder, name) if meaning is None else meaning].append(path)
            elif name in written:
                groups[self._find_meaning(folder, name)].append(path)
            else:
                group.append(path)
        if not all(groups.values()):
            # A folder was entered for files alone whose names a pattern writes out.
            return {meaning: members for meaning, members in groups.items() if members}
        return groups

    def _enter(self, folder: str) -> tuple[Hashable | None, Mapping[str, Hashable]]:
        """Return what the usual match of a folder's files means, or what is known by name instead, and remember it."""
        memory = self._memory
        memory.pay(folder)
        known = memory.find(folder)
        usual, names = (known, {}) if known else (known.usual, known.meanings)
        if usual is not None:
            meaning = memory.meanings[folder] = self._meaning_of(usual)
            return meaning, names
        memory.named[folder] = found = (None, names)
        return found

    def _find_meaning(self, folder: str, name: str) -> Hashable:
        """Return what the match of a file of a folder in which names matter means, and remember it."""
        memory = self._memory
        known = memory.answers.get(folder)
        if known is None:
            known = memory.find(folder)
        if known:
            return self._meaning_of(known)
        if (meaning := known.meanings.get(name)) is None:
            meaning = self._meaning_of(memory.file(known, name))
            memory.pay(name)
            known.meanings[name] = meaning
        return meaning

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
