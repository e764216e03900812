"""Secrets digest: how an API token is spelled, and the hash under which a secret is kept instead of itself."""

import base64
import hashlib

PREFIX = "gate_"
SECRET_BYTES = 32


def token_of(randomness: bytes) -> str:
    """Return an API token made of 32 random bytes: a prefix that scanners for leaked secrets find, and 43 letters.

    Raises ValueError for fewer bytes, which could be guessed.
    """
    if len(randomness) != SECRET_BYTES:
        raise ValueError(f"a token is made of {SECRET_BYTES} random bytes")
    return PREFIX + base64.urlsafe_b64encode(randomness).rstrip(b"=").decode()


def secret_hash(secret: str) -> str:
    """Return the hash of a token's or session's secret, SHA-256 in hexadecimal digits.

    SECURITY: enough without salt or stretching only because the secret holds 256 random bits; never for a password.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
