"""Strict: models of files, which refuse unknown keys and convert nothing; their readers are built at a first file."""

import datetime as dt
import inspect
import json
import sys
import types
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ForwardRef, Literal, NoReturn, Union, get_args, get_origin

__all__ = ["Field", "Strict", "light", "model_validator", "reader_of"]

if TYPE_CHECKING:
    from pydantic import BaseModel, ConfigDict, Field, model_validator

    class Strict(BaseModel):
        """A model that refuses unknown keys and converts nothing: `"1"` is not 1, `yes` is not true."""

        model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def reader_of(model: type[BaseModel]) -> type[BaseModel]:
        """Return the pydantic model that reads what a model describes."""
        ...

    def light(value: Any) -> Any:
        """Return what a reader has read as the values that the gate works with."""
        ...

else:
    _REQUIRED = object()

    class Field:
        """What pydantic's `Field` says of a value, kept until the reader is built."""

        __slots__ = ("alias", "default", "settings")
        serialization_alias = None

        def __init__(self, default: object = _REQUIRED, **settings: object) -> None:
            self.default = default
            self.settings = settings
            self.alias = settings.get("alias")

        def first_value(self) -> object:
            """Return the value of a field that is not said."""
            return self.settings["default_factory"]() if "default_factory" in self.settings else self.default

        def real(self) -> object:
            """Return it as pydantic has it."""
            import pydantic

            return pydantic.Field(**({} if self.default is _REQUIRED else {"default": self.default}), **self.settings)

    def model_validator(*, mode: Literal["after"]) -> Callable[[Callable[..., object]], Callable[..., object]]:
        """Mark a method that looks at the whole model once it is read."""

        def mark(method: Callable[..., object]) -> Callable[..., object]:
            method.looks_at_the_whole = mode
            return method

        return mark

    class Strict:
        """A model that refuses unknown keys and converts nothing: `"1"` is not 1, `yes` is not true.

        It answers to the names that pydantic's models have. Defining one costs next to nothing; whatever checks
        builds the pydantic model that it describes first.
        """

        model_fields: Mapping[str, Field] = {}

        def __init_subclass__(cls) -> None:
            """Note the fields; nothing is built."""
            own = {}
            for name in inspect.get_annotations(cls):
                default = cls.__dict__.get(name, _REQUIRED)
                own[name] = default if isinstance(default, Field) else Field(default)
                if default is not _REQUIRED:
                    delattr(cls, name)
            cls.model_fields = {**cls.model_fields, **own}

        def __init__(self, **given: object) -> None:
            read = reader_of(type(self))(**{name: _heavy(value) for name, value in given.items()})
            self.__dict__.update(vars(light(read)))

        @classmethod
        def model_construct(cls, **given: object) -> "Strict":
            """Return a model of values that are known to be right."""
            values = {n: given[n] if n in given else field.first_value() for n, field in cls.model_fields.items()}
            return _made(cls, values, set(given))

        @classmethod
        def model_validate(cls, data: object, **how: object) -> "Strict":
            """Return values as a model. Raises pydantic's ValidationError."""
            return light(reader_of(cls).model_validate(data, **how))

        @classmethod
        def model_validate_json(cls, text: str | bytes) -> "Strict":
            """Return JSON as a model. Raises pydantic's ValidationError."""
            return light(reader_of(cls).model_validate_json(text))

        @classmethod
        def model_json_schema(cls, **how: object) -> dict[str, object]:
            """Return the JSON Schema of what is read."""
            return reader_of(cls).model_json_schema(**how)

        @property
        def model_fields_set(self) -> set[str]:
            """Return the fields that were said, by name."""
            return self.__dict__["_said"]

        def model_copy(self, *, update: Mapping[str, object]) -> "Strict":
            """Return the same with some values changed, unchecked."""
            values = {name: update.get(name, self.__dict__[name]) for name in type(self).model_fields}
            return _made(type(self), values, self.model_fields_set | update.keys())

        def model_dump(
            self, *, mode: str = "python", by_alias: bool = False, exclude: set[str] | None = None
        ) -> dict[str, object]:
            """Return it as plain values, for JSON with `mode="json"`."""
            return {
                (field.alias or name) if by_alias else name: _dumped(self.__dict__[name], mode, by_alias=by_alias)
                for name, field in type(self).model_fields.items()
                if name not in (exclude or ())
            }

        def model_dump_json(self) -> str:
            """Return it as JSON."""
            return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))

        @classmethod
        def __get_pydantic_core_schema__(cls, _: object, handler: Callable[[object], Any]) -> Any:
            """Let pydantic read it within other values, and write it."""
            from pydantic_core import core_schema

            written = core_schema.plain_serializer_function_ser_schema(
                lambda value: value.model_dump(mode="json", by_alias=True)
            )
            inner = handler(reader_of(cls))
            return core_schema.no_info_after_validator_function(light, inner, serialization=written)

        def __repr__(self) -> str:
            shown = ", ".join(f"{name}={self.__dict__[name]!r}" for name in type(self).model_fields)
            return f"{type(self).__name__}({shown})"

        def __eq__(self, other: object) -> bool:
            if type(other) is not type(self):
                return NotImplemented
            return all(self.__dict__[name] == other.__dict__[name] for name in type(self).model_fields)

        def __hash__(self) -> int:
            return hash(tuple(self.__dict__[name] for name in type(self).model_fields))

        def __setattr__(self, name: str, value: object) -> NoReturn:
            raise AttributeError(f"{type(self).__name__} never changes: {name} cannot be set")

    def _made(cls: type[Strict], values: dict[str, object], said: set[str]) -> Strict:
        model = cls.__new__(cls)
        model.__dict__.update(values, _said=said)
        return model

    def _dumped(value: object, mode: str, *, by_alias: bool) -> object:
        if isinstance(value, Strict):
            return value.model_dump(mode=mode, by_alias=by_alias)
        if isinstance(value, Mapping):
            return {key: _dumped(item, mode, by_alias=by_alias) for key, item in value.items()}
        if isinstance(value, tuple):
            items = [_dumped(item, mode, by_alias=by_alias) for item in value]
            return items if mode == "json" else tuple(items)
        return value.isoformat() if mode == "json" and isinstance(value, dt.date) else value

    _READERS: dict[type, Any] = {}

    def reader_of(model: type) -> Any:
        """Return the pydantic model that reads what a model describes; built at the first call."""
        return _READERS.get(model) or _built(model, frozenset({model}))

    def _built(model: type, within: frozenset[type]) -> Any:
        """Build a reader, within those that are being built. Where two threads do so at once, the first one counts."""
        from pydantic import ConfigDict, create_model
        from pydantic import model_validator as real_validator

        fields, checks = {}, {}
        for kind in reversed(model.__mro__[: model.__mro__.index(Strict)]):
            for name, annotation in inspect.get_annotations(kind).items():
                fields[name] = (_real(annotation, kind, within), model.model_fields[name].real())
            for name, method in vars(kind).items():
                if getattr(method, "looks_at_the_whole", None):
                    checks[name] = real_validator(mode=method.looks_at_the_whole)(method)
        config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)
        made = create_model(
            model.__name__,
            __config__=config,
            __doc__=model.__doc__,
            __module__=model.__module__,
            __validators__=checks,
            **fields,
        )
        made.stands_for = model
        return _READERS.setdefault(model, made)

    def _real(annotation: Any, owner: type, within: frozenset[type]) -> Any:
        """Return an annotation with pydantic's own in place of what stands for it here."""
        if isinstance(annotation, ForwardRef):
            annotation = annotation.__forward_arg__
        if isinstance(annotation, str):
            annotation = eval(annotation, vars(sys.modules[owner.__module__]))  # noqa: S307  # our own source text
        if isinstance(annotation, type) and issubclass(annotation, Strict):
            if annotation in within:
                return ForwardRef(annotation.__name__)  # a model may hold itself
            return _READERS.get(annotation) or _built(annotation, within | {annotation})
        origin, inner = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            notes = [note.real() if isinstance(note, Field) else note for note in inner[1:]]
            return Annotated[(_real(inner[0], owner, within), *notes)]
        if origin is None or origin is Literal:
            return annotation
        parts = tuple(part if part is ... else _real(part, owner, within) for part in inner)
        # NOTE: `|` does not take a forward reference on its left.
        return Union[parts] if origin in {Union, types.UnionType} else origin[parts]  # noqa: UP007  # see above

    def _heavy(value: Any) -> Any:
        """Return values of the gate as pydantic's own, as they are handed to a reader."""
        if isinstance(value, Strict):
            said = value.model_fields_set
            values = {(f.alias or n): _heavy(value.__dict__[n]) for n, f in type(value).model_fields.items()}
            return reader_of(type(value)).model_construct(_fields_set=said, **values)
        if isinstance(value, tuple):
            return tuple(map(_heavy, value))
        return {key: _heavy(item) for key, item in value.items()} if isinstance(value, dict) else value

    def light(value: Any) -> Any:
        """Return what a reader has read as the values that the gate works with."""
        model = getattr(type(value), "stands_for", None)
        if model is not None:
            return _made(model, {n: light(item) for n, item in value.__dict__.items()}, set(value.model_fields_set))
        if isinstance(value, tuple):
            return tuple(map(light, value))
        return {key: light(item) for key, item in value.items()} if isinstance(value, dict) else value
