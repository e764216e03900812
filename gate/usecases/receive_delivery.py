"""Receiving: a verified webhook delivery is kept whole before anybody thinks about it."""

import json
from typing import Any

from gate.core.errors import UsageError
from gate.core.lazy_regex import lazy_regex
from gate.usecases.deliver import origin_of
from gate.usecases.gate import Gate
from gate.usecases.jobs import sweep_job
from gate.usecases.stored import Delivery, Job

MAX_DEPTH = 64
_MAX_DIGITS = 18
_TEXT = lazy_regex(r'(?s)"[^"\\]*(?:\\.[^"\\]*)*"')
_BRACKET = lazy_regex(r"[\[\]{}]")
_MAY_BE_SURROGATE = lazy_regex(r"\\u[dD]")
_NUL = lazy_regex(r"(?<!\\)(?:\\\\)*\\u0000")
"""An escaped NUL; behind a backslash that is escaped itself, the same letters are text."""


class HostileBodyError(UsageError):
    """The body is signed, and is nothing that JSON readers agree on."""

    code = "hostile-body"


def receive_delivery(gate: Gate, *, guid: str, event: str, body: bytes) -> bool:
    """Keep a delivery and leave the job that reads it; return False where its GUID was kept before.

    The caller has verified the signature. Raises HostileBodyError for a body that is no plain JSON object; it is then
    kept as quarantined, and a sweep finds out what it may have meant (S04). Raises StoreError where the database does
    not take it.
    """
    at = gate.instant()
    try:
        payload = parse_body(body)
    except HostileBodyError:
        with gate.store.writing() as writing:
            if writing.add_delivery(Delivery(guid, event, at, body)):
                writing.finish_delivery(guid, outcome="quarantined")
                writing.enqueue(sweep_job(at=at))
        raise
    origin = origin_of(payload)
    action = payload.get("action")
    delivery = Delivery(
        guid,
        event,
        at,
        body,
        tenant=origin.tenant,
        repository=origin.repository.key.id if origin.repository else 0,
        action=action[:100] if isinstance(action, str) else "",
    )
    with gate.store.writing() as writing:
        is_new = writing.add_delivery(delivery)
        if is_new:
            writing.enqueue(Job("deliver", {"guid": guid}, at, dedupe=f"deliver:{guid}", is_urgent=True))
    return is_new


def parse_body(body: bytes) -> dict[str, Any]:
    """Return a JSON object. Raises HostileBodyError for what JSON readers disagree about or choke on (S04)."""
    try:
        text = body.decode("utf-8")
        _refuse_depth(text)
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse, parse_int=_bounded, parse_float=float
        )
        if _MAY_BE_SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise HostileBodyError("The body is no JSON that can be read.", next_step="Send JSON as GitHub does.") from None
    if not isinstance(value, dict) or _NUL.search(text):
        raise HostileBodyError("The body is no plain JSON object.", next_step="Send JSON as GitHub does.")
    return value


def _refuse_depth(text: str) -> None:
    """Raise ValueError for nesting beyond any payload of a forge; brackets in texts do not count."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for found in _BRACKET.finditer(_TEXT.sub("", text)):
        depth += 1 if found[0] in "[{" else -1
        if depth > MAX_DEPTH:
            raise ValueError("too deep")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is written twice")
    return found


def _refuse(text: str) -> Any:
    raise ValueError(text)


def _bounded(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise ValueError("a number is too long")
    return int(text)
