"""Turns: the writers of a process take turns; those who wait while one writes share its durable commit."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from gate.usecases.store_ports import StoreError

MOST_MEMBERS = 16
MOST_SECONDS = 0.05
"""How many writers share a commit at most, and for how long further ones are let in: nobody waits much longer."""
_SAVEPOINT, _BACK, _RELEASE = "SAVEPOINT writer", "ROLLBACK TO SAVEPOINT writer", "RELEASE SAVEPOINT writer"


class _Signal(Protocol):
    """A lock that is held from the start: who waits acquires it, who signals releases it, once."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...  # noqa: FBT001, FBT002  # as locks have it
    def release(self) -> None: ...


def _signal() -> _Signal:
    made = threading.Lock()
    made.acquire()
    return made


@dataclass(slots=True, eq=False)
class _Place:
    """A writer in the queue. `connection` is that of the transaction it is called into; None: it begins its own."""

    called: threading.Event = field(default_factory=threading.Event)
    ended: _Signal = field(default_factory=_signal)
    decided: _Signal = field(default_factory=_signal)
    connection: Connection | None = None
    is_broken: bool = False
    error: BaseException | None = None


class Turns:
    """The turns of one process at one database.

    INVARIANT: a writer's block runs alone; it is told that its work is kept only once the commit that holds it is
    durable, and work of which the block raised is kept in no commit (tests/adapters/db/test_turns.py).
    """

    def __init__(self, begin: Callable[[], AbstractContextManager[Connection]], *, wait_seconds: float) -> None:
        """Take what begins a transaction and commits it at its end, and how long a writer waits for its turn."""
        self._begin = begin
        self._wait_seconds = wait_seconds
        self._mutex = threading.Lock()
        self._queue: deque[_Place] = deque()
        self._is_taken = False
        self._inside: int | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose work is kept durably once the block has ended, or not at all. Raises StoreError."""
        if self._inside == threading.get_ident():
            raise StoreError("A transaction was begun within another one.", next_step="This is a fault of the gate.")
        place = self._wait()
        with self._leading() if place.connection is None else self._following(place, place.connection) as connection:
            yield connection

    def _wait(self) -> _Place:
        place = _Place()
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return place
            self._queue.append(place)
        try:
            is_called = place.called.wait(self._wait_seconds) or not self._left(place)
        except BaseException:
            if not self._left(place):
                self._hand_back(place)
            raise
        if not is_called:
            raise StoreError("The database is busy with other work.", next_step="Try again soon.")
        return place

    def _left(self, place: _Place) -> bool:
        """Leave the queue; return False for a writer whose turn came at this very moment, once it has come."""
        with self._mutex:
            if place in self._queue:
                self._queue.remove(place)
                return True
        place.called.wait()
        return False

    def _hand_back(self, place: _Place) -> None:
        """Let the next one write in the turn of a writer who was interrupted: nobody may wait for it for ever."""
        if place.connection is None:
            self._give_on()
        else:
            place.ended.release()

    @contextmanager
    def _leading(self) -> Iterator[Connection]:
        members: list[_Place] = []
        error: BaseException | None = None
        try:
            with self._begin() as connection:
                with self._within():
                    yield connection
                self._let_in(connection, members)
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._give_on()
            for member in members:
                member.error = error
                member.decided.release()

    def _let_in(self, connection: Connection, members: list[_Place]) -> None:
        """Have those who wait write into the same transaction, one after the other."""
        until = time.monotonic() + MOST_SECONDS
        while len(members) < MOST_MEMBERS and time.monotonic() < until:
            with self._mutex:
                if not self._queue:
                    return
                place = self._queue.popleft()
            place.connection = connection
            members.append(place)
            place.called.set()
            _await(place.ended)
            if place.is_broken:
                raise StoreError("The connection to the database broke.", next_step="Try again soon.")

    @contextmanager
    def _following(self, place: _Place, connection: Connection) -> Iterator[Connection]:
        try:
            with self._within():
                connection.exec_driver_sql(_SAVEPOINT)
                yield connection
                connection.exec_driver_sql(_RELEASE)
        except BaseException:
            place.is_broken = not _is_taken_back(connection)
            raise
        finally:
            place.ended.release()
        place.decided.acquire()
        if place.error is not None:
            step = "Look at the database, its disk and its connection."
            raise StoreError("The commit that this was part of did not succeed.", next_step=step) from place.error

    @contextmanager
    def _within(self) -> Iterator[None]:
        self._inside = threading.get_ident()
        try:
            yield
        finally:
            self._inside = None

    def _give_on(self) -> None:
        with self._mutex:
            if self._queue:
                self._queue.popleft().called.set()
            else:
                self._is_taken = False


def _await(ended: _Signal) -> None:
    """Wait until a block has ended, an interrupt or not: its connection must not be closed under it."""
    try:
        ended.acquire()
    except BaseException:
        ended.acquire()
        raise


def _is_taken_back(connection: Connection) -> bool:
    try:
        connection.exec_driver_sql(_BACK)
        connection.exec_driver_sql(_RELEASE)
    except SQLAlchemyError:
        return False
    return True
