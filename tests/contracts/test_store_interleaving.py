"""The store under many hands at once: nothing waits in circles, nothing is lost between two of them."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from builders_facts import AT
from builders_store import REPOSITORY, TENANT, a_change_row, a_draft, a_job, a_key, a_repository, record_judgement

from gate.core.forge.snapshot import ForgeAccount, ForgePush, RepositoryKey
from gate.usecases.store_ports import StaleGenerationError
from gate.usecases.stored import Delivery

LATER = "2026-12-01T13:00:00Z"


def run_together(*works: Callable[[], None]) -> None:
    """Run all at once, and raise what any of them raised."""
    failures = []

    def guarded(work: Any) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert failures == []
    assert not any(thread.is_alive() for thread in threads)


def a_judge(store: Any, numbers: Any) -> Any:
    def judge() -> None:
        for number in numbers:
            with suppress(StaleGenerationError):
                record_judgement(store, a_change_row(number))

    return judge


def a_publisher(store: Any, numbers: Any) -> Any:
    def publish() -> None:
        for _ in range(20):
            with store.writing() as writing:
                for number in numbers:
                    change = writing.change(a_key(number))
                    if change is not None:
                        with suppress(StaleGenerationError):
                            writing.save_change(replace(change, published="success"))
                            writing.append(a_draft(number, kind="check-posted"))

    return publish


def a_deliverer(store: Any, prefix: Any) -> Any:
    def deliver() -> None:
        for number in range(15):
            with store.writing() as writing:
                writing.save_repository(a_repository())
                writing.save_push(RepositoryKey(TENANT, REPOSITORY), ForgePush(ForgeAccount(1, "a"), f"{number:040x}"))
                writing.add_delivery(Delivery(f"{prefix}-{number}", "push", AT, b"{}"))
                for change in (3, 1, 2) if number % 2 else (2, 3, 1):
                    writing.enqueue(a_job(dedupe=f"judge:{change}", lane=f"judge:{change}"))
                writing.append(a_draft(kind="protection-changed"))

    return deliver


class TestTogether:
    def test_judges_publishers_and_deliverers_never_wait_in_circles(self, world: Any) -> None:
        other = world.opened_again()
        a_judge(world.store, [1, 2, 3])()
        run_together(
            a_judge(world.store, [1, 2, 3] * 5),
            a_judge(other, [3, 2, 1] * 5),
            a_publisher(world.store, [1, 2, 3]),
            a_publisher(other, [3, 2, 1]),
            a_deliverer(world.store, "x"),
            a_deliverer(other, "y"),
        )
        with world.store.reading() as reading:
            for number in (1, 2, 3):
                change = reading.change(a_key(number))
                assert change.judged_generation <= change.generation
                assert reading.verdict(a_key(number)).generation == change.judged_generation
            size = reading.checkpoint().size
            assert reading.ledger_entry(size - 1) is not None
            assert reading.ledger_entry(size) is None
        assert world.store.waiting_jobs() == {"judge": 3}
        other.close()

    def test_generations_are_never_given_twice(self, world: Any) -> None:
        stores = [world.store, world.opened_again()]
        given = []

        def begin(store: Any) -> None:
            for _ in range(20):
                with store.writing() as writing:
                    generation = writing.begin_judgement(a_key())
                given.append(generation)

        run_together(*(lambda store=store: begin(store) for store in stores * 2))
        assert sorted(given) == list(range(1, 81))
        stores[1].close()


class TestReadingBeforeWriting:
    def test_what_was_read_is_never_written_back_over_something_newer(self, world: Any) -> None:
        stores = [world.store, world.opened_again()]

        def count(store: Any) -> None:
            for _ in range(25):
                with store.writing() as writing:
                    number = int(writing.setting("count") or 0)
                    writing.save_setting("count", str(number + 1))

        run_together(*(lambda store=store: count(store) for store in stores * 2))
        with world.store.reading() as reading:
            assert reading.setting("count") == "100"
        stores[1].close()


class TestJobsAskedForWhileTheyRun:
    def test_a_run_always_begins_after_the_last_time_it_was_asked_for(self, world: Any) -> None:
        # Two stores of one process meet in SQLite's sleeping busy handler, which takes seconds here.
        stores = [world.store, world.store if world.url.startswith("sqlite") else world.opened_again()]
        lock = threading.Lock()
        asked, seen, is_over = [0], [0], threading.Event()

        def ask(store: Any) -> None:
            for _ in range(25):
                with lock:
                    asked[0] += 1
                    with store.writing() as writing:
                        writing.enqueue(a_job(dedupe="d", lane="d"))

        def work(store: Any) -> None:
            while True:
                is_last = is_over.is_set()
                claimed = store.claim(AT, lease_seconds=600)
                if claimed is not None:
                    seen[0] = max(seen[0], asked[0])
                    store.finish(claimed)
                elif is_last:
                    return

        def ask_all() -> None:
            run_together(*(lambda store=store: ask(store) for store in stores))
            is_over.set()

        run_together(ask_all, lambda: work(stores[0]), lambda: work(stores[1]))
        assert asked[0] == 50
        assert seen[0] == 50
        assert world.store.waiting_jobs() == {}
        stores[1].close()


WORKER = """
import sys, time
sys.path.insert(0, sys.argv[2])
from builders_facts import AT
from builders_store import a_world
store = a_world(sys.argv[1]).store
print(store.claim(AT, lease_seconds=60).job.payload["number"], flush=True)
time.sleep(600)
"""


class TestKilledWorkers:
    def test_the_job_of_a_worker_that_was_killed_runs_again(self, world: Any) -> None:
        with world.store.writing() as writing:
            writing.enqueue(a_job(payload={"number": 41}, lane="x"))
            writing.enqueue(a_job(payload={"number": 42}, lane="x", run_at="2026-12-01T12:00:01Z"))
        command = [sys.executable, "-c", WORKER, world.url, str(Path(__file__).parents[1])]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "41\n"
            os.kill(process.pid, signal.SIGKILL)
        assert world.store.claim("2026-12-01T12:00:59Z", lease_seconds=60) is None
        assert world.store.claim(LATER, lease_seconds=60).job.payload == {"number": 41}
