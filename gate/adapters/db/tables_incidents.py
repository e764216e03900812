"""Tables of incidents: what failed, what landed before, how the two belong together, and what tickets were told."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Table, text

from gate.adapters.db.columns import BYTEWISE, CHANGE, CHANGE_ROW, METADATA, number, partial, texts, words

TICKETED = text("ticket <> ''")
REVERTING = text("reverts > 0")

incidents = Table(
    "incidents",
    METADATA,
    Column("id", BYTEWISE, primary_key=True),
    number("tenant"),
    number("repository"),
    *texts("component", "title", "state", "began_at", "opened_at", "opened_by", "tracker", "ticket", "url", "paths"),
    words("restored_at", is_nullable=True),
    words("closed_at", is_nullable=True),
    words("review_due_at", is_nullable=True),
    words("reviewed_at", is_nullable=True),
    ForeignKeyConstraint(["tenant", "repository"], ["repositories.tenant", "repositories.id"]),
    CheckConstraint("state IN ('open', 'closed')", name="state_is_known"),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="is_closed_at_a_time"),
    partial("uq_incidents_ticket", "tracker", "ticket", where=TICKETED, is_unique=True),
    Index("ix_incidents_began", "began_at", "id"),
    Index("ix_incidents_component", "tenant", "repository", "component", "began_at"),
)

incident_changes = Table(
    "incident_changes",
    METADATA,
    Column("incident", BYTEWISE, ForeignKey("incidents.id"), primary_key=True),
    *(number(name, is_key=True) for name in CHANGE),
    Column("relation", BYTEWISE, primary_key=True),
    *texts("confirmation", "at", "by", "reason"),
    ForeignKeyConstraint(CHANGE, CHANGE_ROW),
    CheckConstraint("relation IN ('caused-by', 'mitigated-by', 'related')", name="relation_is_known"),
    CheckConstraint("confirmation IN ('proposed', 'confirmed', 'refuted')", name="confirmation_is_known"),
)

landings = Table(
    "landings",
    METADATA,
    *(number(name, is_key=True) for name in CHANGE),
    *texts("merged_at", "merge_sha"),
    number("reverts"),
    ForeignKeyConstraint(CHANGE, CHANGE_ROW),
    CheckConstraint("reverts >= 0 AND reverts <> number", name="reverts_another"),
    Index("ix_landings_merged", "tenant", "repository", "merged_at", "number"),
    partial("ix_landings_reverts", "tenant", "repository", "reverts", where=REVERTING),
)

ticket_notes = Table(
    "ticket_notes",
    METADATA,
    *(number(name, is_key=True) for name in CHANGE),
    Column("ticket", BYTEWISE, primary_key=True),
    Column("edition", BYTEWISE, primary_key=True),
    *texts("remote_id", "at"),
    ForeignKeyConstraint(CHANGE, CHANGE_ROW),
    CheckConstraint("edition IN ('approved', 'merged', 'reverted', 'incident')", name="edition_is_known"),
)
