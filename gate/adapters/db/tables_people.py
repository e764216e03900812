"""Tables of people: who is asked, who was asked instead, whose a login is, and what is owed after break-glass."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Table

from gate.adapters.db.columns import BYTEWISE, CHANGE, CHANGE_ROW, METADATA, number, texts

asked = Table(
    "asked",
    METADATA,
    *(number(name, is_key=True) for name in CHANGE),
    Column("account", BYTEWISE, primary_key=True),
    Column("subject", BYTEWISE, primary_key=True),
    *texts("scope"),
    ForeignKeyConstraint(CHANGE, CHANGE_ROW),
    Index("ix_asked_account", "account"),
)

delegations = Table(
    "delegations",
    METADATA,
    *(number(name, is_key=True) for name in CHANGE),
    Column("account", BYTEWISE, primary_key=True),
    Column("to_account", BYTEWISE, primary_key=True),
    *texts("at", "subjects"),
    ForeignKeyConstraint(CHANGE, CHANGE_ROW),
    CheckConstraint("account <> to_account", name="is_to_another"),
)

linked_logins = Table(
    "linked_logins",
    METADATA,
    Column("issuer", BYTEWISE, primary_key=True),
    Column("subject", BYTEWISE, primary_key=True),
    *texts("account", "at"),
    CheckConstraint("account LIKE 'github:%'", name="is_of_the_forge"),
)

after_reviews = Table(
    "after_reviews",
    METADATA,
    *(number(name, is_key=True) for name in CHANGE),
    Column("head_sha", BYTEWISE, primary_key=True),
    *texts("opened_at", "due_at", "done_at", "done_by", "note"),
    ForeignKeyConstraint(CHANGE, CHANGE_ROW),
)
