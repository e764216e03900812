"""Workload tokens: which job of GitHub Actions is asking, verified by python-jose within strict checks of our own."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from jose import jwt
from jose.backends import RSAKey
from jose.backends.cryptography_backend import CryptographyRSAKey

from gate.adapters.compact_tokens import parsed, refuse, text_of, unverified_segments
from gate.core.times import instant
from gate.usecases.workload_ports import Workload, WorkloadRefusedError

if RSAKey is not CryptographyRSAKey:  # pragma: no cover  # the other backends are pure Python
    raise ImportError("python-jose would not use the cryptography library.")

ALGORITHM = "RS256"
MAX_LENGTH = 8192
MAX_LIFETIME_SECONDS = 3600
LEEWAY_SECONDS = 60
_JTI = re.compile(r"[!-~]{8,200}")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_SHA = re.compile(r"[0-9a-f]{40}")
_WORD = re.compile(r"[a-z_]{1,60}")
_PLACE = re.compile(r"[!-~]{1,500}")
# NOTE: its clock is the machine's own and cannot be given; times are required and checked here, by the gate's clock.
_OPTIONS = {
    **{f"require_{name}": True for name in ("aud", "iss", "jti")},
    **{f"verify_{name}": False for name in ("exp", "nbf", "iat", "at_hash", "sub")},
}


class JoseWorkloadTokens:
    """Tokens of one issuer for one audience. `key_of` gives the issuer's public key of an id, as a JWK."""

    def __init__(self, *, issuer: str, audience: str, key_of: Callable[[str], Mapping[str, str] | None]) -> None:
        self._issuer = issuer
        self._audience = audience
        self._key_of = key_of

    def verify(self, unverified_token: str, *, at: dt.datetime) -> Workload:
        """Return the job that a token is of. Raises WorkloadRefusedError for every text that is no token for us."""
        try:
            return self._verify(unverified_token, int(at.timestamp()))
        except Exception:  # noqa: BLE001  # SECURITY: whatever a parser or the library raises is no, and says nothing more
            raise WorkloadRefusedError(
                "This token does not say which job this is.", next_step="Ask for one with the service's address."
            ) from None

    def _verify(self, unverified_token: str, now: int) -> Workload:
        unverified_header, unverified_payload, _ = unverified_segments(unverified_token, max_length=MAX_LENGTH)
        header = parsed(unverified_header)
        # SECURITY: the algorithm is ours, and so is where the key comes from; what the header names is never fetched.
        if header.get("alg") != ALGORITHM or header.get("typ", "JWT") != "JWT" or "crit" in header:
            refuse()
        unverified_claims = parsed(unverified_payload)
        if unverified_claims.get("iss") != self._issuer or unverified_claims.get("aud") != self._audience:
            refuse()  # before a key is looked for: what is not for us costs nothing
        key = self._key_of(text_of(header, "kid")) or refuse()
        claims = jwt.decode(
            unverified_token,
            CryptographyRSAKey(dict(key), ALGORITHM),
            algorithms=[ALGORITHM],
            audience=self._audience,
            issuer=self._issuer,
            options=_OPTIONS,
        )
        return _checked(claims, now) if claims == unverified_claims else refuse()


def _checked(claims: Mapping[str, Any], now: int) -> Workload:
    """Return what verified claims say of the job.

    SECURITY: `sub` is never looked at: a repository's admin decides how it is made (L23).
    """
    issued, begins, ends = (claims.get(name) for name in ("iat", "nbf", "exp"))
    if type(issued) is not int or type(ends) is not int or type(begins) not in {int, type(None)}:
        refuse()
    if not 0 < issued <= now + LEEWAY_SECONDS or (begins is not None and begins > now + LEEWAY_SECONDS):
        refuse()
    if not now < ends + LEEWAY_SECONDS or not issued < ends <= issued + MAX_LIFETIME_SECONDS:
        refuse()
    return Workload(
        jti=_match(_JTI, claims, "jti"),
        ends_at=instant(dt.datetime.fromtimestamp(ends + LEEWAY_SECONDS, dt.UTC)),
        repository=int(_match(_NUMBER, claims, "repository_id")),
        owner=int(_match(_NUMBER, claims, "repository_owner_id")),
        event=_match(_WORD, claims, "event_name"),
        ref=_match(_PLACE, claims, "ref"),
        sha=_match(_SHA, claims, "sha"),
        workflow=_match(_PLACE, claims, "job_workflow_ref"),
        workflow_sha=_match(_SHA, claims, "job_workflow_sha"),
        run=int(_match(_NUMBER, claims, "run_id")),
    )


def _match(pattern: re.Pattern[str], claims: Mapping[str, Any], name: str) -> str:
    found = pattern.fullmatch(text_of(claims, name))
    return found[0] if found else refuse()
