"""Actions client: what a job of GitHub Actions fetches: its identity from GitHub, and the verdict from the gate."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from gate.adapters.careful_http import CarelessError, Limits, careful_session, is_safe_address
from gate.core.errors import UnreadableError, UsageError

TIMEOUT_SECONDS = 90
MAX_ANSWER_BYTES = 64 * 1024 * 1024
_LIMITS = Limits(TIMEOUT_SECONDS, TIMEOUT_SECONDS, TIMEOUT_SECONDS, MAX_ANSWER_BYTES)
_PASSING = frozenset({429, 502, 503, 504})
_PAUSES_SECONDS = (2.0, 8.0)


@dataclass(frozen=True, slots=True)
class Identity:
    """Where GitHub gives this job a token that says which job it is, and the secret to ask with."""

    request_url: str
    request_token: str


class ActionsClient:
    """Asks one service, each time with a new token of the job's own. Nothing is sent where a redirect leads.

    Raises UsageError for an address that is not HTTPS (loopback aside): the token would be anybody's.
    """

    def __init__(self, url: str, identity: Identity, *, sleep: Callable[[float], None] = time.sleep) -> None:
        for what, address in (("The input `url`", url), ("GitHub's address for identities", identity.request_url)):
            if not is_safe_address(address):
                raise UsageError(f"{what} is not HTTPS.", next_step="Write an address that begins with https://.")
        self._url = url
        self._identity = identity
        self._sleep = sleep
        self._session = careful_session(_LIMITS)

    def evaluate(self, repository: str, number: int, body: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
        """Have the service judge a change now; return its answer, and the token that was used, to be masked.

        Raises UnreadableError where GitHub or the service does not answer, with what to do.
        """
        owner, _, name = repository.partition("/")
        address = f"{self._url}/api/v1/changes/{quote(owner, safe='')}/{quote(name, safe='')}/{number}/evaluate"
        pauses = list(_PAUSES_SECONDS)
        while True:
            token = self._token()
            status, answer = self._send("POST", address, token, body)
            if status == HTTPStatus.OK:
                return answer, token
            if status not in _PASSING or not pauses:
                raise _refusal(status, answer)
            self._sleep(pauses.pop(0))

    def _token(self) -> str:
        mark = "&" if "?" in self._identity.request_url else "?"
        address = f"{self._identity.request_url}{mark}audience={quote(self._url, safe='')}"
        status, answer = self._send("GET", address, self._identity.request_token, None)
        token = answer.get("value")
        if status != HTTPStatus.OK or not isinstance(token, str):
            raise UnreadableError(
                f"GitHub gave this job no identity ({status}).", next_step="Grant the job `id-token: write`."
            )
        return token

    def _send(
        self, verb: str, address: str, token: str, body: Mapping[str, Any] | None
    ) -> tuple[int, Mapping[str, Any]]:
        host = urlsplit(address).hostname or ""
        try:
            response = self._session.request(
                verb, address, json=body, headers={"Accept": "application/json"}, auth=_Bearer(token),
                allow_redirects=False,
            )  # fmt: skip
        except CarelessError as error:
            raise UnreadableError(f"What {host} answers is not taken: {error}.") from None
        except requests.RequestException as error:
            raise UnreadableError(
                f"{host} did not answer ({type(error).__name__}).", next_step="Look at its address, and try again."
            ) from None
        try:
            answer = json.loads(response.content) if response.content else {}
        except (ValueError, RecursionError):
            answer = {}
        return response.status_code, answer if isinstance(answer, Mapping) else {}


class _Bearer(requests.auth.AuthBase):
    """The one login of a request: nothing of a `.netrc` file takes its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _refusal(status: int, answer: Mapping[str, Any]) -> UnreadableError:
    said = answer.get("detail") or answer.get("title") or "without a reason"
    step = {
        HTTPStatus.UNAUTHORIZED: "Look at the input `url`: it must be the service's own GATE_BASE_URL.",
        HTTPStatus.NOT_FOUND: "Install the gate's app on this repository.",
    }.get(HTTPStatus(status) if status in HTTPStatus._value2member_map_ else HTTPStatus.OK, "Try again.")
    return UnreadableError(f"The service refuses ({status}): {str(said)[:300]}", next_step=step)
