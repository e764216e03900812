"""YAML documents: YAML 1.2 read strictly into plain JSON values, with the place of every key and value."""

from collections.abc import Iterator
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from gate.core.documents import Document, Place
from gate.core.errors import Fault, InvalidFileError
from gate.core.explain.escaping import visible
from gate.core.lazy_regex import lazy_regex

MAX_BYTES = 3 * 1024 * 1024
MAX_DEPTH = 20
MAX_NODES = 100_000
MAX_FAULTS = 100
_MAX_DIGITS = 15
_SHOWN = 60

# The scalars of the YAML 1.2 core schema (yaml.org, YAML 1.2.2, 10.3.2): `yes`, `on`, `1_000` and dates are text.
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = lazy_regex(r"[-+]?[0-9]+")
_OTHER_INTEGER = lazy_regex(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = lazy_regex(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
# SECURITY: what the parser takes for the end of a line and no reviewer sees as one counts as well: a comment would
# end in the middle of what looks like one line (a lone CR, U+0085, U+2028, U+2029).
_UNPRINTABLE = lazy_regex("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)")
# SECURITY: the parser reads a tag in time that grows with its length squared.
_LONG_TAG = lazy_regex(r"(?<![^\s\[{,])!\S{500}")
_LONE_SURROGATE = lazy_regex("[\ud800-\udfff]")
_MEANS_SOMETHING = frozenset("@%")
_PARSER_FAILURES = (
    RecursionError, ValueError, OverflowError, AttributeError, TypeError, LookupError, AssertionError,
    NotImplementedError,
)  # fmt: skip


def load_yaml(raw: bytes, *, file: str) -> Document:
    """Return the one document of a YAML or JSON file. Raises InvalidFileError with every fault found.

    SECURITY: anchors, aliases, merge keys, tags and duplicate keys are refused, and size, depth and number of values
    are bounded, so that a small file cannot stand for a huge one nor one line quietly override another (S10).
    """
    text = _decoded(raw, file)
    composer = _Composer(file)
    try:
        data = composer.compose(_events(text, file))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        composer.fault(place, "yaml-syntax", f"this is not YAML: {_plain(error)}", _step_after(text, place))
        data = None
    except YAMLError as error:
        composer.fault((1, 1), "yaml-syntax", f"this is not YAML: {visible(str(error)[:_SHOWN])}", "")
        data = None
    except _PARSER_FAILURES:  # NOTE: the parser raises them for some broken files instead of its own errors
        composer.fault((1, 1), "yaml-syntax", "this file cannot be read as YAML", "write it more plainly")
        data = None
    if composer.faults:
        raise InvalidFileError(sorted(composer.faults))
    return Document(file, data, composer.places, composer.key_places)


def _decoded(raw: bytes, file: str) -> str:
    if len(raw) > MAX_BYTES:
        raise InvalidFileError(
            [Fault(file, 0, 0, "too-large", f"the file has {len(raw):,} bytes; at most 3 MB are read", "split it")]
        )
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise InvalidFileError(
            [Fault(file, line, column, "not-utf-8", "the file is not UTF-8 from here on", "save it as UTF-8")]
        ) from None
    found = _UNPRINTABLE.search(text)
    if found is not None:
        what = f"U+{ord(found[0][0]):04X}"
        message = f"a control character ({what}) stands here"
        place = _place_in(text, found.start())
        raise InvalidFileError([Fault(file, *place, "control-character", message, "remove it")])
    found = _LONG_TAG.search(text)
    if found is not None:
        message = "a word that begins with `!` is longer than 500 characters"
        place = _place_in(text, found.start())
        raise InvalidFileError([Fault(file, *place, "tag", message, "quote it and make it shorter")])
    return text


def _place_in(text: str, at: int) -> Place:
    return text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1


def _events(text: str, file: str) -> Iterator[Event]:
    """Yield the parser's events. SECURITY: what is too deep or too much is refused before anything is built of it."""
    depth = 0
    for nodes, event in enumerate(YAML(typ="safe", pure=True).parse(text)):
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            depth += 1
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            depth -= 1
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            what = f"nested deeper than {MAX_DEPTH} levels" if depth > MAX_DEPTH else f"more than {MAX_NODES:,} values"
            line, column = _place(event)
            raise InvalidFileError([Fault(file, line, column, "too-complex", f"the file is {what}", "simplify it")])
        yield event


def _place(event: Event) -> Place:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _step_after(text: str, place: Place) -> str:
    """Return how text that is no YAML is mended, by the sign that stands where reading ended."""
    line, column = place
    lines = text.split("\n")
    sign = lines[line - 1][column - 1 : column] if line <= len(lines) else ""
    if sign == "\t":
        return "indent with spaces, not with tabs"
    if sign and sign in _MEANS_SOMETHING:
        return f"put what begins with `{sign}` in quotes"
    return "check indentation, quotes and brackets"


def _plain(error: MarkedYAMLError) -> str:
    problem = str(error.problem or error.context or "something unexpected")
    return visible(" ".join(problem.split())[: 2 * _SHOWN])


class _Composer:
    """Builds plain values from events and remembers where each was written."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.places: dict[tuple[str | int, ...], Place] = {}
        self.key_places: dict[tuple[str | int, ...], Place] = {}
        self._events: Iterator[Event] = iter(())

    def fault(self, place: Place, code: str, message: str, suggestion: str) -> None:
        """Record a fault; beyond the first hundred nothing is gained."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(self.file, place[0], place[1], code, message, suggestion))

    def compose(self, events: Iterator[Event]) -> Any:
        """Return the value of the one document in a stream of events; an empty file is None."""
        self._events = events
        data: Any = None
        documents = 0
        for event in events:
            if isinstance(event, StreamStartEvent | StreamEndEvent | DocumentEndEvent):
                continue
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.fault(_place(event), "several-documents", "a second document begins here", "keep one a file")
                continue
            value = self._value(event, ())
            data = value if documents == 1 else data
        return data

    def _value(self, event: Event, path: tuple[str | int, ...]) -> Any:
        place = _place(event)
        self.places[path] = place
        anchor, tag = str(getattr(event, "anchor", None) or "")[:_SHOWN], getattr(event, "tag", None)
        if isinstance(event, AliasEvent):
            self.fault(place, "alias", f"the alias `*{visible(anchor)}` is not read here", "write the value out")
            return None
        if anchor:
            self.fault(place, "anchor", f"the anchor `&{visible(anchor)}` is not read here", "remove it")
        if tag not in {None, "!"}:
            self.fault(place, "tag", f"the tag `{visible(str(tag)[:_SHOWN])}` is not read here", "remove it")
        if isinstance(event, ScalarEvent):
            return self._scalar(event, place)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _sequence(self, path: tuple[str | int, ...]) -> list[Any]:
        items: list[Any] = []
        for event in self._events:
            if isinstance(event, SequenceEndEvent):
                return items
            items.append(self._value(event, (*path, len(items))))
        return _cut_off()

    def _mapping(self, path: tuple[str | int, ...]) -> dict[str, Any]:
        items: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                return items
            key, place = self._key(event), _place(event)
            following = next(self._events)
            here = (*path, key)
            if key in items:
                first = self.key_places.get(here, (0, 0))[0]
                message = f"the key `{visible(key[:_SHOWN])}` is written twice; it already stands in line {first}"
                self.fault(place, "duplicate-key", message, "keep one of them")
                here = (*path, key, "again")
            self.key_places.setdefault(here, place)
            value = self._value(following, here)
            items.setdefault(key, value)
        return _cut_off()

    def _key(self, event: Event) -> str:
        place = _place(event)
        if not isinstance(event, ScalarEvent):
            self.fault(place, "key", "a key must be text", "write a plain word")
            if not isinstance(event, AliasEvent):
                self._value(event, ("?",))
            return "?"
        if event.anchor is not None or event.tag not in {None, "!"}:
            self.fault(place, "anchor", "anchors and tags are not read here", "write the key alone")
        if event.value == "<<" and event.style is None:
            self.fault(place, "merge-key", "the merge key `<<` is not read here", "write the keys out")
        text = str(event.value)
        if _LONE_SURROGATE.search(text):
            self.fault(place, "not-unicode", "half a character stands here", "write the whole character")
            return "?"
        return text

    def _scalar(self, event: ScalarEvent, place: Place) -> Any:
        text = str(event.value)
        if _LONE_SURROGATE.search(text):
            self.fault(place, "not-unicode", "half a character stands here", "write the whole character")
            return ""
        if event.style is not None:
            return text
        if text in _NULL:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if _INTEGER.fullmatch(text) or _OTHER_INTEGER.fullmatch(text):
            if len(text) > _MAX_DIGITS:
                self.fault(place, "number", f"the number {text[:20]}... is too large", "quote it if it is a name")
                return 0
            return int(text, 0) if text[1:2] in {"o", "x"} else int(text)
        if _FLOAT.fullmatch(text):
            message = f"`{text[:_SHOWN]}` is a number with a fraction; only whole numbers are read here"
            self.fault(place, "number", message, "write a whole number, or quote it if it is text")
            return 0
        return text


def _cut_off() -> NoReturn:
    raise ValueError("the events end inside a value")
