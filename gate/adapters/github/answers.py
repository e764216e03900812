"""Answers: GitHub's JSON read field by field, where a missing or odd field is an error with its name."""

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Generic, TypeGuard, TypeVar

from gate.core.change.facts import Instant
from gate.core.errors import UnreadableError
from gate.core.times import instant, moment_of, parse_instant

Row = Mapping[str, Any]
Value = TypeVar("Value")
_MAX_NUMBER = 2**53 - 1


class Recent(Generic[Value]):
    """Keeps the values used last, up to a total weight; safe to share between threads."""

    def __init__(self, weight: int) -> None:
        self._left = weight
        self._limit = weight
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        """Return what is kept, None where it is not (any more)."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: Value, weight: int = 1) -> None:
        """Keep a value; what was not used for longest goes. One that is too heavy alone is not kept."""
        with self._lock:
            self._drop(key)
            if weight > self._limit:
                return
            self._kept[key] = (value, weight)
            self._left -= weight
            while self._left < 0:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._left += gone[1]


def row_of(value: Any, what: str) -> Row:
    """Return a JSON object. Raises UnreadableError for anything else."""
    if not isinstance(value, Mapping):
        raise _odd(what)
    return value


def rows_of(value: Any, what: str) -> Sequence[Row]:
    """Return a JSON array of objects. Raises UnreadableError for anything else."""
    if not isinstance(value, list):
        raise _odd(what)
    return [row_of(item, what) for item in value]


def row_at(row: Row, key: str) -> Row:
    """Return an object in an object."""
    return row_of(row.get(key), key)


def optional_row(row: Row, key: str) -> Row | None:
    """Return an object in an object, None where it is null, absent or empty."""
    value = row.get(key)
    return row_of(value, key) if value else None


def text_at(row: Row, key: str) -> str:
    """Return a text. Raises UnreadableError where it is missing or none."""
    value = row.get(key)
    if not isinstance(value, str):
        raise _odd(key)
    return value


def optional_text(row: Row, key: str) -> str:
    """Return a text, empty where it is null or absent."""
    value = row.get(key)
    return value if isinstance(value, str) else ""


def number_at(row: Row, key: str) -> int:
    """Return a natural number that JSON holds exactly. Raises UnreadableError where it is missing or none."""
    value = row.get(key)
    if not is_count(value):
        raise _odd(key)
    return value


def is_count(value: Any) -> TypeGuard[int]:
    """Return whether a value is a natural number that JSON holds exactly."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_NUMBER


def sha_at(row: Row, key: str = "sha") -> str:
    """Return a full object id. Raises UnreadableError for anything else."""
    value = text_at(row, key)
    if not is_sha(value):
        raise _odd(key)
    return value


def is_sha(text: str) -> bool:
    """Return whether a text has the form of a full object id."""
    return len(text) in {40, 64} and all(letter in "0123456789abcdef" for letter in text)


def instant_at(row: Row, key: str) -> Instant:
    """Return a time in UTC to the second, empty where it is null or absent. Raises UnreadableError for what is none."""
    value = row.get(key)
    if not value:
        return ""
    try:
        return instant(moment_of(str(value)))
    except ValueError as error:
        raise _odd(key) from error


def instant_of(seconds: float) -> Instant:
    """Return seconds since 1970 as a time in UTC, to the second."""
    return instant(dt.datetime.fromtimestamp(int(seconds), dt.UTC))


def seconds_of(at: Instant) -> float:
    """Return a time as seconds since 1970."""
    return parse_instant(at).timestamp()


def _odd(what: str) -> UnreadableError:
    return UnreadableError(f"GitHub's answer has no usable `{what}`.", next_step="Try again; report it if it stays so.")
