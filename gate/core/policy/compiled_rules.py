"""Compiled rules: ownership and policy made ready to look paths up, once for all changes that they judge."""

from collections.abc import Hashable, Sequence
from dataclasses import field
from typing import Any

from gate.core.change.look_alikes import Spellings
from gate.core.ownership.registry import Ownership
from gate.core.ownership.resolve import OwnershipIndex, speaks
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
        """Return how ownership, the gate's own files and the policy's conditions spell names of folders and files."""
        if self._spellings is None:
            rules = [rule.pattern for section in self.index.ownership.sections for rule in section.rules]
            conditions = [pattern for patterns in self.path_lists for pattern in patterns]
            self._spellings = Spellings([*rules, *self.gate_files, *conditions])
        return self._spellings

    def stakes_in(self, path: str) -> frozenset[Hashable]:
        """Return all that is asked on account of a path, for comparing it with what another one is asked for.

        That is each component by its index, each line that blocks by its source, and each further layer by its number.
        """
        ((_, resolution, hits),) = self.index.group([path])
        asked = {one.component if one.problem is None else one.rule for one in resolution if speaks(one)}
        met = {(layer,) for layer, hit in enumerate(hits) if hit >= 0 and layer != DECLARATION_LAYER}
        return frozenset[Hashable](asked | met)
