"""Reading: all that can be looked up, over one state of the database."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from gate.adapters.db import access, changes, judgements, ledger, ledger_tiles, listing, records
from gate.adapters.db.answers import ReadingAnswers
from gate.adapters.db.auditing import ReadingAudit
from gate.adapters.db.incidents import ReadingIncidents
from gate.adapters.db.links import ReadingLinks
from gate.adapters.db.notices import ReadingNotices
from gate.adapters.db.people import ReadingPeople
from gate.adapters.db.reviews import ReadingReviews
from gate.adapters.db.simulations import ReadingSimulations
from gate.adapters.db.stand_ins import ReadingStandIns
from gate.adapters.db.workloads import ReadingWorkloads
from gate.core.change.facts import ChangedFile
from gate.core.change.sealing import SealedFacts
from gate.core.forge.snapshot import ChangeKey, ForgePush, ForgeRepository, RepositoryKey
from gate.core.ledger.entries import LedgerEntry, SignedCheckpoint
from gate.core.ledger.merkle import Frontier
from gate.core.ledger.tiles import Bundle, Tile
from gate.usecases.stored import (
    ApiToken,
    ChangeFilter,
    ChangePage,
    Delivery,
    Session,
    StoredChange,
    StoredSignoff,
    StoredVerdict,
)

MAX_INDEX = 2**63 - 1


class DatabaseReading(
    ReadingAudit,
    ReadingIncidents,
    ReadingLinks,
    ReadingSimulations,
    ReadingNotices,
    ReadingWorkloads,
    ReadingPeople,
    ReadingReviews,
    ReadingStandIns,
    ReadingAnswers,
):
    """Looks up over one connection, in one transaction. Nothing here writes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _look(self) -> Connection:
        """Return the connection to look up over."""
        return self._connection

    def repository(self, key: RepositoryKey) -> ForgeRepository | None:
        """Return a repository by its number."""
        return records.repository_at(self._look(), key)

    def repository_named(self, name: str) -> ForgeRepository | None:
        """Return the repository that has a name now; ASCII case does not matter."""
        return records.repository_named(self._look(), name)

    def repositories(self) -> Sequence[ForgeRepository]:
        """Return all repositories, by name."""
        return records.repositories_by_name(self._look())

    def installation_tenants(self, installation: int) -> Sequence[int]:
        """Return whose installation it is by the repositories that are known to be its own."""
        return records.installation_tenants(self._look(), installation)

    def change(self, key: ChangeKey) -> StoredChange | None:
        """Return a change with its present generation."""
        return changes.change_at(self._look(), key)

    def changes(self, wanted: ChangeFilter) -> ChangePage:
        """Return a page of changes, newest judged first. Raises UsageError for a cursor that is none."""
        return listing.page(self._look(), wanted)

    def open_changes(
        self, repository: RepositoryKey | None = None, *, base_ref: str | None = None, head_sha: str | None = None
    ) -> Iterator[StoredChange]:
        """Yield open changes, oldest judged first."""
        return changes.open_changes(self._look(), repository, base_ref=base_ref, head_sha=head_sha)

    def verdict(self, key: ChangeKey, facts_digest: str | None = None) -> StoredVerdict | None:
        """Return the newest judgement of a change, or the newest one on certain facts."""
        return judgements.verdict_at(self._look(), key, facts_digest)

    def verdicts(self, key: ChangeKey, *, limit: int = 100) -> Sequence[StoredVerdict]:
        """Return the judgements of a change, newest first."""
        return judgements.verdicts_of(self._look(), key, limit=limit)

    def facts(self, digest: str) -> SealedFacts | None:
        """Return sealed facts; erased personal values come back as tombstones."""
        return judgements.facts_at(self._look(), digest)

    def content(self, digest: str) -> tuple[ChangedFile, ...] | None:
        """Return the files of a content by its digest."""
        return judgements.content_at(self._look(), digest)

    def signoffs(self, key: ChangeKey) -> Sequence[StoredSignoff]:
        """Return all sign-offs of a change ever seen, in the order in which they were first seen."""
        return records.signoffs_of(self._look(), key)

    def pushes(self, repository: RepositoryKey, shas: Sequence[str]) -> Sequence[ForgePush]:
        """Return who moved any branch to one of these commits, by the deliveries that were stored."""
        return records.pushes_to(self._look(), repository, shas)

    def delivery(self, guid: str) -> Delivery | None:
        """Return a delivery by its GUID, with its raw body."""
        return records.delivery_at(self._look(), guid)

    def timeline(self, key: ChangeKey, *, limit: int = 200) -> Sequence[LedgerEntry]:
        """Return the newest ledger entries of a change, oldest of them first."""
        subject = f"change:{key.tenant}/{key.repository}/{key.number}"
        return ledger.timeline(self._look(), subject, limit=limit)

    def checkpoint(self) -> SignedCheckpoint | None:
        """Return the newest signed head of the ledger."""
        return ledger.newest_checkpoint(self._look())

    def frontier(self) -> Frontier:
        """Return the right edge of the ledger's tree."""
        return ledger.frontier(self._look())

    def ledger_entry(self, index: int) -> LedgerEntry | None:
        """Return an entry of the ledger by its index."""
        return ledger.entry_at(self._look(), index) if 0 <= index <= MAX_INDEX else None

    def ledger_entries(self, start: int, end: int) -> Iterator[LedgerEntry]:
        """Yield the entries from `start` to before `end`, in order."""
        return ledger.entries_between(self._look(), max(start, 0), min(end, MAX_INDEX))

    def entries_about(self, subject: str, *, limit: int = 200) -> Sequence[LedgerEntry]:
        """Return the newest entries about a subject, oldest of them first."""
        return ledger.timeline(self._look(), subject, limit=limit)

    def checkpoint_at(self, size: int) -> SignedCheckpoint | None:
        """Return the checkpoint over exactly so many entries."""
        return ledger.checkpoint_at(self._look(), size) if 0 <= size <= MAX_INDEX else None

    def checkpoints(self, *, after: int = 0, limit: int = 1000) -> Sequence[SignedCheckpoint]:
        """Return checkpoints over more than `after` entries, oldest first."""
        return ledger.checkpoints_after(self._look(), after, limit=limit)

    def tile(self, tile: Tile) -> bytes:
        """Return the hashes of a tile that the ledger reaches as far as."""
        return ledger_tiles.tile_at(self._look(), tile)

    def bundle(self, bundle: Bundle) -> Sequence[bytes]:
        """Return the contents of a bundle's entries."""
        return ledger_tiles.bundle_at(self._look(), bundle)

    def session(self, secret_hash: str) -> Session | None:
        """Return a session by the hash of its secret, expired or not."""
        return access.session_at(self._look(), secret_hash)

    def api_token(self, secret_hash: str) -> ApiToken | None:
        """Return a token by the hash of its secret, expired, revoked or not."""
        return access.api_token_at(self._look(), secret_hash)

    def api_tokens(self) -> Sequence[ApiToken]:
        """Return all tokens, oldest first."""
        return access.all_api_tokens(self._look())

    def setting(self, name: str) -> str | None:
        """Return a setting of the service's own small state."""
        return access.setting_at(self._look(), name)
