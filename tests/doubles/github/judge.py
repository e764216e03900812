"""The judge: GitHub's own OpenAPI description, asked about every request and every answer."""

import functools
import gzip
import json
from pathlib import Path
from typing import Any

import jsonschema_rs

DESCRIPTION = Path(__file__).parents[2] / "fixtures" / "github" / "openapi.json.gz"
NUMBERS = {"integer", "number"}


@functools.cache
def description() -> dict[str, Any]:
    """Return the routes and schemas."""
    loaded: dict[str, Any] = json.loads(gzip.decompress(DESCRIPTION.read_bytes()))
    return loaded


def _names_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"].rpartition("/")[2]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(_names_in(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(_names_in(inner) for inner in value))
    return set()


def _with_components(schema: dict[str, Any]) -> dict[str, Any]:
    schemas, found, waiting = description()["components"]["schemas"], {}, _names_in(schema)
    while waiting:
        name = waiting.pop()
        found[name] = schemas[name]
        waiting |= _names_in(schemas[name]) - found.keys()
    return {**schema, "components": {"schemas": found}}


@functools.cache
def _validator(template: str, method: str, part: str) -> Any:
    operation = description()["paths"][template][method]
    schema = operation["body"] if part == "body" else operation["responses"].get(part)
    return None if schema is None else jsonschema_rs.Draft7Validator(_with_components(schema))


def _wrong(validator: Any, value: Any) -> list[str]:
    if validator is None or validator.is_valid(value):
        return []
    return [
        f"/{'/'.join(map(str, error.instance_path))}: {error.message[:300]}" for error in validator.iter_errors(value)
    ][:3]


def wrong_with_request(template: str, method: str, query: dict[str, str], body: Any) -> list[str]:
    """Return what GitHub's description says against a request."""
    operation = description()["paths"][template][method.lower()]
    known = {parameter["name"]: parameter for parameter in operation["parameters"] if parameter["in"] == "query"}
    wrong = [f"unknown parameter {name}" for name in query if name not in known]
    wrong += [
        f"parameter {name} is missing"
        for name, known_one in known.items()
        if known_one.get("required") and name not in query
    ]
    for name, text in query.items():
        schema = known.get(name, {}).get("schema", {})
        if schema.get("type") in NUMBERS and not text.isdigit():
            wrong.append(f"parameter {name} is no number")
        if "enum" in schema and text not in schema["enum"]:
            wrong.append(f"parameter {name} is none of {schema['enum']}")
        if name == "per_page" and text.isdigit() and not 1 <= int(text) <= 100:
            wrong.append("per_page is not within 1 to 100")
    if operation.get("body") and (body is not None or operation.get("body_required")):
        wrong += _wrong(_validator(template, method.lower(), "body"), body)
    return wrong


def wrong_with_answer(template: str, method: str, status: int, body: Any) -> list[str]:
    """Return what GitHub's description says against an answer. Refusals are documented in part only."""
    operation = description()["paths"][template][method.lower()]
    if str(status) not in operation["responses"]:
        return [f"status {status} is not documented"] if status < 400 else []
    if status >= 400:
        return []
    return _wrong(_validator(template, method.lower(), str(status)), body)
