# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""The table of ownership records that somebody confirmed."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "confirmed_reviews",
        *(sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False) for name in ("tenant", "repository")),
        *(_text(name) for name in ("section", "component", "day", "at", "account", "record")),
        sa.ForeignKeyConstraint(
            ["tenant", "repository"],
            ["repositories.tenant", "repositories.id"],
            name=op.f("fk_confirmed_reviews_repositories"),
        ),
        sa.PrimaryKeyConstraint("tenant", "repository", "section", "component", name=op.f("pk_confirmed_reviews")),
    )


def downgrade() -> None:
    """Drop the table, and what it held."""
    op.drop_table("confirmed_reviews")


def _text(name: str) -> "sa.Column[str]":
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    return sa.Column(name, bytewise, nullable=False)
