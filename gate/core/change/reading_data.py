"""Reading data: from a parsed document (`yaml gate` block or `.gate/changes/*.yaml`) to what its author states."""

from collections.abc import Collection, Mapping
from typing import Any

from gate.core.change.durations import MAX_MINUTES
from gate.core.change.reading_statements import Part, Reading, Written
from gate.core.change.reading_text import cleaned, emptiness_of, is_suspicious, nearest, quoted, word_of
from gate.core.change.reading_values import MAX_ITEMS, MAX_NAME, one_of, read_written
from gate.core.change.vocabulary import CHANGE_KEYS, CHANGE_TYPES, FREE_TEXT, LISTS, METHODS, RISKS, ROLLBACK_KEYS, Key
from gate.core.change.windows import parse_moment, window_of
from gate.core.documents import Document
from gate.core.values import dataclass

_PARTS: Mapping[str, tuple[Key, ...]] = {
    "change": tuple(dict.fromkeys(CHANGE_KEYS.values())),
    "rollback": tuple(dict.fromkeys(ROLLBACK_KEYS.values())),
}
_CHOICES: Mapping[str, Mapping[str, str]] = {"type": CHANGE_TYPES, "risk": RISKS, "method": METHODS}
_LEAST: Mapping[str, int] = {"restore_minutes": 1, "data_loss_minutes": 0}
_WINDOW_KEYS = ("from", "hours")
_Path = tuple[str | int, ...]


def read_data(document: Document, source: str, *, first_line: int = 1) -> Reading:
    """Return what a document states; unknown keys and values of another kind are problems with their lines.

    `first_line` is the line of the body on which the document begins.
    """
    reader = _DataReader(document, Reading(source), first_line - 1)
    reader.read()
    return reader.reading


@dataclass(slots=True)
class _DataReader:
    """Reads one document."""

    document: Document
    reading: Reading
    offset: int

    def read(self) -> None:
        """Read everything that the document states."""
        for name, content in self._mapping((), self.document.data, tuple(_PARTS), "The declaration"):
            if name == "rollback":
                self.reading.plan_line = self._line((name,))
            for key, value in self._mapping((name,), content, _PARTS[name], f"`{name}`"):
                self._value((name, key), key, value)

    def _line(self, path: _Path) -> int:
        return self.document.key_place(path)[0] + self.offset

    def _mapping(self, path: _Path, value: Any, known: Collection[str], what: str) -> list[tuple[Any, Any]]:
        """Return the known keys that have a value, and report the others."""
        if value is None:
            return []
        if not isinstance(value, dict):
            self._invalid(path, f"{what} must hold keys ({', '.join(known)}), and is {_kind_of(value)}.")
            return []
        for key in value:
            if key not in known:
                self._unknown((*path, key), str(key), known)
        return [(key, item) for key, item in value.items() if key in known and item is not None]

    def _unknown(self, path: _Path, key: str, known: Collection[str]) -> None:
        words = {word_of(name): name for name in known}
        synonyms = {word: name for table in (CHANGE_KEYS, ROLLBACK_KEYS) for word, name in table.items()}
        meant = synonyms.get(word_of(key))
        near = meant if meant in known else words.get(nearest(word_of(key), words) or "")
        hint = f"did you mean `{near}`?" if near else f"known keys are {', '.join(known)}."
        self.reading.report(
            "declaration-unknown-key", f"{quoted(key)} is no key here; {hint}", self._line(path), key=key
        )

    def _invalid(self, path: _Path, text: str) -> None:
        key = str(path[-1]) if path else ""
        self.reading.report("declaration-invalid", text, self._line(path), key=key)

    def _value(self, path: _Path, key: Key, value: Any) -> None:
        if key in _CHOICES:
            self._choice(path, key, value)
        elif key in _LEAST:
            self._minutes(path, key, value)
        elif key == "window":
            self._window(path, value)
        elif key in LISTS:
            self._names(path, key, value)
        elif key == "steps":
            steps = self._texts(path, value)
            read_written(Written(key, self._line(path), tuple(steps)), self.reading)
        elif key in FREE_TEXT:
            self._text(path, key, value)

    def _choice(self, path: _Path, key: Key, value: Any) -> None:
        names = set(_CHOICES[key].values())
        if isinstance(value, str) and value in names:
            self.reading.state(key, value, self._line(path))
            return
        near = _CHOICES[key].get(word_of(value)) if isinstance(value, str) else None
        hint = f"did you mean `{near}`?" if near else f"write {one_of(_CHOICES[key])}."
        self._invalid(path, f"`{key}` is {_shown(value)}; {hint}")

    def _minutes(self, path: _Path, key: Key, value: Any) -> None:
        if isinstance(value, int) and not isinstance(value, bool) and _LEAST[key] <= value <= MAX_MINUTES:
            self.reading.state(key, value, self._line(path))
        else:
            why = f"it must be whole minutes from {_LEAST[key]} to {MAX_MINUTES:,}, as a number."
            self._invalid(path, f"`{key}` is {_shown(value)}; {why}")

    def _window(self, path: _Path, value: Any) -> None:
        parts = dict(self._mapping(path, value, _WINDOW_KEYS, "`window`"))
        begin, hours = parts.get("from"), parts.get("hours")
        if not isinstance(value, dict):
            return
        is_length = isinstance(hours, int) and not isinstance(hours, bool)
        start = parse_moment(begin) if isinstance(begin, str) else None
        window = window_of(start, hours * 60) if is_length and isinstance(hours, int) else None
        if window is not None:
            self.reading.state("window", window, self._line(path))
            return
        if start is None:
            wrong = f"its `from` is {_shown(begin)}; write an instant with its zone, such as `2026-12-01T10:00Z`."
        else:
            wrong = f"its `hours` is {_shown(hours)}; write whole hours, such as `1`."
        self._invalid(path, f"`window` cannot be read: {wrong}")

    def _names(self, path: _Path, key: Key, value: Any) -> None:
        parts = self._texts(path, value)
        if any(is_suspicious(part.text) for part in parts):
            text = f"`{key}` holds control characters, or such as reorder what is shown."
            self.reading.report("declaration-suspicious-characters", text, self._line(path), key=key, blocks=False)
        names = list(dict.fromkeys(cleaned(part.text) for part in parts if not emptiness_of(part.text)))
        too_long = next((name for name in names if len(name) > MAX_NAME), None)
        if too_long is not None:
            self._invalid(path, f"`{key}` holds {quoted(too_long)}, which has more than {MAX_NAME} characters.")
            return
        if len(names) > MAX_ITEMS:
            self._invalid(path, f"`{key}` names {len(names)}, and at most {MAX_ITEMS} are read; name fewer.")
        if names:
            self.reading.state(key, tuple(names[:MAX_ITEMS]), self._line(path))

    def _texts(self, path: _Path, value: Any) -> list[Part]:
        """Return the items of a list of texts; items of another kind are reported."""
        if not isinstance(value, list):
            self._invalid(path, f"`{path[-1]}` must be a list of texts, and is {_kind_of(value)}.")
            return []
        parts = []
        for number, item in enumerate(value):
            if isinstance(item, str):
                parts.append(_part(item, self._line((*path, number))))
            else:
                text = f"`{path[-1]}` must be a list of texts, and holds {_shown(item)}; put it in quotes."
                self._invalid((*path, number), text)
        return parts

    def _text(self, path: _Path, key: Key, value: Any) -> None:
        if isinstance(value, str):
            line = self._line(path)
            read_written(Written(key, line, (_part(value, line),)), self.reading)
        else:
            self._invalid(path, f"`{key}` must be a text, and is {_shown(value)}; put it in quotes.")


def _part(text: str, line: int) -> Part:
    return Part(text, text, line)


def _kind_of(value: Any) -> str:
    kinds = {dict: "a mapping", list: "a list", str: "a text", bool: "true or false", int: "a number"}
    return kinds.get(type(value), "empty")


def _shown(value: Any) -> str:
    return quoted(value) if isinstance(value, str) else f"`{value}`" if isinstance(value, int) else _kind_of(value)
