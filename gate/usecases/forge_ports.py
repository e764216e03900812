"""Forge ports: what the use cases need of a forge, as protocols that an adapter and a double fulfil."""

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from gate.core.change.facts import Instant
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import (
    ChangeKey,
    ForgeAccount,
    ForgeCommit,
    ForgeRepository,
    RepositoryKey,
)
from gate.core.values import dataclass
from gate.usecases.change_port import ChangeReader

CheckStatus = Literal["in_progress", "completed"]
Conclusion = Literal["success", "failure", "action_required"]


class InconsistentSnapshotError(UnreadableError):
    """The change moved while it was read; read it again, and block where it keeps moving."""

    code = "inconsistent-snapshot"


class GoneError(UnreadableError):
    """The forge says that there is no such thing, or none that this installation may see."""

    code = "gone"


class ForbiddenError(UnreadableError):
    """The forge refuses: the installation lacks a permission, or is suspended."""

    code = "forbidden"


class NotInstalledError(ForbiddenError):
    """The gate is not installed there any more, or its installation is suspended: asking again helps nothing."""

    code = "not-installed"


class CredentialsRefusedError(ForbiddenError):
    """The forge does not know the gate's own login: its key, its token, or its clock is wrong (L26)."""

    code = "credentials-refused"


class RateLimitedError(UnreadableError):
    """The forge wants fewer requests: nothing is sent again before `retry_at`."""

    code = "rate-limited"

    def __init__(self, message: str, *, retry_at: Instant, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.retry_at = retry_at


@dataclass(frozen=True, slots=True)
class CheckRunText:
    """What a check run says. `summary` is Markdown of at most 65,535 characters; annotations are left to the Action."""

    title: str
    summary: str
    details_url: str


@dataclass(frozen=True, slots=True)
class PublishedCheck:
    """A check run as the forge shows it. `is_ours` says that this gate's own app made it, `app` which one did."""

    id: int
    name: str
    head_sha: str
    external_id: str
    status: str
    conclusion: str | None
    is_ours: bool
    app: int = 0


@dataclass(frozen=True, slots=True)
class Glance:
    """What can turn a verdict without moving the head, cheap to read again right before a check turns green.

    `body_digest` is `gate.core.forge.snapshot.body_digest` of the change's text.
    """

    state: Literal["open", "closed", "merged"]
    head_sha: str
    base_ref: str
    base_sha: str
    body_digest: str


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One change of a merge group: its number, the head that the group holds of it, and the group's commit for it."""

    number: int
    head_sha: str
    group_sha: str = ""


@dataclass(frozen=True, slots=True)
class Protection:
    """Whether a branch demands the gate's check. `pinned_app` is the app id that the check must come from."""

    is_required: bool
    pinned_app: int | None
    covers_admins: bool | None
    allows_force_push: bool | None
    uses_queue: bool | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A webhook delivery that the forge could not hand over: its id there, and the GUID it carried."""

    id: int
    guid: str
    event: str
    delivered_at: Instant


class ForgeRepositoryReader(ChangeReader, Protocol):
    """One repository at a forge. Every method raises UnreadableError where the forge does not answer in full."""

    def repository(self) -> ForgeRepository: ...  # noqa: D102  # what the forge says of it now

    def glance(self, number: int) -> Glance:
        """Return what may have changed since a snapshot, by one or two requests, never from a cache."""
        ...

    def open_changes(self, *, base_ref: str | None = None) -> Sequence[int]:
        """Return the numbers of all open change requests, of one base branch where it is named."""
        ...

    def open_changes_with_head(self, sha: str) -> Sequence[int]:
        """Return the numbers of all open change requests whose head is this commit, whatever their base."""
        ...

    def may_read(self, account: ForgeAccount) -> bool:
        """Return whether an account may read the repository now."""
        ...

    def queue_members(self, base_ref: str, base_sha: str, head_sha: str) -> Sequence[QueueEntry]:
        """Return the changes of a merge group by the queue's ref chain, oldest first.

        Raises UnreadableError for a commit that no open change accounts for.
        """
        ...

    def commit(self, sha: str) -> ForgeCommit:
        """Return one commit."""
        ...

    def protection(self, branch: str, check_name: str) -> Protection:
        """Return how a branch is protected, rulesets and classic protection together."""
        ...

    def our_checks(self, head_sha: str, name: str) -> Sequence[PublishedCheck]:
        """Return all check runs of a name on a commit, those of other apps included."""
        ...


class ForgeWriter(Protocol):
    """What the gate writes at a forge. No write is ever repeated blindly: each looks first for its own trace."""

    def publish_check(
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
        """Create the check run of this name on a commit, or update ours in place; return what the forge shows then."""
        ...

    def publish_comment(self, number: int, *, marker: str, body: str, known_id: int | None) -> int:
        """Create the one comment that carries a hidden marker, or update it in place; return its id."""
        ...

    def react(self, comment_id: int, outcome: Literal["taken", "not-taken"]) -> None:
        """Show at a comment whether its commands were taken. Raises GoneError where it was deleted."""
        ...

    def request_review(self, number: int, *, logins: Sequence[str], teams: Sequence[str]) -> None:
        """Ask people for a review who are not asked already."""
        ...


class ForgeRepositoryAccess(ForgeRepositoryReader, ForgeWriter, Protocol):
    """One repository, to read and to write."""


class Forge(Protocol):
    """A forge with all repositories that the gate is installed on."""

    def access(self, repository: RepositoryKey, *, installation: int, name: str) -> ForgeRepositoryAccess:
        """Return one repository. Nothing is requested before it is used."""
        ...

    def find(self, name: str) -> ForgeRepository | None:
        """Return the repository of a name `owner/name`, None where the gate is not installed on it."""
        ...

    def installed_repositories(self) -> Iterable[ForgeRepository]:
        """Return every repository that the gate may see."""
        ...

    def failed_deliveries(self, since: Instant) -> Iterable[FailedDelivery]:
        """Return webhook deliveries that were not accepted; none with a plain token."""
        ...

    def redeliver(self, delivery: FailedDelivery) -> None:
        """Ask the forge to hand a delivery over again."""
        ...

    def app_id(self) -> int | None:
        """Return the id of the gate's own app, None with a plain token."""
        ...

    def requests_made(self) -> int:
        """Return how many requests were sent since the start, conditional ones included."""
        ...


def change_key(repository: ForgeRepository, number: int) -> ChangeKey:
    """Return the key of a change of a repository."""
    return ChangeKey(repository.key.tenant, repository.key.id, number)
