"""Credentials: how the gate says who it is, as an app, as one of its installations, or by a plain token."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from github.Auth import AppAuth, Auth, Token
from jose import jwt
from jose.backends.cryptography_backend import CryptographyRSAKey

_ALGORITHM = "RS256"
REFRESH_BEFORE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class AppKey:
    """The gate's own app: its id and its private key in PEM."""

    id: int
    private_key: str = field(repr=False)


def app_auth(key: AppKey) -> AppAuth:
    """Return the app's own login: tokens issued a minute in the past that hold for less than ten.

    The key is read once: reading it takes a hundred times as long as signing with it.
    """
    prepared = CryptographyRSAKey(load_pem_private_key(key.private_key.encode(), None), _ALGORITHM)
    return AppAuth(
        key.id,
        sign_func=lambda payload: jwt.encode(payload, prepared, algorithm=_ALGORITHM),
        jwt_expiry=480,
        jwt_issued_at=-60,
    )


def token_auth(token: str) -> Auth:
    """Return the login of a plain token."""
    return Token(token)


class InstallationAuth(Auth):
    """The login of one installation: its token is asked for when needed and kept until five minutes before its end."""

    def __init__(self, issue: Callable[[], tuple[str, float]], clock: Callable[[], float]) -> None:
        self._issue = issue
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0

    @property
    def token_type(self) -> str:
        """Return the word that precedes the token."""
        return "token"

    @property
    def token(self) -> str:
        """Return a token that holds for five minutes more. Raises UnreadableError where none is given."""
        with self._lock:
            if not self._token or self._clock() > self._until - REFRESH_BEFORE_SECONDS:
                self._token, self._until = self._issue()
            return self._token

    def forget(self, refused: str) -> None:
        """Let go of a token that GitHub refuses; one that took its place meanwhile stays."""
        with self._lock:
            if self._token == refused:
                self._token = ""

    @property
    def current(self) -> str:
        """Return the token that is held, empty where there is none."""
        return self._token

    @property
    def _masked_token(self) -> str:
        return "token (removed)"
