"""Turns: one at a time for the same thing within this process, so that a double click does not do its work twice."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Locks by name that exist while somebody holds or awaits them.

    They spare work only: that a link is used once is the store's promise, over all processes.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, tuple[threading.Lock, int]] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Wait until nobody else holds a name, and hold it."""
        with self._guard:
            lock, count = self._locks.get(name, (threading.Lock(), 0))
            self._locks[name] = lock, count + 1
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, count = self._locks[name]
                if count == 1:
                    del self._locks[name]
                else:
                    self._locks[name] = lock, count - 1
