"""Compiled rules: ownership and policy made ready to look paths up, once for all changes that they judge."""

from collections.abc import Sequence
from dataclasses import field
from typing import Any

from gate.core.change.look_alikes import Spellings
from gate.core.ownership.registry import Ownership
from gate.core.ownership.resolve import OwnershipIndex
from gate.core.policy.conditions import pattern_lists
from gate.core.policy.gate_files import DECLARATIONS, gate_files_of
from gate.core.policy.model import PolicyDocument
from gate.core.signoff.people import Strangers
from gate.core.values import dataclass

GATE_LAYER, DECLARATION_LAYER, FIRST_LIST = 0, 1, 2
"""Which layer of the index says what: the gate's own files, declarations, the first list of patterns of the policy."""


@dataclass(slots=True)
class CompiledRules:
    """Ownership and policy made ready to look paths up: build it once for many changes with the same rules.

    `gate_files` are the patterns of the gate's own files. `remembered` is for what later steps work out of the rules
    alone, by section and name of the component.
    """

    index: OwnershipIndex
    path_lists: Sequence[tuple[str, ...]]
    strangers: Strangers
    gate_files: Sequence[str]
    remembered: dict[tuple[str, str], Any] = field(default_factory=dict)
    _spellings: Spellings | None = None

    @classmethod
    def of(cls, ownership: Ownership, document: PolicyDocument) -> "CompiledRules":
        """Return the compiled rules of one ownership and one policy."""
        path_lists = pattern_lists(document.policy)
        gate_files = gate_files_of(ownership, document)
        index = OwnershipIndex(ownership, [gate_files, DECLARATIONS, *path_lists])
        return cls(index, path_lists, Strangers.of(ownership), gate_files)

    @property
    def spellings(self) -> Spellings:
        """Return how ownership and the gate's own files spell the names of folders and files."""
        if self._spellings is None:
            rules = [rule.pattern for section in self.index.ownership.sections for rule in section.rules]
            self._spellings = Spellings([*rules, *self.gate_files])
        return self._spellings

    def owners_of(self, path: str) -> frozenset[int]:
        """Return who owns a path, as numbers: each component's index, and one beyond them for the gate's own files."""
        ((_, resolution, hits),) = self.index.group([path])
        found = {one.component for one in resolution if one.component is not None}
        return frozenset(found | {len(self.index.ownership.components)} if hits[GATE_LAYER] >= 0 else found)
