"""`gate schemas`: write the JSON Schemas of the formats that people write and programs read."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gate.bootstrap import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ID_PREFIX = "urn:signoff-gate:schema:"


@click.command(name="schemas", hidden=True)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False, exists=True))
def command(folder: Path) -> int:
    """Write the JSON Schemas of records, policy and verdict into a folder, for editors and for those who parse them.

    \b
    Example: gate schemas policies/schema

    Exit codes: 0 written, 2 no such folder, 3 cannot be written.
    """  # noqa: D301  # click reads the backspace
    for name, schema in schemas().items():
        text = json.dumps(schema, indent=2, ensure_ascii=True) + "\n"
        write_whole(folder / f"{name}.schema.json", text.encode())
        click.echo(f"wrote {folder / f'{name}.schema.json'}")
    return 0


def schemas() -> "Mapping[str, dict[str, Any]]":
    """Return the schema of each format by its name, made from the models themselves (draft 2020-12)."""
    from gate.core.explain.json import verdict_adapter
    from gate.core.ownership.records import OwnershipRecords
    from gate.core.policy.model import Policy

    ownership = OwnershipRecords.model_json_schema(by_alias=True, mode="validation")
    policy = Policy.model_json_schema(by_alias=True, mode="validation")
    verdict = verdict_adapter().json_schema(by_alias=True, mode="serialization")
    return {
        "ownership": _published("ownership", "Ownership records of the sign-off gate", ownership),
        "policy": _published("policy", "Policy of the sign-off gate", policy),
        "verdict": _published("verdict", "Verdict of the sign-off gate", verdict),
    }


def _published(name: str, title: str, schema: "dict[str, Any]") -> "dict[str, Any]":
    return {"$schema": _DIALECT, "$id": f"{_ID_PREFIX}{name}:1", **_closed(schema), "title": title}


def _closed(schema: Any) -> Any:
    """Return a schema in which a mapping takes no other keys than its patterns name, as the models do.

    The titles of single keys go: they are made of the keys and say nothing more.
    """
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    # NOTE: a title is text; a key of the format that is named `title` has a schema.
    told = {key: item for key, item in schema.items() if not (key == "title" and isinstance(item, str))}
    closed = {key: _closed(item) for key, item in told.items()}
    return {**closed, "additionalProperties": False} if "patternProperties" in closed else closed
