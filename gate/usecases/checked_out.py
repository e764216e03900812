"""Checked out: a repository at a forge whose contents are read from a checkout of it, by the same commit ids."""

from collections.abc import Iterable, Mapping, Sequence

from gate.core.change.facts import ChangedFile, CheckRun, Instant
from gate.core.errors import GateError, UnreadableError, UsageError
from gate.core.forge.snapshot import ForgeAccount, ForgeContent, ForgeTeam, Snapshot
from gate.usecases.change_port import ChangeReader, ReadContent
from gate.usecases.ports import LocalCheckout, Tree


class CheckedOutRepository:
    """Asks the forge about people and a checkout about contents: what an id names is the same in both.

    INVARIANT: which commits are judged is the forge's word alone, never that of the checkout's branches.
    Raises UnreadableError for a commit that the checkout lacks.
    """

    def __init__(self, forge: ChangeReader, checkout: LocalCheckout) -> None:
        self._forge = forge
        self._checkout = checkout

    def snapshot(self, number: int, *, content: ReadContent | None = None) -> Snapshot:
        """Return the change request, its files from the checkout."""
        return self._forge.snapshot(number, content=content or self._content)

    def commit_tree(self, sha: str) -> Tree:
        """Return the tree of a commit."""
        return self._checkout.commit_tree(sha)

    def blobs(self, shas: Iterable[str], *, limit: int) -> Iterable[tuple[str, bytes | None]]:
        """Yield each blob with its bytes, None where it is larger than `limit`."""
        return self._checkout.blobs(shas, limit=limit)

    def first_parents(self, sha: str, *, count: int = 100) -> Sequence[str]:
        """Return a commit and its first-parent ancestors, newest first."""
        return self._checkout.first_parents(sha)[:count]

    def files_between(self, base: str, head: str) -> tuple[ChangedFile, ...] | None:
        """Return the files of a change; of a head that is no longer in the checkout as the forge has them."""
        try:
            return self._checkout.changes(base, head).files
        except GateError:
            return self._forge.files_between(base, head)

    def branch_tip(self, branch: str) -> str:
        """Return the commit of a branch at the forge."""
        return self._forge.branch_tip(branch)

    def team(self, organisation: str, slug: str) -> ForgeTeam:
        """Return a team's members by id, or why they cannot be told."""
        return self._forge.team(organisation, slug)

    def account(self, login: str) -> ForgeAccount | None:
        """Return the account that a login names now, None where there is none."""
        return self._forge.account(login)

    def account_numbered(self, number: int) -> ForgeAccount | None:
        """Return the account of a numeric id, None where there is none any more."""
        return self._forge.account_numbered(number)

    def issue(self, number: int) -> Mapping[str, str] | None:
        """Return `state`, `title` and `kind` of an issue, None where there is none."""
        return self._forge.issue(number)

    def check_runs(self, head_sha: str) -> tuple[CheckRun, ...]:
        """Return the newest check run of every name and app on a commit."""
        return self._forge.check_runs(head_sha)

    def settled_at(self, number: int) -> Instant:
        """Return since when a change's text and base branch are what they are now."""
        return self._forge.settled_at(number)

    def _content(self, base_sha: str, head_sha: str) -> ForgeContent:
        try:
            seen = self._checkout.changes(base_sha, head_sha)
        except UsageError:
            raise UnreadableError(
                f"The checkout lacks {base_sha[:12]} or {head_sha[:12]}.",
                next_step="Fetch base and head with all of their history (`fetch-depth: 0`).",
            ) from None
        return ForgeContent(
            merge_bases=seen.merge_bases,
            files=seen.files,
            hidden_files=seen.hidden_files,
            problems=seen.problems,
            mechanical_merges=frozenset(commit.sha for commit in seen.commits if commit.is_mechanical_merge),
        )
