# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""The table of logins at other providers, each with the account at the forge that it belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "linked_logins",
        *(_text(name) for name in ("issuer", "subject", "account", "at")),
        sa.CheckConstraint("account LIKE 'github:%'", name=op.f("ck_linked_logins_is_of_the_forge")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_linked_logins")),
    )


def downgrade() -> None:
    """Drop the table, and what it held."""
    op.drop_table("linked_logins")


def _text(name: str) -> "sa.Column[str]":
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    return sa.Column(name, bytewise, nullable=False)
