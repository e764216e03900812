"""Login by OpenID Connect: discovery, code flow with PKCE, and an ID token that is verified before it is believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jose import JWTError, jwt

from gate.adapters.login.client import document_at, oauth_session, token_of
from gate.usecases.login_ports import Attempt, LoginError, Person

ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "PS256")
_LEEWAY_SECONDS = 60
_NEEDED = {f"require_{claim}": True for claim in ("aud", "iss", "sub", "exp", "iat")}
_AGAIN = "Log in again; tell the operator if it stays."


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcLogin:
    """An OpenID provider as a login; `issuer` is compared letter by letter."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    name: str = "oidc"
    label: str = "single sign-on"

    def address(self, attempt: Attempt) -> str:
        """Return where the provider asks the person. Raises LoginError where it is not found."""
        session = oauth_session(self.client_id, self.client_secret, scope="openid profile", back=attempt.back)
        address, _ = session.create_authorization_url(
            self._endpoint(self._described(), "authorization_endpoint"),
            state=attempt.state,
            nonce=attempt.nonce,
            code_verifier=attempt.verifier,
            **({"prompt": "login", "max_age": "0"} if attempt.is_again else {}),
        )
        return str(address)

    def person(self, attempt: Attempt, code: str) -> Person:
        """Return whom the ID token is about. Raises LoginError where there is none that can be believed."""
        described = self._described()
        methods = described.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        session = oauth_session(self.client_id, self.client_secret, scope="", back=attempt.back, method=method)
        token = token_of(session, self._endpoint(described, "token_endpoint"), attempt, code)
        keys = document_at(self._endpoint(described, "jwks_uri"))
        claims = verify_id_token(
            token.get("id_token"),
            keys=keys,
            issuer=self.issuer,
            client_id=self.client_id,
            nonce=attempt.nonce,
            access_token=token["access_token"],
        )
        subject = claims["sub"]
        display = next((claims[one] for one in ("preferred_username", "name") if _is_name(claims.get(one))), subject)
        proved = claims.get("auth_time")
        proved_at = proved if type(proved) is int and proved >= 0 else None
        account = f"oidc:{self.issuer}#{subject}"
        return Person(account, display[:100], self.issuer, subject, f"oidc:{subject}", proved_at)

    def _described(self) -> Mapping[str, Any]:
        found = document_at(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise LoginError("The login provider names another issuer than GATE_OIDC_ISSUER.", next_step=_AGAIN)
        return found

    def _endpoint(self, described: Mapping[str, Any], name: str) -> str:
        found = described.get(name)
        # SECURITY: a code or a token never goes in clear where the issuer itself is reached by TLS.
        wanted = "https://" if self.issuer.startswith("https://") else ("https://", "http://")
        if not isinstance(found, str) or not found.startswith(wanted):
            raise LoginError(f"The login provider names no usable {name}.", next_step=_AGAIN)
        return found


def verify_id_token(  # each of them is checked against
    token: object, *, keys: Mapping[str, Any], issuer: str, client_id: str, nonce: str, access_token: str
) -> Mapping[str, Any]:
    """Return the claims of an ID token of this issuer, for this client and attempt, signed and in time.

    Raises LoginError for any other.
    """
    listed = keys.get("keys")
    # SECURITY: a shared secret among the keys would let anybody who reads them sign.
    usable = [one for one in listed if _is_public(one)] if isinstance(listed, list) else []
    if not isinstance(token, str) or not usable:
        raise LoginError("The login provider gave no ID token, or no keys to verify it by.", next_step=_AGAIN)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            {"keys": usable},
            algorithms=list(ALGORITHMS),
            audience=client_id,
            issuer=issuer,
            access_token=access_token,
            options={**_NEEDED, "leeway": _LEEWAY_SECONDS},
        )
    except (JWTError, ValueError, TypeError, KeyError) as error:
        raise LoginError("The ID token cannot be verified.", next_step=_AGAIN) from error
    for_several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("nonce") != nonce or (("azp" in claims or for_several) and claims.get("azp") != client_id):
        raise LoginError("The ID token is of another login or for another client.", next_step=_AGAIN)
    if not _is_name(claims["sub"]):
        raise LoginError("The ID token names nobody.", next_step=_AGAIN)
    return claims


def _is_public(key: object) -> bool:
    return isinstance(key, dict) and key.get("kty") in {"RSA", "EC"} and key.get("use", "sig") == "sig"


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 255  # noqa: PLR2004  # OpenID's own bound on subjects
