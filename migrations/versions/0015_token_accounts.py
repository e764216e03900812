# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""The table of the accounts that tokens of the API sign off as."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "token_accounts",
        _text("token"),
        _text("account"),
        sa.CheckConstraint("account LIKE 'github:%'", name=op.f("ck_token_accounts_is_of_the_forge")),
        sa.ForeignKeyConstraint(["token"], ["api_tokens.id"], name=op.f("fk_token_accounts_api_tokens")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_token_accounts")),
    )


def downgrade() -> None:
    """Drop the table, and what it held."""
    op.drop_table("token_accounts")


def _text(name: str) -> "sa.Column[str]":
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    return sa.Column(name, bytewise, nullable=False)
