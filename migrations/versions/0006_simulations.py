# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""Table of simulations, beside the facts of the change that proposes rules."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    op.create_table(
        "simulations",
        sa.Column("facts_digest", bytewise, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["facts_digest"], ["facts.digest"], name=op.f("fk_simulations_facts")),
        sa.PrimaryKeyConstraint("facts_digest", name=op.f("pk_simulations")),
    )


def downgrade() -> None:
    """Drop the table, and what it held."""
    op.drop_table("simulations")
