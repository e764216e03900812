import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gate.adapters.github.credentials import AppKey, InstallationAuth, app_auth
from gate.adapters.github.forge import GithubForge
from gate.core.errors import UsageError

PEM = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    .decode()
)


class Desk:
    """Issues installation tokens that hold for an hour, and counts them."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.issued = 0

    def issue(self) -> tuple[str, float]:
        self.issued += 1
        return f"ghs_{self.issued}", self.now + 3600

    def auth(self) -> InstallationAuth:
        return InstallationAuth(self.issue, lambda: self.now)


class TestTheAppsOwnLogin:
    def test_it_is_issued_a_minute_ago_and_holds_less_than_ten_minutes(self) -> None:
        claims = jwt.decode(app_auth(AppKey(77, PEM)).token, options={"verify_signature": False})
        assert claims["iss"] == "77"
        assert abs(claims["iat"] - (time.time() - 60)) < 10
        assert claims["exp"] - claims["iat"] <= 600
        assert claims["exp"] > time.time()

    def test_the_private_key_shows_nowhere(self) -> None:
        assert "PRIVATE" not in repr(AppKey(77, PEM))


class TestAnInstallationsToken:
    def test_it_is_asked_for_once_while_it_holds(self) -> None:
        desk = Desk()
        auth = desk.auth()
        first = auth.token
        desk.now += 3600 - 301
        assert auth.token == first
        assert desk.issued == 1

    def test_it_is_replaced_five_minutes_before_its_end(self) -> None:
        desk = Desk()
        auth = desk.auth()
        first = auth.token
        desk.now += 3600 - 299
        assert auth.token != first

    def test_a_refused_one_is_let_go_unless_another_took_its_place(self) -> None:
        desk = Desk()
        auth = desk.auth()
        auth.forget(auth.token)
        second = auth.token
        auth.forget("ghs_1")
        assert auth.token == second


class TestHowAForgeIsMade:
    def test_it_takes_an_app_or_a_token_and_not_both(self) -> None:
        with pytest.raises(UsageError, match="either an app or a token"):
            GithubForge()
        with pytest.raises(UsageError, match="either an app or a token"):
            GithubForge(app=AppKey(1, PEM), token="x")  # noqa: S106  # no secret

    def test_its_address_is_one_of_the_web(self) -> None:
        with pytest.raises(UsageError, match="GATE_GITHUB_API_URL"):
            GithubForge(token="x", base_url="file:///etc/passwd")  # noqa: S106  # no secret
