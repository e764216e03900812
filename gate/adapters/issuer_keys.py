"""Issuer keys: the public keys of GitHub's token issuer, fetched from the configured address alone, and kept."""

import threading
from collections.abc import Callable, Mapping

import requests

from gate.adapters.careful_http import Limits, careful_session, is_safe_address
from gate.adapters.compact_tokens import MalformedTokenError, decoded, parsed, text_of
from gate.core.errors import UsageError

COOLDOWN_SECONDS = 60.0
FRESH_SECONDS = 3600.0
TIMEOUT_SECONDS = 10
MAX_BYTES = 256 * 1024
_LIMITS = Limits(TIMEOUT_SECONDS, TIMEOUT_SECONDS, TIMEOUT_SECONDS, MAX_BYTES)
MAX_KEYS = 50
MIN_MODULUS_BYTES, MAX_MODULUS_BYTES = 256, 1024
Key = Mapping[str, str]


class IssuerKeys:
    """The RSA keys of one issuer by their ids. Safe to share between threads.

    SECURITY: no address of a token is ever used (`jku`, `x5u`, `iss`), no redirect followed, nothing fetched twice
    within a minute however many unknown keys are named; what cannot be read replaces nothing (L22, L25, S05).
    """

    def __init__(self, issuer: str, *, clock: Callable[[], float], fetch: Callable[[str], bytes] | None = None) -> None:
        if not is_safe_address(issuer):
            raise UsageError("GATE_ACTIONS_OIDC_ISSUER is not HTTPS.", next_step="Write https://HOST/_services/token.")
        self._address = f"{issuer.rstrip('/')}/.well-known/jwks"
        self._clock = clock
        self._fetch = fetch or fetch_bounded
        self._lock = threading.Lock()
        self._keys: dict[str, Key] = {}
        self._asked_at = float("-inf")
        self._read_at = float("-inf")

    def key(self, kid: str) -> Key | None:
        """Return a key as a JWK, None where the issuer has none of this id or does not answer."""
        with self._lock:
            now = self._clock()
            is_wanted = kid not in self._keys or now - self._read_at > FRESH_SECONDS
            if is_wanted and now - self._asked_at >= COOLDOWN_SECONDS:
                self._asked_at = now
                found = self._read()
                if found:
                    self._keys, self._read_at = found, now
            return self._keys.get(kid)

    def _read(self) -> dict[str, Key]:
        try:
            return keys_in(self._fetch(self._address))
        except (requests.RequestException, MalformedTokenError):
            return {}


def keys_in(raw: bytes) -> dict[str, Key]:
    """Return the signing keys of a key set. Raises MalformedTokenError for one that is empty or in disorder."""
    listed = parsed(raw).get("keys") if len(raw) <= MAX_BYTES else None
    if not isinstance(listed, list) or not 0 < len(listed) <= MAX_KEYS:
        raise MalformedTokenError
    found: dict[str, Key] = {}
    for one in listed:
        if not isinstance(one, Mapping) or one.get("kty") != "RSA" or one.get("use", "sig") != "sig":
            continue
        kid = text_of(one, "kid")
        if kid in found or one.get("alg", "RS256") != "RS256":
            raise MalformedTokenError
        if not MIN_MODULUS_BYTES <= len(decoded(text_of(one, "n")).lstrip(b"\0")) <= MAX_MODULUS_BYTES:
            raise MalformedTokenError
        found[kid] = {"kty": "RSA", "kid": kid, "alg": "RS256", "n": text_of(one, "n"), "e": text_of(one, "e")}
    if not found:
        raise MalformedTokenError
    return found


def fetch_bounded(address: str) -> bytes:
    """Return what an address answers, 256 KiB at most. Raises RequestException for everything but a plain 200."""
    with careful_session(_LIMITS) as session:
        response = session.get(address, headers={"Accept": "application/json"}, allow_redirects=False)
    if response.status_code != requests.codes.ok:
        raise requests.HTTPError(str(response.status_code))
    return response.content
