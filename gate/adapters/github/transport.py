"""Transport: how a request travels, with bounded time and size, never redirected, and counted."""

import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import requests
from github.Auth import Auth
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester, RequestsResponse

from gate.core.errors import UnreadableError

TIMEOUT_SECONDS = 10
MAX_SECONDS_PER_ANSWER = 60
MAX_ANSWER_BYTES = 64 * 1024 * 1024
_CHUNK = 64 * 1024
_REDIRECTS = {301, 302, 303, 307, 308}


class MovedError(UnreadableError):
    """The forge sent the request elsewhere: the repository was renamed or handed over."""

    code = "moved"


class Counter:
    """Counts what is sent, over all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.sent = 0

    def add(self) -> None:
        """Count one more request."""
        with self._lock:
            self.sent += 1


class Answer(RequestsResponse):
    """An answer that was read within its bounds, as UTF-8."""

    def __init__(self, response: requests.Response, body: bytes) -> None:
        super().__init__(response)
        self._body = body

    def read(self) -> str:
        """Return the text; a byte that is not UTF-8 shows as the replacement character."""
        return self._body.decode("utf-8", errors="replace")


def open_line(*, base_url: str, auth: Auth | None, api_version: str, user_agent: str, counter: Counter) -> Requester:
    """Return a requester of PyGithub's on a session of its own, for one thread.

    PyGithub's own connections follow a redirect and lose the query on the way (`?recursive=1`, `?sha=`), wait without
    end for an answer that says 202, and read whatever is sent: these do none of it.
    """
    send = _sender(requests.Session(), counter)

    class Secure(HTTPSRequestsConnectionClass):
        def __init__(self, host: str, port: int | None = None, **_options: Any) -> None:
            self.origin = _origin("https", host, port)

        def getresponse(self) -> RequestsResponse:
            return send(self.verb, self.origin + self.url, self.headers, self.input)

        def close(self) -> None:
            """Leave the session open: it is shared by all connections of the line."""

    class Plain(HTTPRequestsConnectionClass):
        def __init__(self, host: str, port: int | None = None, **_options: Any) -> None:
            self.origin = _origin("http", host, port)

        def getresponse(self) -> RequestsResponse:
            return send(self.verb, self.origin + self.url, self.headers, self.input)

        def close(self) -> None:
            """Leave the session open: it is shared by all connections of the line."""

    class Line(Requester):
        pass

    Line.injectConnectionClasses(Plain, Secure)
    return Line(
        auth=auth,
        base_url=base_url,
        timeout=TIMEOUT_SECONDS,
        user_agent=user_agent,
        per_page=100,
        verify=True,
        retry=None,
        pool_size=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
        api_version=api_version,
    )


def _sender(session: requests.Session, counter: Counter) -> Callable[[str, str, dict[str, str], Any], Answer]:
    # Anything but None keeps requests from taking another login out of a .netrc file.
    session.auth = _as_it_is

    def send(verb: str, url: str, headers: dict[str, str], body: Any) -> Answer:
        counter.add()
        with session.request(
            verb, url, headers=headers, data=body, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True
        ) as response:
            if response.status_code in _REDIRECTS:
                raise MovedError(
                    "GitHub says that this has moved elsewhere.", next_step="Look the repository up by its new name."
                )
            if response.status_code == HTTPStatus.ACCEPTED and verb == "GET":
                raise UnreadableError("GitHub is still working the answer out.", next_step="Try again in a minute.")
            return Answer(response, _body_of(response))

    return send


def _body_of(response: requests.Response) -> bytes:
    """Return the body. Raises UnreadableError for one that is too large or dribbles in."""
    parts, size, end_at = [], 0, time.monotonic() + MAX_SECONDS_PER_ANSWER
    for chunk in response.iter_content(_CHUNK):
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            raise UnreadableError("GitHub's answer is larger than 64 MiB.")
        if time.monotonic() > end_at:
            raise UnreadableError("GitHub's answer took longer than a minute.", next_step="Try again.")
        parts.append(chunk)
    return b"".join(parts)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _origin(scheme: str, host: str, port: int | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{port}" if port else f"{scheme}://{shown}"
