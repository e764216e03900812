"""The ledger's speed: root, verification, durable appending, proofs; every ratio from interleaved rounds of one run."""

import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from builders_ledger import KEY, a_large_ledger, record_change
from builders_store import a_draft, a_known_repository, a_world, sqlite_url
from sqlalchemy import insert

from gate.adapters.db.helpers import helping
from gate.adapters.db.ledger_agreement import verify_agreement
from gate.adapters.db.ledger_verification import verify_tree
from gate.adapters.db.tables import ledger_entries
from gate.core.ledger.entries import entry_bytes
from gate.core.ledger.merkle import leaf_hashes, root_of
from gate.core.ledger.tlog_proof import TlogProof
from gate.usecases.prove_entries import prove_inclusion

ENTRIES = 1_000_000
ROUNDS = 5
APPENDED = 5_000
BATCH = 100
PROOFS = 200
CHANGES = 500
WRITERS = 4
MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own is made in it
"""Where a commit costs no disk: what the product alone allows."""


def report(entries: int = ENTRIES) -> str:
    """Return the table of bars 15 to 17, measured here and now."""
    folder = Path(tempfile.mkdtemp(prefix="gate-bench-ledger-"))
    try:
        rows = [*_tree(folder, entries), *_agreement(folder), *_appending(folder), *_postgresql()]
    finally:
        shutil.rmtree(folder)
    lines = ["| bar | measured | holds |", "| --- | --- | --- |"]
    lines += [f"| {bar} | {told} | {'yes' if holds else '**no**'} |" for bar, told, holds in rows]
    return "\n".join(lines)


def _tree(folder: Path, entries: int) -> list[tuple[str, str, bool]]:
    ledger = a_large_ledger(folder, entries, each=1_000)
    contents = [b'{"at":"2026-12-01T12:00:00Z","index":%d,"kind":"check-posted","payload":{"n":1}}' % n + b" " * 90
                for n in range(entries)]  # fmt: skip
    times = _interleaved({
        "floor": lambda: _floor(contents),
        "read": lambda: _read(ledger.file),
        "root": lambda: root_of(leaf_hashes(contents)),
        "one": lambda: _verified(ledger.url, 1),
        "two": lambda: _verified(ledger.url, 2),
    })  # fmt: skip
    floor = times["floor"]
    root, one, read = (times[name].on_processor / floor.on_processor for name in ("root", "one", "read"))
    two = times["two"].seconds / floor.seconds
    proof_ms, text = _proofs(ledger.url, entries)
    count = f"{entries:,} entries"
    return [
        (f"15. Root over {count}: at most 2.4x one bare SHA-256 each",
         f"{root:.2f}x; {times['root'].on_processor:.2f} s", root <= 2.4),
        (f"15. Tree of {count} verified from SQLite, one core: at most 4.5x",
         f"{one:.2f}x; {times['one'].on_processor:.2f} s", one <= 4.5),
        ("15. The same on two cores, by the clock: at most 2.5x",
         f"{two:.2f}x; {times['two'].seconds:.2f} s, {times['two'].on_processor:.2f} s of it the first process's own",
         two <= 2.5),
        ("Reading and hashing the same alone, one core (no bar)",
         f"{read:.2f}x; {times['read'].on_processor:.2f} s", True),
        ("17. Inclusion proof made in 1 ms", f"{proof_ms:.2f} ms", proof_ms <= 1),
        ("17. Its text at most 1.2 kB", f"{text} bytes", text <= 1200),
    ]  # fmt: skip


def _floor(contents: list[bytes]) -> None:
    for content in contents:
        sha256(content).digest()


def _read(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        for _, content in connection.execute("SELECT idx, content FROM ledger_entries ORDER BY idx"):
            sha256(content).digest()
    connection.close()


def _verified(url: str, processes: int) -> None:
    with helping(url, processes=processes) as helpers:
        found = verify_tree(url, [KEY], helpers=helpers)
    if found.faults:
        raise SystemExit(f"the benchmark's own ledger does not hold: {found.faults[0]}")


def _agreement(folder: Path) -> list[tuple[str, str, bool]]:
    """Return what comparing the tables with the ledger costs, with 30 entries a change."""
    place = folder / "agreement"
    place.mkdir()
    world = a_world(sqlite_url(place))
    a_known_repository(world.store)
    for number in range(1, CHANGES + 1):
        record_change(world.store, number)
    _append(world.store, a_draft(kind="check-posted"), 26 * CHANGES, 26 * CHANGES)
    world.store.close()
    spent = _interleaved({"agreement": lambda: _agreed(world.url)})["agreement"].on_processor
    return [
        (f"Tables of {CHANGES:,} changes compared with the ledger's entries (no bar)",
         f"{spent:.2f} s, {1000 * spent / CHANGES:.2f} ms a change", True),
    ]  # fmt: skip


def _agreed(url: str) -> None:
    found = verify_agreement(url)
    if found:
        raise SystemExit(f"the benchmark's own tables do not agree with the ledger: {found[0]}")


def _proofs(url: str, entries: int) -> tuple[float, int]:
    world = a_world(url)
    spent, longest = [], 0
    with world.store.reading() as reading:
        for number in range(PROOFS):
            began = time.process_time()
            proof: TlogProof = prove_inclusion(reading, number * (entries // PROOFS))
            spent.append(1000 * (time.process_time() - began))
            longest = max(longest, len(proof.text().encode()))
    world.store.close()
    return statistics.median(spent), longest


def _appending(folder: Path) -> list[tuple[str, str, bool]]:
    """Return how appending through the product compares with inserting the same finished entries into the same table.

    Both sides pay for what the table itself asks: labels derived for its index and checks, and the trigger.
    """
    places = [folder / name for name in ("whole", "bare", "single")]
    for place in places:
        place.mkdir()
    whole, bare, single = (a_world(sqlite_url(place)) for place in places)
    in_memory = Path(tempfile.mkdtemp(prefix="gate-bench-ledger-", dir=MEMORY if MEMORY.is_dir() else None))
    memory = a_world(sqlite_url(in_memory))
    draft = a_draft(kind="check-posted")
    made = [(index, entry_bytes(draft, index, {}, at=draft.at)) for index in range((ROUNDS + 1) * APPENDED)]
    finished = iter([{"idx": index, "content": content} for index, content in made])
    times = _interleaved({
        "whole": lambda: _append(whole.store, draft, APPENDED, BATCH),
        "bare": lambda: _insert(bare.store, finished, APPENDED, BATCH),
        "single": lambda: _append(single.store, draft, APPENDED // 5, 1),
        "together": lambda: _append_at_once(single.store, draft, APPENDED // 5),
        "memory": lambda: _append(memory.store, draft, APPENDED // 5, 1),
        "alone": lambda: _commit(folder / "alone.db", APPENDED // 5),
    })  # fmt: skip
    ratio = times["whole"].on_processor / times["bare"].on_processor
    rate = APPENDED / times["whole"].seconds
    one, alone = (APPENDED / 5 / times[name].seconds for name in ("single", "alone"))
    one_ms, alone_ms = (1000 * times[name].on_processor / (APPENDED / 5) for name in ("single", "alone"))
    together, fast = (APPENDED / 5 / times[name].seconds for name in ("together", "memory"))
    for world in (whole, bare, single, memory):
        world.store.close()
    shutil.rmtree(in_memory)
    return [
        ("16. Batches of 100 on SQLite: at most 1.8x inserting finished entries alone",
         f"{ratio:.2f}x; {rate:,.0f}/s", ratio <= 1.8),
        ("16. One entry a commit on SQLite: at least 1,200/s",
         f"{one:,.0f}/s; {one_ms:.2f} ms of processor time, {1000 / one_ms:,.0f} of them a second", one >= 1200),
        (f"16. The same, {WRITERS} writers at a time: at least 1,200/s",
         f"{together:,.0f}/s, {together / one:.2f} times as many", together >= 1200),
        (f"16. The same, one writer, where a disk does not limit it ({MEMORY}): at least 1,200/s", f"{fast:,.0f}/s",
         fast >= 1200),
        ("A smaller row committed by sqlite3 alone, synchronous=FULL (no bar)",
         f"{alone:,.0f}/s, {alone / one:.2f} times as many; {alone_ms:.2f} ms of processor time", True),
    ]  # fmt: skip


def _append(store: Any, draft: Any, count: int, batch: int) -> None:
    for _ in range(count // batch):
        with store.writing() as writing:
            for _ in range(batch):
                writing.append(draft)


def _append_at_once(store: Any, draft: Any, count: int) -> None:
    """Append one entry a transaction from several threads."""
    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(_append, store, draft, count // WRITERS, 1) for _ in range(WRITERS)]:
            done.result()


def _insert(store: Any, finished: Iterator[dict[str, object]], count: int, batch: int) -> None:
    for _ in range(count // batch):
        rows = list(islice(finished, batch))
        with store._transactions.writing() as connection:  # noqa: SLF001  # past the product, which is the point
            connection.execute(insert(ledger_entries), rows)


def _commit(file: Path, count: int) -> None:
    """Commit one row at a time with nothing but sqlite3, as durably as the product: what the disk allows."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS entries (idx INTEGER PRIMARY KEY, content BLOB, leaf_hash BLOB)")
        for _ in range(count):
            connection.execute("INSERT INTO entries (content, leaf_hash) VALUES (?, ?)", (b"x" * 174, os.urandom(32)))


def _postgresql() -> list[tuple[str, str, bool]]:
    from builders_postgresql import emptied, postgresql_url

    world = a_world(emptied(postgresql_url()))
    draft = a_draft(kind="check-posted")
    times = _interleaved({
        "batch": lambda: _append(world.store, draft, APPENDED, BATCH),
        "single": lambda: _append(world.store, draft, APPENDED // 10, 1),
        "together": lambda: _append_at_once(world.store, draft, APPENDED // 10),
    })  # fmt: skip
    batch = APPENDED / times["batch"].seconds
    single, together = (APPENDED / 10 / times[name].seconds for name in ("single", "together"))
    world.store.close()
    return [
        ("16. PostgreSQL, batches of 100: at least 5,000/s", f"{batch:,.0f}/s", batch >= 5000),
        ("PostgreSQL, one entry a commit (no bar)", f"{single:,.0f}/s", True),
        (f"PostgreSQL, one entry a commit, {WRITERS} writers at a time (no bar)", f"{together:,.0f}/s", True),
    ]


class Spent(NamedTuple):
    """What a task takes: by the clock, and on the processor by this process alone."""

    seconds: float
    on_processor: float


def _interleaved(tasks: dict[str, Callable[[], object]]) -> dict[str, Spent]:
    """Return the median of each task, all of them run in turn, after one round that does not count."""
    spent: dict[str, list[Spent]] = {name: [] for name in tasks}
    for number in range(ROUNDS + 1):
        for name, task in tasks.items():
            began, on_processor = time.perf_counter(), time.process_time()
            task()
            if number:
                spent[name].append(Spent(time.perf_counter() - began, time.process_time() - on_processor))
    return {name: Spent(*map(statistics.median, zip(*values, strict=True))) for name, values in spent.items()}


if __name__ == "__main__":
    print(report(int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES))
