"""Attestation: in-toto statements of what the gate decided, in DSSE envelopes signed by the ledger's key."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from gate.core.canonical import canonical_bytes
from gate.core.ledger.note import NoteSigner, key_id

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
EXPORT = "https://signoff-gate.dev/attestation/export/v1"
APPROVAL = "https://signoff-gate.dev/attestation/change-approval/v1"


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return what a DSSE signature is over: type and payload with their lengths (DSSE v1, "PAE")."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def statement(subjects: Sequence[tuple[str, str, str]], predicate_type: str, predicate: Mapping[str, Any]) -> bytes:
    """Return an in-toto statement as canonical JSON. A subject is name, algorithm, digest in hexadecimal."""
    return canonical_bytes(
        {
            "_type": STATEMENT,
            "subject": [{"name": name, "digest": {algorithm: digest}} for name, algorithm, digest in subjects],
            "predicateType": predicate_type,
            "predicate": dict(predicate),
        }
    )


def envelope(payload: bytes, signer: NoteSigner) -> bytes:
    """Return a DSSE envelope as canonical JSON and a newline."""
    signature = signer.sign(pae(PAYLOAD_TYPE, payload))
    value = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [
            {"keyid": key_id(signer.name, signer.public_key).hex(), "sig": base64.b64encode(signature).decode()}
        ],
    }
    return canonical_bytes(value) + b"\n"
