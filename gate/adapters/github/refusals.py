"""Refusals: what an answer that is no success means, and how long GitHub wants to be left alone."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from github.Requester import Requester

from gate.core.errors import UnreadableError
from gate.usecases.forge_ports import CredentialsRefusedError, ForbiddenError, GoneError, NotInstalledError

_LIMITS = {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_SECONDARY_WAIT_SECONDS = 60
_LONGEST_WAIT_SECONDS = 3900
_SUCCESS = range(200, 300)
_MAX_MESSAGE = 200


class RefusedError(UnreadableError):
    """GitHub understood a write and did not carry it out: nothing of it happened."""

    code = "refused"


@dataclass(frozen=True, slots=True)
class Received:
    """An answer as it came: status, headers by lower-case name, text."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def message(self) -> str:
        """Return what GitHub says of it, on one printable line, empty where it says nothing."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return ""
        said = value.get("message") if isinstance(value, dict) else None
        return "".join(letter if letter.isprintable() else " " for letter in str(said or ""))[:_MAX_MESSAGE]


def wait_until(received: Received, now: float) -> float:
    """Return the time before which GitHub wants no other request, at most 65 minutes ahead; 0 for no such wish.

    A refusal for want of permission has the status of a limit too: only its headers and words tell them apart.
    """
    if received.status not in _LIMITS:
        return 0.0
    wait, until = received.headers.get("retry-after", ""), 0.0
    if wait.isdecimal():
        until = now + int(wait)
    elif received.headers.get("x-ratelimit-remaining") == "0":
        reset = received.headers.get("x-ratelimit-reset", "")
        until = float(reset) if reset.isdecimal() else now + _SECONDARY_WAIT_SECONDS
    elif received.status == HTTPStatus.TOO_MANY_REQUESTS or Requester.isRateLimitError(received.message):
        until = now + _SECONDARY_WAIT_SECONDS
    return min(until, now + _LONGEST_WAIT_SECONDS)


def require_success(received: Received, path: str) -> None:
    """Raise what an answer means that is no success: GoneError, ForbiddenError, RefusedError, else UnreadableError."""
    status = received.status
    if status in _SUCCESS:
        return
    said = received.message
    where = f"GitHub answered {path} with {status}{f' ({said})' if said else ''}."
    if status in _GONE:
        raise GoneError(where, next_step="Check that it exists and that the gate is installed on it.")
    if status == HTTPStatus.FORBIDDEN and "suspended" in said.lower():
        raise NotInstalledError(where, next_step="Have the installation of the gate's app unsuspended.")
    if status == HTTPStatus.FORBIDDEN:
        raise ForbiddenError(where, next_step="Check the permissions of the gate's app or token.")
    if status == HTTPStatus.UNAUTHORIZED:
        raise CredentialsRefusedError(where, next_step="Check the app's id, private key and clock, or the token.")
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        raise RefusedError(where, next_step="Look at what GitHub says is wrong.")
    raise UnreadableError(where, next_step="Try again; see GitHub's status page if it stays so.")
