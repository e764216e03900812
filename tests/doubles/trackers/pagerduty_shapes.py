"""What PagerDuty's OpenAPI description (github.com/PagerDuty/api-schema, REST, read 2026-11-27) asks of five requests.

The shapes are written down here in our own words: types, enumerations and required members of what the gate sends and
reads, the documented status of success, the documented query parameters, and the header `From` of whatever writes. The
description calls an incident's details an object and shows them as text in its example; its example is followed.
"""

import re
from typing import Any, NamedTuple

import jsonschema_rs

from doubles.trackers.server import Asked

_TEXT: dict[str, Any] = {"type": "string"}
_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}


def _object(required: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(required)}


def _reference(kind: str) -> dict[str, Any]:
    return _object(("id", "type"), id=_TEXT, type={"enum": [kind]}, summary={"type": ["string", "null"]})


_INCIDENT = _object(
    ("type",),
    id=_TEXT,
    type={"enum": ["incident"]},
    summary={"type": ["string", "null"]},
    html_url={"type": ["string", "null"], "format": "uri"},
    incident_number={"type": "integer"},
    title=_TEXT,
    created_at=_TIME,
    updated_at=_TIME,
    status={"enum": ["triggered", "acknowledged", "resolved"]},
    incident_key=_TEXT,
    urgency={"enum": ["high", "low"]},
    service=_reference("service_reference"),
)
_NEW_INCIDENT = _object(
    ("type", "title", "service"),
    type={"enum": ["incident"]},
    title=_TEXT,
    service=_reference("service_reference"),
    incident_key=_TEXT,
    urgency={"enum": ["high", "low"]},
    body=_object(("type",), type={"enum": ["incident_body"]}, details=_TEXT),
)
_NOTE = _object((), id=_TEXT, user=_reference("user_reference"), content=_TEXT, created_at=_TIME)
_PAGE = {"limit": {"type": "integer"}, "offset": {"type": "integer"}, "more": {"type": "boolean"}}


class _Operation(NamedTuple):
    status: int
    answer: dict[str, Any]
    body: dict[str, Any] | None = None
    query: frozenset[str] = frozenset()


_OPERATIONS = {
    ("GET", "/incidents"): _Operation(
        200,
        _object(("incidents",), incidents={"type": "array", "items": _INCIDENT}, **_PAGE),
        query=frozenset({"limit", "offset", "total", "date_range", "incident_key", "since", "until"}),
    ),
    ("POST", "/incidents"): _Operation(
        201, _object(("incident",), incident=_INCIDENT), _object(("incident",), incident=_NEW_INCIDENT)
    ),
    ("GET", "/incidents/{id}"): _Operation(200, _object(("incident",), incident=_INCIDENT)),
    ("GET", "/incidents/{id}/notes"): _Operation(200, _object(("notes",), notes={"type": "array", "items": _NOTE})),
    ("POST", "/incidents/{id}/notes"): _Operation(
        200, _object(("note",), note=_NOTE), _object(("note",), note=_object(("content",), content=_TEXT))
    ),
}


def wrong_with(asked: Asked, status: int, value: Any) -> list[str]:
    """Return what the description says against a request and its answer; what is refused is documented in part only."""
    place = (asked.method, re.sub(r"^/incidents/[^/]+", "/incidents/{id}", asked.path))
    operation = _OPERATIONS.get(place)
    if operation is None:
        return [f"{place} is no documented request"]
    wrong = [f"{place}: unknown parameter {name}" for name in asked.query if name not in operation.query]
    if asked.method != "GET" and not asked.headers.get("from"):
        wrong.append(f"{place}: no From")
    if operation.body is not None:
        wrong += [f"{place} sends {one}" for one in _wrong(operation.body, asked.body)]
    if status < 400:
        wrong += [] if status == operation.status else [f"{place}: status {status}"]
        wrong += [f"{place} answers {one}" for one in _wrong(operation.answer, value)]
    return wrong


def _wrong(schema: dict[str, Any], value: Any) -> list[str]:
    validator = jsonschema_rs.Draft7Validator(schema, validate_formats=True)
    return [
        f"/{'/'.join(map(str, error.instance_path))}: {error.message[:200]}" for error in validator.iter_errors(value)
    ]
