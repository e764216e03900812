"""Ledger verification in portions: many processes find what one finds, wherever it is."""

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest
from builders_ledger import KEY, Ledger, a_large_ledger, a_recorded_ledger
from builders_store import a_draft, a_world

from gate.adapters.db.helpers import Helpers, helping
from gate.adapters.db.ledger_verification import ledger_size, verify_tree

ENTRIES = 3 * 65_536 + 300
PORTIONS = 4
EARLIER = "UPDATE ledger_entries SET content = CAST(replace(content, '2026-12', '2026-11') AS BLOB)"
OTHER = "UPDATE ledger_entries SET content = CAST(replace(content, '\"n\":1', '\"n\":2') AS BLOB)"


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


def test_a_ledger_of_many_portions_holds_and_tells_how_far_it_is(large: Ledger) -> None:
    told: Any = []
    found = verify_tree(large.url, [KEY], progress=told.append)
    assert found.faults == ()
    assert (found.entries, found.checkpoints) == (ENTRIES, 4)
    assert sum(told) == ENTRIES == ledger_size(large.url)
    assert len(told) == PORTIONS


HELPED = """
import resource, sys
from gate.adapters.db.helpers import helping
from gate.adapters.db.ledger_verification import verify_tree
from gate.core.ledger.signing_keys import SigningKey

url, name, key = sys.argv[1:]
with helping(url, processes=2) as helpers:
    found = verify_tree(url, [SigningKey(name, bytes.fromhex(key))], helpers=helpers)
children = resource.getrusage(resource.RUSAGE_CHILDREN)
print(found.entries, found.checkpoints, *[(one.code, one.index) for one in found.faults], children.ru_utime > 0.02)
"""


def test_a_helper_takes_portions_and_names_the_same_faults(tmp_path: Path, large: Ledger) -> None:
    copy = attacked(large, tmp_path, f"{EARLIER} WHERE idx IN (9, 196700)")
    command = [sys.executable, "-c", HELPED, copy.url, KEY.name, KEY.public_key.hex()]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split(" ", 2)
    alone = verify_tree(copy.url, [KEY])
    assert {one.index for one in alone.faults} == {9, 196_700, ENTRIES}  # and the head, which follows from the second
    faults = " ".join(str((one.code, one.index)) for one in alone.faults)
    assert told == [str(ENTRIES), "4", f"{faults} True\n"]


def test_nobody_helps_where_the_database_is_open_already(large: Ledger) -> None:
    with sqlite3.connect(large.file) as connection, helping(large.url, processes=2) as helpers:
        connection.execute("SELECT 1 FROM ledger_head").fetchall()
        assert helpers.pool is None
    connection.close()


def test_nobody_helps_where_other_threads_run(large: Ledger) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    with helping(large.url, processes=2) as helpers:
        assert helpers.pool is None
    stop.set()
    thread.join()


def test_what_a_dead_helper_left_undone_is_to_be_done_here() -> None:
    left: Future[int] = Future()
    left.set_running_or_notify_cancel()
    left.set_exception(BrokenProcessPool())
    assert Helpers().result(left) is None


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
        (f"{OTHER} WHERE idx = 196700", "entry-edited", 196_700),
        (f"{OTHER} WHERE idx = 70000", "entry-edited", 70_000),
        ("DELETE FROM ledger_entries WHERE idx BETWEEN 65000 AND 65535", "entry-missing", 65_000),
        ("DELETE FROM ledger_entries WHERE idx = 131072", "entry-missing", 131_072),
        ("UPDATE ledger_tiles SET root = zeroblob(32) WHERE level = 1 AND idx = 0", "tile-differs", 0),
        ("DELETE FROM ledger_tiles WHERE level = 0 AND idx = 300", "tile-missing", 300 * 256),
    ],
)
def test_a_fault_in_any_portion_is_named(tmp_path: Path, large: Ledger, statement: str, code: str, index: int) -> None:
    found = verify_tree(attacked(large, tmp_path, statement).url, [KEY])
    assert (found.faults[0].code, found.faults[0].index) == (code, index)
