"""Compact tokens: what every signed token must be before any library sees it: three canonical segments, strict JSON."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from gate.core.canonical import canonical_bytes

SEGMENTS = 3
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")


class MalformedTokenError(ValueError):
    """A text is no compact token; which of its faults it has is told to nobody who sent it."""


def unverified_segments(token: object, *, max_length: int) -> tuple[bytes, bytes, bytes]:
    """Return header, payload and signature of a token, still unverified. Raises MalformedTokenError.

    SECURITY: five segments are an encrypted token, which is never accepted (L17).
    """
    if not isinstance(token, str) or len(token) > max_length:
        refuse()
    segments = token.split(".")
    if len(segments) != SEGMENTS:
        refuse()
    header, payload, signature = (decoded(segment) for segment in segments)
    return header, payload, signature


def decoded(segment: str) -> bytes:
    """Return the bytes of a segment that is spelled in the one canonical way (L04). Raises MalformedTokenError."""
    if not _SEGMENT.fullmatch(segment):
        refuse()
    try:
        raw = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        refuse()
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != segment:
        refuse()
    return raw


def parsed(raw: bytes) -> dict[str, Any]:
    """Return a JSON object whose keys all differ, without numbers that JSON does not know.

    Raises MalformedTokenError for anything else.
    """
    try:
        found = json.loads(raw.decode(), object_pairs_hook=_unique, parse_constant=refuse, parse_float=refuse)
        canonical_bytes(found)  # what has no canonical form (lone surrogates, huge numbers) is none of ours
    except (ValueError, RecursionError):
        refuse()
    return found if isinstance(found, dict) else refuse()


def text_of(holder: Mapping[str, Any], key: str) -> str:
    """Return a text. Raises MalformedTokenError where there is none."""
    found = holder.get(key)
    return found if isinstance(found, str) else refuse()


def refuse(*_: object) -> NoReturn:
    """Raise MalformedTokenError."""
    raise MalformedTokenError


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        refuse()
    return found
