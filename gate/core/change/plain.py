"""Plain values: dataclasses and models as the JSON values that are sealed, without building a serializer first."""

import datetime as dt
import operator
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from gate.core.change.facts import ChangedFile
from gate.core.strict import Strict

_SCALARS = frozenset({str, int, bool, type(None)})
_FILE_FIELDS = tuple(field.name for field in fields(ChangedFile))
_file_values: Callable[[ChangedFile], tuple[Any, ...]] = operator.attrgetter(*_FILE_FIELDS)


def plain_value(value: Any) -> Any:
    """Return a value as dicts, lists, text, whole numbers, booleans and None; models by their aliases.

    It gives what pydantic's own JSON dump gives (tests/core/change/test_plain.py). Raises ValueError for any other
    kind of value.
    """
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is ChangedFile:
        # A change has up to 100,000 of these, and all their values are scalars.
        return dict(zip(_FILE_FIELDS, _file_values(value), strict=True))
    if isinstance(value, tuple):
        return [plain_value(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain_value(item) for key, item in value.items()}
    if isinstance(value, dt.date):
        return value.isoformat()
    return {name: plain_value(getattr(value, attribute)) for name, attribute in _attributes(kind)}  # type: ignore[arg-type]  # every class is hashable


@cache
def _attributes(kind: "type[Any]") -> tuple[tuple[str, str], ...]:
    """Return the names under which the attributes of a dataclass or model are written."""
    if issubclass(kind, Strict):
        return tuple(
            (field.serialization_alias or field.alias or name, name) for name, field in kind.model_fields.items()
        )
    if is_dataclass(kind):
        return tuple((field.name, field.name) for field in fields(kind))
    raise ValueError(f"these facts hold a value of a wrong type: {kind.__name__}")
