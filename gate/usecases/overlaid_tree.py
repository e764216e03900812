"""An overlaid tree: all files of a tree, some of them replaced or added, as if they had been written there."""

from collections.abc import Mapping, Sequence

from gate.core.values import dataclass
from gate.usecases.ports import Tree, TreeEntry

_FILE = "100644"


@dataclass(frozen=True, slots=True)
class OverlaidTree:
    """A tree with other files laid over it, by path."""

    below: Tree
    files: Mapping[str, bytes]

    @property
    def revision(self) -> str:
        """Return what lies below; it names no state of the repository any more."""
        return f"{self.below.revision} and {len(self.files)} more"

    def entries(self) -> Sequence[TreeEntry]:
        """Return all files, sorted by path."""
        kept = [entry for entry in self.below.entries() if entry.path not in self.files]
        return sorted([*kept, *(self._laid(path) for path in self.files)], key=lambda entry: entry.path)

    def entry(self, path: str) -> TreeEntry | None:
        """Return one file's entry, None where there is none."""
        return self._laid(path) if path in self.files else self.below.entry(path)

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, None where there is no such file."""
        return self.files[path] if path in self.files else self.below.read(path)

    def _laid(self, path: str) -> TreeEntry:
        return TreeEntry(path, _FILE, "")
