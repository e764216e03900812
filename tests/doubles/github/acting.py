"""Acting: one lock, one clock and one sequence of ids, so that a world tells the same story every time."""

import datetime as dt
import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, cast


class Clock:
    """The time of the world: every act takes one second of it, and nothing else moves it but a test."""

    def __init__(self, start: str) -> None:
        self.instant = dt.datetime.fromisoformat(start)

    def now(self) -> str:
        """Return the present instant."""
        return self.instant.strftime("%Y-%m-%dT%H:%M:%SZ")

    def later(self, **span: float) -> str:
        """Move on by a time span (`days=2`, `seconds=90`) and return the instant then."""
        self.instant += dt.timedelta(**span)
        return self.now()


class Stage:
    """What every act happens on. The outermost act hands over its webhooks after it released the lock."""

    def __init__(self, start: str) -> None:
        self.clock = Clock(start)
        self.lock = threading.RLock()
        self.depth = 0
        self.numbers: dict[str, int] = {}

    def next_id(self, kind: str, first: int) -> int:
        """Return the next number of a kind."""
        self.numbers[kind] = self.numbers.get(kind, first - 1) + 1
        return self.numbers[kind]

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Hold the world still for one act."""
        with self.lock:
            self.depth += 1
            try:
                if self.depth == 1:
                    self.clock.later(seconds=1)
                yield
            finally:
                self.depth -= 1
                due = self.take_due() if not self.depth else []
        for deliver in due:
            deliver()

    def take_due(self) -> list[Callable[[], None]]:
        """Return what is to be done after an act, once."""
        return []


class OnStage(Protocol):
    """Anything that acts."""

    @property
    def world(self) -> Any: ...  # a World; naming it here would be a circle of imports


M = TypeVar("M", bound=Callable[..., Any])


def act(method: M) -> M:
    """Make a method one act of the world."""

    @functools.wraps(method)
    def acting(self: OnStage, *args: Any, **kwargs: Any) -> Any:
        with self.world.acting():
            return method(self, *args, **kwargs)

    return cast("M", acting)
