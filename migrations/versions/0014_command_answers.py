# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""The table of what became of each command in a comment."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CHANGE = ["tenant", "repository", "number"]
TEXTS = ("account", "name", "kind", "outcome", "why", "given_at", "answered_at")


def upgrade() -> None:
    """Make the table."""
    numbers = (*CHANGE, "comment", "line")
    op.create_table(
        "command_answers",
        *(sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False) for name in numbers),
        *(_text(name) for name in TEXTS),
        sa.ForeignKeyConstraint(
            CHANGE, [f"generations.{name}" for name in CHANGE], name=op.f("fk_command_answers_generations")
        ),
        sa.PrimaryKeyConstraint(*numbers, name=op.f("pk_command_answers")),
    )


def downgrade() -> None:
    """Drop the table, and what it held."""
    op.drop_table("command_answers")


def _text(name: str) -> "sa.Column[str]":
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    return sa.Column(name, bytewise, nullable=False)
