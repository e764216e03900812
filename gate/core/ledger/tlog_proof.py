"""Proof texts: one entry's place under one signed checkpoint, as C2SP tlog-proof writes it down."""

import base64
import binascii
import re
from collections.abc import Callable

from gate.core.ledger.merkle import HASH_BYTES
from gate.core.ledger.note import Checkpoint, verify_checkpoint
from gate.core.ledger.proofs import MAX_STEPS, ProofError, verify_inclusion
from gate.core.values import dataclass

FIRST_LINE = "c2sp.org/tlog-proof@v1"
MAX_BYTES = 64 * 1024
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class TlogProof:
    """The proof that an entry is under a checkpoint: its index, the path to the root, and the signed note itself.

    Whoever has the entry's exact bytes and the ledger's public key needs nothing else to check it. `extra` is carried
    and never believed.
    """

    index: int
    path: tuple[bytes, ...]
    note: str
    extra: bytes = b""

    def text(self) -> str:
        """Return the proof as text, which a file named `*.tlog-proof` holds."""
        extra = [f"extra {_encoded(self.extra)}"] if self.extra else []
        lines = [FIRST_LINE, *extra, f"index {self.index}", *map(_encoded, self.path)]
        return "\n".join(lines) + "\n\n" + self.note


def parse_tlog_proof(text: str) -> TlogProof:
    """Return a proof as its text says it, nothing of it verified. Raises ProofError for any other text."""
    if len(text) > MAX_BYTES:
        raise ProofError("a proof has at most 64 KiB")
    head, blank, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    if first != FIRST_LINE or not blank:
        raise ProofError(f"a proof begins with {FIRST_LINE} and ends with a checkpoint after an empty line")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = _decoded(lines.pop(0).removeprefix("extra "))
    found = _INDEX.fullmatch(lines[0]) if lines else None
    if found is None:
        raise ProofError("the proof does not say which entry it is of")
    path = tuple(_decoded(line) for line in lines[1:])
    if len(path) > MAX_STEPS or any(len(step) != HASH_BYTES for step in path):
        raise ProofError("the path of a proof is made of hashes of 32 bytes")
    return TlogProof(int(found[1]), path, note, extra)


def verify_tlog_proof(
    proof: TlogProof, leaf: bytes, *, name: str, public_key: bytes, verify: Callable[[bytes, bytes, bytes], bool]
) -> Checkpoint:
    """Return the checkpoint under which a leaf, given by its hash, is proven to be.

    Raises NoteError where the checkpoint is not signed by this key under this name, ProofError where the path does not
    lead to its root.
    """
    checkpoint = verify_checkpoint(proof.note, name=name, public_key=public_key, verify=verify)
    verify_inclusion(leaf, index=proof.index, size=checkpoint.size, path=proof.path, root=checkpoint.root)
    return checkpoint


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decoded(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ProofError("a line of the proof is not base64") from None
    if not raw or _encoded(raw) != text:
        raise ProofError("a line of the proof is not base64 in its one canonical form")
    return raw
