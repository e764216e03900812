"""S05: nobody but the operator chooses where the gate sends a request, and what answers is bounded."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders_notify import a_certificate
from builders_trackers import a_note
from doubles.trackers.own import SECRET, OwnDouble
from doubles.trackers.server import Fault, Server

from gate.adapters.notify.services_apprise import AppriseServices
from gate.adapters.trackers.line import Line, required_address
from gate.adapters.trackers.webhook import TicketWebhook
from gate.core.errors import UsageError
from gate.usecases.tracker_ports import TrackerError


@pytest.fixture
def server() -> Iterator[Server]:
    double = OwnDouble()
    double.a_ticket("OWN-1")
    made = Server(double)
    yield made
    made.stop()


def fetched_with(server: Server, fault: Fault, *, seconds: float = 4.0) -> TrackerError:
    server.fault_for = lambda _: fault
    line = Line("The tracker", server.url, headers={}, seconds=seconds)
    with pytest.raises(TrackerError) as raised:
        line.send("GET", "/")
    return raised.value


class TestWhereARequestGoes:
    def test_a_redirect_is_an_error_and_is_not_followed(self, server: Server) -> None:
        assert "answered 307" in str(fetched_with(server, "redirect"))
        assert len(server.seen) == 1

    @pytest.mark.parametrize(
        "address",
        [
            "http://tracker.example.com",
            "file:///etc/passwd",
            "https://user:secret@tracker.example.com",
            "https://",
            "//tracker.example.com",
            "gopher://127.0.0.1",
            "https://tracker.example.com?x=1",
        ],
    )
    def test_an_address_that_a_secret_must_not_go_to_is_refused_at_the_start(self, address: str) -> None:
        with pytest.raises(UsageError, match="none that a secret may be sent to"):
            required_address("Jira", address)

    @pytest.mark.parametrize(
        "address",
        ["https://169.254.169.254", "https://[::ffff:169.254.169.254]", "https://[fe80::1]", "https://0.0.0.0"],
    )
    def test_a_host_that_leads_to_a_metadata_service_is_never_asked(self, address: str) -> None:
        with pytest.raises(TrackerError, match="leads to an address that is never asked"):
            Line("Jira", address, headers={}).send("GET", "/")

    def test_the_number_that_was_looked_at_is_connected_to_under_the_certificate_of_the_host(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        asked: list[str] = []

        def looked_up(host: str, port: int, *_: object, **__: object) -> list[object]:
            asked.append(host)
            number = "127.0.0.1" if host in {"tracker.example", "127.0.0.1"} else "169.254.169.254"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port))]

        certificate = a_certificate(tmp_path, host="tracker.example")
        server = Server(OwnDouble())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
        monkeypatch.setattr(socket, "getaddrinfo", looked_up)
        port = server.http.server_address[1]
        line = Line("The tracker", f"https://tracker.example:{port}", headers={}, ca_file=str(certificate))
        assert line.send("GET", "/", accepts=(401,)).status == 401
        assert asked.count("tracker.example") == 1, "the name is asked for once, not again while connecting"
        assert server.seen[0].headers["host"] == f"tracker.example:{port}"
        other = Line("The tracker", f"https://127.0.0.1:{port}", headers={}, ca_file=str(certificate))
        with pytest.raises(TrackerError, match="SSLError"):
            other.send("GET", "/", accepts=(401,))
        server.stop()

    @pytest.mark.parametrize("key", ["http://169.254.169.254/latest", "OWN-1@evil.example", "//evil.example/OWN-1"])
    def test_a_ticket_key_of_a_change_names_no_host(self, server: Server, key: str) -> None:
        tracker = TicketWebhook(server.url, SECRET, prefixes=["OWN-"])
        if tracker.owns(key):  # it is data in a body that goes to the operator's own address
            assert tracker.fetch(key) is None
        else:
            with pytest.raises(TrackerError):
                tracker.link(key, a_note())
        assert all(asked.path == "/" for asked in server.seen)


class TestAContactOfTheRecords:
    TOKEN = "a" * 32

    @pytest.mark.parametrize(
        "host",
        ["zulip.internal.example", "org.169.254.169.254", "org.evil.example/?", "org.zulipchat.com.evil.example"],
    )
    def test_leads_to_no_host_of_its_own_by_a_service_that_would_let_it(self, host: str) -> None:
        assert AppriseServices({}).why_not(f"zulip://bot@{host}/{self.TOKEN}") != ""

    @pytest.mark.parametrize("organisation", ["acme", "acme.zulipchat.com"])
    def test_leads_to_the_services_own_host(self, organisation: str) -> None:
        assert AppriseServices({}).why_not(f"zulip://bot@{organisation}/{self.TOKEN}") == ""


class TestWhatIsTaken:
    def test_an_answer_of_five_megabytes_is_refused(self, server: Server) -> None:
        assert "larger than 4 MiB" in str(fetched_with(server, "huge"))

    def test_a_slow_answer_ends_in_time(self, server: Server) -> None:
        assert "does not answer" in str(fetched_with(server, "slow", seconds=0.05))

    def test_a_page_where_json_was_asked_for_is_refused(self, server: Server) -> None:
        assert "no JSON" in str(fetched_with(server, "garbage-after"))

    def test_too_many_requests_says_for_how_long(self, server: Server) -> None:
        assert fetched_with(server, "429").retry_after_seconds == 7

    def test_no_login_comes_from_a_netrc_file_or_a_proxy_from_the_environment(
        self, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: object
    ) -> None:
        (tmp_path / "netrc").write_text("default login a password b\n")  # type: ignore[operator]
        monkeypatch.setenv("NETRC", f"{tmp_path}/netrc")
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv("no_proxy", "")
        tracker = TicketWebhook(server.url, SECRET, prefixes=["OWN-"])
        found = tracker.fetch("OWN-1")
        assert found is not None
        assert "authorization" not in server.seen[0].headers
