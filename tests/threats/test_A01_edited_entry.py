"""A01: whatever is edited in the database, in an entry or in what an entry records, the first bad entry is named."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders_ledger import a_recorded_ledger, rewritten
from builders_store import a_signer

VERDICT, SIGNOFF = 2, 0
"""The entries of the first change: its sign-off, its facts, its verdict."""

# ruff: noqa: S608  (statements of our own)
REPLACED = "replace(content, '\"n\":40', '\"n\":41')"
OTHER_FACTS = "(SELECT content FROM facts WHERE number = 2)"
EDITS = {
    "entry-edited": [
        (40, f"UPDATE ledger_entries SET content = {REPLACED} WHERE idx = 40"),
        (40, f"UPDATE ledger_entries SET content = CAST({REPLACED} AS BLOB) WHERE idx = 40"),
        (0, "UPDATE ledger_entries SET leaf_hash = randomblob(32) WHERE idx = 0"),
        (299, "UPDATE ledger_entries SET content = CAST(content || ' ' AS BLOB) WHERE idx = 299"),
    ],
    "entry-mislabelled": [
        (41, "UPDATE ledger_entries SET kind = 'review-done' WHERE idx = 41"),
        (41, "UPDATE ledger_entries SET subject = 'change:7/501/2' WHERE idx = 41"),
    ],
    "tile-differs": [
        (0, "UPDATE ledger_tiles SET root = randomblob(32)"),
        (0, "UPDATE ledger_tiles SET hashes = zeroblob(8192)"),
    ],
    "tile-missing": [(0, "DELETE FROM ledger_tiles")],
    "tile-beyond": [(256, "INSERT INTO ledger_tiles SELECT 0, 1, root, hashes FROM ledger_tiles")],
    "checkpoint-edited": [
        (99, "UPDATE ledger_checkpoints SET root = randomblob(32) WHERE size = 100"),
        (99, "UPDATE ledger_checkpoints SET at = '2027-01-01T00:00:00Z' WHERE size = 100"),
    ],
    "checkpoint-unsigned": [
        (99, "UPDATE ledger_checkpoints SET note = replace(note, 'gate', 'gata') WHERE size = 100"),
        (99, "UPDATE ledger_checkpoints SET note = '' WHERE size = 100"),
    ],
    "head-differs": [(300, "UPDATE ledger_head SET frontier = zeroblob(length(frontier))")],
    "verdict-edited": [
        (VERDICT, "UPDATE verdicts SET state = 'approved' WHERE number = 1"),
        (VERDICT, "UPDATE verdicts SET verdict = (SELECT verdict FROM verdicts WHERE number = 2) WHERE number = 1"),
        (VERDICT, "UPDATE verdicts SET verdict = x'00' WHERE number = 1"),
        (VERDICT, "UPDATE verdicts SET head_sha = 'f' WHERE number = 1"),
    ],
    "facts-edited": [(VERDICT, f"UPDATE facts SET content = {OTHER_FACTS} WHERE number = 1")],
    "content-edited": [(VERDICT, "UPDATE contents SET files = x'00'")],
    "verdict-missing": [(VERDICT, "DELETE FROM verdicts WHERE number = 1")],
    "signoff-edited": [
        (SIGNOFF, "UPDATE signoffs SET account = 'github:9' WHERE number = 1"),
        (SIGNOFF, "UPDATE signoffs SET decision = 'reject' WHERE number = 1"),
        (SIGNOFF, "UPDATE signoffs SET at = '2026-11-01T00:00:00Z' WHERE number = 1"),
        (SIGNOFF, "UPDATE signoffs SET void = 'dismissed' WHERE number = 1"),
        (SIGNOFF, "UPDATE signoffs SET content = 'sha256:ab' WHERE number = 1"),
    ],
    "signoff-missing": [(SIGNOFF, "DELETE FROM signoffs WHERE number = 1")],
    "personal-edited": [
        (SIGNOFF, "UPDATE ledger_personal SET value = 'I never said that.' WHERE idx = 0"),
        (SIGNOFF, "UPDATE ledger_personal SET path = 'elsewhere' WHERE idx = 0"),
    ],
}
NOWHERE = {
    "signoff-unrecorded": (
        "INSERT INTO signoffs SELECT tenant, repository, number, 'made-up', 9, account, source, decision, at, "
        'first_seen_at, "commit", content, facts_digest, base_ref, plan_digest, subjects, scopes, reason, void, '
        "voided_by, authenticated FROM signoffs WHERE number = 1"
    ),
    "personal-edited": "UPDATE personal_values SET value = '\"mallory\"' WHERE rowid = 1",
}


def test_what_was_recorded_and_left_alone_holds(tmp_path: Path) -> None:
    report = a_recorded_ledger(tmp_path).verified()
    assert report.faults == ()
    assert (report.entries, report.newest.size) == (300, 300)  # type: ignore[union-attr]


@pytest.mark.parametrize(("code", "index", "edit"), [(code, *edit) for code, edits in EDITS.items() for edit in edits])
def test_an_edit_is_found_and_the_first_bad_entry_is_named(tmp_path: Path, code: Any, index: Any, edit: Any) -> None:
    ledger = a_recorded_ledger(tmp_path)
    ledger.attack(edit)
    first = ledger.faults()[0]
    assert (first.code, first.index) == (code, index)


@pytest.mark.parametrize("code", NOWHERE)
def test_what_no_entry_speaks_of_is_found_too(tmp_path: Path, code: Any) -> None:
    ledger = a_recorded_ledger(tmp_path)
    ledger.attack(NOWHERE[code])
    assert [(one.code, one.index) for one in ledger.faults()] == [(code, -1)]


class TestWhoMakesHashesAnewAsWell:
    def edit(self, index: int, content: bytes) -> bytes:
        entry = json.loads(content)
        if index == 40:
            entry["payload"]["n"] = 41
        return json.dumps(entry, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()

    def test_is_found_by_the_signatures_that_they_cannot_make(self, tmp_path: Path) -> None:
        ledger = a_recorded_ledger(tmp_path)

        def keep_notes(connection: Any) -> None:
            notes = connection.execute("SELECT note, root, size FROM ledger_checkpoints").fetchall()
            rewritten(a_signer(), self.edit)(connection)
            connection.executemany("UPDATE ledger_checkpoints SET note = ?, root = ? WHERE size = ?", notes)

        ledger.attack(keep_notes)
        first = ledger.faults()[0]
        assert (first.code, first.index) == ("entry-replaced", 40)
        assert first.text == "Entry 40 is not the one that was signed."
