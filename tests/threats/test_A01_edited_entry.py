"""A01: whatever is edited in the database, in an entry or in what an entry records, the first bad entry is named."""

import hashlib
import json
import sqlite3
import zlib
from pathlib import Path
from typing import Any

import pytest
from builders_facts import AT
from builders_ledger import (
    KEY,
    Ledger,
    a_recorded_ledger,
    index_others,
    keep_texts_as_utf16,
    list_an_index_as_anothers,
    look_through_a_view,
    name_rows_by_another_number,
    put_before_the_first,
    redefine,
    rewritten,
    store_labels,
    store_under,
)
from builders_store import a_signer

from gate.adapters.db.ledger_verification import verify_tree
from gate.core.ledger.entries import EntryDraft, entry_bytes

VERDICT, SIGNOFF = 2, 0
"""The entries of the first change: its sign-off, its facts, its verdict."""

# ruff: noqa: S608  (statements of our own)
REPLACED = "replace(content, '\"n\":40', '\"n\":41')"
REPLACED_LATE = "replace(content, '\"n\":257', '\"n\":258')"
OTHER_FACTS = "(SELECT content FROM facts WHERE number = 2)"
EDITS = {
    "entry-edited": [
        (40, f"UPDATE ledger_entries SET content = {REPLACED} WHERE idx = 40"),
        (40, f"UPDATE ledger_entries SET content = CAST({REPLACED} AS BLOB) WHERE idx = 40"),
        (0, "UPDATE ledger_entries SET content = CAST(content || ' ' AS BLOB) WHERE idx = 0"),
    ],
    "entry-mislabelled": [
        (41, "UPDATE ledger_entries SET content = (SELECT content FROM ledger_entries WHERE idx = 40) WHERE idx = 41"),
    ],
    "entry-replaced": [
        (299, "UPDATE ledger_entries SET content = CAST(content || ' ' AS BLOB) WHERE idx = 299"),
        (257, f"UPDATE ledger_entries SET content = CAST({REPLACED_LATE} AS BLOB) WHERE idx = 257"),
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


def test_what_is_no_entry_at_all_is_named(tmp_path: Path) -> None:
    ledger = a_recorded_ledger(tmp_path)
    ledger.attack("PRAGMA ignore_check_constraints = ON", "UPDATE ledger_entries SET content = x'00' WHERE idx = 41")
    found = ledger.faults()
    assert {one.code for one in found if one.index == found[0].index == 41} == {"entry-edited", "entry-mislabelled"}


class TestWhoRedefinesWhatEntriesAreLookedUpBy:
    """What the database derives from the bytes cannot be written; who owns it can have it derived in another way."""

    @pytest.mark.parametrize(
        "edit",
        [
            "UPDATE ledger_entries SET kind = 'review-done' WHERE idx = 41",
            "UPDATE ledger_entries SET kind = x'41' WHERE idx = 41",
            "UPDATE ledger_entries SET subject = 'change:7/501/2' WHERE idx = 41",
            'UPDATE ledger_entries SET subject = subject || \'","z":"\' WHERE idx = 41',
            "UPDATE ledger_entries SET at = '2026-11-01T00:00:00Z' WHERE idx = 41",
            "UPDATE ledger_entries SET kind = NULL WHERE idx = 41",
        ],
    )
    def test_a_label_that_is_stored_and_edited_is_named(self, tmp_path: Path, edit: str) -> None:
        ledger = a_recorded_ledger(tmp_path)
        ledger.attack(store_labels, edit)
        assert told(ledger) == [("entry-mislabelled", 41), ("ledger-redefined", -1)]

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('CAST(\',"kind":"\' AS BLOB)', 'CAST(\'"schema":"\' AS BLOB)'),
            ('\'"at":"\'', '\'"happened_at":"\''),
            ('\',"subject":"\'', '\', "subject":"\''),
            ("CASE WHEN instr", "CASE WHEN idx < 9 THEN 'ledger' WHEN instr"),
        ],
    )
    def test_a_column_that_is_derived_in_another_way_is_named(self, tmp_path: Path, old: str, new: str) -> None:
        ledger = a_recorded_ledger(tmp_path)
        ledger.attack(redefine(old, new))
        assert told(ledger) == [("entry-mislabelled", 0), ("ledger-redefined", -1)]

    @pytest.mark.parametrize(
        "edit",
        [
            store_labels,
            redefine("(idx >= 0)", "(idx >= -9)"),
            "DROP INDEX ix_ledger_entries_subject",
            index_others,
            "CREATE INDEX ix_further ON ledger_entries (kind)",
            look_through_a_view,
            list_an_index_as_anothers,
            name_rows_by_another_number,
        ],
    )
    def test_so_is_what_changes_no_label_yet(self, tmp_path: Path, edit: Any) -> None:
        ledger = a_recorded_ledger(tmp_path)
        ledger.attack(edit)
        assert set(told(ledger)) == {("ledger-redefined", -1)}

    @pytest.mark.parametrize("index", [None, "x", b"x", 1.5, float("inf")])
    def test_so_is_what_stores_entries_under_no_number(self, tmp_path: Path, index: object) -> None:
        ledger = a_recorded_ledger(tmp_path)
        ledger.attack(store_under(index))
        assert told(ledger) == [("ledger-redefined", -1)]

    def test_an_entry_far_beyond_the_others_is_named_without_looking_everywhere_before_it(self, tmp_path: Path) -> None:
        ledger = a_recorded_ledger(tmp_path)
        ledger.attack("UPDATE ledger_entries SET idx = 1000000000000000 WHERE idx = 299")
        assert ("entry-missing", 299) in told(ledger)

    def test_an_encoding_in_which_the_same_definition_takes_bytes_for_other_texts_is_named(
        self, tmp_path: Path
    ) -> None:
        ledger = a_recorded_ledger(tmp_path)
        ledger.attack("DELETE FROM verdicts WHERE number = 1", "DELETE FROM signoffs", keep_texts_as_utf16)
        assert {(one.code, one.index) for one in ledger.faults()} == {
            ("entry-mislabelled", 0),
            ("ledger-redefined", -1),
        }

    def test_an_unsigned_entry_excuses_no_verdict_where_the_index_counts_as_many_as_before(
        self, tmp_path: Path
    ) -> None:
        ledger = a_recorded_ledger(tmp_path)
        with sqlite3.connect(ledger.file) as connection:
            (other,) = connection.execute("SELECT verdict FROM verdicts WHERE number = 2").fetchone()
        connection.close()
        erased = {str(VERDICT): "sha256:" + hashlib.sha256(zlib.decompress(other)).hexdigest()}
        forged = EntryDraft("personal-data-erased", AT, "service", payload={"verdicts": erased})
        ledger.attack(
            put_before_the_first(entry_bytes(forged, 0, {}, at=AT), instead_of=299),
            "UPDATE verdicts SET verdict = (SELECT verdict FROM verdicts WHERE number = 2) WHERE number = 1",
        )
        assert [(one.code, one.index) for one in ledger.faults()] == [("entry-inserted", 300)]


def told(ledger: Ledger) -> Any:
    return [(one.code, one.index) for one in verify_tree(ledger.url, [KEY]).faults]


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
