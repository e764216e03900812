"""The server of a tracker's double: real HTTP on loopback, with faults between it and whoever asks."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Protocol
from urllib.parse import parse_qsl, urlsplit

Fault = Literal["500", "429", "502-after", "drop", "drop-after", "garbage-after", "redirect", "slow", "huge"]


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw) if self.raw else None


class Double(Protocol):
    """The state of a tracker and its answers."""

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Return status and JSON value."""
        ...


@dataclass
class Server:
    """Serves a double; `fault_for` is asked before each request what shall go wrong with it."""

    double: Double
    fault_for: Callable[[Asked], Fault | None] = lambda _: None
    seen: list[Asked] = field(default_factory=list)
    injected: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        handler = type("Bound", (_Handler,), {"server_of_double": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def answer(self, asked: Asked) -> "Sent | None":
        """Return what is sent, None where the connection breaks."""
        with self.lock:
            self.seen.append(asked)
            fault = self.fault_for(asked)
            if fault:
                self.injected.append(fault)
            if fault in _INSTEAD:
                return _INSTEAD[fault]
            status, value = self.double.answer(asked)
        if fault == "slow":
            time.sleep(0.3)
        if fault in _AFTER:
            return _AFTER[fault]
        return status, b"" if value is None else json.dumps(value).encode(), {}


Sent = tuple[int, bytes, dict[str, str]]
_INSTEAD: dict[Fault | None, Sent | None] = {
    "500": (500, b"{}", {}),
    "429": (429, b"{}", {"Retry-After": "7"}),
    "redirect": (307, b"", {"Location": "http://169.254.169.254/latest/meta-data/"}),
    "drop": None,
}
_AFTER: dict[Fault | None, Sent | None] = {
    "huge": (200, b"[" + b" " * (5 * 1024 * 1024) + b"]", {}),
    "502-after": (502, b"<html>bad gateway</html>", {}),
    "garbage-after": (200, b"<html>", {}),
    "drop-after": None,
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_double: Server

    def _any(self) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, raw)
        answer = self.server_of_double.answer(asked)
        if answer is None:
            self.close_connection = True
            return
        status, content, more = answer
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815  # the server's own names

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
