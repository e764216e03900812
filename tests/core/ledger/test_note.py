"""Notes: checkpoints as others read them, and every way in which one is not what it says."""

import base64
import hashlib
from typing import Any

import pytest
from builders_store import a_new_signer

from gate.adapters.db.checkpoint_signing import verify_ed25519
from gate.core.ledger.note import (
    Checkpoint,
    NoteError,
    key_id,
    parse_checkpoint,
    parse_note,
    signed_note,
    verifier_key,
    verify_checkpoint,
)

ORIGIN = "gate.example/ledger"
ROOT = bytes(range(32))
SIGNER = a_new_signer(ORIGIN)
NOTE = signed_note(Checkpoint(ORIGIN, 20852163, ROOT).text(), SIGNER)


def verified(note: Any, signer: Any = SIGNER) -> Any:
    return verify_checkpoint(note, name=signer.name, public_key=signer.public_key, verify=verify_ed25519)


class TestTheCheckpoint:
    def test_its_text_has_origin_size_and_root_on_three_lines(self) -> None:
        text = Checkpoint(ORIGIN, 7, ROOT).text()
        assert text == f"gate.example/ledger\n7\n{base64.b64encode(ROOT).decode()}\n"

    def test_it_is_read_back(self) -> None:
        assert verified(NOTE) == Checkpoint(ORIGIN, 20852163, ROOT)

    def test_further_lines_are_left_to_others(self) -> None:
        assert parse_checkpoint(Checkpoint(ORIGIN, 7, ROOT).text() + "more\n").size == 7


class TestTheNote:
    def test_a_signature_line_is_a_dash_the_name_and_key_id_with_signature(self) -> None:
        text, _, line = NOTE.rpartition("\n\n")
        assert line.startswith("\N{EM DASH} gate.example/ledger ")
        raw = base64.b64decode(line.split(" ")[2])
        expected = hashlib.sha256(ORIGIN.encode() + b"\n\x01" + SIGNER.public_key).digest()[:4]
        assert raw[:4] == expected == key_id(ORIGIN, SIGNER.public_key)
        assert verify_ed25519(SIGNER.public_key, raw[4:], (text + "\n").encode())

    def test_a_published_key_is_written_as_it_was_published(self) -> None:
        # The key that the documentation of Go's package for notes shows.
        published = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        public = base64.b64decode(published.rpartition("+")[2])[1:]
        assert verifier_key("PeterNeumann", public) == published

    def test_signatures_of_others_beside_ours_do_no_harm(self) -> None:
        other = a_new_signer("witness.example")
        both = NOTE + signed_note(parse_note(NOTE).text, other).rpartition("\n\n")[2]
        assert verified(both).size == 20852163
        assert verified(NOTE).origin == ORIGIN


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("change", "why"),
        [
            (lambda note: note.replace("20852163", "20852162"), "does not hold"),
            (lambda note: note.replace("20852163", "020852163"), "does not hold"),
            (lambda note: note.replace(ORIGIN, "gate.example/other"), "not signed by"),
            (lambda note: note[:-1], "each with its newline"),
            (lambda note: note.replace("\n\n", "\n"), "empty line"),
            (lambda note: note.replace("\N{EM DASH}", "-"), "signature line"),
            (lambda note: note + "\n", "signature line"),
            (lambda note: note[:-6] + "!" + note[-5:], "not base64"),
            (lambda note: "\r" + note, "control characters"),
            (lambda note: note + "x" * 70_000, "64 KiB"),
            (lambda _: "", "empty line"),
        ],
    )
    def test_a_note_that_was_tampered_with(self, change: Any, why: Any) -> None:
        with pytest.raises(NoteError, match=why):
            verified(change(NOTE))

    def test_a_signature_by_another_key_of_the_same_name(self) -> None:
        with pytest.raises(NoteError, match="not signed by"):
            verified(signed_note(parse_note(NOTE).text, a_new_signer(ORIGIN)))

    def test_a_checkpoint_of_another_ledger_under_our_key(self) -> None:
        with pytest.raises(NoteError, match="another ledger"):
            verified(signed_note(Checkpoint("other.example", 7, ROOT).text(), SIGNER))

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "o\n",
            "o\n1\n",
            "\n1\nAAAA\n",
            "o\n-1\nAAAA\n",
            "o\n01\nAAAA\n",
            "o\n1\nAAAA\n",
            f"o\n1\n{base64.b64encode(ROOT).decode()}",
            f"o\n{10**30}\n{base64.b64encode(ROOT).decode()}\n",
            f"o\n1\n{base64.b64encode(ROOT).decode().rstrip('=')}\n",
        ],
    )
    def test_a_text_that_is_no_checkpoint(self, text: Any) -> None:
        with pytest.raises(NoteError):
            parse_checkpoint(text)

    @pytest.mark.parametrize("name", ["", "two words", "a+b", "line\n"])
    def test_a_name_that_would_break_the_line(self, name: Any) -> None:
        with pytest.raises(NoteError, match="no name"):
            a_new_signer(name)
