"""Turns: those who wait share a commit, and each is told the truth about its own work."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from builders_ledger import KEY
from builders_postgresql import emptied, postgresql_url
from builders_store import a_draft, a_known_repository, a_world, sqlite_url
from sqlalchemy.exc import OperationalError

from gate.adapters.db import turns as turns_module
from gate.adapters.db.ledger_verification import verify_tree
from gate.adapters.db.turns import Turns
from gate.core.ledger.merkle import leaf_hash, root_of
from gate.usecases.store_ports import StoreError

SECONDS = 30


@dataclass
class Database:
    """What a database keeps: texts, in transactions with savepoints. It may refuse a statement or a commit."""

    kept: list[str] = field(default_factory=list)
    commits: int = 0
    refuses: str = ""
    may_commit: threading.Event = field(default_factory=threading.Event)
    work: list[str] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)

    @contextmanager
    def begin(self) -> Iterator[Any]:
        self.work, self.marks = [], []
        yield self
        assert self.may_commit.wait(SECONDS)
        self._may("COMMIT")
        self.commits += 1
        self.kept += self.work

    def exec_driver_sql(self, statement: str) -> None:
        self._may(statement)
        verb = statement.partition(" ")[0]
        if verb == "SAVEPOINT":
            self.marks.append(len(self.work))
        elif verb == "ROLLBACK":
            del self.work[self.marks[-1] :]
        else:
            self.marks.pop()

    def _may(self, statement: str) -> None:
        if self.refuses and statement.startswith(self.refuses):
            raise OperationalError(statement, None, Exception("no"))


class Writers:
    """Threads that write one text each; the first waits within its block until the others are in the queue."""

    def __init__(self, database: Database, *, wait_seconds: float = SECONDS) -> None:
        self.database = database
        self.turns = Turns(database.begin, wait_seconds=wait_seconds)
        self.pool = ThreadPoolExecutor(40)

    def write(self, name: str, before: Callable[[], object] = lambda: None, error: Exception | None = None) -> None:
        with self.turns.writing() as connection:
            connection.work.append(name)  # type: ignore[attr-defined]
            before()
            if error is not None:
                raise error

    def at_once(self, *names: str, failing: tuple[str, ...] = ()) -> dict[str, Future[None]]:
        """All of them, so that the others wait while the first one is within its block."""
        inside, all_wait = threading.Event(), threading.Event()

        def first() -> None:
            inside.set()
            assert all_wait.wait(SECONDS)

        told = {names[0]: self.pool.submit(self.write, names[0], first, error_of(names[0], failing))}
        assert inside.wait(SECONDS)
        for number, name in enumerate(names[1:], start=1):
            told[name] = self.pool.submit(self.write, name, lambda: None, error_of(name, failing))
            until(lambda wanted=number: len(self.turns._queue) == wanted)  # type: ignore[misc]
        all_wait.set()
        return told


def error_of(name: str, failing: tuple[str, ...]) -> Exception | None:
    return ValueError(name) if name in failing else None


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.0005)


def outcomes(told: dict[str, Future[None]]) -> dict[str, type[BaseException] | None]:
    found = {name: future.exception(SECONDS) for name, future in told.items()}
    return {name: None if error is None else type(error) for name, error in found.items()}


@pytest.fixture(autouse=True)
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns_module, "MOST_SECONDS", SECONDS)


@pytest.fixture
def database() -> Database:
    made = Database()
    made.may_commit.set()
    return made


class TestSharing:
    def test_those_who_wait_while_one_writes_are_kept_by_its_commit_in_order(self, database: Database) -> None:
        told = Writers(database).at_once("a", "b", "c", "d")
        assert outcomes(told) == dict.fromkeys("abcd")
        assert (database.kept, database.commits) == (list("abcd"), 1)

    def test_nobody_is_told_before_the_commit_is_durable(self, database: Database) -> None:
        database.may_commit.clear()
        told = Writers(database).at_once("a", "b", "c")
        until(lambda: database.work == ["a", "b", "c"])
        assert not any(future.done() for future in told.values())
        database.may_commit.set()
        assert outcomes(told) == dict.fromkeys("abc")

    def test_a_commit_is_shared_by_no_more_than_a_few(self, database: Database) -> None:
        names = [f"{number:02}" for number in range(turns_module.MOST_MEMBERS + 3)]
        told = Writers(database).at_once(*names)
        assert set(outcomes(told).values()) == {None}
        assert (database.kept, database.commits) == (names, 2)

    def test_who_writes_alone_needs_no_savepoint(self, database: Database) -> None:
        database.refuses = "SAVEPOINT"
        Writers(database).write("a")
        assert database.kept == ["a"]


class TestErrors:
    def test_work_whose_block_raised_is_in_no_commit_and_that_of_others_is(self, database: Database) -> None:
        told = Writers(database).at_once("a", "b", "c", failing=("b",))
        assert outcomes(told) == {"a": None, "b": ValueError, "c": None}
        assert database.kept == ["a", "c"]

    def test_where_the_first_raises_the_next_begins_anew(self, database: Database) -> None:
        told = Writers(database).at_once("a", "b", "c", failing=("a",))
        assert outcomes(told) == {"a": ValueError, "b": None, "c": None}
        assert database.kept == ["b", "c"]

    def test_a_commit_that_fails_fails_for_all_whose_work_it_held(self, database: Database) -> None:
        database.refuses = "COMMIT"
        writers = Writers(database)
        assert outcomes(writers.at_once("a", "b", "c")) == {"a": OperationalError, "b": StoreError, "c": StoreError}
        database.refuses = ""
        writers.write("d")
        assert database.kept == ["d"]

    def test_work_that_cannot_be_taken_back_keeps_all_of_it_from_being_kept(self, database: Database) -> None:
        database.refuses = "ROLLBACK"
        told = Writers(database).at_once("a", "b", "c", failing=("b",))
        assert outcomes(told) == {"a": StoreError, "b": ValueError, "c": None}
        assert database.kept == ["c"]

    def test_who_waits_too_long_is_told_and_the_others_go_on(self, database: Database) -> None:
        database.may_commit.clear()
        writers = Writers(database, wait_seconds=0.05)
        first = writers.pool.submit(writers.write, "a")
        until(lambda: database.work == ["a"])
        with pytest.raises(StoreError, match="busy with other work"):
            writers.write("b")
        database.may_commit.set()
        assert first.exception(SECONDS) is None
        writers.write("c")
        assert database.kept == ["a", "c"]

    def test_a_transaction_within_another_one_is_refused(self, database: Database) -> None:
        writers = Writers(database)
        with pytest.raises(StoreError, match="within another"):
            writers.write("a", lambda: writers.write("b"))
        assert database.kept == []

    @pytest.mark.parametrize("is_turn_come", [False, True])
    def test_an_interrupt_of_one_who_waits_keeps_nobody_else_from_writing(
        self, database: Database, *, is_turn_come: bool
    ) -> None:
        writers, may_end = Writers(database), threading.Event()

        def interrupt(*_: object) -> None:
            if is_turn_come:
                may_end.set()
                until(lambda: not writers.turns._queue)
            raise KeyboardInterrupt

        first = writers.pool.submit(writers.write, "a", lambda: until(may_end.is_set))
        until(lambda: database.work == ["a"])
        former = signal.signal(signal.SIGALRM, interrupt)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            with pytest.raises(KeyboardInterrupt):
                writers.write("b")
        finally:
            signal.signal(signal.SIGALRM, former)
        may_end.set()
        assert first.exception(SECONDS) is None
        writers.write("c")
        assert database.kept == ["a", "c"]

    def test_an_interrupt_waits_for_whoever_is_within_its_block(self) -> None:
        class Interrupted:
            def __init__(self) -> None:
                self.calls = 0

            def acquire(self) -> None:
                self.calls += 1
                if self.calls == 1:
                    raise KeyboardInterrupt

        ended: Any = Interrupted()
        with pytest.raises(KeyboardInterrupt):
            turns_module._await(ended)
        assert ended.calls == 2


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_eight_writers_who_share_commits_leave_one_whole_ledger(kind: str, tmp_path: Path) -> None:
    world = a_world(sqlite_url(tmp_path) if kind == "sqlite" else emptied(postgresql_url()))
    a_known_repository(world.store)

    def write(name: int) -> dict[int, tuple[int, int]]:
        told = {}
        for step in range(12):
            try:
                with world.store.writing() as writing:
                    index = writing.append(a_draft(name, payload={"name": name, "step": step}))
                    writing.save_setting(f"{name}", f"{step}")
                    _ = 1 // (2 - step % 3)  # every third fails after it wrote
            except ZeroDivisionError:
                continue
            told[index] = (name, step)
        return told

    with ThreadPoolExecutor(8) as pool:
        told = {index: act for found in pool.map(write, range(8)) for index, act in found.items()}
    with world.store.reading() as reading:
        checkpoint = reading.checkpoint()
        assert checkpoint is not None
        entries = list(reading.ledger_entries(0, checkpoint.size))
        sizes = [one.size for one in reading.checkpoints(limit=1000)]
        assert {reading.setting(f"{name}") for name in range(8)} == {"10"}
    assert root_of([leaf_hash(entry.content) for entry in entries]) == checkpoint.root
    payloads = {entry.index: (entry.payload()["name"], entry.payload()["step"]) for entry in entries}
    assert payloads == told
    assert sizes == list(range(1, 65))
    assert verify_tree(world.url, [KEY]).faults == ()
    world.store.close()
