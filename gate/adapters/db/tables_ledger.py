"""Tables of the ledger besides its entries: full tiles of the tree, written once, each with the root of its subtree."""

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, Table

from gate.adapters.db.columns import METADATA, number

ledger_tiles = Table(
    "ledger_tiles",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    number("idx", is_key=True),
    Column("root", LargeBinary, nullable=False),  # before the hashes: SQLite then finds it on the row's first page
    Column("hashes", LargeBinary, nullable=False),  # 256 of 32 bytes
    CheckConstraint("level >= 0 AND idx >= 0", name="is_counted"),
    CheckConstraint("length(root) = 32 AND length(hashes) = 8192", name="is_full"),
)
