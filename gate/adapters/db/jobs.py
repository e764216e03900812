"""Jobs: work and timers in the transactions that they follow from; leased, so that a killed worker loses none."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import ColumnElement

from gate.adapters.db.columns import READY
from gate.adapters.db.engine import Transactions
from gate.adapters.db.prepared import run_prepared
from gate.adapters.db.rows import dumped, storable
from gate.adapters.db.tables_jobs import jobs
from gate.core.change.facts import Instant
from gate.core.times import instant, parse_instant
from gate.usecases.stored import ClaimedJob, Job

_TRIES = 20
_twins = jobs.alias("twins")
_lane = jobs.alias("lane")
_HAS_TWIN = (
    select(_twins.c.id).where(_twins.c.dedupe == jobs.c.dedupe, jobs.c.dedupe != "", _twins.c.lease_until.is_(None))
).exists()
_LANE_IS_FREE = or_(
    jobs.c.lane == "",
    ~select(_lane.c.id).where(_lane.c.lane == jobs.c.lane, _lane.c.lease_until.is_not(None)).exists(),
)


def enqueue(connection: Connection, job: Job) -> None:
    """Keep a job. One that waits with the same `dedupe` takes its payload, the earlier time and the urgency."""
    row = {
        "kind": job.kind,
        "payload": dumped(dict(job.payload)),
        "run_at": job.run_at,
        "dedupe": storable(job.dedupe),
        "is_urgent": job.is_urgent,
        "lane": storable(job.lane),
        "attempts": 0,
        "why": "",
    }
    if not job.dedupe:
        connection.execute(insert(jobs), [row])
        return
    run_prepared(connection, row, _put)


def _put(dialect: str) -> Any:
    """Return the statement that keeps a job beside no other of its key."""
    is_postgresql = dialect == "postgresql"
    statement = postgresql.insert(jobs) if is_postgresql else sqlite.insert(jobs)
    earlier = func.least if is_postgresql else func.min
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[jobs.c.dedupe],
        index_where=READY,
        set_={
            "payload": new.payload,
            "run_at": earlier(jobs.c.run_at, new.run_at),
            "is_urgent": or_(jobs.c.is_urgent, new.is_urgent),
        },
    )


def claim(transactions: Transactions, now: Instant, *, lease_seconds: int) -> ClaimedJob | None:
    """Return the next job that is due and lease it, None where there is none."""
    for _ in range(_TRIES):
        with transactions.reading() as connection:
            if not _is_any_due(connection, now):
                return None
        try:
            return _claim_once(transactions, now, later(now, lease_seconds))
        except _LaneTakenError:
            continue
    return None


def renew(transactions: Transactions, job: ClaimedJob, now: Instant, *, lease_seconds: int) -> bool:
    """Keep a lease; False where it was lost."""
    with transactions.writing() as connection:
        statement = update(jobs).where(_is_held(job)).values(lease_until=later(now, lease_seconds))
        return connection.execute(statement).rowcount == 1


def finish(transactions: Transactions, job: ClaimedJob) -> None:
    """Take a job away; one whose lease was lost to another worker stays."""
    with transactions.writing() as connection:
        connection.execute(delete(jobs).where(_is_held(job)))


def retry(transactions: Transactions, job: ClaimedJob, *, at: Instant, why: str) -> None:
    """Give a job back. Where the same work waits already, that is enough: it keeps the count of attempts."""
    with transactions.writing() as connection:
        values = {"attempts": job.attempts, "why": storable(why)}
        if job.job.dedupe:
            is_twin = and_(jobs.c.dedupe == storable(job.job.dedupe), jobs.c.lease_until.is_(None))
            held = select(_twins.c.id).where(_twins.c.id == job.id, _twins.c.attempts == job.attempts).exists()
            if connection.execute(update(jobs).where(is_twin, held).values(values)).rowcount:
                connection.execute(delete(jobs).where(_is_held(job)))
                return
        connection.execute(update(jobs).where(_is_held(job)).values(lease_until=None, run_at=at, why=storable(why)))


def waiting(connection: Connection, now: Instant) -> Mapping[str, int]:
    """Return how many jobs of each kind are due or leased."""
    is_counted = or_(jobs.c.lease_until.is_not(None), jobs.c.run_at <= now)
    counted = select(jobs.c.kind, func.count().label("number")).where(is_counted).group_by(jobs.c.kind)
    return {row.kind: row.number for row in connection.execute(counted)}


def later(now: Instant, seconds: int) -> Instant:
    """Return the time so many seconds after another."""
    return instant(parse_instant(now) + dt.timedelta(seconds=seconds))


class _LaneTakenError(Exception):
    """Another worker took a job of the same lane, or the same work, at the same moment."""


def _claim_once(transactions: Transactions, now: Instant, until: Instant) -> ClaimedJob | None:
    with transactions.writing() as connection:
        try:
            _give_back_expired(connection, now)
            row = _next(connection, now)
            if row is None:
                return None
            statement = update(jobs).where(jobs.c.id == row.id).values(lease_until=until, attempts=row.attempts + 1)
            connection.execute(statement)
        except IntegrityError as error:
            raise _LaneTakenError from error
    job = Job(row.kind, json.loads(row.payload), row.run_at, row.dedupe, row.is_urgent, row.lane)
    return ClaimedJob(row.id, job, row.attempts + 1, until)


def _give_back_expired(connection: Connection, now: Instant) -> None:
    """Make jobs of workers that were killed ready again; where the same work waits already, that is enough."""
    is_expired = jobs.c.lease_until < now
    connection.execute(delete(jobs).where(is_expired, _HAS_TWIN))
    connection.execute(update(jobs).where(is_expired).values(lease_until=None))


def _is_any_due(connection: Connection, now: Instant) -> bool:
    """Return whether a claim may find something; asking this takes no lock."""
    expired = select(jobs.c.id).where(jobs.c.lease_until < now).limit(1)
    due = (_due(now, is_urgent=is_urgent) for is_urgent in (True, False))
    return any(connection.execute(one).first() is not None for one in (expired, *due))


def _due(now: Instant, *, is_urgent: bool) -> "Select[Any]":
    # Two looks, one for each urgency: each begins where its index does and ends at the first job that may run.
    is_due = and_(jobs.c.lease_until.is_(None), jobs.c.is_urgent == is_urgent, jobs.c.run_at <= now, _LANE_IS_FREE)
    return select(jobs).where(is_due).order_by(jobs.c.run_at, jobs.c.id).limit(1)


def _is_held(job: ClaimedJob) -> ColumnElement[bool]:
    # Every claim counts one attempt more, so that a worker whose lease was lost holds nothing any more.
    return and_(jobs.c.id == job.id, jobs.c.attempts == job.attempts, jobs.c.lease_until.is_not(None))


def _next(connection: Connection, now: Instant) -> "Row[Any] | None":
    for is_urgent in (True, False):
        found = connection.execute(_due(now, is_urgent=is_urgent).with_for_update(skip_locked=True)).one_or_none()
        if found is not None:
            return found
    return None
