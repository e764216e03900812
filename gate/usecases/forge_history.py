"""Forge history: the newest commits of a branch and their trees as a forge gives them, without a clone."""

from collections.abc import Mapping, Sequence

from gate.core.audit.history import Delta, HistoryCommit, Version
from gate.usecases.forge_ports import ForgeRepositoryReader


class ForgeHistory:
    """Fulfils the port `Trees`, by one request for each tree, which the forge's adapter remembers.

    What only git can prove is not proven here: whether a merge is git's own, and whether two edits of one file were
    merged by lines. It is then left open until a clone is reconciled.
    """

    def __init__(self, access: ForgeRepositoryReader) -> None:
        self._access = access
        self._trees: dict[str, Mapping[str, Version]] = {}

    def commits(self, shas: Sequence[str]) -> list[HistoryCommit]:
        """Return commits by their full ids, in the order asked for."""
        return [self._commit(sha) for sha in shas]

    def deltas(self, before: str, after: str) -> Mapping[str, Delta]:
        """Return every path that differs between two commits (`before` empty: against nothing)."""
        old, new = self._tree(before), self._tree(after)
        return {
            path: Delta(old.get(path), new.get(path))
            for path in old.keys() | new.keys()
            if old.get(path) != new.get(path)
        }

    def version(self, commit: str, path: str) -> Version | None:
        """Return what a commit holds at a path."""
        return self._tree(commit).get(path)

    def is_mechanical(self, commit: HistoryCommit) -> bool | None:
        """Return None: no forge tells what git makes of two parents."""
        del commit
        return None

    def is_merged_text(self, base: str, ours: str, theirs: str, result: str) -> bool:
        """Return whether a blob is one of the two that were merged, which needs no git to tell."""
        return (base == ours and result == theirs) or (base == theirs and result == ours)

    def _commit(self, sha: str) -> HistoryCommit:
        found = self._access.commit(sha)
        return HistoryCommit(
            sha=found.sha,
            parents=found.parents,
            tree=found.tree,
            at=found.committed_at,
            author=f"{found.author_name} <{found.author_email}>",
            committer=f"{found.committer_name} <{found.committer_email}>",
            message=found.message,
        )

    def _tree(self, commit: str) -> Mapping[str, Version]:
        if not commit:
            return {}
        if commit not in self._trees:
            entries = self._access.commit_tree(commit).entries()
            self._trees[commit] = {entry.path: (entry.mode, entry.blob) for entry in entries}
        return self._trees[commit]
