"""Kept rules: what was made of policy and ownership, kept in this process for exactly the same content again."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar, cast

from gate.core.asks import Asks
from gate.core.change.facts import Facts, Instant
from gate.core.decide import decide
from gate.core.ownership.registry import Ownership
from gate.core.policy.compiled_rules import CompiledRules
from gate.core.policy.component_requirements import room_of
from gate.core.policy.model import PolicyDocument
from gate.core.values import dataclass
from gate.core.verdict import Verdict

MOST_SETS = 64
MOST_ROOM = 100_000_000
"""How many bytes, roughly, compiled rules may take together, with all that they remember of changes."""
MOST_SAID = 10_000_000
"""How many of these may be what was said of components, which is worked out anew where there is no room."""
MOST_READ = 100_000_000
"""How many bytes, roughly, files may take together as they were read."""
_RULE_ROOM = 2_000
_FOLDER_ROOM = 750
_FILE_ROOM = 2_000
_LETTER_ROOM = 25
_VALUE_ROOM = 250
_VALUES = (b"\n", b",", b":", b"-", b"[", b"{")
"""What stands before or after each value of a file, at the least."""

Source = TypeVar("Source")


@dataclass(slots=True, eq=False)
class _Compiled:
    """Compiled rules, what they were compiled of, and what room they and all that they remember take."""

    ownership: Ownership
    policy: PolicyDocument
    rules: CompiledRules
    likeness: int
    rules_room: int
    changes_room: int = 0

    @property
    def room(self) -> int:
        """Return how many bytes it takes, roughly."""
        return self.rules_room + self.changes_room

    def come_back(self) -> None:
        """Count what was remembered while it was lent.

        SECURITY: who wrote which files is up to the author of a change. What is remembered of that is bounded for one
        change, but not for all that the same rules will ever judge (S11).
        """
        said = room_of(self.rules.remembered)
        if said > MOST_SAID:
            self.rules.remembered.clear()
            said = 0
        self.changes_room = self.rules.index.room + said


class KeptRules:
    """Keeps rules compiled, and files of rules as they were read, as long as there is room; the oldest go first.

    SECURITY: nothing is found again by a name, a revision or a time. Compiled rules are lent only for ownership and
    policy that equal, value by value, those that they were compiled of; what was read of a file only for the same
    bytes. Threads share what is kept; compiled rules are lent to one at a time, for looking paths up changes them.
    """

    def __init__(self, *, most_sets: int = MOST_SETS, most_room: int = MOST_ROOM, most_read: int = MOST_READ) -> None:
        self._most_sets, self._most_room, self._most_read = most_sets, most_room, most_read
        self._idle: list[_Compiled] = []
        self._sources: OrderedDict[tuple[object, ...], tuple[object, int]] = OrderedDict()
        self._sources_room = 0
        self._lock = threading.Lock()

    def asks(self, facts: Facts, *, at: Instant) -> Asks:
        """Return who is asked about a change at a time, and the verdict that asks them."""
        with self.lent(facts.ownership, facts.policy) as compiled:
            return Asks(facts, at=at, compiled=compiled)

    def decide(self, facts: Facts, *, at: Instant) -> Verdict:
        """Return the verdict on a change at a time."""
        with self.lent(facts.ownership, facts.policy) as compiled:
            return decide(facts, at=at, compiled=compiled)

    @contextmanager
    def lent(self, ownership: Ownership, policy: PolicyDocument) -> Iterator[CompiledRules]:
        """Lend the compiled rules of an ownership and a policy to look paths up; compiled where none are idle.

        They come back at the end, save where something was raised meanwhile.
        """
        likeness = _likeness(ownership)
        one = self._taken(likeness, ownership, policy) or _compiled(likeness, ownership, policy)
        yield one.rules
        one.come_back()
        with self._lock:
            self._idle.append(one)
            while len(self._idle) > self._most_sets or sum(kept.room for kept in self._idle) > self._most_room:
                del self._idle[0]

    def _taken(self, likeness: int, ownership: Ownership, policy: PolicyDocument) -> _Compiled | None:
        """Take out what was compiled of exactly the same, None where nothing such is idle."""
        with self._lock:
            alike = [one for one in reversed(self._idle) if one.likeness == likeness]
        for one in alike:
            if one.ownership == ownership and one.policy == policy:
                with self._lock:
                    if one in self._idle:  # else somebody else took it meanwhile
                        self._idle.remove(one)
                        return one
        return None

    def source(self, kind: str, texts: Mapping[str, bytes], read: Callable[[], Source]) -> Source:
        """Return what `read` makes of some files, read now where exactly these are not kept; what raises is not kept.

        `kind` must name all that reading depends on besides the names of the files and their bytes. Nobody may change
        what was read.
        """
        content = (kind, *((file, hashlib.sha256(raw).digest()) for file, raw in texts.items()))
        with self._lock:
            known = self._sources.get(content)
            if known is not None:
                self._sources.move_to_end(content)
                return cast("Source", known[0])
        found = read()
        room = sum(map(_room_as_read, texts.values()))
        with self._lock:
            if content not in self._sources:  # else another thread read it meanwhile
                self._sources[content] = found, room
                self._sources_room += room
            while self._sources_room > self._most_read:
                self._sources_room -= self._sources.popitem(last=False)[1][1]
        return found


def _compiled(likeness: int, ownership: Ownership, policy: PolicyDocument) -> _Compiled:
    rules = CompiledRules.of(ownership, policy)
    patterns = [rule.pattern for section in ownership.sections for rule in section.rules]
    patterns += [pattern for several in rules.path_lists for pattern in several]
    # SECURITY: a pattern may have two thousand folders, and each is a node of its own (S11).
    room = sum(max(_RULE_ROOM, pattern.count("/") * _FOLDER_ROOM) for pattern in patterns)
    return _Compiled(ownership, policy, rules, likeness, room + len(ownership.components) * _RULE_ROOM)


def _room_as_read(raw: bytes) -> int:
    """Return how many bytes a file takes as it was read, roughly and at most: every value is an object (S11)."""
    return _FILE_ROOM + len(raw) * _LETTER_ROOM + sum(map(raw.count, _VALUES)) * _VALUE_ROOM


def _likeness(ownership: Ownership) -> int:
    """Return a number that equal ownerships share, so that few others need to be compared."""
    owners = [(component.name, component.owners) for component in ownership.components]
    return hash((*owners, *(rule.pattern for section in ownership.sections for rule in section.rules)))
