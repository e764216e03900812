"""A13: what is not a proof or a head is refused by the gate's verifier and by a second one alike, each case by name."""

import base64
from pathlib import Path
from typing import Any

import pytest
import second_ledger_reader as second
from builders_ledger import KEY, a_recorded_ledger
from builders_store import ORIGIN, a_new_signer, a_signer, a_world

from gate.adapters.db.checkpoint_signing import verify_ed25519
from gate.core.ledger.merkle import leaf_hash
from gate.core.ledger.note import Checkpoint, NoteError, parse_note, signed_note, verifier_key
from gate.core.ledger.proofs import ProofError
from gate.core.ledger.tlog_proof import parse_tlog_proof, verify_tlog_proof
from gate.usecases.prove_entries import prove_inclusion

FOREIGN = a_new_signer("other.example/ledger")


def resigned(text: str, signer: Any) -> str:
    head, note = text.split("\n\n", 1)
    return head + "\n\n" + signed_note(parse_note(note).text, signer)


def with_another_root(text: str) -> str:
    head, note = text.split("\n\n", 1)
    return head + "\n\n" + note.replace("\n" + note.split("\n")[2], "\n" + base64.b64encode(bytes(32)).decode())


def of_another_ledger(text: str) -> str:
    head, note = text.split("\n\n", 1)
    _, size, root = note.split("\n")[:3]
    return head + "\n\n" + signed_note(Checkpoint(FOREIGN.name, int(size), base64.b64decode(root)).text(), FOREIGN)


def longer(text: str) -> str:
    head, note = text.split("\n\n", 1)
    return head + "\n" + base64.b64encode(bytes(32)).decode() + "\n\n" + note


def shorter(text: str) -> str:
    head, note = text.split("\n\n", 1)
    return head.rpartition("\n")[0] + "\n\n" + note


CORPUS = {
    "wrong key": (lambda text: resigned(text, a_new_signer(ORIGIN)), "is not signed by"),
    "wrong root": (with_another_root, "does not hold"),
    "other ledger": (of_another_ledger, "is not signed by"),
    "unknown version": (lambda text: text.replace("@v1", "@v2"), "a proof begins with"),
    "cut in the note": (lambda text: text[:-8], "signature lines"),
    "cut in the path": (shorter, "fewer hashes"),
    "extra hash": (longer, "more hashes"),
    "extra bytes": (lambda text: text + "x\n", "signature line"),
    "another entry": (lambda text: text.replace("index 41", "index 42"), "does not lead"),
    "an entry that is not there": (lambda text: text.replace("index 41", "index 300"), "has no entry"),
    "empty": (lambda _: "", "a proof begins with"),
}


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes]:
    """A proof's text, and the entry that it is of."""
    folder: Path = tmp_path_factory.mktemp("proven")
    store = a_world(a_recorded_ledger(folder).url).store
    with store.reading() as reading:
        found = prove_inclusion(reading, 41).text(), reading.ledger_entry(41).content  # type: ignore[union-attr]
    store.close()
    return found


def gates_own(text: str, entry: bytes) -> None:
    verify_tlog_proof(
        parse_tlog_proof(text), leaf_hash(entry), name=ORIGIN, public_key=KEY.public_key, verify=verify_ed25519
    )


def second_readers(text: str, entry: bytes) -> bool:
    try:
        return second.is_proven(text, entry, verifier_key(ORIGIN, a_signer().public_key))
    except (AssertionError, ValueError, IndexError):
        return False


def test_both_accept_what_is_right(proven: tuple[str, bytes]) -> None:
    gates_own(*proven)
    assert second_readers(*proven)


@pytest.mark.parametrize("name", CORPUS)
def test_both_refuse_what_is_not_and_ours_says_why(proven: tuple[str, bytes], name: Any) -> None:
    change, why = CORPUS[name]
    text = change(proven[0])
    with pytest.raises((ProofError, NoteError), match=why):
        gates_own(text, proven[1])
    assert not second_readers(text, proven[1])


def test_both_refuse_another_entry_in_its_place(proven: tuple[str, bytes]) -> None:
    text, entry = proven
    with pytest.raises(ProofError, match="does not lead"):
        gates_own(text, entry + b" ")
    assert not second_readers(text, entry + b" ")
