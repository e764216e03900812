"""Values: dataclasses whose methods are made when they are first used, so that starting stays quick."""

import dataclasses
import operator
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(
        kind: type | None = None,
        /,
        *,
        frozen: bool = False,
        slots: bool = False,
        kw_only: bool = False,
        order: bool = False,
        eq: bool = True,
    ) -> object:
        """Return a class as `dataclasses.dataclass` makes it, with `__init__` compiled at the first instance.

        The interpreter's own compiles six functions for each frozen class as soon as it is defined, half a millisecond
        each; the gate defines some two hundred values at every start and makes instances of a third of them.
        `dataclasses.fields`, `replace` and all readers of dataclasses work as ever (tests/core/test_values.py).
        """

        def made(plain: type) -> type:
            plain.__doc__ = plain.__doc__ or plain.__name__  # else one is made from the signature, slowly
            bare = dataclasses.dataclass(plain, init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)
            methods: dict[str, object] = {"__init__": _first_init(bare, is_frozen=frozen), "__repr__": _repr}
            if eq:
                methods |= {"__eq__": _equal, "__hash__": _hash if frozen else None}
            if order:
                methods |= _ORDERINGS
            if frozen and slots:
                methods |= {"__getstate__": _state, "__setstate__": _set_state}
            for name, method in methods.items():
                if name not in plain.__dict__:
                    setattr(bare, name, method)
            if frozen:
                bare.__setattr__ = _refuse_to_set  # type: ignore[method-assign, assignment]  # that is the point
                bare.__delattr__ = _refuse_to_delete  # type: ignore[method-assign, assignment]  # likewise
            return bare

        return made if kind is None else made(kind)


__all__ = ["dataclass"]

_set = object.__setattr__


def _first_init(kind: type, *, is_frozen: bool) -> Callable[..., None]:
    """Return an `__init__` that makes the real one, puts it in its own place, and goes on with it."""

    def __init__(self: object, *args: object, **named: object) -> None:  # noqa: N807  # it stands for just that
        real = _compiled_init(kind, is_frozen=is_frozen)
        kind.__init__ = real  # type: ignore[misc]  # from now on nobody comes here again
        real(self, *args, **named)

    return __init__


def _compiled_init(kind: type, *, is_frozen: bool) -> Callable[..., None]:
    names: dict[str, Any] = {"_missing": dataclasses.MISSING}
    placed, named, lines = ["self"], ["*"], []
    for field in dataclasses.fields(kind):
        name, value, default = field.name, field.name, ""
        if field.default is not dataclasses.MISSING:
            default, names[f"_of_{name}"] = f"=_of_{name}", field.default
        elif field.default_factory is not dataclasses.MISSING:
            default, names[f"_of_{name}"] = "=_missing", field.default_factory
            value = f"_of_{name}() if {name} is _missing else {name}" if field.init else f"_of_{name}()"
        if field.init:
            (named if field.kw_only else placed).append(f"{name}{default}")
        elif not default:
            continue
        elif default != "=_missing":
            value = f"_of_{name}"
        lines.append(f"self.{name} = {value}")
    if is_frozen:
        # NOTE: nearly half the time of `object.__setattr__` for each field; a verdict has thousands of parts.
        names |= {"_set": _set, "_open": _open_twin(kind)}
        lines = ["_kind = self.__class__", "_set(self, '__class__', _open)", *lines, "self.__class__ = _kind"]
    if hasattr(kind, "__post_init__"):
        lines.append("self.__post_init__()")
    taken = ", ".join([*placed, *(named if len(named) > 1 else ())])
    body = "\n ".join(lines or ["pass"])
    exec(f"def __init__({taken}):\n {body}", names)  # noqa: S102  # made of the names of our own fields alone
    made: Callable[..., None] = names["__init__"]
    made.__qualname__ = f"{kind.__qualname__}.__init__"
    return made


def _open_twin(kind: type) -> type:
    """Return a class of the same layout whose instances may be filled: what a frozen one is while it is made."""
    body = {"__setattr__": _set, "__slots__": kind.__dict__.get("__slots__", ())}
    if "__slots__" not in kind.__dict__:
        del body["__slots__"]
    return type(f"_Open{kind.__name__}", kind.__bases__, body)


@cache
def _getter(kind: type) -> Callable[[object], Any]:
    """Return what gets the values of an instance that make it equal to another."""
    names = [field.name for field in dataclasses.fields(kind) if field.compare]
    return operator.attrgetter(*names) if names else lambda _: ()


def _compared(self: object) -> Any:
    return _getter(type(self))(self)  # type: ignore[arg-type]  # every class is hashable


def _repr(self: Any) -> str:
    shown = [f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _equal(self: object, other: object) -> bool:
    return _compared(self) == _compared(other) if type(other) is type(self) else NotImplemented


def _hash(self: object) -> int:
    return hash(_compared(self))


def _ordering(compare: Callable[[Any, Any], bool]) -> Callable[[object, object], bool]:
    def ordered(self: object, other: object) -> bool:
        return compare(_compared(self), _compared(other)) if type(other) is type(self) else NotImplemented

    return ordered


_ORDERINGS = {f"__{name}__": _ordering(getattr(operator, name)) for name in ("lt", "le", "gt", "ge")}


def _state(self: Any) -> list[object]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[object]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        _set(self, field.name, value)


def _refuse_to_set(self: object, name: str, value: object) -> NoReturn:
    del self, value
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> NoReturn:
    del self
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
