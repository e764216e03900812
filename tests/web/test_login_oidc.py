"""Logging in by OpenID Connect: whom the provider vouches for, and which ID tokens are believed."""

import datetime as dt
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders_login import HTML, a_provider, an_app, local, where_sent
from builders_service import Service, a_service
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Response
from jose import jwk, jwt

from gate.adapters.login.oidc import OidcLogin, verify_id_token
from gate.core.times import parse_instant
from gate.usecases.login_ports import LoginError, Person
from gate.web.login import begin_session
from gate.web.visitors import secret_hash

ACCESS = "an access token"
ISSUER = "https://login.example.com"
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = PRIVATE.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
PUBLIC = {**jwk.construct(PEM, "RS256").public_key().to_dict(), "use": "sig"}


def believed(key: str = PEM, *, alg: str = "RS256", keys: Any = None, **claims: Any) -> dict[str, Any]:
    """Verify an ID token that is in order but for what is given; a claim of None is left out."""
    now = int(time.time())
    whole = {"iss": ISSUER, "aud": "gate", "sub": "ada", "nonce": "n", "iat": now, "exp": now + 60, **claims}
    token = jwt.encode({name: value for name, value in whole.items() if value is not None}, key, algorithm=alg)
    listed = {"keys": [PUBLIC]} if keys is None else keys
    return dict(verify_id_token(token, keys=listed, issuer=ISSUER, client_id="gate", nonce="n", access_token=ACCESS))


@pytest.fixture
def issuer() -> Iterator[str]:
    with a_provider() as address:
        yield address


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with a_service(tmp_path) as service:
        service.forge.a_pull(title="Charge seven")
        service.settle()
        yield service


def log_in(service: Service, issuer: str, **door: Any) -> Any:
    client = an_app(service, OidcLogin(issuer=issuer, client_id="gate", client_secret="x" * 20), **door).test_client()
    begun = client.get("/login", headers=HTML)
    assert begun.status_code == 303, begun.text
    back = where_sent(begun.headers["Location"], urllib.parse.urlencode({"sub": "ada"}).encode())
    done = client.get(local(back), headers=HTML)
    assert done.status_code == 303, done.text
    return client


class TestSomebodyWithoutAGithubAccount:
    def test_sees_no_repository(self, service: Service, issuer: str) -> None:
        client = log_in(service, issuer)
        page = client.get("/", headers=HTML)
        assert page.status_code == 200
        assert "Charge seven" not in page.text

    def test_sees_all_as_a_listed_admin(self, service: Service, issuer: str) -> None:
        client = log_in(service, issuer, admins=frozenset({"oidc:ada"}))
        assert "Charge seven" in client.get("/", headers=HTML).text


class TestLoggingInAgain:
    def test_asks_the_provider_to_ask_anew(self, service: Service, issuer: str) -> None:
        client = an_app(service, OidcLogin(issuer=issuer, client_id="gate")).test_client()
        sent = urllib.parse.parse_qs(urllib.parse.urlsplit(client.get("/login?again=1", headers=HTML).location).query)
        assert (sent["prompt"], sent["max_age"]) == (["login"], ["0"])
        assert "prompt" not in client.get("/login", headers=HTML).headers["Location"]

    def test_that_the_provider_did_without_asking_is_as_old_as_it_says(self, service: Service) -> None:
        app = an_app(service)
        now = service.gate.now()
        with app.test_request_context("/"):
            told = Person("oidc:x#ada", "ada", ISSUER, "ada", "oidc:ada", int(now.timestamp()) - 3600)
            begin_session(app.extensions["gate"], told, Response())
        with service.store.reading() as reading:
            session = reading.session(secret_hash("a-secret-of-a-test-0"))
        assert session is not None
        assert parse_instant(session.reauthenticated_at) <= now - dt.timedelta(hours=1)


class TestAnIdToken:
    def test_in_order_is_believed(self) -> None:
        assert believed()["sub"] == "ada"

    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "https://evil.example.com"},
            {"iss": None},
            {"aud": "another"},
            {"aud": None},
            {"aud": ["gate", "another"]},
            {"azp": "another"},
            {"nonce": "of another login"},
            {"nonce": None},
            {"exp": 1},
            {"exp": None},
            {"sub": ""},
            {"sub": None},
        ],
        ids=repr,
    )
    def test_that_is_not_for_this_login_is_refused(self, claims: dict[str, Any]) -> None:
        with pytest.raises(LoginError):
            believed(**claims)

    def test_of_another_key_is_refused(self) -> None:
        other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with pytest.raises(LoginError, match="cannot be verified"):
            believed(other.decode())

    def test_signed_by_a_shared_secret_is_refused(self) -> None:
        secret = {"kty": "oct", "k": "YSBzZWNyZXQgb2Ygc2l4dGVlbg", "alg": "HS256"}
        for keys in ({"keys": [secret]}, {"keys": [secret, PUBLIC]}):
            with pytest.raises(LoginError):
                believed("a secret of sixteen", alg="HS256", keys=keys)


class TestAProvider:
    def test_that_names_another_issuer_is_not_used(self, service: Service, issuer: str) -> None:
        login = OidcLogin(issuer=f"{issuer}/", client_id="gate")
        answer = an_app(service, login).test_client().get("/login", headers=HTML)
        assert answer.status_code == 503
