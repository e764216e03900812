# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""Tables of who is asked, of delegations, and of reviews that are owed afterwards."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CHANGE = ["tenant", "repository", "number"]
TABLES = ("asked", "delegations", "after_reviews")


def upgrade() -> None:
    """Make the tables."""
    _of_changes("asked", ["account", "subject"], "scope")
    op.create_index("ix_asked_account", "asked", ["account"])
    another = sa.CheckConstraint("account <> to_account", name=op.f("ck_delegations_is_to_another"))
    _of_changes("delegations", ["account", "to_account"], "at", "subjects", check=another)
    _of_changes("after_reviews", ["head_sha"], "opened_at", "due_at", "done_at", "done_by", "note")


def downgrade() -> None:
    """Drop the tables, and what they held."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _of_changes(table: str, keys: list[str], *others: str, check: sa.CheckConstraint | None = None) -> None:
    op.create_table(
        table,
        *(sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False) for name in CHANGE),
        *(_text(name) for name in (*keys, *others)),
        sa.ForeignKeyConstraint(
            CHANGE, [f"generations.{name}" for name in CHANGE], name=op.f(f"fk_{table}_generations")
        ),
        sa.PrimaryKeyConstraint(*CHANGE, *keys, name=op.f(f"pk_{table}")),
        *([check] if check is not None else []),
    )


def _text(name: str) -> "sa.Column[str]":
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    return sa.Column(name, bytewise, nullable=False)
