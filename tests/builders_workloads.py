"""GitHub's issuer of tokens for jobs, for tests: its keys, the address where a job asks, and any token it might sign.

with an_issuer() as issuer:
    token = issuer.token(claims_of(forge, pull, audience=url))
    issuer.environment(claims)          # what a job finds, so that it can ask by itself
"""

import base64
import datetime as dt
import json
import secrets
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from builders_forge_world import ForgeWorld
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from doubles.github.pulls import Pull

CENTRAL = "acme/central/.github/workflows/gate.yml@refs/heads/main"
REQUEST_TOKEN = "the job's own secret"  # noqa: S105  # of nothing real


def a_key(name: str = "one") -> rsa.RSAPrivateKey:
    """A key of the issuer; the same for the same name, since making one takes long."""
    return _key(name)


@cache
def _key(name: str) -> rsa.RSAPrivateKey:
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def jwk_of(key: rsa.RSAPrivateKey, kid: str) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    modulus, exponent = (encoded(n.to_bytes((n.bit_length() + 7) // 8, "big")) for n in (numbers.n, numbers.e))
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": modulus, "e": exponent}


def signed(claims: Mapping[str, Any], key: rsa.RSAPrivateKey, **header: Any) -> str:
    """A compact token, made by hand so that it may be wrong in any way."""
    parts = {"typ": "JWT", "alg": "RS256", "kid": "one", **header}
    text = ".".join(encoded(json.dumps(part).encode()) for part in (parts, claims))
    return f"{text}.{encoded(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def claims_of(forge: ForgeWorld, pull: Pull, *, at: dt.datetime | None = None, **others: Any) -> dict[str, Any]:
    """The claims that GitHub gives a job about a pull."""
    now = int(at.timestamp()) if at else int(time.time())
    return {
        "iss": "https://issuer.example",
        "aud": "https://gate.example.com",
        "sub": f"repo:acme/shop:pull_request:{pull.number}",
        "jti": secrets.token_hex(16),
        "iat": now,
        "nbf": now - 60,
        "exp": now + 300,
        "repository": "acme/shop",
        "repository_id": str(forge.shop.id),
        "repository_owner": "acme",
        "repository_owner_id": str(forge.acme.id),
        "event_name": "pull_request",
        "ref": f"refs/pull/{pull.number}/merge",
        "sha": pull.head_sha,
        "job_workflow_ref": CENTRAL,
        "job_workflow_sha": "c" * 40,
        "run_id": "77",
        **others,
    }


class Issuer:
    """A server with the issuer's keys, at which a job can ask for its token."""

    def __init__(self) -> None:
        self.keys: Any = {"keys": [jwk_of(a_key(), "one")]}
        self.claims: dict[str, Any] = {}
        self.paths: list[str] = []
        self.location = ""
        handler = type("Bound", (_Handler,), {"issuer": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def token(self, claims: Mapping[str, Any], *, key: str = "one", **header: Any) -> str:
        return signed({**claims, "iss": claims.get("iss", self.url)}, a_key(key), **header)

    def environment(self, claims: Mapping[str, Any]) -> dict[str, str]:
        """What GitHub sets in a job that may prove who it is."""
        self.claims = dict(claims)
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.url}/token?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
        }


class _Handler(BaseHTTPRequestHandler):
    issuer: Issuer

    def do_GET(self) -> None:
        parts = urllib.parse.urlsplit(self.path)
        self.issuer.paths.append(parts.path)
        if self.issuer.location:
            self.send_response(302)
            self.send_header("Location", self.issuer.location)
            self.end_headers()
        elif parts.path == "/.well-known/jwks":
            self._answer(200, self.issuer.keys)
        elif parts.path == "/token" and self.headers["Authorization"] == f"Bearer {REQUEST_TOKEN}":
            audience = urllib.parse.parse_qs(parts.query)["audience"][0]
            claims = {**self.issuer.claims, "aud": audience, "jti": secrets.token_hex(16), "iss": self.issuer.url}
            self._answer(200, {"value": self.issuer.token(claims)})
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def _answer(self, status: int, value: Any) -> None:
        raw = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Say nothing: tests read `paths`."""


@contextmanager
def an_issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    thread = Thread(target=issuer.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        issuer.http.shutdown()
        thread.join()
        issuer.http.server_close()
