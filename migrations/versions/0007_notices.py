# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""Tables of messages to people and of the ladders that are climbed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CHANGE = ("tenant", "repository", "number")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "notices",
        *_texts("id"),
        *_numbers(*CHANGE),
        *_texts("kind", "recipient", "person", "addresses", "subjects", "names"),
        sa.Column("round", sa.Integer(), nullable=False),
        *_texts("planned_at", "not_before", "state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *_texts("sending_until", "done_at", "why", "escalation"),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_notices_attempts_are_counted")),
        sa.CheckConstraint(
            "state IN ('planned', 'sending', 'sent', 'failed', 'dropped')", name=op.f("ck_notices_state_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_change", "notices", [*CHANGE, "planned_at", "id"])
    op.create_table(
        "notice_scopes",
        *_numbers(*CHANGE),
        *_texts("kind", "recipient", "subject", "scope"),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            *CHANGE, "kind", "recipient", "subject", "scope", "round", name=op.f("pk_notice_scopes")
        ),
    )
    op.create_table(
        "escalations",
        *_texts("id"),
        *_numbers(*CHANGE),
        *_texts("cause", "subject", "scope", "component", "begun_at", "next_at", "state"),
        sa.Column("step", sa.Integer(), nullable=False),
        *_texts("acknowledged_by", "acknowledged_at", "told"),
        sa.CheckConstraint("step >= 0", name=op.f("ck_escalations_steps_are_counted")),
        sa.CheckConstraint(
            "(acknowledged_by = '') = (acknowledged_at = '')",
            name=op.f("ck_escalations_is_acknowledged_by_somebody"),
        ),
        sa.CheckConstraint(
            "state IN ('running', 'acknowledged', 'ended', 'unanswered')", name=op.f("ck_escalations_state_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
    )
    op.create_index("ix_escalations_change", "escalations", [*CHANGE, "begun_at", "id"])
    op.create_table(
        "known_contacts",
        *_numbers("tenant", "repository"),
        *_texts("person", "addresses", "changed_at", "added"),
        sa.PrimaryKeyConstraint("tenant", "repository", "person", name=op.f("pk_known_contacts")),
    )


def downgrade() -> None:
    """Drop the tables, and what they held."""
    for table in ("known_contacts", "escalations", "notice_scopes", "notices"):
        op.drop_table(table)


def _texts(*names: str) -> "list[sa.Column[str]]":
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    return [sa.Column(name, bytewise, nullable=False) for name in names]


def _numbers(*names: str) -> "list[sa.Column[int]]":
    return [sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False) for name in names]
