"""Keys of the service: bar 14, keys that are kept ready against keys that are read from PEM at each use.

Usage: python benchmarks/service_keys.py [--rounds N]
"""

import argparse
import datetime as dt
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "benchmarks")]

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from jose import jwt
from owners import Bar

from gate.adapters.github.credentials import AppKey, app_auth
from gate.adapters.link_keys import new_key
from gate.adapters.link_tokens import ECKey, JoseLinkTokens
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.links import LinkClaims

_AT = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
_PEM, _PUBLIC = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo


def key_bars(rounds: int) -> list[Bar]:
    """Return bar 14: signing as the gate's app, and verifying a link."""
    return [_signing(rounds), _verifying(rounds)]


def _signing(rounds: int) -> Bar:
    form, plain = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(_PEM, form, plain)
    ready = app_auth(AppKey(1, pem.decode()))

    def from_pem() -> None:
        loaded: Any = serialization.load_pem_private_key(pem, None)
        loaded.sign(b"x" * 200, padding.PKCS1v15(), hashes.SHA256())

    kept, read = _rates([lambda: ready.token, from_pem], rounds)
    text = "14. RS256 signing with a key that was prepared once: at least 100x signing from PEM"
    return Bar(text, f"{kept:,.0f}/s and {read:,.0f}/s, {kept / read:.0f}x", kept / read >= 100)


def _verifying(rounds: int) -> Bar:
    key = new_key(_AT)
    tokens = JoseLinkTokens(issuer="https://gate.example", keys=lambda: [key], randomness=os.urandom)
    later = "2026-11-01T13:00:00Z"
    seconds = int(dt.datetime.fromisoformat(later).timestamp())
    claims = LinkClaims(
        tokens.new_id(), "github:7", ChangeKey(1, 2, 3), "sha256:" + "0" * 64, "signoff", seconds - 3600, seconds
    )
    token = tokens.sign(claims, at=_AT)
    pem = key.key.public_key().public_bytes(_PEM, _PUBLIC).decode()
    options = {f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud")}

    def by(verifier: Any) -> Callable[[], object]:
        return lambda: jwt.decode(token, verifier(), algorithms=["ES256"], options=options)

    ready = ECKey(key.key.public_key(), "ES256")
    kept, read, whole = _rates(
        [by(lambda: ready), by(lambda: pem), lambda: tokens.verify(token, purpose="signoff", at=_AT)], rounds
    )
    text = "14. ES256 verifying with a key that was prepared once: at least 1.4x verifying from PEM"
    shown = f"{kept:,.0f}/s and {read:,.0f}/s, {kept / read:.2f}x; with all the gate's own checks {whole:,.0f}/s"
    return Bar(text, shown, kept / read >= 1.4)


def _rates(jobs: list[Callable[[], object]], rounds: int) -> list[float]:
    """Return how often a second of processor time holds each job, the jobs taking turns."""
    rates: list[list[float]] = [[] for _ in jobs]
    for _ in range(rounds):
        for job, found in zip(jobs, rates, strict=True):
            count, began = 0, time.process_time()
            while time.process_time() - began < 0.3:
                job()
                count += 1
            found.append(count / (time.process_time() - began))
    return [statistics.median(found) for found in rates]


def main() -> None:
    """Measure and print both rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    print("\n".join(str(bar) for bar in key_bars(parser.parse_args().rounds)))


if __name__ == "__main__":
    main()
