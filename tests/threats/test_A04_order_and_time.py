"""A04: entries in another order, or said to be of another time, are found; a clock that stepped back is an entry."""

from pathlib import Path
from typing import Any

import pytest
from builders_ledger import a_recorded_ledger, store_labels
from builders_store import a_draft, a_world, sqlite_url

SWAP = [
    "CREATE TEMP TABLE kept AS SELECT * FROM ledger_entries WHERE idx IN (50, 51)",
    "UPDATE ledger_entries SET content = k.content FROM kept k WHERE k.idx = 101 - ledger_entries.idx",
]

EARLIER = "UPDATE ledger_entries SET content = CAST(replace(content, '2026-12', '2026-11') AS BLOB) WHERE idx = {index}"


@pytest.mark.parametrize(
    ("statements", "code", "index"),
    [
        (SWAP, "entry-backdated", 51),
        (SWAP, "entry-mislabelled", 50),
        ([EARLIER.format(index=77)], "entry-backdated", 77),
        ([EARLIER.format(index=0)], "entry-edited", 0),
        ([store_labels, "UPDATE ledger_entries SET at = '2026-11-01T00:00:00Z' WHERE idx = 0"], "entry-mislabelled", 0),
    ],
)
def test_it_is_found_and_named(tmp_path: Path, statements: Any, code: Any, index: Any) -> None:
    ledger = a_recorded_ledger(tmp_path)
    ledger.attack(*statements)
    found = ledger.faults()
    assert (code, index) in {(one.code, one.index) for one in found}
    assert found[0].index == min(50, index) if statements is SWAP else found[0].index == index


def test_an_entry_is_never_recorded_before_the_one_before_it(tmp_path: Path) -> None:
    world = a_world(sqlite_url(tmp_path))
    with world.store.writing() as writing:
        writing.append(a_draft())
    world.clock.at = "2026-11-30T00:00:00Z"
    with world.store.writing() as writing:
        writing.append(a_draft())
    with world.store.reading() as reading:
        entries = list(reading.ledger_entries(0, 10))
    assert [entry.kind for entry in entries] == ["verdict-changed", "anomaly-seen", "verdict-changed"]
    assert len({entry.at for entry in entries}) == 1
    world.store.close()
