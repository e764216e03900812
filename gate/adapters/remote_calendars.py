"""Remote calendars: iCalendar files at addresses of the records, fetched with care, and their last good copies."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import urlsplit

import requests

from gate.adapters.careful_http import CarelessError, Limits, Reach, careful_session, is_safe_address
from gate.core.errors import UnreadableError
from gate.core.values import dataclass
from gate.usecases.ports import RemoteCalendar

MAX_BYTES = 1_000_000
FRESH_SECONDS = 300
RETRY_SECONDS = 60
KEPT_SECONDS = 24 * 3600
"""For how long a copy stands for a calendar that cannot be read: a rotation older than a day is no rotation."""
_LIMITS = Limits(3.0, 3.0, 5.0, MAX_BYTES)
_PATIENCE_SECONDS = 6.0
_MOST = 64
_MOST_AT_ONCE = 4
Fetch = Callable[[str, Reach], bytes]


@dataclass(slots=True)
class _Known:
    """What is known of one address: its last good copy, when it was read and asked last, and what was wrong."""

    raw: bytes = b""
    read_at: float = float("-inf")
    asked_at: float = float("-inf")
    why: str = ""


class RemoteCalendars:
    """Reads calendars at most every five minutes each. Safe to share between threads.

    SECURITY: whoever may write the records chooses these addresses, so they lead to the open internet alone, save to
    hosts that the operator names; they carry no secret, and what hangs or trickles holds nobody up (S05).
    """

    def __init__(
        self, *, hosts: frozenset[str], clock: Callable[[], float] = time.monotonic, fetch: Fetch | None = None
    ) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._clock = clock
        self._fetch = fetch or _fetched
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(_MOST_AT_ONCE)

    def __call__(self, address: str) -> RemoteCalendar:
        """Return a calendar's bytes and their age in seconds. Raises UnreadableError where no copy of a day is left."""
        host = _host_of(address)
        known, is_due = self._turn(address)
        if is_due:
            raw, why = self._asked(address, host)
            with self._lock:
                known.why = why
                if raw:
                    known.raw, known.read_at = raw, self._clock()
        age = self._clock() - known.read_at
        if not known.raw or age > KEPT_SECONDS:
            why = known.why or "it was not answered yet"
            raise UnreadableError(
                f"The calendar at {host} cannot be read: {why}.", next_step="Look at its address in the records."
            )
        return RemoteCalendar(known.raw, int(age) if known.why else 0)

    def _turn(self, address: str) -> tuple[_Known, bool]:
        """Return what is known of an address, and whether it is this caller's turn to ask."""
        with self._lock:
            now = self._clock()
            known = self._known.setdefault(address, _Known())
            self._known.move_to_end(address)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
            is_due = now - known.read_at >= FRESH_SECONDS and now - known.asked_at >= RETRY_SECONDS
            if is_due:
                known.asked_at = now
            return known, is_due

    def _asked(self, address: str, host: str) -> tuple[bytes, str]:
        """Return what an address answers, or why there is nothing.

        The asking is done aside: a peer that sends its headers a letter at a time holds up nobody but that thread.
        """
        if not self._turns.acquire(blocking=False):
            return b"", "too many calendars do not answer"
        found: list[tuple[bytes, str]] = []
        reach: Reach = "operator" if host in self._hosts else "public"

        def ask() -> None:
            try:
                found.append(self._answer(address, reach))
            finally:
                self._turns.release()

        thread = threading.Thread(target=ask, name="calendar", daemon=True)
        thread.start()
        thread.join(_PATIENCE_SECONDS)
        return found[0] if found else (b"", "it does not answer in time")

    def _answer(self, address: str, reach: Reach) -> tuple[bytes, str]:
        try:
            raw = self._fetch(address, reach)
        except CarelessError as error:
            return b"", str(error)
        except requests.RequestException as error:
            return b"", f"it does not answer ({type(error).__name__})"
        if not (raw.lstrip().startswith(b"BEGIN:VCALENDAR") and raw.rstrip().endswith(b"END:VCALENDAR")):
            return b"", "what it answers is no calendar"
        return raw, ""


def _host_of(address: str) -> str:
    """Return the host of an address. Raises UnreadableError for one that is no plain HTTPS address."""
    if not is_safe_address(address):
        step = "Write one that begins with https://, or the path of a file of the repository."
        raise UnreadableError("A calendar's address is none that can be read.", next_step=step)
    return (urlsplit(address).hostname or "").lower()


def _fetched(address: str, reach: Reach) -> bytes:
    headers = {"Accept": "text/calendar", "User-Agent": "signoff-gate"}
    with careful_session(_LIMITS, reach=reach) as session:
        response = session.get(address, headers=headers, allow_redirects=False)
    if response.status_code != requests.codes.ok:
        raise CarelessError(f"it answers {response.status_code}")
    return response.content
