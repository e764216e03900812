# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""Tables of incidents, of landings, and of what tickets were told."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CHANGE = ["tenant", "repository", "number"]
CHANGE_ROW = ["generations.tenant", "generations.repository", "generations.number"]
REPOSITORY = ["tenant", "repository"]
TICKETED, REVERTING = sa.text("ticket <> ''"), sa.text("reverts > 0")


def upgrade() -> None:
    """Make the tables."""
    _incidents()
    op.create_table(
        "landings",
        *(_number(name) for name in CHANGE),
        *(_text(name) for name in ("merged_at", "merge_sha")),
        _number("reverts"),
        sa.CheckConstraint("reverts >= 0 AND reverts <> number", name=op.f("ck_landings_reverts_another")),
        sa.ForeignKeyConstraint(CHANGE, CHANGE_ROW, name=op.f("fk_landings_generations")),
        sa.PrimaryKeyConstraint(*CHANGE, name=op.f("pk_landings")),
    )
    op.create_index("ix_landings_merged", "landings", [*REPOSITORY, "merged_at", "number"])
    op.create_index(
        "ix_landings_reverts", "landings", [*REPOSITORY, "reverts"], sqlite_where=REVERTING, postgresql_where=REVERTING
    )
    op.create_table(
        "ticket_notes",
        *(_number(name) for name in CHANGE),
        *(_text(name) for name in ("ticket", "edition", "remote_id", "at")),
        sa.CheckConstraint(
            "edition IN ('approved', 'merged', 'reverted', 'incident')", name=op.f("ck_ticket_notes_edition_is_known")
        ),
        sa.ForeignKeyConstraint(CHANGE, CHANGE_ROW, name=op.f("fk_ticket_notes_generations")),
        sa.PrimaryKeyConstraint(*CHANGE, "ticket", "edition", name=op.f("pk_ticket_notes")),
    )


def _incidents() -> None:
    names = (
        "component", "title", "state", "began_at", "opened_at", "opened_by", "tracker", "ticket", "url", "paths",
    )  # fmt: skip
    op.create_table(
        "incidents",
        _text("id"),
        *(_number(name) for name in REPOSITORY),
        *(_text(name) for name in names),
        *(_text(name, is_nullable=True) for name in ("restored_at", "closed_at", "review_due_at")),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_incidents_state_is_known")),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_incidents_is_closed_at_a_time")
        ),
        sa.ForeignKeyConstraint(
            REPOSITORY, ["repositories.tenant", "repositories.id"], name=op.f("fk_incidents_repositories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index(
        "uq_incidents_ticket",
        "incidents",
        ["tracker", "ticket"],
        unique=True,
        sqlite_where=TICKETED,
        postgresql_where=TICKETED,
    )
    op.create_index("ix_incidents_began", "incidents", ["began_at", "id"])
    op.create_index("ix_incidents_component", "incidents", [*REPOSITORY, "component", "began_at"])
    op.create_table(
        "incident_changes",
        _text("incident"),
        *(_number(name) for name in CHANGE),
        *(_text(name) for name in ("relation", "confirmation", "at", "by", "reason")),
        sa.CheckConstraint(
            "relation IN ('caused-by', 'mitigated-by', 'related')", name=op.f("ck_incident_changes_relation_is_known")
        ),
        sa.CheckConstraint(
            "confirmation IN ('proposed', 'confirmed', 'refuted')",
            name=op.f("ck_incident_changes_confirmation_is_known"),
        ),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=op.f("fk_incident_changes_incidents")),
        sa.ForeignKeyConstraint(CHANGE, CHANGE_ROW, name=op.f("fk_incident_changes_generations")),
        sa.PrimaryKeyConstraint("incident", *CHANGE, "relation", name=op.f("pk_incident_changes")),
    )


def downgrade() -> None:
    """Drop the tables, and what they held."""
    for table in ("incident_changes", "incidents", "ticket_notes", "landings"):
        op.drop_table(table)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str, *, is_nullable: bool = False) -> "sa.Column[str]":
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    return sa.Column(name, bytewise, nullable=is_nullable)
