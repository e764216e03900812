"""Helpers: further processes that share the work of reading a database, forked before anything of it is open."""

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from sqlalchemy import make_url

_DESCRIPTORS = Path("/proc/self/fd")
_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Helpers:
    """Processes that work beside this one; without a pool, nobody does."""

    pool: ProcessPoolExecutor | None = None

    def submit(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> "Future[_T] | None":
        """Offer work to the helpers, in the order in which they are to take it; None where there are none."""
        try:
            return None if self.pool is None else self.pool.submit(work, *args, **kwargs)
        except BrokenProcessPool:
            return None

    def result(self, future: "Future[_T] | None") -> _T | None:
        """Return what a helper made of its work, None where whoever asks is to do it: no helper has begun, or it died.

        Raises what the work raised.
        """
        if future is None or future.cancel():
            return None
        try:
            return future.result()
        except BrokenProcessPool:
            return None


@contextmanager
def helping(url: str, *, processes: int) -> Iterator[Helpers]:
    """Give `processes` - 1 helpers, ready within milliseconds; none where this process cannot be forked safely.

    SECURITY: a process that is forked while SQLite has the file open believes that it holds its parent's locks, and
    would read while others write. Threads may hold locks that no one in the fork ever releases.
    """
    if processes == 1 or sys.platform != "linux" or threading.active_count() > 1 or _is_open(url):
        yield Helpers()
        return
    with ProcessPoolExecutor(processes - 1, mp_context=multiprocessing.get_context("fork")) as pool:
        pool.submit(int)  # the first work forks all of them, before this process opens anything
        yield Helpers(pool)


def _is_open(url: str) -> bool:
    """Return whether this process has a SQLite database open; a connection to a server is nobody else's to use."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return False
    file = os.path.realpath(parsed.database.removeprefix("file:"))
    return any(_target(descriptor) == file for descriptor in _DESCRIPTORS.iterdir())


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except OSError:  # the one that lists the folder is gone by now
        return ""
