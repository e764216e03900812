# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""Tables of who is told in whose place, and of logins whose link does not hold any more."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "unlinked_logins",
        *(_text(name) for name in ("issuer", "subject", "at")),
        sa.ForeignKeyConstraint(
            ["issuer", "subject"],
            ["linked_logins.issuer", "linked_logins.subject"],
            name=op.f("fk_unlinked_logins_linked_logins"),
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_unlinked_logins")),
    )
    op.create_table(
        "stand_ins",
        *(_text(name) for name in ("account", "to_account", "begins_on", "ends_on", "at", "reason")),
        sa.CheckConstraint("account <> to_account", name=op.f("ck_stand_ins_is_another")),
        sa.CheckConstraint("begins_on <= ends_on", name=op.f("ck_stand_ins_has_a_day")),
        sa.PrimaryKeyConstraint("account", "to_account", "begins_on", name=op.f("pk_stand_ins")),
    )
    op.create_index("ix_stand_ins_ends_on", "stand_ins", ["ends_on"])


def downgrade() -> None:
    """Drop the tables, and what they held."""
    op.drop_table("stand_ins")
    op.drop_table("unlinked_logins")


def _text(name: str) -> "sa.Column[str]":
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    return sa.Column(name, bytewise, nullable=False)
