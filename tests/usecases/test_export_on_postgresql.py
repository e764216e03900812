"""Reconciling and exporting out of PostgreSQL: the same evidence as out of SQLite, and it verifies."""

from dataclasses import replace
from pathlib import Path

from builders_audit import clone_of
from builders_export import YEAR, MadeExport, exported, failing, key_of, merge_a_change, push_past_the_gate, unpacked
from builders_postgresql import emptied, postgresql_url
from builders_service import a_service
from builders_store import a_signer


class TestPostgreSQL:
    def test_changes_and_a_push_past_the_gate_are_reconciled_exported_and_verified(self, tmp_path: Path) -> None:
        with a_service(tmp_path, url=emptied(postgresql_url())) as service:
            merge_a_change(service, 1, method="squash", title="=1+1")
            with service.store.reading() as reading:
                head = reading.checkpoint()
            assert head is not None
            push_past_the_gate(service)
            assert service.errors == []
            raw, result = exported(service, replace(YEAR, since_checkpoint=head.note))
            made = MadeExport(raw, result, key_of(a_signer()), clone_of(service), head.note)
            assert (result.changes, result.incomplete) == (1, [])
            assert failing(unpacked(made.files(), tmp_path / "export"), made) == set()
