"""Documents: parsed data files that still know where every value is written."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from gate.core.values import dataclass

Place = tuple[int, int]
"""A line and a column, both from 1."""


@dataclass(frozen=True, slots=True)
class Document:
    """A data file as plain JSON values (dict, list, str, int, bool, None), with the place of every key and item.

    `places` maps the path of a value (`("components", 0, "owner")`) to where it is written; `key_places` maps the
    same path to where its key is written. The root is `()`.
    """

    file: str
    data: Any
    places: Mapping[tuple[str | int, ...], Place] = field(default_factory=dict)
    key_places: Mapping[tuple[str | int, ...], Place] = field(default_factory=dict)

    def place(self, path: tuple[str | int, ...]) -> Place:
        """Return where a value is written, or the nearest value around it that has a place."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def key_place(self, path: tuple[str | int, ...]) -> Place:
        """Return where the key of a value is written, or the place of the value."""
        return self.key_places.get(path) or self.place(path)
