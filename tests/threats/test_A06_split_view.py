"""A06: two people get different exports of one ledger. Each names a head, and one must continue the other."""

from dataclasses import replace
from pathlib import Path

import pytest
from builders_export import YEAR, MadeExport, exported, failing, key_of, merge_a_change, push_past_the_gate, unpacked
from builders_service import Service, a_service
from builders_store import a_signer

from gate.core.errors import UsageError
from gate.core.ledger.note import Checkpoint, signed_note
from gate.verifier.export import Export


def head_of(service: Service) -> str:
    with service.store.reading() as reading:
        found = reading.checkpoint()
    assert found is not None
    return found.note


class TestTwoExportsOfOneLedger:
    def test_each_names_its_head_and_the_later_one_proves_that_it_continues_the_earlier(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merge_a_change(service, 1)
            earlier = head_of(service)
            push_past_the_gate(service)
            raw, result = exported(service, replace(YEAR, since_checkpoint=earlier))
            made = MadeExport(raw, result, key_of(a_signer()), tmp_path, earlier)
            folder = unpacked(made.files(), tmp_path / "x")
            assert failing(folder, made, clones=False) == set()
            assert b'"old":{"root":' in (folder / "ledger/consistency.json").read_bytes()

    def test_a_head_of_another_history_is_refused_by_the_gate_and_found_by_the_verifier(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merge_a_change(service, 1)
            push_past_the_gate(service)
            other = signed_note(Checkpoint(a_signer().name, 3, b"\7" * 32).text(), a_signer())
            with pytest.raises(UsageError, match="never had that head of 3 entries"):
                exported(service, replace(YEAR, since_checkpoint=other))
            raw, result = exported(service)
            made = MadeExport(raw, result, key_of(a_signer()), tmp_path, other)
            assert failing(unpacked(made.files(), tmp_path / "x"), made, clones=False) == {"consistency"}

    def test_a_head_that_is_ahead_of_the_export_is_found(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            merge_a_change(service, 1)
            push_past_the_gate(service)
            raw, result = exported(service)
            with Path(tmp_path / "x.zip").open("wb") as file:
                file.write(raw)
            size = Export(str(tmp_path / "x.zip")).manifest["checkpoint"]["size"]
            ahead = signed_note(Checkpoint(a_signer().name, size + 1, b"\7" * 32).text(), a_signer())
            made = MadeExport(raw, result, key_of(a_signer()), tmp_path, ahead)
            assert failing(unpacked(made.files(), tmp_path / "x"), made, clones=False) == {"consistency"}
