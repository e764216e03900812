"""Store ports: what the use cases keep, as protocols that the database adapter and an in-memory store fulfil."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from gate.core.change.facts import ChangedFile, Instant
from gate.core.change.sealing import SealedFacts
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import ChangeKey, ForgePush, ForgeRepository, RepositoryKey
from gate.core.ledger.entries import EntryDraft, LedgerEntry
from gate.usecases.audit_ports import ReadingAudit, WritingAudit
from gate.usecases.command_answers import ReadingAnswers, WritingAnswers
from gate.usecases.incident_ports import ReadingIncidents, WritingIncidents
from gate.usecases.ledger_ports import ReadingLedger, WritingLedger
from gate.usecases.link_ports import ReadingLinks, WritingLinks
from gate.usecases.notice_ports import ReadingNotices, WritingNotices
from gate.usecases.people_ports import ReadingPeople, WritingPeople
from gate.usecases.review_ports import ReadingReviews, WritingReviews
from gate.usecases.simulation_ports import ReadingSimulations, WritingSimulations
from gate.usecases.stand_in_ports import ReadingStandIns, WritingStandIns
from gate.usecases.stored import (
    ApiToken,
    ChangeFilter,
    ChangePage,
    ClaimedJob,
    Delivery,
    Job,
    Session,
    StoredChange,
    StoredSignoff,
    StoredVerdict,
)
from gate.usecases.workload_ports import ReadingWorkloads, WritingWorkloads


class StoreError(UnreadableError):
    """The database could not be reached, was busy for too long, or refused: nothing of the transaction is kept."""

    code = "store-unavailable"


class StaleGenerationError(UnreadableError):
    """Another judgement of the same change began later; this one must not be recorded."""

    code = "stale-generation"


class Reading(
    ReadingAudit,
    ReadingIncidents,
    ReadingLedger,
    ReadingLinks,
    ReadingSimulations,
    ReadingNotices,
    ReadingWorkloads,
    ReadingPeople,
    ReadingReviews,
    ReadingStandIns,
    ReadingAnswers,
    Protocol,
):
    """What can be looked up. Nothing here writes."""

    def repository(self, key: RepositoryKey) -> ForgeRepository | None: ...  # noqa: D102  # name and types say it
    def repository_named(self, name: str) -> ForgeRepository | None: ...  # noqa: D102  # ASCII case does not matter
    def repositories(self) -> Sequence[ForgeRepository]: ...  # noqa: D102  # name and types say it
    def installation_tenants(self, installation: int) -> Sequence[int]: ...  # noqa: D102  # by its known repositories
    def change(self, key: ChangeKey) -> StoredChange | None: ...  # noqa: D102  # name and types say it
    def changes(self, wanted: ChangeFilter) -> ChangePage: ...  # noqa: D102  # name and types say it
    def open_changes(
        self, repository: RepositoryKey | None = None, *, base_ref: str | None = None, head_sha: str | None = None
    ) -> Iterator[StoredChange]:
        """Yield open changes, oldest judged first."""
        ...

    def verdict(self, key: ChangeKey, facts_digest: str | None = None) -> StoredVerdict | None:
        """Return the newest judgement of a change, or the newest one on certain facts."""
        ...

    def verdicts(self, key: ChangeKey, *, limit: int = 100) -> Sequence[StoredVerdict]:
        """Return the judgements of a change, newest first."""
        ...

    def facts(self, digest: str) -> SealedFacts | None:
        """Return sealed facts; erased personal values come back as tombstones."""
        ...

    def content(self, digest: str) -> tuple[ChangedFile, ...] | None:
        """Return the files of a content by its digest."""
        ...

    def signoffs(self, key: ChangeKey) -> Sequence[StoredSignoff]:
        """Return all sign-offs of a change ever seen, in the order in which they were first seen."""
        ...

    def pushes(self, repository: RepositoryKey, shas: Sequence[str]) -> Sequence[ForgePush]:
        """Return who moved any branch to one of these commits, by the deliveries that were stored."""
        ...

    def delivery(self, guid: str) -> Delivery | None: ...  # noqa: D102  # name and types say it
    def timeline(self, key: ChangeKey, *, limit: int = 200) -> Sequence[LedgerEntry]:
        """Return the newest ledger entries of a change, oldest of them first."""
        ...

    def session(self, secret_hash: str) -> Session | None: ...  # noqa: D102  # name and types say it
    def api_token(self, secret_hash: str) -> ApiToken | None: ...  # noqa: D102  # name and types say it
    def api_tokens(self) -> Sequence[ApiToken]: ...  # noqa: D102  # name and types say it
    def setting(self, name: str) -> str | None: ...  # noqa: D102  # the service's own small state: epoch, last sweep


class Writing(
    Reading,
    WritingAudit,
    WritingIncidents,
    WritingLinks,
    WritingSimulations,
    WritingNotices,
    WritingWorkloads,
    WritingLedger,
    WritingPeople,
    WritingReviews,
    WritingStandIns,
    WritingAnswers,
    Protocol,
):
    """One transaction: all of it is kept, or nothing. Its ledger entries are under a signed checkpoint when it ends."""

    def save_repository(self, repository: ForgeRepository) -> None:
        """Keep a repository as it is named now; another one that had the name loses it. No default branch: the last."""
        ...

    def save_change(self, change: StoredChange) -> None:
        """Keep a change of a known repository. Raises StaleGenerationError where a later judgement has begun."""
        ...

    def begin_judgement(self, key: ChangeKey) -> int:
        """Return the new generation of a change; every earlier one is stale from now on."""
        ...

    def save_judgement(self, judgement: StoredVerdict, sealed: SealedFacts, files: tuple[ChangedFile, ...]) -> None:
        """Keep facts (once), content (once) and verdict. Raises StaleGenerationError for an overtaken generation."""
        ...

    def save_signoff(self, signoff: StoredSignoff) -> None:
        """Keep a sign-off, or the first `void` of a known one; what it binds to never changes, nor what is void."""
        ...

    def save_push(self, repository: RepositoryKey, push: ForgePush) -> None: ...  # noqa: D102  # name and types say it
    def add_delivery(self, delivery: Delivery) -> bool:
        """Keep a delivery, and return False where its GUID was kept before."""
        ...

    def finish_delivery(self, guid: str, *, outcome: str) -> None: ...  # noqa: D102  # `done`, `ignored`, `quarantined`
    def enqueue(self, job: Job) -> None: ...  # noqa: D102  # name and types say it
    def append(self, entry: EntryDraft) -> int:
        """Append to the ledger and return the entry's index."""
        ...

    def save_session(self, session: Session, secret_hash: str) -> None: ...  # noqa: D102  # name and types say it
    def end_session(self, secret_hash: str) -> None: ...  # noqa: D102  # name and types say it
    def save_api_token(self, token: ApiToken, secret_hash: str) -> None: ...  # noqa: D102  # name and types say it
    def revoke_api_token(self, token_id: str) -> bool: ...  # noqa: D102  # name and types say it
    def save_setting(self, name: str, value: str) -> None: ...  # noqa: D102  # name and types say it


class Store(Protocol):
    """The durable store. A method that ends normally has made its work durable."""

    def reading(self) -> AbstractContextManager[Reading]: ...  # noqa: D102  # name and types say it
    def writing(self) -> AbstractContextManager[Writing]: ...  # noqa: D102  # name and types say it

    def claim(self, now: Instant, *, lease_seconds: int) -> ClaimedJob | None:
        """Return the next job that is due and lease it; urgent ones first, one job of a lane at a time."""
        ...

    def renew(self, job: ClaimedJob, now: Instant, *, lease_seconds: int) -> bool:
        """Keep a lease for a job that takes long; False where it was lost."""
        ...

    def finish(self, job: ClaimedJob) -> None:
        """Take a job away that is done."""
        ...

    def retry(self, job: ClaimedJob, *, at: Instant, why: str) -> None:
        """Give a job back to be run again later; `why` is kept for the operator."""
        ...

    def waiting_jobs(self) -> Mapping[str, int]:
        """Return how many jobs of each kind are due or leased, for metrics and readiness."""
        ...
