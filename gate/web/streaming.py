"""Streaming: what a writer writes as the parts of an answer, as it is written, in flat memory."""

import queue
import threading
from collections.abc import Callable, Iterator

_WAITING_PARTS = 64
_PATIENCE_SECONDS = 300.0
_PART = 1 << 16
Part = bytes | BaseException | None
"""Some bytes, what went wrong, or the end."""


class StoppedError(Exception):
    """Nobody reads the answer any more."""


def streamed(work: Callable[[Callable[[bytes], object]], object]) -> Iterator[bytes]:
    """Yield what `work` writes. What it raises before the first part is raised here before anything is answered.

    What it raises later ends the answer without its end, so that no reader takes it for whole. A reader that goes away
    stops the work.
    """
    pipe = _Pipe(work)
    threading.Thread(target=pipe.run, name="streamed", daemon=True).start()
    first = pipe.take()
    if isinstance(first, BaseException):
        raise first
    return pipe.rest(first)


class _Pipe:
    """What is written in one thread and read in another; the writer waits where the reader is slow."""

    def __init__(self, work: Callable[[Callable[[bytes], object]], object]) -> None:
        self._work = work
        self._parts: queue.Queue[Part] = queue.Queue(_WAITING_PARTS)
        self._is_over = threading.Event()
        self._buffer = bytearray()

    def run(self) -> None:
        """Do the work; what it raises is told to whoever reads."""
        last: Part = None
        try:
            self._work(self._write)
            self._put(bytes(self._buffer))
        except StoppedError:
            return
        except BaseException as error:  # noqa: BLE001  # told to who reads; nothing is swallowed
            last = error
        try:
            self._put(last)
        except StoppedError:
            return

    def take(self) -> Part:
        """Return the next part. Raises queue.Empty where nothing comes for five minutes."""
        return self._parts.get(timeout=_PATIENCE_SECONDS)

    def rest(self, part: Part) -> Iterator[bytes]:
        """Yield a part and all that follow it."""
        try:
            while part is not None:
                if isinstance(part, BaseException):
                    raise part
                yield part
                part = self.take()
        finally:
            self._is_over.set()

    def _write(self, raw: bytes) -> None:
        self._buffer.extend(raw)
        if len(self._buffer) >= _PART:
            self._put(bytes(self._buffer))
            self._buffer.clear()

    def _put(self, part: Part) -> None:
        while not self._is_over.is_set():
            try:
                self._parts.put(part, timeout=1.0)
            except queue.Full:
                continue
            return
        raise StoppedError
