"""Validation: a document against a strict model, every fault told with its place and in plain words."""

import difflib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from gate.core.documents import Document, Place
from gate.core.errors import Fault, InvalidFileError
from gate.core.explain.escaping import visible
from gate.core.model_fields import field_at, known_keys
from gate.core.strict import light, reader_of
from gate.core.value_hints import in_other_words, right_form

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
    "date_type": "a date such as 2026-10-01",
}
_SINGULAR = {
    "people": "a person",
    "components": "a component",
    "any": "a condition",
    "all": "a condition",
    "any_of": "an alternative",
}
_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
}
_EMPTY = frozenset({"too_short", "string_too_short"})
_MAY_BE_NOTHING = frozenset({"done"})
_NEAR_WORDS = 1000
_NEAR_LENGTH = 100


def validate_document(model: type[Model], document: Document) -> Model:
    """Return a document as a model. Raises InvalidFileError with all faults, each at its line and column.

    SECURITY: a key without value is refused, since as a default it would open: a condition `only_paths:` with nothing
    below it would fit every change.
    """
    reader = reader_of(model)
    try:
        text = json.dumps(document.data, ensure_ascii=False, allow_nan=False)
        found: Model = light(reader.model_validate_json(text))
    except ValidationError as error:
        details = error.errors(include_url=False)[: 4 * MAX_FAULTS]
        faults = _faults(reader, document, details)
        told = {(fault.line, fault.column) for fault in faults}
        raise InvalidFileError(sorted([*faults, *_without_value(document, told)])[:MAX_FAULTS]) from None
    except (UnicodeEncodeError, ValueError, RecursionError):
        raise InvalidFileError([Fault(document.file, 1, 1, "invalid-value", "a value cannot be read", "")]) from None
    if faults := _without_value(document, ()):
        raise InvalidFileError(faults)
    return found


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `did you mean X?` for the known word that is nearest, empty where none is near.

    SECURITY: only the first thousand words are looked at, since comparing takes its time and files are hostile.
    """
    words = [one for one, _ in zip(known, range(_NEAR_WORDS), strict=False)]
    found = difflib.get_close_matches(word[:_NEAR_LENGTH], words, n=1, cutoff=0.6)
    return f"did you mean `{found[0]}`?" if found else ""


def fault_at(document: Document, path: Path, code: str, message: str, suggestion: str = "", **more: Any) -> Fault:
    """Return a fault at the place of a value."""
    line, column = document.place(path)
    return Fault(document.file, line, column, code, message, suggestion, **more)


def shown(value: Any) -> str:
    """Return a value of the file, escaped and cut, as it may be repeated in a message."""
    whole = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return visible(whole if len(whole) <= _SHOWN else f"{whole[:_SHOWN]}...")


def _without_value(document: Document, told: Collection[Place]) -> list[Fault]:
    """Return a fault for each key without value whose place is not told of already."""
    found: list[Fault] = []
    for path in _paths_of_nothing(document.data, ()):
        place = document.key_place(path)
        if place in told or document.place(path) in told:
            continue
        message, hint = f"`{shown(path[-1])}` has no value", "write one, or leave the key out"
        found.append(Fault(document.file, place[0], place[1], "no-value", message, hint))
        if len(found) == MAX_FAULTS:
            break
    return sorted(found)


def _paths_of_nothing(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, item in value.items():
            if item is not None:
                yield from _paths_of_nothing(item, (*path, key))
            elif key not in _MAY_BE_NOTHING:
                yield (*path, key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _paths_of_nothing(item, (*path, number))


def _faults(model: type[BaseModel], document: Document, details: Sequence[ErrorDetails]) -> list[Fault]:
    found: dict[tuple[int, int, str], Fault] = {}
    for detail in _telling(document.data, details):
        fault = _fault(model, document, detail)
        found.setdefault((fault.line, fault.column, fault.message), fault)
    return sorted(found.values())[:MAX_FAULTS]


def _telling(data: Any, details: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Return the errors that say something: for a value of several forms, those of the form that was meant."""
    paths = [(*_path_in(data, detail["loc"]), *_key_mark(detail)) for detail in details]
    outer = {path[:length] for path in paths for length in range(len(path))}
    best: dict[Path, int] = {}
    for path, detail in zip(paths, details, strict=True):
        best[path] = min(best.get(path, 9), _rank(detail))
    kept = []
    for path, detail in zip(paths, details, strict=True):
        is_inner = path in outer or best[path] == 0
        is_other_form = _rank(detail) > best[path] or (len(detail["loc"]) > len(path) and is_inner and _rank(detail))
        # NOTE: pydantic calls a list too short when its items are wrong; the items are told already.
        is_full = detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]
        if not is_other_form and not is_full:
            kept.append(detail)
    return kept or list(details)


def _key_mark(detail: ErrorDetails) -> Path:
    """Return what tells an error of a mapping's key from one of its value."""
    return ("[key]",) if detail["loc"][-1:] == ("[key]",) else ()


def _rank(detail: ErrorDetails) -> int:
    """Return how little an error says, 0 the most, where a value could have had another form."""
    if detail["type"] == "literal_error":
        return 1 if isinstance(detail["input"], str) else 3
    return 2 if detail["type"] in _WANTED else 0


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
    message, suggestion = _about_value(detail, _value_named(path, key), field_at(model, detail["loc"]))
    line, column = document.key_place(path) if _key_mark(detail) else document.place(path)
    code = "wrong-type" if kind in _WANTED else "invalid-value"
    return Fault(document.file, line, column, code, message, suggestion)


def _value_named(path: Path, key: str) -> str:
    """Return what a value is called: its key, or an item of it."""
    return f"an item of `{shown(key)}`" if path and isinstance(path[-1], int) else f"`{shown(key)}`"


def _unknown_key(model: type[BaseModel], document: Document, path: Path, key: str) -> Fault:
    line, column = document.key_place(path)
    known = known_keys(model, path[:-1])
    hint = nearest(key, known) or (f"it knows {', '.join(f'`{one}`' for one in known)}" if known else "")
    message = f"`{shown(key)}` is not a key of {_owner_of(path[:-1])}"
    return Fault(document.file, line, column, "unknown-key", message, hint)


def _about_value(detail: ErrorDetails, named: str, field: FieldInfo | None) -> tuple[str, str]:
    """Return what is wrong with a value and what to write instead."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    described = in_other_words((field.description if field else None) or "")
    if kind in _WANTED:
        hint = right_form(_WANTED[kind], value, described)
        return f"{named} takes {_WANTED[kind]}, but this is {_kind(value)}", hint
    if kind == "literal_error":
        allowed = [_as_written(part) for part in str(context["expected"]).replace(" or ", ", ").split(", ")]
        if isinstance(value, str) and value in allowed:
            return f"{named} takes `{value}`, but this is text", f"write `{value}` without quotes"
        one_of = f"write one of {', '.join(allowed)}" if len(allowed) > 1 else f"write {allowed[0]}"
        return f"`{shown(value)}` is no value of {named}", nearest(str(value), allowed) or one_of
    if kind == "string_pattern_mismatch":
        where = "cannot stand here" if _key_mark(detail) else f"does not fit {named}"
        return f"`{shown(value)}` {where}", described
    if kind.startswith("date_"):
        return f"`{shown(value)}` is no date", "write one such as 2026-10-01"
    if kind == "value_error":
        return f"{named}: {str(detail['msg']).removeprefix('Value error, ')}", ""
    return _about_size(kind, named, value, context)


def _about_size(kind: str, named: str, value: Any, context: Mapping[str, Any]) -> tuple[str, str]:
    if kind in _EMPTY:
        return f"{named} is empty", "write at least one, or leave the key out"
    if kind in {"too_long", "string_too_long"}:
        return f"{named} is too long", f"at most {context.get('max_length', 'a few')}"
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"{named} is {shown(value)}", f"write {words} {context[name]}"
    return f"{named} cannot be {shown(value)}", ""


def _as_written(expected: str) -> str:
    """Return an expected value as YAML has it."""
    text = expected.strip().strip("'")
    return text.lower() if text in {"True", "False"} else text


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
        return _SINGULAR.get(names[-1]) or f"a {names[-1].rstrip('s').replace('_', ' ')}"
    return f"`{shown(names[-1])}`"
