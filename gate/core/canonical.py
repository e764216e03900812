"""Canonical JSON (RFC 8785) and the digests over it."""

import hashlib
import json
from typing import Any

from gate.core.lazy_regex import lazy_regex

# RFC 8785 sorts keys by UTF-16 code units, Python by code points: they differ only where a key holds one of these.
_SORTS_DIFFERENTLY = lazy_regex("[\ud800-\U0010ffff]")
_MAX_SAFE_INTEGER = 2**53 - 1
# What holds itself ends as a RecursionError; to be on the lookout for it would cost a tenth.
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
)


def canonical_bytes(value: Any) -> bytes:
    """Return the one byte string that RFC 8785 gives to a JSON value without floats.

    Raises ValueError for floats, integers beyond 2**53 - 1, keys that are not text and lone surrogates: none of them
    has one canonical form that every reader agrees on.
    """
    text = _ENCODER.encode(value)
    if not text.isascii() and _SORTS_DIFFERENTLY.search(text):
        value = _sorted_by_utf16(value)
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def digest_of(value: Any) -> str:
    """Return `sha256:<hex>` over the canonical bytes of a JSON value."""
    return "sha256:" + hashlib.sha256(canonical_bytes(value)).hexdigest()


def require_canonical(value: Any) -> None:
    """Raise ValueError where a value holds what canonical JSON refuses (floats, huge integers, odd keys)."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ValueError(f"a key is not text: {key!r}")
            if item.__class__ is not str:  # most are, and a call for each would cost more than looking
                require_canonical(item)
    elif isinstance(value, int) and not -_MAX_SAFE_INTEGER <= value <= _MAX_SAFE_INTEGER:
        raise ValueError(f"an integer is beyond 2**53 - 1: {value!r}")
    elif isinstance(value, (list, tuple)):
        for item in value:
            require_canonical(item)
    elif isinstance(value, float):
        raise ValueError(f"a float has no canonical form here: {value!r}")


def _sorted_by_utf16(value: Any) -> Any:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return {key: _sorted_by_utf16(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_sorted_by_utf16(item) for item in value]
    return value
