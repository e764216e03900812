"""Ed25519 verification (RFC 8032), strict: canonical encodings only, no small-order key; tables make it fast."""

from __future__ import annotations

import hashlib
from typing import Dict, List, Tuple

Point = Tuple[int, int, int, int]
Table = List[List[Point]]

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_IDENTITY = (0, 1, 1, 0)
_WINDOWS, _WIDTH = 64, 16
_TABLES: Dict[bytes, Table] = {}  # the multiples of each point that was used, by its encoding
_MOST_TABLES = 16


def verify_ed25519(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether a signature of a message is that of a key."""
    scalar = int.from_bytes(signature[32:], "little")
    if len(public_key) != 32 or len(signature) != 64 or scalar >= _L:
        return False
    table = _table_of(public_key)
    if table is None:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    challenge = int.from_bytes(digest, "little") % _L
    total = _add(_multiple(_BASE, scalar), _multiple(table, challenge))
    return _encoded(total) == signature[:32]  # a commitment in any other encoding than its one is refused


def _add(one: Point, other: Point) -> Point:
    """Return the sum of two points in extended coordinates (RFC 8032, section 5.1.4)."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a, b = (y1 - x1) * (y2 - x2) % _P, (y1 + x1) * (y2 + x2) % _P
    c, d = 2 * t1 * t2 * _D % _P, 2 * z1 * z2 % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _decoded(raw: bytes) -> Point | None:
    """Return the point of an encoding, None for what is no canonical encoding of one (RFC 8032, section 5.1.3)."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _is_small(point: Point) -> bool:
    """Return whether eight times a point is nothing: such a key signs anything."""
    for _ in range(3):
        point = _add(point, point)
    return point[0] % _P == 0 and (point[1] - point[2]) % _P == 0


def _encoded(point: Point) -> bytes:
    """Return the encoding of a point (RFC 8032, section 5.1.2)."""
    x, y, z, _ = point
    inverse = pow(z, -1, _P)
    x, y = x * inverse % _P, y * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _table_of(public_key: bytes) -> Table | None:
    """Return the multiples of a key's negative, None for what is no usable key."""
    if public_key not in _TABLES:
        point = _decoded(public_key)
        if point is None or _is_small(point):
            return None
        if len(_TABLES) >= _MOST_TABLES:
            _TABLES.clear()
        _TABLES[public_key] = _table((_P - point[0], point[1], 1, _P - point[3]))
    return _TABLES[public_key]


def _multiple(table: Table, scalar: int) -> Point:
    """Return a multiple of a point by the table of its multiples, 4 bits at a time."""
    total = _IDENTITY
    for row in table:
        if scalar & 15:
            total = _add(total, row[scalar & 15])
        scalar >>= 4
    return total


def _table(point: Point) -> Table:
    rows = []
    for _ in range(_WINDOWS):
        row = [_IDENTITY]
        for _ in range(1, _WIDTH):
            row.append(_add(row[-1], point))
        rows.append(row)
        point = _add(row[-1], point)
    return rows


_B_Y = 4 * pow(5, _P - 2, _P) % _P
_B_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BASE = _table((_B_X, _B_Y, 1, _B_X * _B_Y % _P))
