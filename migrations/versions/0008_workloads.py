# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""Tables of the tokens of jobs that were used, and of the rehearsals that jobs reported."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CHANGE = ["tenant", "repository", "number"]
CHANGE_ROW = ["generations.tenant", "generations.repository", "generations.number"]


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "used_tokens",
        *(_text(name) for name in ("jti_hash", "ends_at")),
        sa.PrimaryKeyConstraint("jti_hash", name=op.f("pk_used_tokens")),
    )
    op.create_index("ix_used_tokens_ends_at", "used_tokens", ["ends_at"])
    op.create_table(
        "rehearsals",
        *(_number(name) for name in CHANGE),
        *(_text(name) for name in ("head_sha", "step")),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        *(_text(name) for name in ("component", "why", "workflow", "at")),
        _number("run"),
        sa.ForeignKeyConstraint(CHANGE, CHANGE_ROW, name=op.f("fk_rehearsals_generations")),
        sa.PrimaryKeyConstraint(*CHANGE, "head_sha", "step", name=op.f("pk_rehearsals")),
    )


def downgrade() -> None:
    """Drop the tables, and what they held."""
    op.drop_table("rehearsals")
    op.drop_table("used_tokens")


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str) -> "sa.Column[str]":
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    return sa.Column(name, bytewise, nullable=False)
