"""Change port: what judging one change needs of the repository that it belongs to, at a forge or from a checkout."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from gate.core.change.facts import ChangedFile, CheckRun, Instant
from gate.core.forge.snapshot import ForgeAccount, ForgeContent, ForgeTeam, Snapshot
from gate.usecases.ports import Tree

ReadContent = Callable[[str, str], ForgeContent]
"""Returns what lies between two commits, by their full ids: the tip of the base, and the head."""


class ChangeReader(Protocol):
    """One repository, as far as judging its changes needs it. Every method raises UnreadableError, never guesses.

    Answers are cached by sha and by ETag only, so that nothing stale is ever taken for present.
    """

    def snapshot(self, number: int, *, content: ReadContent | None = None) -> Snapshot:
        """Return the change request, its `checks` left empty; what it is made of from `content` where that has it.

        Raises InconsistentSnapshotError where it moved meanwhile, GoneError for a 404.
        """
        ...

    def branch_tip(self, branch: str) -> str:
        """Return the commit of `refs/heads/<branch>`: a tag of the same name is never taken for it."""
        ...

    def commit_tree(self, sha: str) -> Tree:
        """Return the tree of a commit."""
        ...

    def blobs(self, shas: Iterable[str], *, limit: int) -> Iterable[tuple[str, bytes | None]]:
        """Yield each blob with its bytes, None where it is larger than `limit`."""
        ...

    def first_parents(self, sha: str, *, count: int = 100) -> Sequence[str]:
        """Return a commit and its first-parent ancestors, newest first."""
        ...

    def files_between(self, base: str, head: str) -> tuple[ChangedFile, ...] | None:
        """Return the files of a change, merge base to head, by comparing trees; None where a commit is gone."""
        ...

    def team(self, organisation: str, slug: str) -> ForgeTeam:
        """Return a team's members by id. A team that cannot be read says so; it is never an empty one."""
        ...

    def account(self, login: str) -> ForgeAccount | None:
        """Return the account that a login names now, None where there is none."""
        ...

    def account_numbered(self, number: int) -> ForgeAccount | None:
        """Return the account of a numeric id with the login that it has now, None where there is none any more."""
        ...

    def issue(self, number: int) -> Mapping[str, str] | None:
        """Return `state`, `title` and `kind` of an issue, None where there is none."""
        ...

    def check_runs(self, head_sha: str) -> tuple[CheckRun, ...]:
        """Return the newest check run of every name and app on a commit, completed or not."""
        ...

    def settled_at(self, number: int) -> Instant:
        """Return since when a change's text and base branch are what they are now, by the forge's own record.

        A review that was given later was given for them: what its author read cannot have been edited since.
        """
        ...
