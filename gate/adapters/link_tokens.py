"""Link tokens: signs and verifies the tokens of links by python-jose, which sees only what is checked already.

SECURITY: python-jose alone accepts unknown critical headers, spellings of a signature that are not canonical, claims of
wrong types, and any key it is given (docs/threats.md, L04, L09 to L18). So everything that it is lax about is checked
here before it sees a token and after it, and whatever it raises is one error without a reason.
"""

import base64
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, get_args

from jose import jwt
from jose.backends import ECKey
from jose.backends.cryptography_backend import CryptographyECKey

from gate.adapters.compact_tokens import parsed, text_of, unverified_segments
from gate.adapters.link_keys import LinkKey
from gate.core.errors import UsageError
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.link_ports import LinkRefusedError
from gate.usecases.links import LinkClaims, Purpose

if ECKey is not CryptographyECKey:  # pragma: no cover  # the other backend is CVE-2024-23342
    raise ImportError("python-jose would not use the cryptography library.")

MAX_LENGTH = 4096
MAX_LIFETIME_SECONDS = 31 * 24 * 3600
LEEWAY_SECONDS = 60
ALGORITHM = "ES256"
TYPE = "gate-link+jwt"
_ID_BYTES = 18
_SIGNATURE_BYTES = 64
_JTI = re.compile(r"[A-Za-z0-9_-]{24}")
_ACCOUNT = re.compile(r"[a-z]{1,20}:[^\x00-\x1f\x7f]{1,200}")
_CHANGE = re.compile(r"(0|[1-9][0-9]{0,17})/([1-9][0-9]{0,17})/(0|[1-9][0-9]{0,17})")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CLAIMS = frozenset({"iss", "aud", "sub", "jti", "iat", "nbf", "exp", "change", "scope", "purpose"})
# NOTE: its clock is the machine's own and cannot be given; times are required and checked here, by the gate's clock.
_OPTIONS = {
    **{f"require_{name}": True for name in ("aud", "iss", "sub", "jti")},
    **{f"verify_{name}": False for name in ("exp", "nbf", "iat", "at_hash")},
}


class JoseLinkTokens:
    """Tokens of one issuer. `keys` gives the keys in force, newest first; `randomness` so many random bytes."""

    def __init__(
        self, *, issuer: str, keys: Callable[[], Sequence[LinkKey]], randomness: Callable[[int], bytes]
    ) -> None:
        self._issuer = issuer
        self._keys = keys
        self._randomness = randomness

    def new_id(self) -> str:
        """Return an id for a link that nobody can guess: 144 random bits."""
        return base64.urlsafe_b64encode(self._randomness(_ID_BYTES)).decode()

    def sign(self, claims: LinkClaims, *, at: dt.datetime) -> str:
        """Return the token of some claims, signed with the newest key. Raises UsageError where it would not hold."""
        key = next((key for key in self._keys() if key.from_at <= at and key.holds(at)), None)
        if key is None:
            raise UsageError("No key for links holds now.", next_step="Run `gate keys rotate`.")
        change = claims.change
        payload = {
            "iss": self._issuer,
            "aud": _audience(claims.purpose),
            "sub": claims.account,
            "jti": claims.jti,
            "iat": claims.issued_at,
            "nbf": claims.issued_at,
            "exp": claims.expires_at,
            "change": f"{change.tenant}/{change.repository}/{change.number}",
            "scope": claims.scope,
            "purpose": claims.purpose,
        }
        token: str = jwt.encode(
            payload, ECKey(key.key, ALGORITHM), algorithm=ALGORITHM, headers={"kid": key.kid, "typ": TYPE}
        )
        try:
            self.verify(token, purpose=claims.purpose, at=at)
        except LinkRefusedError:
            raise UsageError("A link of this kind would not hold.", next_step="Give it a shorter life.") from None
        return token

    def verify(self, unverified_token: str, *, purpose: Purpose, at: dt.datetime) -> LinkClaims:
        """Return the claims of a token of ours that holds now. Raises LinkRefusedError for every other text."""
        try:
            return self._verify(unverified_token, purpose, int(at.timestamp()), at)
        except Exception:  # noqa: BLE001  # SECURITY: whatever a parser or the library raises is no, and says nothing more
            raise LinkRefusedError("This link does not hold.", next_step="Ask for a new one.") from None

    def public_keys(self, *, at: dt.datetime) -> Sequence[Mapping[str, Any]]:
        """Return the public keys that verify, as JWKs, the newest first."""
        return [key.jwk() for key in self._keys() if key.holds(at)]

    def _verify(self, unverified_token: str, purpose: Purpose, now: int, at: dt.datetime) -> LinkClaims:
        unverified_header, unverified_payload, signature = unverified_segments(unverified_token, max_length=MAX_LENGTH)
        if len(signature) != _SIGNATURE_BYTES:
            _refuse()
        header = parsed(unverified_header)
        key = {key.kid: key for key in self._keys() if key.holds(at)}.get(text_of(header, "kid"))
        if key is None or header != {"alg": ALGORITHM, "kid": key.kid, "typ": TYPE}:
            _refuse()
        unverified_claims = parsed(unverified_payload)
        claims = jwt.decode(
            unverified_token,
            ECKey(key.key.public_key(), ALGORITHM),
            algorithms=[ALGORITHM],
            audience=_audience(purpose),
            issuer=self._issuer,
            options=_OPTIONS,
        )
        if claims != unverified_claims:
            _refuse()
        return self._checked(claims, purpose, now)

    def _checked(self, claims: Mapping[str, Any], purpose: Purpose, now: int) -> LinkClaims:
        """Return what verified claims say; the library checks neither types nor that nothing else stands there."""
        if claims.keys() != _CLAIMS or any(type(claims[name]) is not int for name in ("iat", "nbf", "exp")):
            _refuse()
        if claims["iss"] != self._issuer or claims["aud"] != _audience(purpose) or claims["purpose"] != purpose:
            _refuse()
        issued, ends = claims["iat"], claims["exp"]
        if not 0 <= issued <= now + LEEWAY_SECONDS or claims["nbf"] > now + LEEWAY_SECONDS:
            _refuse()
        if not now < ends or not issued < ends <= issued + MAX_LIFETIME_SECONDS:
            _refuse()
        tenant, repository, number = _match(_CHANGE, claims, "change").groups()
        if number == "0" and purpose == "signoff":
            _refuse()  # a sign-off is always about a change
        return LinkClaims(
            _match(_JTI, claims, "jti")[0],
            _match(_ACCOUNT, claims, "sub")[0],
            ChangeKey(int(tenant), int(repository), int(number)),
            _match(_DIGEST, claims, "scope")[0],
            purpose,
            issued,
            ends,
        )


def _audience(purpose: Purpose) -> str:
    """Return whom a token is for: one audience for each purpose, so that none serves for another (L18)."""
    if purpose not in get_args(Purpose):
        _refuse()
    return f"gate:{purpose}"


def _match(pattern: re.Pattern[str], claims: Mapping[str, Any], name: str) -> re.Match[str]:
    return pattern.fullmatch(text_of(claims, name)) or _refuse()


def _refuse(*_: object) -> NoReturn:
    raise LinkRefusedError("This link does not hold.")
