"""Tables of people: who is asked, who was asked instead, who stands in, whose a login is, and what is owed."""

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

unlinked_logins = Table(
    "unlinked_logins",
    METADATA,
    Column("issuer", BYTEWISE, primary_key=True),
    Column("subject", BYTEWISE, primary_key=True),
    *texts("at"),
    ForeignKeyConstraint(["issuer", "subject"], ["linked_logins.issuer", "linked_logins.subject"]),
)

stand_ins = Table(
    "stand_ins",
    METADATA,
    Column("account", BYTEWISE, primary_key=True),
    Column("to_account", BYTEWISE, primary_key=True),
    Column("begins_on", BYTEWISE, primary_key=True),
    *texts("ends_on", "at", "reason"),
    CheckConstraint("account <> to_account", name="is_another"),
    CheckConstraint("begins_on <= ends_on", name="has_a_day"),
    Index("ix_stand_ins_ends_on", "ends_on"),
)

after_reviews = Table(
    "after_reviews",
    METADATA,
    *(number(name, is_key=True) for name in CHANGE),
    Column("head_sha", BYTEWISE, primary_key=True),
    *texts("opened_at", "due_at", "done_at", "done_by", "note"),
    ForeignKeyConstraint(CHANGE, CHANGE_ROW),
)
