"""Tiles: the tree as C2SP tlog-tiles serves it, hashes and entries in blobs of 256, and proofs made from them."""

import re
from collections.abc import Callable, Iterator, Sequence

from gate.core.ledger.merkle import HASH_BYTES, Frontier, nodes_above
from gate.core.values import dataclass

WIDTH = 256
HEIGHT = 8
"""A full tile holds 256 hashes, and is a subtree of height 8."""
MAX_LEVEL = 7
"""Seven levels of tiles hold more entries than an index can count."""
MAX_ENTRY_BYTES = 2**16 - 1
_LENGTH_BYTES = 2
_PATH = re.compile(
    r"tile/(?P<level>0|[1-9][0-9]?|entries)/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class TileError(ValueError):
    """This is no tile, or none that a tree of its size has."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile of hashes: `level` 0 holds the hashes of leaves; `width` is how many of its 256 places are filled."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def is_full(self) -> bool:
        """Return whether it is immutable: no later tree has it any wider."""
        return self.width == WIDTH

    def path(self) -> str:
        """Return its path below the address of the ledger (C2SP tlog-tiles)."""
        return f"tile/{self.level}/{_index_path(self.index)}{_partial(self.width)}"


@dataclass(frozen=True, slots=True)
class Bundle:
    """One bundle of entries: those whose hashes stand in the tile of level 0 with the same index and width."""

    index: int
    width: int = WIDTH

    def path(self) -> str:
        """Return its path below the address of the ledger (C2SP tlog-tiles)."""
        return f"tile/entries/{_index_path(self.index)}{_partial(self.width)}"


ReadTile = Callable[[Tile], bytes]
"""Gives the hashes of a tile, 32 bytes each, one after the other."""


def parse_tile_path(path: str) -> Tile | Bundle:
    """Return what a path names. Raises TileError for a path that names nothing, written in any other way included."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise TileError("this path names no tile")
    index = int(found["index"].replace("x", "").replace("/", ""))
    width = int(found["width"] or WIDTH)
    tile = Bundle(index, width) if found["level"] == "entries" else Tile(int(found["level"]), index, width)
    if tile.path() != path or width > WIDTH or (isinstance(tile, Tile) and tile.level > MAX_LEVEL):
        raise TileError("this path names no tile")
    return tile


def tile_at(level: int, index: int, *, size: int) -> Tile:
    """Return a tile as a tree of `size` entries has it. Raises TileError where it has none there."""
    width = min((size >> HEIGHT * level) - index * WIDTH, WIDTH)
    if width < 1:
        raise TileError(f"a tree of {size} entries has no tile {index} at level {level}")
    return Tile(level, index, width)


def is_within(tile: Tile | Bundle, *, size: int) -> bool:
    """Return whether a tree of `size` entries reaches as far as a tile."""
    level = tile.level if isinstance(tile, Tile) else 0
    return tile.index * WIDTH + tile.width <= size >> HEIGHT * level


def tiles_filled(before: int, after: int) -> Iterator[Tile]:
    """Yield the tiles that become full when a tree grows, lower levels first: each is then written once and for all."""
    for level in range(MAX_LEVEL + 1):
        height = HEIGHT * (level + 1)
        for index in range(before >> height, after >> height):
            yield Tile(level, index)


def entry_bundle(contents: Sequence[bytes]) -> bytes:
    """Return entries as a bundle: each after its length in two bytes, the higher one first."""
    if any(len(content) > MAX_ENTRY_BYTES for content in contents):
        raise TileError(f"an entry of a bundle has at most {MAX_ENTRY_BYTES} bytes")
    return b"".join(len(content).to_bytes(_LENGTH_BYTES, "big") + content for content in contents)


def parse_entry_bundle(raw: bytes) -> tuple[bytes, ...]:
    """Return the entries of a bundle. Raises TileError for a bundle that was cut or holds more than it can."""
    found: list[bytes] = []
    place = 0
    while place < len(raw):
        start = place + _LENGTH_BYTES
        place = start + int.from_bytes(raw[start - _LENGTH_BYTES : start], "big")
        if start > len(raw) or place > len(raw) or len(found) == WIDTH:
            raise TileError("the bundle was cut, or holds more than 256 entries")
        found.append(raw[start:place])
    return tuple(found)


class TiledTree:
    """A tree of `size` entries, of which only the tiles are read that a question needs; each once.

    `edge` is the frontier of this tree or of a later one, where it is kept: the subtrees in it are hashed by nobody
    again. It is taken for true as a tile is; whoever asks compares what comes of both with a root that was signed.
    """

    def __init__(self, size: int, read: ReadTile, *, edge: Frontier | None = None) -> None:
        self.size = size
        self._read = read
        self._levels: dict[Tile, list[bytes]] = {}
        self._known = {(level, index): root for level, index, root in edge.subtrees()} if edge else {}

    def subtree(self, level: int, index: int) -> bytes:
        """Return the root of a full subtree. Raises TileError where the tree has none there, or a tile is no tile."""
        known = self._known.get((level, index))
        if known is not None and index + 1 << level <= self.size:
            return known
        above, inside = divmod(level, HEIGHT)
        places = WIDTH >> inside
        tile = tile_at(above, index // places, size=self.size)
        at = index % places * HASH_BYTES
        found = self._hashes(tile, inside)[at : at + HASH_BYTES]
        if not found:
            raise TileError(f"a tree of {self.size} entries has no full subtree {index} at level {level}")
        return found

    def _hashes(self, tile: Tile, inside: int) -> bytes:
        """Return the roots of the full subtrees of height `inside` within a tile, one after the other."""
        levels = self._levels.get(tile)
        if levels is None:
            levels = self._levels[tile] = [_of_width(self._read(tile), tile)]
        while len(levels) <= inside:
            levels.append(nodes_above(levels[-1]))
        return levels[inside]


def hashes_of(raw: bytes, tile: Tile) -> list[bytes]:
    """Return the hashes of a tile. Raises TileError where there are more or fewer than it is wide."""
    return [raw[at : at + HASH_BYTES] for at in range(0, len(_of_width(raw, tile)), HASH_BYTES)]


def _of_width(raw: bytes, tile: Tile) -> bytes:
    if len(raw) != tile.width * HASH_BYTES:
        raise TileError(f"{tile.path()} must have {tile.width} hashes of 32 bytes")
    return raw


def _index_path(index: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    *folders, last = (digits[at : at + 3] for at in range(0, len(digits), 3))
    return "/".join([*(f"x{folder}" for folder in folders), last])


def _partial(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"
