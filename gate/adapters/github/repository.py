"""Repository: everything that the gate reads and writes of one repository at GitHub."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from gate.adapters.github import accounts, checks, comments, commits, glance, heads, settled, snapshot
from gate.adapters.github.answers import (
    Row,
    is_sha,
    number_at,
    optional_row,
    optional_text,
    row_of,
    rows_of,
    text_at,
)
from gate.adapters.github.client import PER_PAGE
from gate.adapters.github.place import Place
from gate.adapters.github.protection import read_protection
from gate.adapters.github.queue import queue_members
from gate.adapters.github.teams import read_team
from gate.adapters.github.trees import GithubTree, Objects
from gate.core.change.facts import ChangedFile, CheckRun, Instant
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import (
    ForgeAccount,
    ForgeCommit,
    ForgeRepository,
    ForgeTeam,
    Snapshot,
)
from gate.usecases.change_port import ReadContent
from gate.usecases.forge_ports import (
    CheckRunText,
    CheckStatus,
    Conclusion,
    Glance,
    GoneError,
    Protection,
    PublishedCheck,
    QueueEntry,
)


class GithubRepository:
    """One repository. What has an id is kept by it; all else is asked again, conditionally where an answer is known."""

    def __init__(self, place: Place, app_id: int | None) -> None:
        self._place = place
        self._app_id = app_id
        self._objects = Objects(place)

    def repository(self) -> ForgeRepository:
        """Return the repository as GitHub names it now. Raises GoneError where its name is another's by now."""
        place = self._place
        found = accounts.repository_of(row_of(place.get(), "repository"), place.key.tenant, place.installation)
        if found.key.id != place.key.id:
            raise GoneError(f"{place.name} is another repository now.", next_step="Look it up by its new name.")
        place.name = found.name
        return found

    def snapshot(self, number: int, *, content: ReadContent | None = None) -> Snapshot:
        """Return the change request, its `checks` left empty; what it is made of from `content` where that is given.

        Raises InconsistentSnapshotError where it moved meanwhile, GoneError for a 404.
        """
        return snapshot.read_snapshot(self._place, self._objects, number, content=content)

    def glance(self, number: int) -> Glance:
        """Return what may have changed since a snapshot, by two requests that no kept answer can serve."""
        return glance.look(self._place, number, is_fresh=True).glance()

    def settled_at(self, number: int) -> Instant:
        """Return since when the change's text and base branch are what they are now."""
        return settled.settled_at(self._place, number)

    def branch_tip(self, branch: str) -> str:
        """Return the commit of `refs/heads/<branch>`. Raises GoneError where there is no such branch."""
        return glance.branch_tip(self._place, branch)

    def commit_tree(self, sha: str) -> GithubTree:
        """Return the tree of a commit; it is read when it is first used."""
        return GithubTree(_full(sha), self._objects)

    def blobs(self, shas: Iterable[str], *, limit: int) -> Iterable[tuple[str, bytes | None]]:
        """Yield each blob once with its bytes, None where it is larger than `limit`."""
        return self._objects.blobs(shas, limit=limit)

    def first_parents(self, sha: str, *, count: int = 100) -> Sequence[str]:
        """Return a commit and its first-parent ancestors, newest first."""
        return commits.first_parents(self._place, _full(sha), count)

    def files_between(self, base: str, head: str) -> tuple[ChangedFile, ...] | None:
        """Return the files of a change, merge base to head, by comparing trees; None where a commit is gone."""
        try:
            return snapshot.files_between(self._place, self._objects, _full(base), _full(head))
        except GoneError:
            return None

    def open_changes(self, *, base_ref: str | None = None) -> Sequence[int]:
        """Return the numbers of all open change requests, of one base branch where it is named."""
        return sorted({number_at(row, "number") for row in self._open(base_ref)})

    def open_changes_with_head(self, sha: str) -> Sequence[int]:
        """Return the numbers of all open change requests whose head is this commit, whatever their base (R14)."""
        return heads.open_with_head(self._place, sha)

    def team(self, organisation: str, slug: str) -> ForgeTeam:
        """Return a team's members by id. A team that cannot be read says so; it is never an empty one."""
        return read_team(self._place.client, organisation, slug)

    def account(self, login: str) -> ForgeAccount | None:
        """Return the account that a login names now, None where there is none."""
        return accounts.find_account(self._place.client, login)

    def account_numbered(self, number: int) -> ForgeAccount | None:
        """Return the account of a numeric id with the login that it has now, None where there is none any more."""
        return accounts.account_numbered(self._place.client, number)

    def may_read(self, account: ForgeAccount) -> bool:
        """Return whether an account may read the repository now."""
        return accounts.may_read(self._place, account)

    def queue_members(self, base_ref: str, base_sha: str, head_sha: str) -> Sequence[QueueEntry]:
        """Return the changes of a merge group, oldest first. Raises UnreadableError for an unexplained commit."""
        return queue_members(self._place, base_ref, _full(base_sha), _full(head_sha))

    def commit(self, sha: str) -> ForgeCommit:
        """Return one commit. Raises GoneError where there is none."""
        return commits.read_commit(self._place, _full(sha))

    def issue(self, number: int) -> Mapping[str, str] | None:
        """Return `state`, `title` and `kind` of an issue, None where there is none.

        The kind is the issue's type in lower case, `issue` without one, `pull-request` for a change request.
        """
        try:
            row = row_of(self._place.get("issues", number), "issue")
        except GoneError:
            return None
        kind = optional_row(row, "type")
        name = optional_text(kind, "name").lower() if kind else "issue"
        return {
            "state": text_at(row, "state"),
            "title": text_at(row, "title"),
            "kind": "pull-request" if row.get("pull_request") else name,
        }

    def protection(self, branch: str, check_name: str) -> Protection:
        """Return how a branch is protected, rulesets and classic protection together."""
        return read_protection(self._place, branch, check_name)

    def check_runs(self, head_sha: str) -> tuple[CheckRun, ...]:
        """Return the newest check run of every name and app on a commit, completed or not."""
        return checks.latest_checks(self._place, _full(head_sha))

    def our_checks(self, head_sha: str, name: str) -> Sequence[PublishedCheck]:
        """Return all check runs of a name on a commit, those of other apps included."""
        return checks.our_checks(self._place, _full(head_sha), name, self._app_id)

    def publish_check(  # the fields of a check run
        self,
        head_sha: str,
        *,
        name: str,
        external_id: str,
        status: CheckStatus,
        conclusion: Conclusion | None,
        text: CheckRunText,
        known_id: int | None,
    ) -> PublishedCheck:
        """Create the check run of this name on a commit, or update ours in place; return what GitHub shows then."""
        wanted = checks.WantedCheck(_full(head_sha), name, external_id, status, conclusion, text)
        return checks.publish(self._place, wanted, app_id=self._app_id, known_id=known_id)

    def publish_comment(self, number: int, *, marker: str, body: str, known_id: int | None) -> int:
        """Create the one comment that carries a hidden marker, or update it in place; return its id."""
        return comments.publish_comment(
            self._place, number, marker=marker, body=body, known_id=known_id, app_id=self._app_id
        )

    def react(self, comment_id: int, outcome: Literal["taken", "not-taken"]) -> None:
        """Show at a comment whether its commands were taken. Raises GoneError where it was deleted."""
        comments.react(self._place, comment_id, comments.REACTIONS[outcome])

    def request_review(self, number: int, *, logins: Sequence[str], teams: Sequence[str]) -> None:
        """Ask people and teams for a review who are not asked already; the author is never asked."""
        comments.request_review(self._place, number, logins=logins, teams=teams)

    def _open(self, base_ref: str | None) -> Sequence[Row]:
        wanted: dict[str, str | int] = {"state": "open", "sort": "created", "direction": "asc"}
        if base_ref is not None:
            wanted["base"] = base_ref
        rows = rows_of(self._place.pages_by(("pulls",), wanted), "pull requests")
        if len(rows) < PER_PAGE:
            return rows
        # One that closes meanwhile moves others to a page that was read already: what either reading has is there.
        return [*rows, *rows_of(self._place.pages_by(("pulls",), wanted), "pull requests")]


def _full(sha: str) -> str:
    if not is_sha(sha):
        raise UnreadableError(f"{sha[:80]!r} is no full commit id.")
    return sha
