"""Kept rules: what was made of policy and ownership, kept in this process for exactly the same content again."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar, cast

from gate.core.asks import Asks
from gate.core.change.facts import Facts, Instant
from gate.core.decide import decide
from gate.core.ownership.path_memory import MEMORY_BUDGET, room_for
from gate.core.ownership.registry import Ownership
from gate.core.policy.model import PolicyDocument
from gate.core.policy.touched import CompiledRules
from gate.core.values import dataclass
from gate.core.verdict import Verdict

MOST_SETS = 64
MOST_ROOM = 100_000_000
"""How many bytes, roughly, compiled rules may take together, with all that they remember of paths."""
MOST_TEXT = 4_000_000
"""How many bytes of files are kept as they were read; read, they take some ten times that."""
_RULE_ROOM = 2_000
_FILE_ROOM = 1_000

Source = TypeVar("Source")


@dataclass(slots=True, eq=False)
class _Compiled:
    """Compiled rules, what they were compiled of, and what room they and the paths in their memory take."""

    ownership: Ownership
    policy: PolicyDocument
    rules: CompiledRules
    likeness: int
    rules_room: int
    paths_room: int = 0

    @property
    def room(self) -> int:
        """Return how many bytes it takes, roughly."""
        return self.rules_room + min(self.paths_room, MEMORY_BUDGET)


class KeptRules:
    """Keeps rules compiled, and files of rules as they were read, as long as there is room; the oldest go first.

    SECURITY: nothing is found again by a name, a revision or a time. Compiled rules are lent only for ownership and
    policy that equal, value by value, those that they were compiled of; what was read of a file only for the same
    bytes. Threads share what is kept; compiled rules are lent to one at a time, for looking paths up changes them.
    """

    def __init__(self, *, most_sets: int = MOST_SETS, most_room: int = MOST_ROOM, most_text: int = MOST_TEXT) -> None:
        self._most_sets, self._most_room, self._most_text = most_sets, most_room, most_text
        self._idle: list[_Compiled] = []
        self._sources: OrderedDict[tuple[object, ...], tuple[object, int]] = OrderedDict()
        self._lock = threading.Lock()

    def asks(self, facts: Facts, *, at: Instant) -> Asks:
        """Return who is asked about a change at a time, and the verdict that asks them."""
        with self.lent(facts.ownership, facts.policy, paths=_paths_of(facts)) as compiled:
            return Asks(facts, at=at, compiled=compiled)

    def decide(self, facts: Facts, *, at: Instant) -> Verdict:
        """Return the verdict on a change at a time."""
        with self.lent(facts.ownership, facts.policy, paths=_paths_of(facts)) as compiled:
            return decide(facts, at=at, compiled=compiled)

    @contextmanager
    def lent(
        self, ownership: Ownership, policy: PolicyDocument, *, paths: Sequence[str] = ()
    ) -> Iterator[CompiledRules]:
        """Lend the compiled rules of an ownership and a policy to look some paths up; compiled where none are idle.

        They come back at the end, save where something was raised meanwhile.
        """
        likeness = _likeness(ownership)
        one = self._taken(likeness, ownership, policy) or _compiled(likeness, ownership, policy)
        yield one.rules
        one.paths_room += sum(map(room_for, paths))
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
        with self._lock:
            self._sources[content] = found, sum(len(raw) + _FILE_ROOM for raw in texts.values())
            while sum(kept for _, kept in self._sources.values()) > self._most_text:
                self._sources.popitem(last=False)
        return found


def _compiled(likeness: int, ownership: Ownership, policy: PolicyDocument) -> _Compiled:
    rules = CompiledRules.of(ownership, policy)
    count = sum(len(section.rules) for section in ownership.sections) + sum(map(len, rules.path_lists))
    return _Compiled(ownership, policy, rules, likeness, (count + len(ownership.components)) * _RULE_ROOM)


def _likeness(ownership: Ownership) -> int:
    """Return a number that equal ownerships share, so that few others need to be compared."""
    owners = [(component.name, component.owners) for component in ownership.components]
    return hash((*owners, *(rule.pattern for section in ownership.sections for rule in section.rules)))


def _paths_of(facts: Facts) -> Sequence[str]:
    files = [facts.files, *(content.files for content in facts.earlier_contents)]
    return [file.path for some in files for file in some]
