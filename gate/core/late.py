"""Late values: what only explains a decision is worked out when it is first read, once, and is the same ever after."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

_set = object.__setattr__


class Late:
    """A frozen value with slots of which some fields may be filled when the first of them is read.

    To every reader it is the whole value: comparing, printing, copying or writing it reads all fields. What fills them
    must be a pure function of what was known when the value was made.
    """

    __slots__ = ("_explain",)

    @classmethod
    def with_the_rest_later(cls, explain: Callable[[], Mapping[str, Any]], **known: Any) -> Self:
        """Return a value whose `known` fields are filled, and all others from `explain()` when one of them is read."""
        made = object.__new__(cls)
        for name, value in known.items():
            _set(made, name, value)
        _set(made, "_explain", explain)
        return made

    if not TYPE_CHECKING:  # else every misspelt attribute would pass for one

        def __getattr__(self, name: str) -> object:
            """Fill the fields that are not known yet. Only a slot that is still empty is ever asked for here."""
            if name not in type(self).__dataclass_fields__:
                raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
            for field, value in self._explain().items():
                _set(self, field, value)
            _set(self, "_explain", dict)  # nothing is left to fill, and nothing is held on to
            return object.__getattribute__(self, name)
