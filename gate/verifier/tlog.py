"""Transparency log proofs: RFC 6962 trees, C2SP notes and proof texts, written from their specifications."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any, Dict, Iterable, Tuple

from gate.verifier.ed25519 import verify_ed25519

Key = Tuple[str, str, bytes]
"""A verifier key: name, key id in hexadecimal digits, 32 bytes of Ed25519."""
Row = Dict[str, Any]


class BadProofError(ValueError):
    """A proof, note or signature does not hold; the message is one sentence."""


def leaf_of(content: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of_leaves(leaves: Iterable[bytes]) -> tuple[bytes, int]:
    """Return the root of a tree from its leaves' hashes, in memory of its height."""
    stack: list[bytes] = []
    size = 0
    for leaf in leaves:
        node, number = leaf, size
        while number & 1:
            node = node_of(stack.pop(), node)
            number >>= 1
        stack.append(node)
        size += 1
    if not stack:
        return hashlib.sha256(b"").digest(), 0
    root = stack.pop()
    while stack:
        root = node_of(stack.pop(), root)
    return root, size


def root_by_path(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root that an inclusion path leads to (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        raise BadProofError(f"a tree of {size} entries has no entry {index}")
    node, last, root = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise BadProofError("the path is too long")
        if node & 1 or node == last:
            root = node_of(step, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_of(root, step)
        node, last = node >> 1, last >> 1
    if last:
        raise BadProofError("the path is too short")
    return root


def check_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: list[bytes]) -> None:
    """Raise BadProofError unless one tree is the beginning of another (RFC 9162, section 2.1.4.2)."""
    if old_size > new_size:
        raise BadProofError("the older head has more entries than the newer one")
    if old_size in (new_size, 0):
        if path or (old_size and old_root != new_root):
            raise BadProofError("the two heads differ")
        return
    steps = [old_root, *path] if old_size & (old_size - 1) == 0 else path
    if not steps or _roots(steps, old_size - 1, new_size - 1) != (old_root, new_root):
        raise BadProofError("the older head is no beginning of the newer one")


def _roots(steps: list[bytes], node: int, last: int) -> tuple[bytes, bytes]:
    """Return the two roots that a consistency path leads to."""
    while node & 1:
        node, last = node >> 1, last >> 1
    old, new = steps[0], steps[0]
    for step in steps[1:]:
        if last == 0:
            raise BadProofError("the path is too long")
        if node & 1 or node == last:
            old, new = node_of(step, old), node_of(step, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_of(new, step)
        node, last = node >> 1, last >> 1
    if last:
        raise BadProofError("the path is too short")
    return old, new


def parse_key(text: str) -> Key:
    """Return name, key id and public key of a verifier key `name+keyid+base64` (C2SP signed-note)."""
    parts = text.strip().split("+", 2)  # a name holds no plus sign, base64 may
    if len(parts) != 3:
        raise BadProofError("a key reads NAME+KEYID+BASE64")
    name, number, raw = parts[0], parts[1], base64.b64decode(parts[2], validate=True)
    if len(raw) != 33 or raw[0] != 1:
        raise BadProofError("the key is no Ed25519 key")
    expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex()
    if number != expected:
        raise BadProofError("the key's id is not that of the key")
    return name, number, raw[1:]


def open_checkpoint(note: str, key: Key) -> tuple[int, bytes]:
    """Return size and root of a checkpoint that a key signed (C2SP tlog-checkpoint). Raises BadProofError."""
    name, number, public = key
    text, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise BadProofError("the checkpoint is no signed note")
    lines = text.split("\n")
    if len(lines) < 3 or lines[0] != name:
        raise BadProofError("the checkpoint is of another ledger")
    signatures = [line.split(" ") for line in tail[:-1].split("\n")]
    if any(len(words) != 3 or words[0] != "\u2014" for words in signatures):
        raise BadProofError("the checkpoint is no signed note")
    for words in signatures:
        if words[1] == name:
            raw = base64.b64decode(words[2], validate=True)
            if raw[:4].hex() == number:
                if not verify_ed25519(public, raw[4:], (text + "\n").encode()):
                    raise BadProofError("the checkpoint's signature does not hold")
                root = base64.b64decode(lines[2], validate=True)
                if len(root) != 32 or str(int(lines[1])) != lines[1]:
                    raise BadProofError("the checkpoint is malformed")
                return int(lines[1]), root
    raise BadProofError("the checkpoint is not signed by this key")


def open_proof(text: str) -> tuple[int, list[bytes], str]:
    """Return index, path and checkpoint of a proof text (C2SP tlog-proof)."""
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines[0] != "c2sp.org/tlog-proof@v1" or len(lines) < 2:
        raise BadProofError("this is no proof text")
    rest = lines[2:] if lines[1].startswith("extra ") else lines[1:]
    word, _, number = rest[0].partition(" ")
    if word != "index" or str(int(number)) != number:
        raise BadProofError("the proof does not say of which entry it is")
    return int(number), [base64.b64decode(line, validate=True) for line in rest[1:]], note


def open_envelope(raw: bytes, key: Key) -> Row:
    """Return the payload of a DSSE envelope that a key signed. Raises BadProofError."""
    value = json.loads(raw)
    payload = base64.b64decode(value["payload"], validate=True)
    kind = value["payloadType"].encode()
    if kind != b"application/vnd.in-toto+json":
        raise BadProofError("the envelope holds no in-toto statement")
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    _, number, public = key
    for one in value["signatures"]:
        if one["keyid"] == number and verify_ed25519(public, base64.b64decode(one["sig"], validate=True), message):
            found: Row = json.loads(payload)
            return found
    raise BadProofError("no signature of this key holds")
