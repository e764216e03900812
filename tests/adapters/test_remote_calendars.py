"""Remote calendars: the last good copy stands in for what cannot be read, for a day, and its age is told."""

import threading
from dataclasses import dataclass, field

import pytest
import requests

from gate.adapters.careful_http import Reach
from gate.adapters.remote_calendars import FRESH_SECONDS, KEPT_SECONDS, RETRY_SECONDS, RemoteCalendars
from gate.core.errors import UnreadableError
from gate.usecases.ports import RemoteCalendar

ADDRESS = "https://calendar.example.com/secret-part/payments.ics"
GOOD = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"


@dataclass
class Peer:
    """What an address answers, and how often it was asked."""

    answer: bytes | Exception = GOOD
    asked: list[tuple[str, Reach]] = field(default_factory=list)
    now: float = 1000.0

    def __call__(self, address: str, reach: Reach) -> bytes:
        self.asked.append((address, reach))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def calendars(peer: Peer, *hosts: str) -> RemoteCalendars:
    return RemoteCalendars(hosts=frozenset(hosts), clock=lambda: peer.now, fetch=peer)


class TestACalendarThatAnswers:
    def test_is_asked_once_in_five_minutes(self) -> None:
        peer = Peer()
        read = calendars(peer)
        assert read(ADDRESS) == read(ADDRESS) == RemoteCalendar(GOOD, 0)
        peer.now += FRESH_SECONDS - 1
        assert read(ADDRESS).age_seconds == 0
        assert len(peer.asked) == 1
        peer.now += 1
        read(ADDRESS)
        assert len(peer.asked) == 2

    def test_is_looked_for_on_the_open_internet_unless_the_operator_names_its_host(self) -> None:
        peer = Peer()
        calendars(peer)(ADDRESS)
        calendars(peer, "Calendar.Example.COM")(ADDRESS)
        assert [reach for _, reach in peer.asked] == ["public", "operator"]

    @pytest.mark.parametrize(
        "address", ["http://calendar.example.com/x.ics", "webcal://calendar.example.com/x", "https://u:p@calendar.example.com",
                    "file:///etc/passwd", "ftp://calendar.example.com/x.ics", "https://"],
    )  # fmt: skip
    def test_has_a_plain_https_address(self, address: str) -> None:
        peer = Peer()
        with pytest.raises(UnreadableError, match="none that can be read"):
            calendars(peer)(address)
        assert peer.asked == []


class TestACalendarThatDoesNotAnswer:
    @pytest.mark.parametrize(
        "answer",
        [requests.ConnectionError("x"), requests.ReadTimeout("x"), b"<html>Log in</html>", b"",
         b"BEGIN:VCALENDAR\r\nVERS"],
    )  # fmt: skip
    def test_is_stood_in_for_by_its_last_good_copy_whose_age_is_told(self, answer: bytes | Exception) -> None:
        peer = Peer()
        read = calendars(peer)
        read(ADDRESS)
        peer.answer, peer.now = answer, peer.now + 3 * 3600
        assert read(ADDRESS) == RemoteCalendar(GOOD, 3 * 3600)
        peer.answer, peer.now = GOOD, peer.now + RETRY_SECONDS
        assert read(ADDRESS) == RemoteCalendar(GOOD, 0)

    def test_is_not_asked_again_within_a_minute(self) -> None:
        peer = Peer(requests.ConnectionError("x"))
        read = calendars(peer)
        for _ in range(5):
            with pytest.raises(UnreadableError):
                read(ADDRESS)
        assert len(peer.asked) == 1

    def test_is_no_rotation_any_more_after_a_day_and_its_secret_address_is_never_told(self) -> None:
        peer = Peer()
        read = calendars(peer)
        read(ADDRESS)
        peer.answer, peer.now = requests.ConnectionError(ADDRESS), peer.now + KEPT_SECONDS + 1
        with pytest.raises(UnreadableError) as raised:
            read(ADDRESS)
        assert str(raised.value).startswith(
            "The calendar at calendar.example.com cannot be read: it does not answer (ConnectionError)."
        )
        assert "secret-part" not in str(raised.value)

    def test_holds_up_nobody_for_long_and_only_a_few_hang_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gate.adapters.remote_calendars._PATIENCE_SECONDS", 0.05)
        release = threading.Event()

        def hang(address: str, reach: Reach) -> bytes:
            del address, reach
            release.wait(20)
            return GOOD

        read = RemoteCalendars(hosts=frozenset(), fetch=hang)
        said = []
        for number in range(6):
            with pytest.raises(UnreadableError) as raised:
                read(f"https://c{number}.example.com/x.ics")
            said.append(str(raised.value))
        release.set()
        assert ["in time" in one for one in said] == [True] * 4 + [False] * 2
        assert "too many calendars do not answer" in said[-1]

    def test_a_host_of_the_inside_is_never_asked(self) -> None:
        read = RemoteCalendars(hosts=frozenset())
        for address in ("https://127.0.0.1/x.ics", "https://169.254.169.254/x.ics", "https://localhost/x.ics"):
            with pytest.raises(UnreadableError, match="leads to an address that is never asked"):
                read(address)
