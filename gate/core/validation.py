"""Validation: a document against a strict model, every fault told with its place and in plain words."""

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from gate.core.documents import Document
from gate.core.errors import Fault, InvalidFileError

Model = TypeVar("Model", bound=BaseModel)
Path = tuple[str | int, ...]
MAX_FAULTS = 100
_SHOWN = 60
_KINDS = {
    dict: "a mapping",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a whole number",
    type(None): "nothing",
}
_WANTED: Mapping[str, str] = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "date_from_datetime_parsing": "a date such as 2026-10-01",
    "date_type": "a date such as 2026-10-01",
    "date_parsing": "a date such as 2026-10-01",
}


def validate_document(model: type[Model], document: Document) -> Model:
    """Return a document as a model. Raises InvalidFileError with all faults, each at its line and column."""
    try:
        text = json.dumps(document.data, ensure_ascii=False, allow_nan=False)
        return model.model_validate_json(text)
    except ValidationError as error:
        details = error.errors(include_url=False)[: 4 * MAX_FAULTS]
        raise InvalidFileError(_faults(model, document, details)) from None
    except (UnicodeEncodeError, ValueError, RecursionError):
        raise InvalidFileError([Fault(document.file, 1, 1, "invalid-value", "a value cannot be read", "")]) from None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `did you mean X?` for the known word that is nearest, empty where none is near."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean `{found[0]}`?" if found else ""


def fault_at(document: Document, path: Path, code: str, message: str, suggestion: str = "", **more: Any) -> Fault:
    """Return a fault at the place of a value."""
    line, column = document.place(path)
    return Fault(document.file, line, column, code, message, suggestion, **more)


def shown(value: Any) -> str:
    """Return a value of the file, escaped and cut, as it may be repeated in a message."""
    text = json.dumps(value, ensure_ascii=True) if not isinstance(value, str) else json.dumps(value)[1:-1]
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _faults(model: type[BaseModel], document: Document, details: Iterable[ErrorDetails]) -> list[Fault]:
    found: dict[tuple[int, int, str], Fault] = {}
    for detail in details:
        fault = _fault(model, document, detail)
        found.setdefault((fault.line, fault.column, fault.message), fault)
    return sorted(found.values())[:MAX_FAULTS]


def _fault(model: type[BaseModel], document: Document, detail: ErrorDetails) -> Fault:
    path = _path_in(document.data, detail["loc"])
    key = next((str(part) for part in reversed(path) if isinstance(part, str)), "the file")
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown_key(model, document, path, key)
    if kind == "missing":
        wanted = str(detail["loc"][-1])
        message = f"{_owner_of(path)} lacks the key `{wanted}`"
        return fault_at(document, path, "key-missing", message, f"add `{wanted}: ...`")
    if key == "the file" and kind in _WANTED:
        return fault_at(document, path, "wrong-type", f"the file holds {_kind(document.data)}, not a mapping", "")
    message, suggestion = _about_value(detail, key, _context(model, detail["loc"]))
    return fault_at(document, path, "wrong-type" if kind in _WANTED else "invalid-value", message, suggestion)


def _unknown_key(model: type[BaseModel], document: Document, path: Path, key: str) -> Fault:
    line, column = document.key_place(path)
    known = _known_keys(model, path[:-1])
    hint = nearest(key, known) or (f"it knows {', '.join(f'`{one}`' for one in known)}" if known else "")
    message = f"`{shown(key)}` is not a key of {_owner_of(path[:-1])}"
    return Fault(document.file, line, column, "unknown-key", message, hint)


def _about_value(detail: ErrorDetails, key: str, field: FieldInfo | None) -> tuple[str, str]:
    """Return what is wrong with a value and what to write instead."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind in _WANTED:
        return f"`{shown(key)}` takes {_WANTED[kind]}, but this is {_kind(value)}", ""
    if kind == "literal_error":
        allowed = [part.strip().strip("'") for part in str(context["expected"]).replace(" or ", ", ").split(", ")]
        one_of = f"write one of {', '.join(allowed)}"
        return f"`{shown(value)}` is no value of `{shown(key)}`", nearest(str(value), allowed) or one_of
    if kind == "string_pattern_mismatch":
        described = (field.description if field else None) or "another form"
        where = "cannot stand here" if detail["loc"][-1] == "[key]" else f"does not fit `{shown(key)}`"
        return f"`{shown(value)}` {where}", f"write {described[:1].lower()}{described[1:].rstrip('.')}"
    if kind in {"too_short", "string_too_short"}:
        return f"`{shown(key)}` is empty", "write at least one, or leave the key out"
    if kind in {"too_long", "string_too_long"}:
        return f"`{shown(key)}` is too long", f"at most {context.get('max_length', 'a few')}"
    bounds = {
        "greater_than": ("gt", "more than"),
        "greater_than_equal": ("ge", "at least"),
        "less_than_equal": ("le", "at most"),
    }
    if kind in bounds:
        name, words = bounds[kind]
        return f"`{shown(key)}` is {shown(value)}", f"write {words} {context[name]}"
    text = str(detail["msg"]).removeprefix("Value error, ")
    return f"`{shown(key)}`: {text}", ""


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "something else")


def _path_in(data: Any, loc: tuple[str | int, ...]) -> Path:
    """Return the part of an error's location that exists in the data; the rest names pydantic's own steps."""
    path: list[str | int] = []
    for part in loc:
        is_key = isinstance(data, dict) and part in data
        is_item = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if is_key or is_item:
            data = data[part]
            path.append(part)
    return tuple(path)


def _owner_of(path: Path) -> str:
    """Return what a key belongs to, in words: `the component` for `components/3`."""
    names = [part for part in path if isinstance(part, str)]
    if not names:
        return "this file"
    if isinstance(path[-1], int):
        singular = {
            "people": "person",
            "components": "component",
            "rules": "rule",
            "levels": "level",
            "freezes": "freeze",
        }
        return f"a {singular.get(names[-1], names[-1].rstrip('s').replace('_', ' '))}"
    return f"`{shown(names[-1])}`"


def _context(model: type[BaseModel], loc: tuple[str | int, ...]) -> FieldInfo | None:
    """Return the field that an error is about, for its description."""
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


def _known_keys(model: type[BaseModel], path: Path) -> list[str]:
    """Return the keys that may stand at a path of the file."""
    models: list[type[BaseModel]] = [model]
    for part in path:
        if isinstance(part, str):
            fields = [field for one in models if (field := _field(one, part)) is not None]
            models = [one for field in fields for one in _models_in(field.annotation)] or models
    return [field.alias or name for one in models for name, field in one.model_fields.items()]
