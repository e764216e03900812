"""The server: a real HTTP server on loopback that keeps connections alive."""

import datetime as dt
import hashlib
import json
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from doubles.github import judge, login, routes  # noqa: F401  # the routes register themselves
from doubles.github.apps import Viewer, app_of_token
from doubles.github.faults import Fault
from doubles.github.routing import Answer, Refusal, Request, find_route, moved_path, plain_path

FREE = {"/rate_limit"}


class Server:
    """Answers requests to a world; one at a time, as the world's lock says."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.last: dict[tuple[str, str], Answer] = {}
        handler = type("BoundHandler", (Handler,), {"server_of_world": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to answer."""
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Answer no more."""
        if self.thread:
            self.http.shutdown()
            self.thread.join()
        self.http.server_close()

    def remember(self, target: str, viewer: Viewer) -> None:
        """Keep what a GET is answered now, for a stale read later."""
        with self.world.acting():
            self.last["GET", target] = self._judged("GET", target, None, {}, viewer)

    def answer(self, method: str, target: str, headers: dict[str, str], data: bytes) -> tuple[Answer | None, list[Any]]:
        """Return the answer (None: the connection breaks) and what is due after it was sent."""
        path = target.partition("?")[0]
        faults = self.world.faults.befalling(method, target)
        for fault in faults:
            if fault.kind == "before" and fault.call:
                fault.call()
            if fault.kind in {"slow", "drop"}:
                time.sleep(fault.seconds)
        if any(fault.kind == "drop" for fault in faults):
            return None, []
        with self.world.lock:
            self.world.depth += 1
            try:
                if method != "GET":
                    self.world.clock.later(seconds=1)
                answer = self._with_faults(method, target, headers, data, faults)
            finally:
                self.world.depth -= 1
            self.world.requests.append((method, target, answer.status))
            self._finish(answer, method, path, headers)
            return answer, self.world.take_due()

    def _with_faults(
        self, method: str, target: str, headers: dict[str, str], data: bytes, faults: list[Fault]
    ) -> Answer:
        if self.world.rate_used >= self.world.rate_limit and target not in FREE:
            return Answer({"message": "API rate limit exceeded for installation."}, 403)
        for fault in faults:
            if fault.kind == "status":
                return Answer({"message": fault.message}, fault.status, dict(fault.headers))
            if fault.kind == "garbage":
                return Answer(None, raw=b"<html>Unicorn!</html>", media_type="text/html")
            if fault.kind == "stale" and (method, target) in self.last:
                return self.last[method, target]
        answer = self._plain(method, target, headers, data)
        if method == "GET" and answer.status == 200:
            self.last[method, target] = answer
        for fault in faults:
            if fault.kind == "after-success" and answer.status < 400:
                return Answer({"message": fault.message}, fault.status, dict(fault.headers))
            if fault.kind == "truncate" and isinstance(answer.body, list):
                return Answer(answer.body[: fault.keep], answer.status, dict(answer.headers))
        return answer

    def _plain(self, method: str, target: str, headers: dict[str, str], data: bytes) -> Answer:
        is_page = target.startswith("/login/")
        try:
            viewer = self._viewer(headers)
            body: Any = data.decode() if is_page else json.loads(data) if data else None
        except Refusal as refusal:
            return Answer(refusal.body, refusal.status)
        except ValueError:
            return Answer({"message": "Problems parsing JSON"}, 400)
        return self._judged(method, target, body, headers, viewer)

    def _judged(self, method: str, target: str, body: Any, headers: dict[str, str], viewer: Viewer) -> Answer:
        path, _, text = target.partition("?")
        if place := moved_path(self.world, path):
            location = f"{self.world.url}{place}{'?' if text else ''}{text}"
            return Answer({"message": "Moved Permanently", "url": location}, 301, {"Location": location})
        path = plain_path(self.world, path)
        found = find_route(method, path)
        if found is None:
            return Answer({"message": "Not Found"}, 404)
        known, parameters = found
        query = dict(urllib.parse.parse_qsl(text, keep_blank_values=True))
        is_judged = self.world.is_judged and known.template in judge.description()["paths"]
        if is_judged and (wrong := judge.wrong_with_request(known.template, method, query, body)):
            return self._violated(method, target, "request", wrong)
        request = Request(self.world, method, path, query, body, headers, viewer, parameters)
        if not viewer.allows(known.need):
            return Answer({"message": "Resource not accessible by integration"}, 403)
        try:
            answer = known.handler(request)
        except Refusal as refusal:
            return Answer(refusal.body, refusal.status)
        if is_judged and answer.raw is None:
            wrong = judge.wrong_with_answer(known.template, method, answer.status, answer.body)
            if wrong:
                return self._violated(method, target, "answer", wrong)
        return answer

    def _violated(self, method: str, target: str, what: str, wrong: list[str]) -> Answer:
        reason = f"{method} {target}: the {what} is not as GitHub describes it: {'; '.join(wrong)}"
        self.world.violations.append(reason)
        return Answer({"message": reason}, 500)

    def _viewer(self, headers: dict[str, str]) -> Viewer:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if not scheme or scheme.lower() == "basic":
            return Viewer()
        if token.count(".") == 2:
            app = app_of_token(self.world.apps, token)
            if isinstance(app, str):
                raise Refusal(401, app)
            return Viewer(app=app)
        viewer: Viewer | None = self.world.tokens.get(token)
        now = dt.datetime.now(dt.UTC)
        if viewer is None or (viewer.expires and viewer.expires <= now) or (viewer.user and viewer.user.is_deleted):
            raise Refusal(401, "Bad credentials")
        if viewer.installation and viewer.installation not in self.world.installations:
            raise Refusal(401, "Bad credentials")
        if viewer.installation and viewer.installation.is_suspended:
            raise Refusal(403, "This installation has been suspended")
        return viewer

    def _finish(self, answer: Answer, method: str, path: str, headers: dict[str, str]) -> None:
        """Add what every answer carries: a tag, and how many requests are left."""
        if answer.raw is None:
            answer.raw = b"" if answer.status == 204 else json.dumps(answer.body).encode()
        if method == "GET" and answer.status == 200:
            tag = f'W/"{hashlib.sha256(answer.raw).hexdigest()}"'
            answer.headers = {**answer.headers, "ETag": tag, "Cache-Control": "private, max-age=60, s-maxage=60"}
            if headers.get("if-none-match") in {tag, tag.removeprefix("W/")}:
                answer.status, answer.raw = 304, b""
        if answer.status != 304 and path not in FREE:
            self.world.rate_used += 1
        left = max(self.world.rate_limit - self.world.rate_used, 0)
        answer.headers = {
            "X-RateLimit-Limit": str(self.world.rate_limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Used": str(self.world.rate_used),
            "X-RateLimit-Reset": str(int(time.time()) + 3600),
            "X-RateLimit-Resource": "core",
            "X-GitHub-Request-Id": f"{len(self.world.requests):08X}",
            **answer.headers,
        }


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for a server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server_of_world: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: tests read `world.requests`."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        data = self.rfile.read(length)
        if len(data) < length:
            # Whoever asked was killed midway: what they meant is not known, and nothing is done.
            self.close_connection = True
            return
        headers = {name.lower(): text for name, text in self.headers.items()}
        answer, due = self.server_of_world.answer(self.command, self.path, headers, data)
        if answer is None:
            self.close_connection = True
            return
        raw = answer.raw or b""
        self.send_response(answer.status)
        for name, text in answer.headers.items():
            self.send_header(name, text)
        if answer.status not in {204, 304}:
            self.send_header("Content-Type", answer.media_type)
            self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
        self.wfile.flush()
        for deliver in due:
            deliver()


for _method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
    setattr(Handler, f"do_{_method}", Handler._answer)
