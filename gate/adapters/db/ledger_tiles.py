"""Ledger tiles: full tiles written once as the ledger grows; partial ones and bundles read from what is there."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, BindParameter, Connection, bindparam, select

from gate.adapters.db.statements import Insertion, Statement
from gate.adapters.db.tables import ledger_entries
from gate.adapters.db.tables_ledger import ledger_tiles
from gate.core.ledger.merkle import root_of
from gate.core.ledger.tiles import WIDTH, Bundle, Tile, hashes_of, tiles_filled
from gate.usecases.store_ports import StoreError

_E, _T = ledger_entries.c, ledger_tiles.c
_FIRST: BindParameter[int] = bindparam("first", type_=BigInteger)
_LAST: BindParameter[int] = bindparam("last", type_=BigInteger)
_LEVEL: BindParameter[int] = bindparam("level", type_=BigInteger)
# NOTE: run by the driver: a proof runs half a dozen, and reads hundreds of hashes.
_FULL = Statement(select(_T.hashes).where(_T.level == _LEVEL, _T.idx == _FIRST))
_LEAVES = Statement(select(_E.leaf_hash).where(_E.idx >= _FIRST, _E.idx < _LAST).order_by(_E.idx))
_ROOTS = Statement(select(_T.root).where(_T.level == _LEVEL, _T.idx >= _FIRST, _T.idx < _LAST).order_by(_T.idx))
_ADD = Insertion(ledger_tiles)


def write_filled(connection: Connection, before: int, after: int) -> None:
    """Write the tiles that a ledger fills by growing; its entries are written already."""
    for tile in tiles_filled(before, after):
        raw = _from_below(connection, tile)
        root = root_of(hashes_of(raw, tile))
        row = {"level": tile.level, "idx": tile.index, "root": root, "hashes": raw}
        _ADD.write(connection, row)


def tile_at(connection: Connection, tile: Tile) -> bytes:
    """Return the hashes of a tile that the ledger reaches as far as. Raises StoreError where they are not all there."""
    if not tile.is_full:
        return _from_below(connection, tile)
    found = _FULL.first(connection, {"level": tile.level, "first": tile.index})
    if found is None:
        raise StoreError(f"The ledger's {tile.path()} is missing.", next_step="Run `gate ledger verify`.")
    return bytes(found[0])


def bundle_at(connection: Connection, bundle: Bundle) -> Sequence[bytes]:
    """Return the contents of a bundle's entries, in order."""
    c = ledger_entries.c
    first = bundle.index * WIDTH
    wanted = select(c.content).where(c.idx >= first, c.idx < first + bundle.width).order_by(c.idx)
    return tuple(bytes(content) for content in connection.execute(wanted).scalars())


def _from_below(connection: Connection, tile: Tile) -> bytes:
    """Return the hashes of a tile: those of its leaves, or the roots of the full tiles below it."""
    first = tile.index * WIDTH
    places = {"first": first, "last": first + tile.width}
    if tile.level == 0:
        rows = _LEAVES.rows(connection, places)
    else:
        rows = _ROOTS.rows(connection, {**places, "level": tile.level - 1})
    found = [bytes(one) for (one,) in rows]
    if len(found) != tile.width:
        raise StoreError(f"The ledger's {tile.path()} cannot be made.", next_step="Run `gate ledger verify`.")
    return b"".join(found)
