"""The description: what the API takes and answers, as an OpenAPI 3.1 document with examples, and as a page."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Blueprint, Response, current_app, render_template
from flask_openapi.openapi import OpenAPI

from gate.core.explain.json import verdict_adapter
from gate.core.verdict import ChangeSummary, RequirementView, RiskView, RollbackView, Verdict
from gate.web.matrix import MATRIX
from gate.web.visitors import of_whoever_is_here

_PREFIX = "#/components/schemas/"
_PROBLEM = f"{_PREFIX}Problem"
_VERDICT = "Verdict"
_METHODS = ("get", "post", "put", "patch", "delete")
_NEEDS_TOKEN = ("401", "403")

blueprint = Blueprint("description", __name__)


@dataclass(frozen=True, slots=True)
class _Operation:
    """One operation as the page shows it."""

    method: str
    path: str
    summary: str
    text: list[str]
    roles: str
    parameters: list[Mapping[str, Any]]
    answers: list[tuple[str, str]]
    example: str


@blueprint.get("/openapi.json")
def document() -> Response:
    """Return the description of this API (OpenAPI 3.1)."""
    return Response(json.dumps(_document(), ensure_ascii=False), content_type="application/json")


@blueprint.get("/docs")
def docs() -> str:
    """Show the description as a page, without any script."""
    found = _document()
    return render_template(
        "docs.html",
        operations=list(_operations(found)),
        version=found["info"]["version"],
        **of_whoever_is_here(current_app.extensions["gate"]),
    )


def _document() -> dict[str, Any]:
    app: Any = current_app
    if "gate.description" not in app.extensions:
        app.extensions["gate.description"] = description_of(app)
    found: dict[str, Any] = app.extensions["gate.description"]
    return found


def description_of(app: OpenAPI) -> dict[str, Any]:
    """Return the framework's document with what it does not know: tokens, problems, the verdict, examples."""
    found: dict[str, Any] = json.loads(json.dumps(app.api_doc))
    parts = found.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for left in ("ValidationErrorModel",):
        schemas.pop(left, None)
    schemas |= _verdict_schemas()
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A token that `gate tokens create` made."}
    }
    endpoints = _endpoints(app)
    for path, method, operation in _each(found):
        roles = MATRIX.get(endpoints.get((path, method), ""), frozenset())
        operation["security"] = [{"token": []}] if roles is not None else []
        if roles:
            operation["x-roles"] = sorted(roles)
        operation["description"] = operation.get("description", "").replace("<br/>", "\n")  # it is CommonMark
        _mend(operation["responses"], schemas, is_open=roles is None)
    return found


def _endpoints(app: OpenAPI) -> Mapping[tuple[str, str], str]:
    rules = [(re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule), rule) for rule in app.url_map.iter_rules()]
    return {(path, method.lower()): rule.endpoint for path, rule in rules for method in rule.methods or ()}


def _each(found: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in found["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _mend(responses: dict[str, Any], schemas: Mapping[str, Any], *, is_open: bool) -> None:
    """Say how problems are sent, what a success looks like, and leave out what cannot happen."""
    responses.pop("422", None)  # what does not fit is 400 here
    for code in _NEEDS_TOKEN if is_open else ():
        responses.pop(code, None)
    for answer in responses.values():
        content = answer.get("content", {})
        plain = content.get("application/json", {})
        if plain.get("schema", {}).get("$ref") == _PROBLEM:
            content["application/problem+json"] = content.pop("application/json")
        for kind in content.values():
            name = str(kind.get("schema", {}).get("$ref", "")).removeprefix(_PREFIX)
            for example in schemas.get(name, {}).get("examples", ())[:1]:
                kind["example"] = example


@cache
def _verdict_schemas() -> Mapping[str, Any]:
    """Return the schema of `gate.verdict/1` and of its parts, each under its name."""
    schema = verdict_adapter().json_schema(by_alias=True, mode="serialization", ref_template=_PREFIX + "{model}")
    parts: dict[str, Any] = schema.pop("$defs", {})
    return {**parts, _VERDICT: {**schema, "title": _VERDICT, "examples": [_verdict_example()]}}


def _verdict_example() -> Any:
    sha = "5d0c1e9a" * 5
    waits = RequirementView(
        id="ownership:payments-api", kind="ownership", title="payments-api", state="waiting", code="signoff-missing",
        why="Nobody of payments has signed off yet.", next="Ask alice.", needed=1, files=("api/pay.py",),
    )  # fmt: skip
    verdict = Verdict(
        engine="1.0.0", state="waiting", summary="Waiting for payments. Ask alice.", facts="sha256:" + "0" * 64,
        enforcement="active",
        change=ChangeSummary("acme/shop", 7, "Round amounts half to even", "dave", "main", "0" * 40, sha,
                             "https://github.com/acme/shop/pull/7"),
        components=(), rollback=RollbackView("revert", "met", ("Revert the merge commit.",), 15, (), None),
        risk=RiskView("low", None, 0, ()), requirements=(waits,), relaxations=(), look_alikes=(), informed=(),
        assumptions=(), notes=(), decided_at="2026-12-01T10:00:00Z", valid_until=None,
    )  # fmt: skip
    return verdict_adapter().dump_python(verdict, mode="json", by_alias=True)


def _operations(found: Mapping[str, Any]) -> Iterator[_Operation]:
    for path, method, operation in _each(found):
        answers = operation["responses"]
        good = next((code for code in sorted(answers) if code.startswith("2")), "")
        kinds = list(answers.get(good, {}).get("content", {}).values())
        example = json.dumps(kinds[0]["example"], indent=2) if kinds and "example" in kinds[0] else ""
        yield _Operation(
            method=method.upper(),
            path=path,
            summary=operation.get("summary", ""),
            text=[" ".join(part.split()) for part in operation.get("description", "").split("\n\n")],
            roles=", ".join(operation.get("x-roles", ())) or "everybody",
            parameters=operation.get("parameters", []),
            answers=[(code, answer.get("description", "")) for code, answer in sorted(answers.items())],
            example=example,
        )
