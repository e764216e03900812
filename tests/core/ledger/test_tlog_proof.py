"""Proof texts: what a C2SP tlog-proof says, read by the second reader as well, and every way in which one is not."""

import base64
from typing import Any

import pytest
import second_ledger_reader as second
from builders_store import a_new_signer

from gate.adapters.db.checkpoint_signing import verify_ed25519
from gate.core.ledger.merkle import leaf_hash, leaf_hashes, root_of
from gate.core.ledger.note import Checkpoint, NoteError, signed_note, verifier_key
from gate.core.ledger.proofs import ProofError, inclusion_path
from gate.core.ledger.tlog_proof import TlogProof, parse_tlog_proof, verify_tlog_proof

ORIGIN = "gate.example/ledger"
SIGNER = a_new_signer(ORIGIN)
VKEY = verifier_key(ORIGIN, SIGNER.public_key)
ENTRIES = [str(number).encode() for number in range(300)]
LEAVES = leaf_hashes(ENTRIES)
NOTE = signed_note(Checkpoint(ORIGIN, 300, root_of(LEAVES)).text(), SIGNER)


def a_proof(index: int = 77, **fields: Any) -> TlogProof:
    path = inclusion_path(index, 300, lambda level, place: root_of(LEAVES[place << level : (place + 1) << level]))
    return TlogProof(**{"index": index, "path": path, "note": NOTE, **fields})


def verified(proof: Any, leaf: Any = LEAVES[77], signer: Any = SIGNER) -> Any:
    return verify_tlog_proof(proof, leaf, name=signer.name, public_key=signer.public_key, verify=verify_ed25519)


class TestTheText:
    def test_it_is_laid_out_as_the_text_of_c2sp_says(self) -> None:
        proof = a_proof(extra=b"more")
        lines = proof.text().split("\n")
        assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra bW9yZQ==", "index 77"]
        assert lines[3:12] == [base64.b64encode(step).decode() for step in proof.path]
        assert "\n".join(lines[12:]) == "\n" + NOTE

    @pytest.mark.parametrize("index", [0, 77, 255, 256, 299])
    def test_both_readers_accept_it(self, index: Any) -> None:
        proof = a_proof(index)
        assert parse_tlog_proof(proof.text()) == proof
        assert verified(proof, LEAVES[index]).size == 300
        assert second.is_proven(proof.text(), ENTRIES[index], VKEY)

    def test_what_is_carried_beside_it_is_kept(self) -> None:
        proof = a_proof(extra=b"\x00more")
        assert parse_tlog_proof(proof.text()).extra == b"\x00more"

    def test_a_single_entry_has_an_empty_path(self) -> None:
        note = signed_note(Checkpoint(ORIGIN, 1, LEAVES[0]).text(), SIGNER)
        proof = TlogProof(0, (), note)
        assert parse_tlog_proof(proof.text()) == proof
        assert verified(proof, LEAVES[0]).size == 1


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        "change",
        [
            lambda _: "",
            lambda text: text.replace("@v1", "@v2"),
            lambda text: text.replace("index 77\n", ""),
            lambda text: text.replace("index 77", "index 077"),
            lambda text: text.replace("index 77", "index -1"),
            lambda text: text.replace("index 77", "extra !\nindex 77"),
            lambda text: text.replace("index 77", "extra \nindex 77"),
            lambda text: text.replace("index 77", "index 77\nAAAA"),
            lambda text: text.replace("index 77", "index 77\n?"),
            lambda text: text.replace("\n\n", "\n"),
            lambda text: text + "x" * 70_000,
        ],
    )
    def test_a_text_that_is_no_proof(self, change: Any) -> None:
        with pytest.raises(ProofError):
            parse_tlog_proof(change(a_proof().text()))

    def test_the_proof_of_another_entry(self) -> None:
        with pytest.raises(ProofError, match="does not lead"):
            verified(a_proof(), leaf_hash(b"another"))
        with pytest.raises(ProofError):
            verified(a_proof(index=78))

    def test_a_checkpoint_that_somebody_else_signed(self) -> None:
        with pytest.raises(NoteError, match="not signed by"):
            verified(a_proof(), signer=a_new_signer(ORIGIN))

    def test_a_checkpoint_that_was_cut(self) -> None:
        with pytest.raises(NoteError):
            verified(a_proof(note=NOTE[:-9]))
