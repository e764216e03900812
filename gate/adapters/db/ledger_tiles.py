"""Ledger tiles: full tiles written once as the ledger grows; partial ones and bundles read from what is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, BindParameter, Connection, bindparam, select

from gate.adapters.db.statements import Insertion, Statement
from gate.adapters.db.tables import ledger_entries
from gate.adapters.db.tables_ledger import ledger_tiles
from gate.core.ledger.merkle import Frontier, leaf_hashes, root_of
from gate.core.ledger.tiles import WIDTH, Bundle, Tile, hashes_of, tiles_filled
from gate.usecases.store_ports import StoreError

_E, _T = ledger_entries.c, ledger_tiles.c
_FIRST: BindParameter[int] = bindparam("first", type_=BigInteger)
_LAST: BindParameter[int] = bindparam("last", type_=BigInteger)
_LEVEL: BindParameter[int] = bindparam("level", type_=BigInteger)
# NOTE: run by the driver: a proof runs half a dozen, and reads hundreds of hashes.
_FULL = Statement(select(_T.hashes).where(_T.level == _LEVEL, _T.idx == _FIRST))
_CONTENTS = Statement(select(_E.content).where(_E.idx >= _FIRST, _E.idx < _LAST).order_by(_E.idx))
_ROOTS = Statement(select(_T.root).where(_T.level == _LEVEL, _T.idx >= _FIRST, _T.idx < _LAST).order_by(_T.idx))
_ADD = Insertion(ledger_tiles)


@dataclass(slots=True)
class OpenTile:
    """The leaves of the tile that is not full yet, as this process left them, so that they need not be read again.

    SECURITY: they are used only where the ledger's right edge is the very one that they led to; whatever was undone,
    or written by somebody else meanwhile, has another one.
    """

    _known: tuple[bytes, Sequence[bytes]] = (b"", ())

    def leaves(self, edge: Frontier) -> Sequence[bytes] | None:
        """Return the leaves of the open tile of a ledger with this edge, None where they are not known."""
        known, leaves = self._known
        return leaves if known == edge.to_bytes() and len(leaves) == edge.size % WIDTH else None

    def keep(self, edge: Frontier, leaves: Sequence[bytes]) -> None:
        """Keep what the last leaves of a ledger with this edge are; nothing where they are fewer than in its tile."""
        count = edge.size % WIDTH
        self._known = (edge.to_bytes(), leaves[len(leaves) - count :]) if count <= len(leaves) else (b"", ())


def write_filled(
    connection: Connection, before: int, leaves: Sequence[bytes], earlier: Sequence[bytes] | None = None
) -> None:
    """Write the tiles that a ledger of `before` entries fills by more, whose hashes are given; they are written.

    `earlier` are the leaves of the tile that was open before, where they are known; else they are read.
    """
    for tile in tiles_filled(before, before + len(leaves)):
        raw = _filled(connection, tile, before, leaves, earlier) if tile.level == 0 else _from_below(connection, tile)
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
    first = bundle.index * WIDTH
    return _contents(connection, first, first + bundle.width)


def _filled(
    connection: Connection, tile: Tile, before: int, leaves: Sequence[bytes], earlier: Sequence[bytes] | None
) -> bytes:
    """Return the hashes of a full tile of leaves, those from `before` on taken from what is given."""
    first = tile.index * WIDTH
    if first >= before:
        return _whole(tile, leaves[first - before : first - before + WIDTH])
    if earlier is None:
        earlier = leaf_hashes(_contents(connection, first, before))
    return _whole(tile, [*earlier, *leaves[: WIDTH - len(earlier)]])


def _from_below(connection: Connection, tile: Tile) -> bytes:
    """Return the hashes of a tile: those of its leaves, or the roots of the full tiles below it."""
    first = tile.index * WIDTH
    last = first + tile.width
    if tile.level == 0:
        found = leaf_hashes(_contents(connection, first, last))
    else:
        places = {"first": first, "last": last, "level": tile.level - 1}
        found = [bytes(one) for (one,) in _ROOTS.rows(connection, places)]
    return _whole(tile, found)


def _whole(tile: Tile, hashes: Sequence[bytes]) -> bytes:
    if len(hashes) != tile.width:
        raise StoreError(f"The ledger's {tile.path()} cannot be made.", next_step="Run `gate ledger verify`.")
    return b"".join(hashes)


def _contents(connection: Connection, first: int, last: int) -> Sequence[bytes]:
    """Return what is stored as bytes; what is not is no entry, and missing where it is counted."""
    rows = _CONTENTS.rows(connection, {"first": first, "last": last})
    return [content for (content,) in rows if isinstance(content, bytes)]
