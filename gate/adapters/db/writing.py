"""Writing: one transaction, kept as a whole with its ledger entries under a signed checkpoint, or not at all."""

from collections.abc import Sequence

from sqlalchemy import Connection

from gate.adapters.db import access, changes, erasure, jobs, judgements, records
from gate.adapters.db.answers import WritingAnswers
from gate.adapters.db.auditing import WritingAudit
from gate.adapters.db.incidents import WritingIncidents
from gate.adapters.db.ledger import LedgerTools, LedgerWriter
from gate.adapters.db.links import WritingLinks
from gate.adapters.db.notices import WritingNotices
from gate.adapters.db.people import WritingPeople
from gate.adapters.db.reading import DatabaseReading
from gate.adapters.db.reviews import WritingReviews
from gate.adapters.db.simulations import WritingSimulations
from gate.adapters.db.stand_ins import WritingStandIns
from gate.adapters.db.workloads import WritingWorkloads
from gate.core.change.facts import ChangedFile
from gate.core.change.sealing import SealedFacts
from gate.core.forge.snapshot import ChangeKey, ForgePush, ForgeRepository, RepositoryKey
from gate.core.ledger.entries import EntryDraft, LedgerEntry
from gate.core.ledger.note import key_id
from gate.usecases.ledger_ports import Erased
from gate.usecases.stored import ApiToken, Delivery, Job, Session, StoredChange, StoredSignoff, StoredVerdict


class DatabaseWriting(
    DatabaseReading,
    WritingAudit,
    WritingIncidents,
    WritingLinks,
    WritingSimulations,
    WritingNotices,
    WritingWorkloads,
    WritingPeople,
    WritingReviews,
    WritingStandIns,
    WritingAnswers,
):
    """Reads its own writes.

    INVARIANT: what a transaction has read stays true until it ends, on PostgreSQL as on SQLite: it waits for its turn
    before anything else, so that nobody writes back what is overtaken, and no two wait for each other
    (tests/contracts/test_store_interleaving.py).
    """

    def __init__(self, connection: Connection, tools: LedgerTools) -> None:
        super().__init__(connection)
        self._ledger = LedgerWriter(connection, tools)
        self._jobs: list[Job] = []

    def end(self) -> None:
        """Write what was kept back: the ledger's entries and checkpoint, then the jobs."""
        self._ledger.seal()
        for job in sorted(self._jobs, key=lambda job: job.dedupe):
            jobs.enqueue(self._connection, job)
        self._jobs = []

    def save_repository(self, repository: ForgeRepository) -> None:
        """Keep a repository as it is named now."""
        records.save_repository(self._look(), repository)

    def save_change(self, change: StoredChange) -> None:
        """Keep a change of a known repository. Raises StaleGenerationError where a later judgement has begun."""
        changes.save(self._look(), change)

    def begin_judgement(self, key: ChangeKey) -> int:
        """Return the new generation of a change; every earlier one is stale from now on."""
        return changes.begin(self._connection, key)

    def save_judgement(self, judgement: StoredVerdict, sealed: SealedFacts, files: tuple[ChangedFile, ...]) -> None:
        """Keep facts (once), content (once) and verdict. Raises StaleGenerationError for an overtaken generation."""
        judgements.save(self._look(), judgement, sealed, files)

    def save_signoff(self, signoff: StoredSignoff) -> None:
        """Keep a sign-off, or the first `void` of a known one."""
        records.save_signoff(self._look(), signoff)

    def save_push(self, repository: RepositoryKey, push: ForgePush) -> None:
        """Keep who moved a branch to a commit."""
        records.save_push(self._connection, repository, push)

    def add_delivery(self, delivery: Delivery) -> bool:
        """Keep a delivery, and return False where its GUID was kept before."""
        return records.add_delivery(self._connection, delivery)

    def finish_delivery(self, guid: str, *, outcome: str) -> None:
        """Keep what became of a delivery: `done`, `ignored` or `quarantined`."""
        records.finish_delivery(self._connection, guid, outcome=outcome)

    def enqueue(self, job: Job) -> None:
        """Leave a job to be done once this transaction is kept."""
        self._jobs.append(job)

    def append(self, entry: EntryDraft) -> int:
        """Append to the ledger and return the entry's index."""
        return self._ledger.append(entry)

    def timeline(self, key: ChangeKey, *, limit: int = 200) -> Sequence[LedgerEntry]:
        """Return the newest ledger entries of a change, those of this transaction among them."""
        self._ledger.flush()
        return super().timeline(key, limit=limit)

    def ledger_entry(self, index: int) -> LedgerEntry | None:
        """Return an entry of the ledger by its index, those of this transaction among them."""
        self._ledger.flush()
        return super().ledger_entry(index)

    def sign_next_by(self, name: str, public_key: bytes) -> None:
        """Have every checkpoint after this transaction's signed by another key."""
        self._ledger.sign_next_by(key_id(name, public_key).hex())

    def erase_person(self, account: str, names: Sequence[str]) -> Erased:
        """Forget a person by account and by names, wherever they are kept."""
        self._ledger.flush()
        return erasure.erase(self._look(), account, names)

    def save_session(self, session: Session, secret_hash: str) -> None:
        """Keep a session under the hash of its secret."""
        access.save_session(self._connection, session, secret_hash)

    def end_session(self, secret_hash: str) -> None:
        """Forget a session."""
        access.end_session(self._connection, secret_hash)

    def save_api_token(self, token: ApiToken, secret_hash: str) -> None:
        """Keep a new token."""
        access.save_api_token(self._connection, token, secret_hash)

    def revoke_api_token(self, token_id: str) -> bool:
        """Revoke a token for good; False where there is none that is not revoked."""
        return access.revoke_api_token(self._connection, token_id)

    def save_setting(self, name: str, value: str) -> None:
        """Keep a setting of the service's own small state."""
        access.save_setting(self._connection, name, value)
