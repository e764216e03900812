"""Tables of jobs: work that waits or runs, each once while it is ready, and one at a time in its lane."""

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, Table

from gate.adapters.db.columns import (
    COUNTER,
    METADATA,
    READY,
    RUNNING,
    RUNNING_IN_LANE,
    WAITING,
    partial,
    texts,
    words,
)

jobs = Table(
    "jobs",
    METADATA,
    Column("id", COUNTER, primary_key=True, autoincrement=True),
    *texts("kind", "payload", "run_at", "dedupe"),
    Column("is_urgent", Boolean, nullable=False),
    words("lane"),
    Column("attempts", Integer, nullable=False),
    words("lease_until", is_nullable=True),  # set while a worker holds it
    words("why"),
    CheckConstraint("attempts >= 0", name="attempts_are_counted"),
    partial("uq_jobs_ready", "dedupe", where=READY, is_unique=True),
    partial("uq_jobs_running_in_lane", "lane", where=RUNNING_IN_LANE, is_unique=True),
    partial("ix_jobs_due", "is_urgent", "run_at", "id", where=WAITING),
    partial("ix_jobs_running", "lease_until", where=RUNNING),
    sqlite_autoincrement=True,  # an id that was used is never given to another job
)
