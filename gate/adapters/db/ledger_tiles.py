"""Ledger tiles: full tiles written once as the ledger grows; partial ones and bundles read from what is there."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from gate.adapters.db.tables import ledger_entries
from gate.adapters.db.tables_ledger import ledger_tiles
from gate.core.ledger.merkle import root_of
from gate.core.ledger.tiles import WIDTH, Bundle, Tile, hashes_of, tiles_filled
from gate.usecases.store_ports import StoreError


def write_filled(connection: Connection, before: int, after: int) -> None:
    """Write the tiles that a ledger fills by growing; its entries are written already."""
    for tile in tiles_filled(before, after):
        raw = _from_below(connection, tile)
        root = root_of(hashes_of(raw, tile))
        row = {"level": tile.level, "idx": tile.index, "root": root, "hashes": raw}
        connection.execute(insert(ledger_tiles), [row])


def tile_at(connection: Connection, tile: Tile) -> bytes:
    """Return the hashes of a tile that the ledger reaches as far as. Raises StoreError where they are not all there."""
    if not tile.is_full:
        return _from_below(connection, tile)
    c = ledger_tiles.c
    wanted = select(c.hashes).where(c.level == tile.level, c.idx == tile.index)
    raw = connection.execute(wanted).scalar_one_or_none()
    if raw is None:
        raise StoreError(f"The ledger's {tile.path()} is missing.", next_step="Run `gate ledger verify`.")
    return bytes(raw)


def bundle_at(connection: Connection, bundle: Bundle) -> Sequence[bytes]:
    """Return the contents of a bundle's entries, in order."""
    c = ledger_entries.c
    first = bundle.index * WIDTH
    wanted = select(c.content).where(c.idx >= first, c.idx < first + bundle.width).order_by(c.idx)
    return tuple(bytes(content) for content in connection.execute(wanted).scalars())


def _from_below(connection: Connection, tile: Tile) -> bytes:
    """Return the hashes of a tile: those of its leaves, or the roots of the full tiles below it."""
    first = tile.index * WIDTH
    last = first + tile.width
    if tile.level == 0:
        c = ledger_entries.c
        wanted = select(c.leaf_hash).where(c.idx >= first, c.idx < last).order_by(c.idx)
    else:
        t = ledger_tiles.c
        below = tile.level - 1
        wanted = select(t.root).where(t.level == below, t.idx >= first, t.idx < last).order_by(t.idx)
    found = [bytes(one) for one in connection.execute(wanted).scalars()]
    if len(found) != tile.width:
        raise StoreError(f"The ledger's {tile.path()} cannot be made.", next_step="Run `gate ledger verify`.")
    return b"".join(found)
