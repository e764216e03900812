"""The client of a login: authlib's OAuth session with time limits, its errors told as one sentence."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]

from gate.usecases.login_ports import Attempt, LoginError

SECONDS = 10
_MOST_BYTES = 1024 * 1024


def oauth_session(client_id: str, client_secret: str, *, scope: str, back: str, method: str = "") -> OAuth2Session:
    """Return a session of a client with PKCE; `method` is how it tells its secret to the token endpoint."""
    return OAuth2Session(
        client_id,
        client_secret or None,
        scope=scope or None,
        redirect_uri=back,
        token_endpoint_auth_method=(method or "client_secret_basic") if client_secret else "none",
        code_challenge_method="S256",
    )


def token_of(session: OAuth2Session, address: str, attempt: Attempt, code: str) -> Mapping[str, Any]:
    """Return what a token endpoint gives for a code. Raises LoginError where it gives no token."""
    with told("The login was not completed: the code was not taken."):
        token = session.fetch_token(
            address,
            grant_type="authorization_code",
            code=code,
            code_verifier=attempt.verifier,
            headers={"Accept": "application/json"},
            timeout=SECONDS,
        )
    if not isinstance(token, Mapping) or not isinstance(token.get("access_token"), str):
        raise LoginError("The login was not completed: no token was given.", next_step="Log in again.")
    return token


def document_at(address: str, *, token: str = "") -> Mapping[str, Any]:
    """Return a JSON object of a provider. Raises LoginError where there is none; redirects are not followed.

    NOTE: a redirect could lead a token to another host.
    """
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    with (
        told("The login provider does not answer."),
        requests.get(address, headers=headers, timeout=SECONDS, allow_redirects=False, stream=True) as answer,
    ):
        answer.raise_for_status()
        body = answer.raw.read(_MOST_BYTES + 1, decode_content=True)
    with told("The login provider's answer cannot be read."):
        if len(body) > _MOST_BYTES:
            raise ValueError
        value = json.loads(body)
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
