"""Line: requests to one tracker, to the address that the operator set and nowhere else, with bounded time and size."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests

from gate.adapters.careful_http import CarelessError, Limits, careful_session, is_safe_address
from gate.core.errors import UsageError
from gate.usecases.tracker_ports import TrackerError

CONNECT_SECONDS, READ_SECONDS, ANSWER_SECONDS = 2.0, 3.0, 4.0
"""All requests of one note end within a job's lease, so that no second worker writes the same meanwhile."""
MAX_ANSWER_BYTES = 4 * 1024 * 1024
MAX_RETRY_AFTER_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tracker answered: its status, and its JSON (None where the body is empty)."""

    status: int
    body: Any

    def object(self) -> Mapping[str, Any]:
        """Return the body as an object. Raises TrackerError for anything else."""
        if not isinstance(self.body, dict):
            raise TrackerError("The tracker answered with something else than an object.")
        return self.body

    def rows(self, name: str) -> list[Mapping[str, Any]]:
        """Return a list of objects in the body. Raises TrackerError for anything else."""
        found = self.object().get(name)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise TrackerError(f"The tracker answered without a list of `{name}`.")
        return found


class Line:
    """Speaks JSON to one origin. Nothing is sent twice by itself, and no redirect is followed."""

    def __init__(
        self,
        name: str,
        address: str,
        *,
        headers: Mapping[str, str],
        login: tuple[str, str] | None = None,
        seconds: float = ANSWER_SECONDS,
        ca_file: str = "",
    ) -> None:
        self.name = name
        self.base = required_address(name, address)
        self._headers = {"Accept": "application/json", "User-Agent": "signoff-gate", **headers}
        self._login = login
        self._seconds = seconds
        self._verify: bool | str = ca_file or True

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        raw: bytes | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accepts: tuple[int, ...] = (200, 201),
    ) -> Answer:
        """Send one request and return its answer, whose status is one of `accepts`.

        Raises TrackerError for every other status, for what takes too long or is too large, and for a redirect.
        SECURITY: the host is the operator's alone, and a ticket's key never chooses where a request goes. It is looked
        up once, and what was looked at is connected to: a second answer of the name service counts for nothing (S05).
        """
        if path and not path.startswith("/"):
            raise TrackerError(f"{self.name} was asked for a path that is none.")
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        given = (
            dict(self._headers) | ({} if data is None else {"Content-Type": "application/json"}) | dict(headers or {})
        )
        limits = Limits(CONNECT_SECONDS, READ_SECONDS, self._seconds, MAX_ANSWER_BYTES)
        try:
            with careful_session(limits, reach="operator") as session:
                if self._login is not None:
                    session.auth = self._login
                session.verify = self._verify
                response = session.request(
                    method, self.base + path, params=dict(query or {}), data=data, headers=given, allow_redirects=False
                )
        except CarelessError as error:
            raise TrackerError(f"{self.name} is not taken: {error}.") from None
        except requests.RequestException as error:
            step = "It is asked again by itself."
            raise TrackerError(f"{self.name} does not answer ({type(error).__name__}).", next_step=step) from None
        return self._answer(response, accepts)

    def _answer(self, response: requests.Response, accepts: tuple[int, ...]) -> Answer:
        status, content = response.status_code, response.content
        if status not in accepts:
            raise _refused(self.name, status, response.headers.get("Retry-After", ""))
        if not content.strip():
            return Answer(status, None)
        try:
            return Answer(status, json.loads(content))
        except (ValueError, RecursionError):
            raise TrackerError(f"{self.name} answered something that is no JSON.") from None


def required_address(name: str, address: str) -> str:
    """Return an operator's address without its last slash. Raises UsageError for one that secrets must not go to."""
    if not is_safe_address(address) or urlsplit(address).query:
        step = "Write one such as https://tracker.example.com, without a login or query in it."
        raise UsageError(f"The address of {name} is none that a secret may be sent to.", next_step=step)
    return address.rstrip("/")


def _refused(name: str, status: int, retry_after: str) -> TrackerError:
    seconds = int(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        seconds = seconds or 30
    step = "Look at the account and permissions that the gate uses there." if status in {401, 403} else ""
    return TrackerError(
        f"{name} answered {status}.", next_step=step, retry_after_seconds=min(seconds, MAX_RETRY_AFTER_SECONDS)
    )
