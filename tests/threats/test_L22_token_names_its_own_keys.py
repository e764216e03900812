"""L22: a job's token points to its own issuer, audience or keys; only what the operator configured is believed."""

import datetime as dt
import json
from typing import Any

import pytest
from builders_workloads import a_key, encoded, jwk_of, signed

from gate.adapters.issuer_keys import IssuerKeys
from gate.adapters.workload_tokens import JoseWorkloadTokens
from gate.core.errors import UsageError
from gate.usecases.workload_ports import WorkloadRefusedError

ISSUER, AUDIENCE = "https://token.actions.example", "https://gate.example.com"
NOW = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
AT = int(NOW.timestamp())
CLAIMS: dict[str, Any] = {
    "iss": ISSUER, "aud": AUDIENCE, "sub": "repo:acme/shop:pull_request", "jti": "a-token-of-a-job", "iat": AT,
    "nbf": AT - 60, "exp": AT + 300, "repository_id": "1000", "repository_owner_id": "500",
    "event_name": "pull_request", "ref": "refs/pull/7/merge", "sha": "a" * 40,
    "job_workflow_ref": "acme/shop/.github/workflows/gate.yml@refs/heads/main", "job_workflow_sha": "b" * 40,
    "run_id": "7",
}  # fmt: skip


def tokens() -> JoseWorkloadTokens:
    keys = {"one": jwk_of(a_key(), "one")}
    return JoseWorkloadTokens(issuer=ISSUER, audience=AUDIENCE, key_of=keys.get)


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in CLAIMS.items() if name not in names}


class TestATokenOfTheIssuer:
    def test_says_which_job_it_is_of(self) -> None:
        found = tokens().verify(signed(CLAIMS, a_key()), at=NOW)
        assert (found.repository, found.owner, found.sha, found.run) == (1000, 500, "a" * 40, 7)


class TestIsRefused:
    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "https://evil.example"},
            {"iss": f"{ISSUER}/"},
            {"iss": f"{ISSUER}/acme"},
            {"aud": "https://github.com/acme"},
            {"aud": [AUDIENCE]},
            {"aud": f"{AUDIENCE}/"},
            {"exp": AT - 61},
            {"exp": AT + 7200},
            {"exp": str(AT + 300)},
            {"iat": AT + 120},
            {"nbf": AT + 120},
            {"jti": ""},
            {"repository_id": 1000},
            {"repository_id": "01000"},
            {"sha": "a" * 39},
            {"run_id": "7; drop"},
        ],
    )
    def test_a_token_with_wrong_claims(self, claims: dict[str, Any]) -> None:
        with pytest.raises(WorkloadRefusedError):
            tokens().verify(signed({**CLAIMS, **claims}, a_key()), at=NOW)

    @pytest.mark.parametrize("name", sorted(set(CLAIMS) - {"sub", "nbf"}))
    def test_a_token_without_a_claim(self, name: str) -> None:
        with pytest.raises(WorkloadRefusedError):
            tokens().verify(signed(without(name), a_key()), at=NOW)

    @pytest.mark.parametrize(
        "header",
        [
            {"alg": "none"},
            {"alg": "HS256"},
            {"alg": "RS512"},
            {"kid": None},
            {"kid": "two"},
            {"crit": ["exp"], "exp": 1},
            {"typ": "at+jwt"},
        ],
    )
    def test_a_token_with_another_header(self, header: dict[str, Any]) -> None:
        with pytest.raises(WorkloadRefusedError):
            tokens().verify(signed(CLAIMS, a_key(), **header), at=NOW)

    def test_a_token_signed_by_another_key_that_it_brings_along(self) -> None:
        other = a_key("another")
        forged = signed(CLAIMS, other, jwk=jwk_of(other, "one"), jku="https://evil.example/keys")
        with pytest.raises(WorkloadRefusedError):
            tokens().verify(forged, at=NOW)

    def test_a_token_whose_key_is_the_public_key_as_a_secret(self) -> None:
        parts = [{"alg": "HS256", "kid": "one", "typ": "JWT"}, CLAIMS]
        with pytest.raises(WorkloadRefusedError):
            tokens().verify(
                ".".join([*(encoded(json.dumps(one).encode()) for one in parts), encoded(b"x" * 32)]), at=NOW
            )

    @pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "é.b.c", "a" * 9000, "a.b.c.d.e"])
    def test_what_is_no_token(self, text: str) -> None:
        with pytest.raises(WorkloadRefusedError):
            tokens().verify(text, at=NOW)


class TestTheSubject:
    def test_is_never_looked_at(self) -> None:
        for subject in ("repo:evil/shop:ref:refs/heads/main", "repo:acme@500/shop@1000:pull_request", ""):
            assert tokens().verify(signed({**CLAIMS, "sub": subject}, a_key()), at=NOW).repository == 1000


class TestTheIssuer:
    def test_is_the_configured_one_over_https(self) -> None:
        with pytest.raises(UsageError, match="GATE_ACTIONS_OIDC_ISSUER is not HTTPS"):
            IssuerKeys("http://issuer.example", clock=lambda: 0.0)
