"""Builders of tokens of links: honest ones, and the hostile corpus, made without the module that must refuse them.

tokens, key = some_tokens()
token = made_token(key, claims_at(NOW))            # any header, any payload, signed for real
hostile_tokens(key)                                # name -> a text that must be refused
"""

import base64
import datetime as dt
import hashlib
import hmac
import json
import os
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gate.adapters.link_keys import LinkKey, new_key
from gate.adapters.link_tokens import TYPE, JoseLinkTokens

ISSUER = "https://gate.example"
NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
AT = int(NOW.timestamp())
SCOPE = "sha256:" + "ab" * 32
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


def some_tokens(*keys: LinkKey) -> tuple[JoseLinkTokens, LinkKey]:
    found = list(keys) or [new_key(NOW - dt.timedelta(days=1))]
    return JoseLinkTokens(issuer=ISSUER, keys=lambda: found, randomness=os.urandom), found[0]


def claims_at(at: int = AT, purpose: str = "signoff", **changed: Any) -> dict[str, Any]:
    """The claims of an honest link; None takes one away."""
    honest = {
        "iss": ISSUER,
        "aud": f"gate:{purpose}",
        "sub": "github:1001",
        "jti": "A" * 24,
        "iat": at,
        "nbf": at,
        "exp": at + 3600,
        "change": "7/501/3",
        "scope": SCOPE,
        "purpose": purpose,
    }
    return {name: value for name, value in {**honest, **changed}.items() if value is not None}


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def dumped(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def header_of(key: LinkKey, **changed: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in {"alg": "ES256", "kid": key.kid, "typ": TYPE, **changed}.items()
        if value is not None
    }


def made_token(
    key: LinkKey, payload: Any = None, header: Any = None, *, signer: ec.EllipticCurvePrivateKey | None = None
) -> str:
    """A token with any header and payload, as values or as raw bytes, signed by a key or by another one."""
    head = dumped(header_of(key) if header is None else header)
    signed = f"{encoded(head)}.{encoded(dumped(claims_at() if payload is None else payload))}"
    r, s = decode_dss_signature((signer or key.key).sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def twin_of(token: str) -> str:
    """The same token with the other signature (r, n - s), which verifies as well."""
    signed, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    s = ORDER - int.from_bytes(raw[32:], "big")
    return f"{signed}.{encoded(raw[:32] + s.to_bytes(32, 'big'))}"


def hostile_tokens(key: LinkKey, purpose: str = "signoff") -> Mapping[str, Any]:
    """Every text that must be refused where a purpose is asked for, by what is wrong with it."""
    good = made_token(key, claims_at(purpose=purpose))
    head, payload, signature = good.split(".")
    return {
        **_spellings(good, head, payload, signature),
        **_headers(key, purpose),
        **_claims(key, purpose),
        **_forged(key, head, payload, purpose),
    }


def _spellings(good: str, head: str, payload: str, signature: str) -> dict[str, Any]:
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    flipped = signature[:-1] + last[last.index(signature[-1]) ^ 1]
    return {
        "nothing": "",
        "none at all": None,
        "a number": 5,
        "bytes": good.encode(),
        "one segment": head,
        "two segments": f"{head}.{payload}",
        "five segments": f"{good}.{head}.{payload}",
        "padded": f"{good}=",
        "junk after it": f"{good}!!!!",
        "a blank after it": f"{good} ",
        "a line after it": f"{good}\n",
        "last letter flipped": f"{head}.{payload}.{flipped}",
        "standard base64": f"{head}.{payload}.{'+' + signature[1:]}",
        "no signature": f"{head}.{payload}.",
        "half a signature": f"{head}.{payload}.{encoded(b'x' * 32)}",
        "no payload": f"{head}..{signature}",
        "too long": f"{head}.{'A' * 5000}.{signature}",
        "another alphabet": good.replace("e", "е"),  # noqa: RUF001  # a Cyrillic letter
    }


def _without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}


def _headers(key: LinkKey, purpose: str) -> dict[str, str]:
    changed: dict[str, dict[str, Any]] = {
        "no algorithm": {"alg": None},
        "algorithm none": {"alg": "none"},
        "algorithm NONE": {"alg": "NONE"},
        "algorithm in lower case": {"alg": "es256"},
        "algorithm as a list": {"alg": ["ES256"]},
        "algorithm as a number": {"alg": 5},
        "HMAC named": {"alg": "HS256"},
        "RSA named": {"alg": "RS256"},
        "ES384 named": {"alg": "ES384"},
        "no key": {"kid": None},
        "unknown key": {"kid": "x"},
        "key as a path": {"kid": "../../etc/passwd"},
        "key as SQL": {"kid": "' OR 1=1 --"},
        "key as a list": {"kid": [key.kid]},
        "no type": {"typ": None},
        "type JWT": {"typ": "JWT"},
        "critical header": {"crit": ["exp"]},
        "critical unknown header": {"crit": ["gate"], "gate": True},
        "b64 false": {"b64": False, "crit": ["b64"]},
        "key address": {"jku": "https://evil.example/jwks.json"},
        "own key": {"jwk": key.jwk()},
        "certificate address": {"x5u": "https://evil.example/x"},
        "content type": {"cty": "JWT"},
        "compressed": {"zip": "DEF"},
    }
    made = {
        f"header: {name}": made_token(key, claims_at(purpose=purpose), header=header_of(key, **change))
        for name, change in changed.items()
    }
    twice = f'{{"alg":"none","alg":"ES256","kid":"{key.kid}","typ":"{TYPE}"}}'
    made["header: key twice"] = made_token(key, claims_at(purpose=purpose), header=twice.encode())
    made["header: deep"] = made_token(key, claims_at(purpose=purpose), header=b"[" * 1200 + b"]" * 1200)
    made["header: a list"] = made_token(key, claims_at(purpose=purpose), header=[1])
    made["header: no JSON"] = made_token(key, claims_at(purpose=purpose), header=b"alg")
    made["header: not UTF-8"] = made_token(key, claims_at(purpose=purpose), header=b"\xff\xfe")
    return made


def _claims(key: LinkKey, purpose: str) -> dict[str, str]:
    missing = {
        f"claim missing: {name}": made_token(key, _without(claims_at(purpose=purpose), name)) for name in claims_at()
    }
    other = "acknowledge" if purpose == "signoff" else "signoff"
    wrong: Sequence[tuple[str, dict[str, Any]]] = [
        ("another issuer", {"iss": "https://evil.example"}),
        ("issuers as a list", {"iss": [ISSUER]}),
        ("another audience", {"aud": "gate:login"}),
        ("audience of another purpose", {"aud": f"gate:{other}"}),
        ("audiences as a list", {"aud": [f"gate:{purpose}", "gate:login"]}),
        ("audience alone in a list", {"aud": [f"gate:{purpose}"]}),
        ("another purpose", {"purpose": other}),
        ("unknown purpose", {"purpose": "login", "aud": "gate:login"}),
        ("all of another purpose", {"purpose": other, "aud": f"gate:{other}"}),
        ("subject empty", {"sub": ""}),
        ("subject as a number", {"sub": 1001}),
        ("subject without kind", {"sub": "1001"}),
        ("jti too short", {"jti": "A"}),
        ("jti as SQL", {"jti": "' OR 1=1 --              "}),
        ("jti as a list", {"jti": ["A" * 24]}),
        ("change as a number", {"change": 3}),
        ("change of no repository", {"change": "7/3"}),
        ("change negative", {"change": "7/-1/3"}),
        ("change padded", {"change": "7/0501/3"}),
        ("scope empty", {"scope": ""}),
        ("scope another digest", {"scope": "md5:00"}),
        ("ended now", {"exp": AT}),
        ("ended before", {"exp": AT - 1}),
        ("end as text", {"exp": str(AT + 3600)}),
        ("end as a fraction", {"exp": AT + 3600.5}),
        ("end true", {"exp": True}),
        ("end as a list", {"exp": [AT + 3600]}),
        ("end far away", {"exp": 10**40}),
        ("life too long", {"exp": AT + 40 * 86400}),
        ("end before its beginning", {"iat": AT + 30, "nbf": AT, "exp": AT + 20}),
        ("issued tomorrow", {"iat": AT + 86400, "exp": AT + 90000}),
        ("issued as text", {"iat": str(AT)}),
        ("issued before time", {"iat": -5}),
        ("not yet", {"nbf": AT + 3600}),
        ("not before as text", {"nbf": str(AT)}),
        ("something more", {"admin": True}),
    ]
    made = {f"claim: {name}": made_token(key, claims_at(purpose=purpose) | change) for name, change in wrong}
    text = json.dumps(claims_at(purpose=purpose))
    raw: dict[str, bytes] = {
        "end null": text.replace(str(AT + 3600), "null").encode(),
        "end Infinity": text.replace(str(AT + 3600), "Infinity").encode(),
        "end NaN": text.replace(str(AT + 3600), "NaN").encode(),
        "end 1e400": text.replace(str(AT + 3600), "1e400").encode(),
        "subject twice": text.replace("{", '{"sub": "github:9", ', 1).encode(),
        "a list": b"[]",
        "text": b'"x"',
        "null": b"null",
        "no JSON": b"{",
        "deep": b"[" * 1200 + b"]" * 1200,
        "not UTF-8": b"\xff",
        "lone surrogate": text.replace("github:1001", "github:\\ud800").encode(),
        "digits without end": text.replace(str(AT + 3600), "9" * 1000).encode(),
        "compressed": zlib.compress(b"A" * 100_000),
    }
    return {**missing, **made, **{f"payload: {name}": made_token(key, payload) for name, payload in raw.items()}}


def _forged(key: LinkKey, head: str, payload: str, purpose: str) -> dict[str, str]:
    other, claims = new_key(NOW), claims_at(purpose=purpose)
    public = key.key.public_key()
    secrets = {
        "PEM": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "point": public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        "nothing": b"",
    }
    made = {
        "forged: by another key": made_token(key, claims_at(purpose=purpose), signer=other.key),
        "forged: key of another": made_token(other, claims_at(purpose=purpose)),
    }
    for name, secret in secrets.items():
        for algorithm, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
            signed = f"{encoded(dumped(header_of(key, alg=algorithm)))}.{payload}"
            mac = hmac.new(secret, signed.encode(), digest).digest()
            made[f"forged: {algorithm} with the public key as {name}"] = f"{signed}.{encoded(mac)}"
    none = encoded(dumped(header_of(key, alg="none")))
    made["forged: none, signed by nobody"] = f"{none}.{payload}."
    made["forged: zeros"] = f"{head}.{payload}.{encoded(bytes(64))}"
    changed = encoded(dumped({**claims, "sub": "github:1002"}))
    made["forged: another person"] = f"{head}.{changed}.{made_token(key, claims).rpartition('.')[2]}"
    return made
