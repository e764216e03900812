"""L25: a job's token used twice, floods of unknown keys, an issuer that withholds its keys or answers nonsense."""

import json
from typing import Any

import pytest
import requests
from builders_service import Service, a_service
from builders_workloads import a_key, jwk_of

from gate.adapters.compact_tokens import MalformedTokenError
from gate.adapters.issuer_keys import COOLDOWN_SECONDS, FRESH_SECONDS, IssuerKeys, keys_in


class Issuer:
    """An issuer whose answers and clock a test sets."""

    def __init__(self) -> None:
        self.now, self.asked, self.kids = 1000.0, 0, ["one"]
        self.raw: bytes | None = None
        self.keys = IssuerKeys("https://issuer.example", clock=lambda: self.now, fetch=self.fetch)

    def fetch(self, address: str) -> bytes:
        assert address == "https://issuer.example/.well-known/jwks"
        self.asked += 1
        if self.raw is not None:
            return self.raw
        if not self.kids:
            raise requests.ConnectionError
        return json.dumps({"keys": [jwk_of(a_key(), kid) for kid in self.kids]}).encode()


class TestUnknownKeys:
    def test_are_asked_for_once_a_minute_at_most(self) -> None:
        issuer = Issuer()
        assert [issuer.keys.key(f"unknown-{number}") for number in range(50)] == [None] * 50
        assert issuer.asked == 1
        issuer.now += COOLDOWN_SECONDS
        issuer.keys.key("unknown")
        assert issuer.asked == 2

    def test_are_found_once_the_issuer_has_them(self) -> None:
        issuer = Issuer()
        assert issuer.keys.key("two") is None
        issuer.kids = ["two"]
        assert issuer.keys.key("two") is None
        issuer.now += COOLDOWN_SECONDS
        assert issuer.keys.key("two") is not None
        assert issuer.keys.key("one") is None, "a key that was taken away serves no longer"


class TestAnIssuerThatDoesNotAnswer:
    def test_leaves_the_old_keys_in_force_and_unknown_ones_refused(self) -> None:
        issuer = Issuer()
        assert issuer.keys.key("one") is not None
        issuer.kids, issuer.now = [], issuer.now + FRESH_SECONDS + 1
        assert issuer.keys.key("one") is not None
        assert issuer.keys.key("two") is None

    @pytest.mark.parametrize("raw", [b"", b"{}", b'{"keys": []}', b"[]", b"<html>", b'{"keys": [{"kty": "EC"}]}'])
    def test_or_with_nonsense_replaces_nothing(self, raw: bytes) -> None:
        issuer = Issuer()
        assert issuer.keys.key("one") is not None
        issuer.raw, issuer.now = raw, issuer.now + FRESH_SECONDS + 1
        assert issuer.keys.key("one") is not None


class TestAKeySet:
    @pytest.mark.parametrize("change", [{"kid": None}, {"alg": "none"}, {"n": "AQAB"}, {"n": "!"}, {"kid": "other"}])
    def test_in_disorder_is_refused_whole(self, change: dict[str, Any]) -> None:
        good = jwk_of(a_key(), "one")
        listed = [good, {**jwk_of(a_key(), "other"), **change}]
        listed += [listed[1]] if change == {"kid": "other"} else []
        with pytest.raises(MalformedTokenError):
            keys_in(json.dumps({"keys": listed}).encode())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with a_service(tmp_path_factory.mktemp("service")) as one:
        yield one


class TestATokenThatWasUsed:
    def test_is_remembered_until_it_ends(self, service: Service) -> None:
        with service.store.writing() as writing:
            assert writing.use_workload_token("jti-one", ends_at="2026-01-01T00:05:00Z", now="2026-01-01T00:00:00Z")
        with service.store.writing() as writing:
            later = "2026-01-01T00:04:59Z"
            assert not writing.use_workload_token("jti-one", ends_at="2026-01-01T00:05:00Z", now=later)
            assert writing.use_workload_token("jti-two", ends_at="2026-01-01T00:09:00Z", now=later)
