"""Tables of workloads: the tokens of jobs that were used, and the rehearsals that jobs reported."""

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Index, Table

from gate.adapters.db.columns import BYTEWISE, CHANGE, CHANGE_ROW, METADATA, number, texts

used_tokens = Table(
    "used_tokens",
    METADATA,
    Column("jti_hash", BYTEWISE, primary_key=True),
    *texts("ends_at"),
    Index("ix_used_tokens_ends_at", "ends_at"),
)

rehearsals = Table(
    "rehearsals",
    METADATA,
    *(number(name, is_key=True) for name in CHANGE),
    *(Column(name, BYTEWISE, primary_key=True) for name in ("head_sha", "step")),
    Column("is_passed", Boolean, nullable=False),
    *texts("component", "why", "workflow", "at"),
    number("run"),
    ForeignKeyConstraint(CHANGE, CHANGE_ROW),
)
