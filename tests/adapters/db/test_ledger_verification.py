"""Ledger verification in portions: many processes find what one finds, wherever it is."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from builders_ledger import KEY, Ledger, a_large_ledger, a_recorded_ledger
from builders_store import a_draft, a_world

from gate.adapters.db import ledger_verification
from gate.adapters.db.ledger_verification import ledger_size, verify_tree

ENTRIES = 3 * 65_536 + 300
PORTIONS = 4


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A ledger of three portions, whose last transaction was small."""
    return a_large_ledger(tmp_path_factory.mktemp("large"), ENTRIES, each=50_000)


def attacked(large: Ledger, folder: Path, statement: str) -> Ledger:
    copy = Ledger(folder / "gate.db")
    with sqlite3.connect(large.file) as source, sqlite3.connect(copy.file) as target:
        source.backup(target)
    copy.attack(statement)
    return copy


@pytest.mark.parametrize("few", [1, PORTIONS])
def test_a_ledger_of_many_portions_holds_and_tells_how_far_it_is(
    large: Ledger, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_verification, "_FEW", few)  # one ledger, with helpers and without
    told: Any = []
    found = verify_tree(large.url, [KEY], processes=2, progress=told.append)
    assert found.faults == ()
    assert (found.entries, found.checkpoints) == (ENTRIES, 4)
    assert sum(told) == ENTRIES == ledger_size(large.url)
    assert len(told) == PORTIONS


def test_what_is_appended_meanwhile_is_no_fault(tmp_path: Path) -> None:
    ledger = a_recorded_ledger(tmp_path)
    world = a_world(ledger.url)
    world.clock.at = "2026-12-05T00:00:00Z"

    def append(_: int) -> None:
        with world.store.writing() as writing:
            for _ in range(300):
                writing.append(a_draft(kind="check-posted"))

    told: Any = []
    append(0)
    found = verify_tree(ledger.url, [KEY], progress=lambda count: (told.append(count), append(count)))
    assert found.faults == ()
    assert found.entries == sum(told) == 600
    assert ledger_size(ledger.url) == 900
    world.store.close()


@pytest.mark.parametrize(
    ("statement", "code", "index"),
    [
        ("UPDATE ledger_entries SET content = zeroblob(9) WHERE idx = 196700", "entry-edited", 196_700),
        ("UPDATE ledger_tiles SET root = zeroblob(32) WHERE level = 1 AND idx = 0", "tile-differs", 0),
        ("DELETE FROM ledger_tiles WHERE level = 0 AND idx = 300", "tile-missing", 300 * 256),
    ],
)
def test_a_fault_in_any_portion_is_named(tmp_path: Path, large: Ledger, statement: str, code: str, index: int) -> None:
    found = verify_tree(attacked(large, tmp_path, statement).url, [KEY])
    assert (found.faults[0].code, found.faults[0].index) == (code, index)


def test_a_label_that_spans_several_keys_of_the_bytes_is_no_label(tmp_path: Path) -> None:
    ledger = a_recorded_ledger(tmp_path)
    world = a_world(ledger.url)
    world.clock.at = "2026-12-05T00:00:00Z"
    with world.store.writing() as writing:
        index = writing.append(a_draft(kind="check-posted", payload={"a": {"n": 1, "subject": "change:7/501/9"}}))
        content = writing.ledger_entry(index).content.decode()  # type: ignore[union-attr]
    world.store.close()
    wide = content.removesuffix('"}').partition(',"subject":"')[2]
    assert '"' in wide
    ledger.attack(f"UPDATE ledger_entries SET subject = '{wide}' WHERE idx = {index}")  # noqa: S608  # an attack of our own
    assert [(one.code, one.index) for one in verify_tree(ledger.url, [KEY]).faults] == [("entry-mislabelled", index)]


def test_a_label_that_is_no_text_is_named(tmp_path: Path) -> None:
    ledger = a_recorded_ledger(tmp_path)
    ledger.attack("UPDATE ledger_entries SET kind = x'41' WHERE idx = 50")
    assert (verify_tree(ledger.url, [KEY]).faults[0].code) == "entry-edited"
