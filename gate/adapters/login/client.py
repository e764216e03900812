"""The client of a login: authlib's OAuth session with time limits, its errors told as one sentence."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]  # authlib tells no types
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]  # likewise

from gate.adapters.careful_http import Limits, careful_session, made_careful
from gate.usecases.login_ports import Attempt, LoginError

SECONDS = 10
_LIMITS = Limits(SECONDS, SECONDS, SECONDS, 1024 * 1024)


def oauth_session(client_id: str, client_secret: str, *, scope: str, back: str, method: str = "") -> OAuth2Session:
    """Return a session of a client with PKCE; `method` is how it tells its secret to the token endpoint.

    No redirect leads the code and the client's secret elsewhere, and what comes back is bounded.
    """
    session = OAuth2Session(
        client_id,
        client_secret or None,
        scope=scope or None,
        redirect_uri=back,
        token_endpoint_auth_method=(method or "client_secret_basic") if client_secret else "none",
        code_challenge_method="S256",
    )
    return made_careful(session, _LIMITS)


def token_of(session: OAuth2Session, address: str, attempt: Attempt, code: str) -> Mapping[str, Any]:
    """Return what a token endpoint gives for a code. Raises LoginError where it gives no token."""
    with told("The login was not completed: the code was not taken."):
        token = session.fetch_token(
            address,
            grant_type="authorization_code",
            code=code,
            code_verifier=attempt.verifier,
            headers={"Accept": "application/json"},
        )
    if not isinstance(token, Mapping) or not isinstance(token.get("access_token"), str):
        raise LoginError("The login was not completed: no token was given.", next_step="Log in again.")
    return token


def document_at(address: str, *, token: str = "") -> Mapping[str, Any]:
    """Return a JSON object of a provider. Raises LoginError where there is none; redirects are not followed.

    NOTE: a redirect could lead a token to another host.
    """
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    with told("The login provider does not answer."), careful_session(_LIMITS) as session:
        answer = session.get(address, headers=headers, allow_redirects=False)
        if answer.status_code != requests.codes.ok:
            raise requests.HTTPError(str(answer.status_code))
    with told("The login provider's answer cannot be read."):
        value = json.loads(answer.content)
    if not isinstance(value, dict):
        raise LoginError("The login provider's answer is no object.", next_step="Check the provider's address.")
    return value


@contextmanager
def told(sentence: str) -> Iterator[None]:
    """Turn what the libraries raise into a LoginError of one sentence: their own texts may hold what was sent."""
    try:
        yield
    except (requests.RequestException, AuthlibBaseError, ValueError, OSError) as error:
        raise LoginError(sentence, next_step="Log in again; tell the operator if it stays.") from error
