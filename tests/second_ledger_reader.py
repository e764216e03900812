"""A second reader of the ledger, written from RFC 6962, RFC 9162 and the C2SP texts alone, sharing no code with gate.

Everything is done the plain and slow way that the texts define.
"""

import base64
import hashlib
import struct
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha256(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


def mth(entries: list[bytes]) -> bytes:
    """RFC 6962, section 2.1: the Merkle Tree Hash."""
    if not entries:
        return sha256(b"")
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0])
    k = largest_power_below(len(entries))
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:]))


def path(m: int, entries: list[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1: PATH(m, D[n])."""
    if len(entries) == 1:
        return []
    k = largest_power_below(len(entries))
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def proof(m: int, entries: list[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.2: PROOF(m, D[n]) = SUBPROOF(m, D[n], true)."""
    return subproof(m, entries, is_whole=True)


def subproof(m: int, entries: list[bytes], *, is_whole: bool) -> list[bytes]:
    if m == len(entries):
        return [] if is_whole else [mth(entries)]
    k = largest_power_below(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], is_whole=is_whole), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], is_whole=False), mth(entries[:k])]


def largest_power_below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def is_included(leaf: bytes, index: int, size: int, steps: list[bytes], root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2, step by step."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in steps:
        if sn == 0:
            return False
        if fn % 2 == 1 or fn == sn:
            r = sha256(b"\x01" + p + r)
            while fn % 2 == 0 and fn != 0:
                fn //= 2
                sn //= 2
        else:
            r = sha256(b"\x01" + r + p)
        fn //= 2
        sn //= 2
    return sn == 0 and r == root


def is_consistent(first: int, first_hash: bytes, second: int, second_hash: bytes, steps: list[bytes]) -> bool:
    """RFC 9162, section 2.1.4.2, step by step; for 0 < first < second."""
    if not steps:
        return False
    todo = list(steps)
    if first.bit_count() == 1:
        todo.insert(0, first_hash)
    fn, sn = first - 1, second - 1
    while fn % 2 == 1:
        fn //= 2
        sn //= 2
    fr = sr = todo[0]
    for c in todo[1:]:
        if sn == 0:
            return False
        if fn % 2 == 1 or fn == sn:
            fr, sr = sha256(b"\x01" + c + fr), sha256(b"\x01" + c + sr)
            while fn % 2 == 0 and fn != 0:
                fn //= 2
                sn //= 2
        else:
            sr = sha256(b"\x01" + sr + c)
        fn //= 2
        sn //= 2
    return fr == first_hash and sr == second_hash and sn == 0


def tile(level: int, n: int, entries: list[bytes]) -> bytes:
    """C2SP tlog-tiles: the hashes MTH(D[(n * 256 + i) * 256**l : (n * 256 + i + 1) * 256**l]), as many as there are."""
    span, found = 256**level, b""
    for i in range(256):
        start, end = (n * 256 + i) * span, (n * 256 + i + 1) * span
        if end > len(entries):
            break
        found += mth(entries[start:end])
    return found


def tile_path(level: Any, n: int, width: int) -> str:
    """C2SP tlog-tiles: `tile/<L>/<N>[.p/<W>]`, with N in elements of three digits, all but the last after an x."""
    elements = [f"{n % 1000:03d}"]
    while n >= 1000:
        n //= 1000
        elements.insert(0, f"x{n % 1000:03d}")
    return f"tile/{level}/" + "/".join(elements) + ("" if width == 256 else f".p/{width}")


def tile_widths(size: int) -> dict[tuple[int, int], int]:
    """Every tile of a tree of a size by level and index, with its width."""
    found, level = {}, 0
    while size // 256**level > 0:
        count = size // 256**level
        for n in range(count // 256):
            found[(level, n)] = 256
        if count % 256:
            found[(level, count // 256)] = count % 256
        level += 1
    return found


def bundle(raw: bytes) -> list[bytes]:
    """C2SP tlog-tiles: big-endian uint16 length-prefixed entries."""
    found = []
    while raw:
        (length,) = struct.unpack(">H", raw[:2])
        assert len(raw) >= 2 + length
        found.append(raw[2 : 2 + length])
        raw = raw[2 + length :]
    return found


def opened_checkpoint(note: str, vkey: str) -> tuple[str, int, bytes]:
    """C2SP signed-note and tlog-checkpoint: origin, size and root of a note that a key signed."""
    name, number, key = vkey.split("+", 2)
    public = base64.b64decode(key)
    assert public[:1] == b"\x01"
    assert sha256(name.encode() + b"\n" + public)[:4].hex() == number
    text, signatures = note.split("\n\n")
    lines = [(dash, signer, raw) for dash, signer, raw in map(str.split, signatures.splitlines())]
    for dash, signer, encoded in lines:
        raw = base64.b64decode(encoded)
        if dash == "\u2014" and signer == name and raw[:4].hex() == number:
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], text.encode() + b"\n")
            except InvalidSignature:
                raise AssertionError("the signature does not hold") from None
            origin, size, root = text.split("\n")[:3]
            return origin, int(size), base64.b64decode(root)
    raise AssertionError("not signed by this key")


def is_proven(text: str, entry: bytes, vkey: str) -> bool:
    """C2SP tlog-proof: whether a proof's text shows that an entry is under a checkpoint of a key's."""
    head, note = text.split("\n\n", 1)
    first, *lines = head.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    if lines[0].startswith("extra "):
        lines = lines[1:]
    assert lines[0].startswith("index ")
    _, size, root = opened_checkpoint(note, vkey)
    steps = [base64.b64decode(line) for line in lines[1:]]
    return is_included(sha256(b"\x00" + entry), int(lines[0][6:]), size, steps, root)
