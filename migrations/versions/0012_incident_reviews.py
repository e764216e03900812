# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""Incidents know when their review was held."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    op.add_column("incidents", sa.Column("reviewed_at", bytewise, nullable=True))


def downgrade() -> None:
    """Drop the column; the ledger still says when each review was held."""
    op.drop_column("incidents", "reviewed_at")
