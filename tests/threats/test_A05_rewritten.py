"""A05: whoever makes the whole ledger anew is found out: by the key, or with the key by heads kept elsewhere."""

import json
from pathlib import Path

from builders_ledger import KEY, a_recorded_ledger, rewritten
from builders_store import ORIGIN, a_signer

from gate.core.ledger.signing_keys import SigningKey, key_rotated_payload


def edit(index: int, content: bytes) -> bytes:
    entry = json.loads(content)
    if index == 40:
        entry["payload"]["n"] = 41
    return json.dumps(entry, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def test_another_key_is_found_at_the_first_checkpoint(tmp_path: Path) -> None:
    ledger = a_recorded_ledger(tmp_path)
    ledger.attack(rewritten(a_signer(8), edit))
    first = ledger.faults()[0]
    assert first.code == "checkpoint-unsigned"
    assert "not signed by" in first.text
    assert first.index == 2  # the first transaction has three entries


def test_the_stolen_key_is_found_by_a_head_that_was_kept_elsewhere(tmp_path: Path) -> None:
    ledger = a_recorded_ledger(tmp_path)
    copy = ledger.head()
    ledger.attack(rewritten(a_signer(), edit))
    assert ledger.faults() == ()
    (fault,) = ledger.faults(copies=[copy])
    assert fault.code == "copy-differs"
    assert "were rewritten" in fault.text


def test_rotations_written_into_a_rewritten_ledger_do_not_make_a_key_trusted(tmp_path: Path) -> None:
    ledger = a_recorded_ledger(tmp_path)
    other = SigningKey(ORIGIN, a_signer(8).public_key)

    def rotate(index: int, content: bytes) -> bytes:
        entry = json.loads(content)
        if index == 40:
            entry |= {"kind": "key-rotated", "subject": "ledger", "payload": key_rotated_payload(KEY.text, other.text)}
        return json.dumps(entry, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()

    ledger.attack(rewritten(a_signer(8), rotate))
    assert {one.code for one in ledger.faults()} >= {"key-untrusted", "checkpoint-unsigned"}
