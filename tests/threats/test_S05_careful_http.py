"""S05: what a careful session refuses: redirects, other networks, compressed bombs, endless and slow answers."""

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from gate.adapters.careful_http import (
    CarelessError,
    Limits,
    Reach,
    careful_session,
    is_safe_address,
    looked_up,
    made_careful,
)
from gate.adapters.login.client import document_at, oauth_session, token_of
from gate.usecases.login_ports import Attempt, LoginError

LIMITS = Limits(2.0, 2.0, 3.0, 64 * 1024)
SECRET = "a secret of a client"  # noqa: S105  # of a test


class Peer:
    """A web server whose answer a test writes, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = lambda handler: say(handler, b"{}")
        self.url = ""


@contextmanager
def a_peer() -> Iterator[Peer]:
    peer = Peer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            peer.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            peer.asked.append((self.command, self.path, {name.lower(): one for name, one in self.headers.items()}))
            self.close_connection = True
            try:
                peer.answer(self)
            except OSError:
                return

        do_GET = do_POST = _take  # noqa: N815  # the library's own names

        def log_message(self, *arguments: object) -> None:
            del arguments

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is no news
        peer.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield peer
        finally:
            server.shutdown()
            thread.join()


def say(handler: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    # The peer closes after each answer, and says so: else a client would race it with its next request.
    for name, value in {"Content-Length": str(len(body)), "Connection": "close", **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def names(monkeypatch: pytest.MonkeyPatch, *numbers: str) -> None:
    """Let every name stand for some numbers."""

    def looked(host: str, port: int, *_: object, **__: object) -> list[Any]:
        del host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr(socket, "getaddrinfo", looked)


class TestWhereItLeads:
    def test_a_redirect_is_handed_back_and_never_followed(self) -> None:
        with a_peer() as peer, a_peer() as other:
            peer.answer = lambda handler: say(handler, b"", status=307, Location=f"{other.url}/steal")
            with careful_session(LIMITS) as session:
                assert session.get(peer.url, allow_redirects=False).status_code == 307
                assert session.post(peer.url, data={"secret": SECRET}).status_code == 307
            assert other.asked == []

    @pytest.mark.parametrize("reach", ["operator", "public"])
    @pytest.mark.parametrize(
        "number",
        [
            "169.254.169.254", "169.254.0.1", "::ffff:169.254.169.254", "fe80::1", "fe80::1%eth0", "0.0.0.0", "::",  # noqa: S104  # never bound
            "224.0.0.1", "ff02::1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254",
            "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
        ],
    )  # fmt: skip
    def test_a_clouds_own_services_are_asked_for_nobody(
        self, monkeypatch: pytest.MonkeyPatch, number: str, reach: Reach
    ) -> None:
        names(monkeypatch, number)
        with pytest.raises(CarelessError, match="never asked"):
            looked_up("calendar.example", 443, reach=reach)

    @pytest.mark.parametrize(
        "number",
        ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "100.64.0.1", "::1", "fd12::1", "::ffff:10.0.0.1",
         "64:ff9b::a00:1", "2002:7f00:1::1", "198.18.0.1", "240.0.0.1"],
    )  # fmt: skip
    def test_the_inside_is_asked_for_the_operator_alone(self, monkeypatch: pytest.MonkeyPatch, number: str) -> None:
        names(monkeypatch, number)
        with pytest.raises(CarelessError, match="never asked"):
            looked_up("calendar.example", 443, reach="public")
        assert looked_up("jira.example", 443, reach="operator") == number

    def test_one_number_out_of_reach_among_others_is_enough(self, monkeypatch: pytest.MonkeyPatch) -> None:
        names(monkeypatch, "93.184.215.14", "10.0.0.1")
        with pytest.raises(CarelessError):
            looked_up("calendar.example", 443, reach="public")
        names(monkeypatch, "93.184.215.14")
        assert looked_up("calendar.example", 443, reach="public") == "93.184.215.14"

    @pytest.mark.parametrize(
        "address",
        ["http://gate.example", "https://a:b@gate.example", "https://a@gate.example", "file:///etc/passwd", "https://",
         "http://127.0.0.1.evil.example", "http://localhost@evil.example", "https://[::1", "gopher://127.0.0.1", ""],
    )  # fmt: skip
    def test_only_https_and_this_machine_are_spoken_to(self, address: str) -> None:
        assert not is_safe_address(address)
        with careful_session(LIMITS) as session, pytest.raises((requests.RequestException, ValueError)):
            session.get(address)

    def test_no_login_of_a_netrc_file_is_sent(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
        (tmp_path / "netrc").write_text("default login a password b\n")
        monkeypatch.setenv("NETRC", f"{tmp_path}/netrc")
        with a_peer() as peer, careful_session(LIMITS) as session:
            session.get(peer.url)
            assert "authorization" not in peer.asked[0][2]


class TestWhatIsTaken:
    def refused(self, answer: Callable[[BaseHTTPRequestHandler], None], limits: Limits = LIMITS) -> str:
        with a_peer() as peer, careful_session(limits) as session:
            peer.answer = answer
            with pytest.raises(requests.RequestException) as raised:
                session.get(peer.url)
            assert peer.asked[0][2]["accept-encoding"] == "identity"
            return str(raised.value)

    @pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP"])
    def test_nothing_compressed_so_that_a_bomb_stays_small(self, encoding: str) -> None:
        bomb = gzip.compress(b"0" * 50_000_000)
        assert len(bomb) < LIMITS.max_bytes
        assert "compressed" in self.refused(lambda handler: say(handler, bomb, Content_Encoding=encoding))

    def test_nothing_above_its_limit_announced_or_not(self) -> None:
        def endless(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            while True:
                handler.wfile.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")

        assert "larger than 64 KiB" in self.refused(lambda handler: say(handler, b"x" * 70_000))
        assert "larger than 64 KiB" in self.refused(endless)

    def test_nothing_that_trickles_longer_than_it_may(self) -> None:
        done = threading.Event()

        def trickle(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", "60000")
            handler.end_headers()
            while not done.wait(0.05):
                handler.wfile.write(b"x")
                handler.wfile.flush()

        try:
            assert "takes too long" in self.refused(trickle, Limits(1.0, 1.0, 0.3, 1 << 20))
        finally:
            done.set()

    def test_an_answer_in_chunks_whole(self) -> None:
        def chunks(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            handler.wfile.write(b"2\r\n{}\r\n3\r\n   \r\n0\r\n\r\n")

        with a_peer() as peer, careful_session(LIMITS) as session:
            peer.answer = chunks
            assert session.get(peer.url).content == b"{}   "


class TestALogin:
    def test_sends_its_code_and_secret_nowhere_else(self) -> None:
        attempt = Attempt(state="s" * 20, nonce="n" * 20, verifier="v" * 43, back="http://127.0.0.1/login/x/callback")
        with a_peer() as peer, a_peer() as other:
            peer.answer = lambda handler: say(handler, b"", status=307, Location=f"{other.url}/steal")
            session = oauth_session("client", SECRET, scope="", back=attempt.back, method="client_secret_post")
            with pytest.raises(LoginError):
                token_of(session, f"{peer.url}/token", attempt, "a code")
            assert SECRET.replace(" ", "+").encode() in peer.bodies[0]
            assert other.asked == []

    def test_takes_no_document_from_where_a_redirect_stands(self) -> None:
        with a_peer() as peer:
            peer.answer = lambda handler: say(handler, b'{"issuer": "x"}', status=302, Location="/elsewhere")
            with pytest.raises(LoginError):
                document_at(peer.url)

    def test_of_another_library_keeps_its_own_way_to_log_in(self) -> None:
        with a_peer() as peer:
            session = requests.Session()
            session.auth = ("a", "b")
            made_careful(session, LIMITS).get(peer.url)
            assert peer.asked[0][2]["authorization"].startswith("Basic ")
