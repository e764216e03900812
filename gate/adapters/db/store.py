"""Store: the durable store of the service over SQLite or PostgreSQL, behind the ports of the use cases."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from gate.adapters.db import jobs
from gate.adapters.db.engine import Transactions, open_engine
from gate.adapters.db.ledger import LedgerTools
from gate.adapters.db.reading import DatabaseReading
from gate.adapters.db.writing import DatabaseWriting
from gate.core.change.facts import Instant
from gate.core.ledger.note import NoteSigner
from gate.core.times import instant
from gate.usecases.store_ports import Reading, Writing
from gate.usecases.stored import ClaimedJob


class DatabaseStore:
    """Fulfils the port `Store`; may be shared by all threads of a process, not by processes after a fork."""

    def __init__(self, transactions: Transactions, tools: LedgerTools) -> None:
        self._transactions = transactions
        self._tools = tools

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Give a look at one state of the database."""
        with self._transactions.reading() as connection:
            yield DatabaseReading(connection)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Give a transaction that is durable, ledger and checkpoint included, once the block has ended."""
        with self._transactions.writing() as connection:
            writing = DatabaseWriting(connection, self._tools)
            yield writing
            writing.end()

    def claim(self, now: Instant, *, lease_seconds: int) -> ClaimedJob | None:
        """Return the next job that is due and lease it; urgent ones first, one job of a lane at a time."""
        return jobs.claim(self._transactions, now, lease_seconds=lease_seconds)

    def renew(self, job: ClaimedJob, now: Instant, *, lease_seconds: int) -> bool:
        """Keep a lease for a job that takes long; False where it was lost."""
        return jobs.renew(self._transactions, job, now, lease_seconds=lease_seconds)

    def finish(self, job: ClaimedJob) -> None:
        """Take a job away that is done."""
        jobs.finish(self._transactions, job)

    def retry(self, job: ClaimedJob, *, at: Instant, why: str) -> None:
        """Give a job back to be run again later; `why` is kept for the operator."""
        jobs.retry(self._transactions, job, at=at, why=why)

    def waiting_jobs(self) -> Mapping[str, int]:
        """Return how many jobs of each kind are due or leased, for metrics and readiness."""
        with self._transactions.reading() as connection:
            return jobs.waiting(connection, instant(self._tools.clock()))

    def close(self) -> None:
        """Close all connections; the store can be used again and opens new ones."""
        self._transactions.engine.dispose()


def open_store(
    url: str,
    *,
    clock: Callable[[], dt.datetime],
    signer: NoteSigner,
    randomness: Callable[[int], bytes],
) -> DatabaseStore:
    """Return the store of a database whose tables are up to date (`migrate.upgrade`); nothing is connected yet.

    `signer` signs the ledger's checkpoints; its name is the ledger's origin. `randomness` gives as many random bytes as
    it is asked for. Raises UsageError for a database that is neither a SQLite file nor PostgreSQL.
    """
    return DatabaseStore(Transactions(open_engine(url)), LedgerTools(clock, signer, randomness))
