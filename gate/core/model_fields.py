"""Model fields: which keys a strict model takes at a place of a file, and what is said of each."""

from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def field_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> FieldInfo | None:
    """Return the field that an error is about, with its description or that of its items; None where there is none."""
    found: FieldInfo | None = None
    models = [model]
    for part in loc:
        if not isinstance(part, str):
            continue
        for one in models:
            field = _field(one, part)
            if field is not None:
                found = field
                models = list(_models_in(field.annotation))
                break
    return found if found is None or found.description else _described(found)


def known_keys(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """Return the keys that may stand at a path of the file."""
    models: list[type[BaseModel]] = [model]
    for part in path:
        if isinstance(part, str):
            fields = [field for one in models if (field := _field(one, part)) is not None]
            models = [one for field in fields for one in _models_in(field.annotation)] or models
    return [field.alias or name for one in models for name, field in one.model_fields.items()]


def _described(field: FieldInfo) -> FieldInfo:
    """Return the description of a list's items or a mapping's keys, where the field itself has none."""
    for item in _metadata_in(field.annotation):
        if item.description:
            return item
    return field


def _metadata_in(annotation: Any) -> Iterable[FieldInfo]:
    for argument in get_args(annotation):
        if isinstance(argument, FieldInfo):
            yield argument
        else:
            yield from _metadata_in(argument)


def _models_in(annotation: Any) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _field(model: type[BaseModel], key: str) -> FieldInfo | None:
    for name, field in model.model_fields.items():
        if (field.alias or name) == key:
            return field
    return None
