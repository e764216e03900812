"""A03: a ledger whose end was cut off, or that was emptied, is found out; without a copy elsewhere it says so."""

from pathlib import Path
from typing import Any

import pytest
from builders_ledger import a_recorded_ledger
from builders_store import a_draft, a_world

from gate.core.ledger.merkle import Frontier, leaf_hashes

CUT = "DELETE FROM ledger_entries WHERE idx >= 280"
CUT_HEADS = "DELETE FROM ledger_checkpoints WHERE size > 280"
LEDGER = ("ledger_personal", "ledger_checkpoints", "ledger_tiles", "ledger_head", "ledger_entries")
EMPTY = [f"DELETE FROM {table}" for table in (*LEDGER, "verdicts", "signoffs")]  # noqa: S608  # names of our own


def cut_cleanly(connection: Any) -> None:
    """Take the ledger back to 280 entries, head and all, as if the rest had never been."""
    connection.execute(CUT)
    connection.execute(CUT_HEADS)
    contents = [content for (content,) in connection.execute("SELECT content FROM ledger_entries ORDER BY idx")]
    tree = Frontier().extend(leaf_hashes(contents))
    connection.execute("UPDATE ledger_head SET size = 280, frontier = ?", (tree.to_bytes(),))


@pytest.mark.parametrize(
    ("statements", "code", "index"),
    [
        ([CUT], "ledger-truncated", 280),
        ([CUT, CUT_HEADS], "head-differs", 280),
        ([CUT_HEADS], "entry-unsigned", 280),
        (["DELETE FROM ledger_checkpoints"], "entry-unsigned", 0),
        (["DELETE FROM ledger_entries"], "ledger-truncated", 0),
        (EMPTY, "ledger-empty", 0),
    ],
)
def test_it_is_found(tmp_path: Path, statements: Any, code: Any, index: Any) -> None:
    ledger = a_recorded_ledger(tmp_path)
    ledger.attack(*statements)
    found = ledger.faults()
    assert (code, index) in {(one.code, one.index) for one in found}
    assert found[0].index == index


def test_a_clean_cut_is_found_by_a_head_that_was_kept_elsewhere(tmp_path: Path) -> None:
    ledger = a_recorded_ledger(tmp_path)
    copy = ledger.head()
    ledger.attack(cut_cleanly)
    assert ledger.faults() == ()  # nothing in the database itself shows it
    (fault,) = ledger.faults(copies=[copy])
    assert (fault.code, fault.index) == ("ledger-truncated", 280)
    assert "280 entries; a head signed over 300 was kept elsewhere" in fault.text


def test_a_clean_cut_that_went_on_growing_is_found_as_well(tmp_path: Path) -> None:
    ledger = a_recorded_ledger(tmp_path)
    copy = ledger.head()
    ledger.attack(cut_cleanly)
    world = a_world(ledger.url)
    world.clock.at = "2026-12-03T00:00:00Z"
    for number in range(40):
        with world.store.writing() as writing:
            writing.append(a_draft(kind="check-posted", payload={"n": number}))
    world.store.close()
    (fault,) = ledger.faults(copies=[copy])
    assert fault.code == "copy-differs"
