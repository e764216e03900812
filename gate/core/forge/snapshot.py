"""Snapshot: one change request as a forge shows it, read completely and consistently, with nothing decided."""

import hashlib
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from gate.core.canonical import digest_of
from gate.core.change.facts import AccountKey, ChangedFile, CheckRun, Instant, Problem
from gate.core.change.plain import plain_value
from gate.core.values import dataclass

AccountKind = Literal["user", "bot", "platform", "unknown"]


@dataclass(frozen=True, slots=True)
class ForgeAccount:
    """An account of the forge: the numeric id decides, the login is for display and may be another tomorrow."""

    id: int
    login: str
    kind: AccountKind = "user"

    @property
    def key(self) -> AccountKey:
        """Return how facts and the ledger name the account."""
        return f"github:{self.id}"


@dataclass(frozen=True, slots=True, order=True)
class RepositoryKey:
    """A repository of one tenant: the account that installed the gate (0: a plain token), and the numeric id."""

    tenant: int
    id: int


@dataclass(frozen=True, slots=True, order=True)
class ChangeKey:
    """One change request of one repository of one tenant."""

    tenant: int
    repository: int
    number: int

    @property
    def repository_key(self) -> RepositoryKey:
        """Return the repository that the change belongs to."""
        return RepositoryKey(self.tenant, self.repository)


@dataclass(frozen=True, slots=True)
class ForgeRepository:
    """A repository as the forge names it now. `installation` is 0 where a plain token is used."""

    key: RepositoryKey
    name: str
    default_branch: str
    installation: int = 0
    is_private: bool = True


@dataclass(frozen=True, slots=True)
class ForgeCommit:
    """One commit of the change. An account is None where the forge maps the address to none.

    Names, addresses and time are what the commit object claims. `is_verified` is None where the forge does not say.
    """

    sha: str
    parents: tuple[str, ...]
    tree: str
    message: str
    author: ForgeAccount | None
    author_name: str
    author_email: str
    committer: ForgeAccount | None
    committer_name: str
    committer_email: str
    is_verified: bool | None = None
    is_mechanical_merge: bool = False
    committed_at: Instant = ""


@dataclass(frozen=True, slots=True)
class ForgeReview:
    """A submitted review. `account` is None for a deleted account; `commit` is the head that it was given on.

    `state_before` is what a dismissed review said, empty where the forge does not tell.
    """

    id: int
    account: ForgeAccount | None
    state: Literal["approved", "changes-requested", "commented", "dismissed"]
    commit: str
    at: Instant
    body: str = ""
    dismissed_by: ForgeAccount | None = None
    state_before: Literal["approved", "changes-requested", ""] = ""


@dataclass(frozen=True, slots=True)
class ForgeComment:
    """A comment on the change. `is_edited` says that its text is not what was first written.

    `is_by_app` says that some app made it, be it in a person's name: nobody's word is taken from it (R06).
    """

    id: int
    account: ForgeAccount | None
    body: str
    at: Instant
    is_edited: bool = False
    is_by_app: bool = False


@dataclass(frozen=True, slots=True)
class ForgePush:
    """Somebody moved the change's branch to `after`, by the forge's own record."""

    account: ForgeAccount | None
    after: str
    before: str = ""
    at: Instant = ""


@dataclass(frozen=True, slots=True)
class ForgeLabel:
    """A label, and who set it where the forge tells."""

    name: str
    set_by: ForgeAccount | None = None


@dataclass(frozen=True, slots=True)
class ForgeTeam:
    """The active members of a team, nested teams included. `unreadable` says why they could not be read."""

    members: tuple[ForgeAccount, ...] = ()
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class ForgeContent:
    """What a change is made of besides its commits' people: files merge base to head, and what was seen of them.

    `mechanical_merges` are the commits that are proven to be nothing but the merge of their parents.
    """

    merge_bases: tuple[str, ...]
    files: tuple[ChangedFile, ...]
    hidden_files: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    mechanical_merges: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A change request, read between two equal looks at its head, base, body and number of files.

    `base_sha` is the tip of `refs/heads/<base_ref>`, never what the request remembers. `files` is complete, merge base
    to head, or `problems` says what could not be seen. `pushes` is None where the forge's record of pushes cannot be
    read at all, and `pushes_unreadable` says why. `merge_sha` is set once it is merged.
    """

    key: ChangeKey
    repository: ForgeRepository
    state: Literal["open", "closed", "merged"]
    title: str
    body: str
    author: ForgeAccount | None
    base_ref: str
    base_sha: str
    head_ref: str
    head_sha: str
    head_repository: int | None
    merge_bases: tuple[str, ...]
    url: str
    files: tuple[ChangedFile, ...]
    commits: tuple[ForgeCommit, ...]
    reviews: tuple[ForgeReview, ...] = ()
    comments: tuple[ForgeComment, ...] = ()
    pushes: tuple[ForgePush, ...] | None = None
    labels: tuple[ForgeLabel, ...] = ()
    checks: tuple[CheckRun, ...] = ()
    is_draft: bool = False
    problems: tuple[Problem, ...] = ()
    merge_sha: str = ""
    merged_at: Instant = ""
    merged_by: ForgeAccount | None = None
    created_at: Instant = ""
    pushes_unreadable: str = ""
    is_first_contribution: bool | None = None
    hidden_files: Mapping[str, str] = field(default_factory=dict)


def content_digest(files: tuple[ChangedFile, ...]) -> str:
    """Return the digest that names a content: the files of a change as somebody saw them."""
    return digest_of([plain_value(file) for file in files])


def body_digest(body: str) -> str:
    """Return the digest that tells whether a change's text was edited since a look at it (R36)."""
    return "sha256:" + hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
