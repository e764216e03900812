"""What a tool's reading of one migration yields: whether it can be taken back, and the words for it."""

from collections.abc import Callable, Mapping, Sequence

from gate.core.change.facts import Finding
from gate.core.change.paths import shown
from gate.core.values import dataclass

ReadHead = Callable[[str], bytes | None]
"""Returns a file's bytes at the head of the change, None where the head has no such file."""

UndoScripts = Mapping[str, Sequence[str]]
"""The undo scripts among the changed files, by folder and version: `sql/U2__` to `sql/U2__take_back.sql`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A migration as its tool's convention reads it. `said` is what was seen, without the tool's name and the stop."""

    tool: str
    is_reversible: bool | None
    said: str

    def finding(self, path: str) -> Finding:
        """Return the finding for the file at a path."""
        return Finding("data-migration", path, self.tool, self.is_reversible, shown(f"{self.tool}: {self.said}."))


def reversible(tool: str, said: str) -> Reading:
    """Return the reading of a migration that has a way back."""
    return Reading(tool, is_reversible=True, said=said)


def irreversible(tool: str, said: str) -> Reading:
    """Return the reading of a migration that has none."""
    return Reading(tool, is_reversible=False, said=said)


def unknown(tool: str, said: str) -> Reading:
    """Return the reading of a migration of which it cannot be told; it counts as having none."""
    return Reading(tool, is_reversible=None, said=said)


def unreadable(tool: str) -> Reading:
    """Return the reading of a file that is too large, broken or no text: it counts as not reversible."""
    return unknown(tool, "the file cannot be read, so nobody can tell whether it has a way back")
