"""Tables of reviews: when the record of each component was confirmed last, and by whom."""

from sqlalchemy import Column, ForeignKeyConstraint, Table

from gate.adapters.db.columns import BYTEWISE, CHANGE, METADATA, number, texts

confirmed_reviews = Table(
    "confirmed_reviews",
    METADATA,
    *(number(name, is_key=True) for name in CHANGE[:2]),
    Column("section", BYTEWISE, primary_key=True),
    Column("component", BYTEWISE, primary_key=True),
    *texts("day", "at", "account", "record"),
    ForeignKeyConstraint(CHANGE[:2], ["repositories.tenant", "repositories.id"]),
)
