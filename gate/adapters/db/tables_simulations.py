"""Tables of simulations: what proposed rules would have changed, beside the facts of the change that proposes them."""

from sqlalchemy import Column, ForeignKey, LargeBinary, Table

from gate.adapters.db.columns import BYTEWISE, METADATA

simulations = Table(
    "simulations",
    METADATA,
    Column("facts_digest", BYTEWISE, ForeignKey("facts.digest"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
