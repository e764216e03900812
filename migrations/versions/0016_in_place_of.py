# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""In whose place the recipient of a message is told."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; whoever was told before was told for themselves."""
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    op.add_column("notices", sa.Column("instead", bytewise, nullable=False, server_default="[]"))


def downgrade() -> None:
    """Drop the column, and what it held."""
    op.drop_column("notices", "instead")
