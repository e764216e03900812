# ruff: noqa: INP001  (Alembic loads these files by their place, not as a package)
"""Full tiles of the ledger's tree, and which key signs its next checkpoint."""

import hashlib
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WIDTH = 256


def upgrade() -> None:
    """Make the table, fill it with the tiles that the ledger has by now, and let it only grow from then on."""
    op.create_table(
        "ledger_tiles",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("idx", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("level >= 0 AND idx >= 0", name=op.f("ck_ledger_tiles_is_counted")),
        sa.CheckConstraint("length(root) = 32 AND length(hashes) = 8192", name=op.f("ck_ledger_tiles_is_full")),
        sa.PrimaryKeyConstraint("level", "idx", name=op.f("pk_ledger_tiles")),
    )
    bytewise = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
    op.add_column("ledger_head", sa.Column("signer", bytewise, nullable=False, server_default=""))
    _fill()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER ledger_tiles_refuse_change BEFORE UPDATE OR DELETE ON ledger_tiles "
            "FOR EACH ROW EXECUTE FUNCTION gate_refuse_change()"
        )
        op.execute(
            "CREATE TRIGGER ledger_tiles_refuse_truncate BEFORE TRUNCATE ON ledger_tiles "
            "FOR EACH STATEMENT EXECUTE FUNCTION gate_refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ledger_tiles_refuse_{verb.lower()} BEFORE {verb} ON ledger_tiles "
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        )


def downgrade() -> None:
    """Drop the tiles, which follow from the entries."""
    op.drop_column("ledger_head", "signer")
    op.drop_table("ledger_tiles")


def _fill() -> None:
    """Write every full tile: of leaves first, then of the roots of full tiles, level by level."""
    insert = sa.text("INSERT INTO ledger_tiles (level, idx, root, hashes) VALUES (:level, :idx, :root, :hashes)")
    level, hashes = 0, _leaves()
    while True:
        roots, index = [], 0
        while len(tile := [one for _, one in zip(range(WIDTH), hashes, strict=False)]) == WIDTH:
            roots.append(_root(tile))
            row = {"level": level, "idx": index, "root": roots[-1], "hashes": b"".join(tile)}
            op.get_bind().execute(insert, row)
            index += 1
        if len(roots) < WIDTH:
            return
        level, hashes = level + 1, iter(roots)


def _leaves() -> Iterator[bytes]:
    query = sa.text("SELECT leaf_hash FROM ledger_entries WHERE idx >= :first AND idx < :last ORDER BY idx")
    first = 0
    while found := op.get_bind().execute(query, {"first": first, "last": first + WIDTH}).scalars().all():
        yield from (bytes(one) for one in found)
        first += WIDTH


def _root(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]
