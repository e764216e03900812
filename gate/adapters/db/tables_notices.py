"""Tables of notices: messages, what each recipient was told of (a row that can be inserted once), and ladders."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table

from gate.adapters.db.columns import BYTEWISE, CHANGE, METADATA, number, texts, words

notices = Table(
    "notices",
    METADATA,
    Column("id", BYTEWISE, primary_key=True),
    *(number(name) for name in CHANGE),  # number 0: about no change
    *texts("kind", "recipient", "person", "addresses", "subjects", "names"),
    Column("round", Integer, nullable=False),
    *texts("planned_at", "not_before", "state"),
    Column("attempts", Integer, nullable=False),
    *texts("sending_until", "done_at", "why", "escalation"),
    words("instead", default="[]"),
    CheckConstraint("state IN ('planned', 'sending', 'sent', 'failed', 'dropped')", name="state_is_known"),
    CheckConstraint("attempts >= 0", name="attempts_are_counted"),
    Index("ix_notices_change", *CHANGE, "planned_at", "id"),
)

notice_scopes = Table(
    "notice_scopes",
    METADATA,
    *(number(name, is_key=True) for name in CHANGE),
    *(Column(name, BYTEWISE, primary_key=True) for name in ("kind", "recipient", "subject", "scope")),
    Column("round", Integer, primary_key=True, autoincrement=False),
)

escalations = Table(
    "escalations",
    METADATA,
    Column("id", BYTEWISE, primary_key=True),
    *(number(name) for name in CHANGE),
    *texts("cause", "subject", "scope", "component", "begun_at", "next_at", "state"),
    Column("step", Integer, nullable=False),
    *texts("acknowledged_by", "acknowledged_at", "told"),
    CheckConstraint("state IN ('running', 'acknowledged', 'ended', 'unanswered')", name="state_is_known"),
    CheckConstraint("step >= 0", name="steps_are_counted"),
    CheckConstraint("(acknowledged_by = '') = (acknowledged_at = '')", name="is_acknowledged_by_somebody"),
    Index("ix_escalations_change", *CHANGE, "begun_at", "id"),
)

known_contacts = Table(
    "known_contacts",
    METADATA,
    *(number(name, is_key=True) for name in ("tenant", "repository")),
    Column("person", BYTEWISE, primary_key=True),
    *texts("addresses", "changed_at", "added"),
)
