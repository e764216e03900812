"""Backstage catalog files: entities with their owners, and the folders that are theirs.

Sources: Backstage's pages "Descriptor Format of Catalog Entities", "Entity References" and "Well-known Annotations".
Component, Resource, API and System are owned; Group and User say who somebody is; other kinds say nothing here, and
targets of a Location are not followed. An entity owns the folder of its file, unless `gate/paths` (patterns separated
by blanks) or `backstage.io/source-location` (a folder of this repository by URL) says otherwise.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from gate.core.documents import Document
from gate.core.errors import Fault, Severity
from gate.core.identity import ascii_lower
from gate.core.lazy_regex import lazy_regex
from gate.core.ownership.imported import CATALOG_NAME, folder_of, folder_pattern
from gate.core.values import dataclass

PATHS_ANNOTATION = "gate/paths"
LOCATION_ANNOTATION = "backstage.io/source-location"
MAX_DOCUMENTS = 1_000
OWNED_KINDS = ("component", "resource", "system", "api")
"""Kinds with an owner, in the order in which they get the folder of a file that holds several entities."""
_PEOPLE_KINDS = ("group", "user")
_SILENT_KINDS = ("domain", "template", "location")
_NAME = lazy_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_REFERENCE = lazy_regex(r"(?:(?P<kind>[A-Za-z]+):)?(?:(?P<space>[A-Za-z0-9._-]+)/)?(?P<name>[A-Za-z0-9._-]+)")
_FOLDER_URL = lazy_regex(
    r"url:https?://[^/]+/(?P<repository>[^/?#]+(?:/[^/?#]+)+?)/(?:-/)?(?:tree|blob|src/branch|src)/[^/?#]+/(?P<path>[^?#]*)"
)
_WHOLE_URL = lazy_regex(r"url:https?://[^/]+/(?P<repository>[^/?#]+(?:/[^/?#]+)+?)/?")

Reference = tuple[str, str, str]
"""Kind, namespace and name, in lower case: Backstage compares them so."""


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """One document of a file with several, and how many lines stand before it."""

    raw: bytes
    offset: int


@dataclass(frozen=True, slots=True)
class CatalogEntity:
    """One entity. `paths` are its own patterns, None where it owns the folder of its file; () where nothing here.

    `problem` says why its files are blocked rather than given to its owner.
    """

    reference: Reference
    name: str
    file: str
    line: int
    owner: Reference | None = None
    title: str | None = None
    type: str = ""
    lifecycle: str = ""
    depends_on: tuple[Reference, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    paths: tuple[str, ...] | None = None
    members: tuple[Reference, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)
    email: str | None = None
    problem: str | None = None

    @property
    def folder(self) -> str:
        """Return the folder of the entity's file."""
        return folder_of(self.file)

    @property
    def source(self) -> str:
        """Return where the entity is written, as FILE:LINE."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """One catalog file: its entities, and why its folder is blocked as a whole, if it is."""

    file: str
    entities: tuple[CatalogEntity, ...] = ()
    problem: str | None = None
    faults: tuple[Fault, ...] = ()


def split_documents(raw: bytes) -> tuple[DocumentPart, ...]:
    """Return the documents of a YAML file, split at its `---` lines; text behind the dashes stays with its document."""
    parts: list[DocumentPart] = []
    lines: list[bytes] = []
    offset = 0
    for number, line in enumerate(raw.split(b"\n")):
        if line.rstrip(b"\r") == b"---" or line.startswith((b"--- ", b"---\t")):
            parts.append(DocumentPart(b"\n".join(lines), offset))
            lines, offset = [b"   " + line[3:]], number
        else:
            lines.append(line)
    parts.append(DocumentPart(b"\n".join(lines), offset))
    return tuple(part for part in parts if part.raw.strip())


def read_catalog(file: str, documents: Sequence[tuple[Document, int]], *, repository: str | None = None) -> CatalogFile:
    """Return the entities of one file; never raises, and blocks what it cannot understand.

    `documents` come with the number of lines before each. `repository` is this repository's name where it is known.
    """
    faults: list[Fault] = []
    entities = []
    for document, offset in documents:
        reader = _EntityReader(file, document, offset, repository, faults)
        entity = reader.read()
        if entity is not None:
            entities.append(entity)
    return CatalogFile(file, tuple(entities), None, tuple(faults))


def parse_reference(text: object, *, kind: str, namespace: str = "default") -> Reference | None:
    """Return what an entity reference names, None where it cannot be read; parts left out are taken as given."""
    found = _REFERENCE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    parts = (found["kind"] or kind, found["space"] or namespace, found["name"])
    return (ascii_lower(parts[0]), ascii_lower(parts[1]), ascii_lower(parts[2]))


class _EntityReader:
    """Reads one entity; what is wrong with it becomes a fault and, where its files could go astray, a problem."""

    def __init__(self, file: str, document: Document, offset: int, repository: str | None, faults: list[Fault]) -> None:
        self.file = file
        self.document = document
        self.offset = offset
        self.repository = repository
        self.faults = faults
        self.problem: str | None = None

    def read(self) -> CatalogEntity | None:
        """Return the entity, None for a kind that owns nothing and names nobody."""
        data = self.document.data
        if data is None:
            return None
        kind_text = self._text(("kind",))
        kind = ascii_lower(kind_text or "")
        if kind in _SILENT_KINDS:
            if kind == "location":
                message = "targets of a Location are not followed"
                self._note(("kind",), message, "put a catalog-info.yaml beside what it describes", "notice")
            return None
        if kind not in (*OWNED_KINDS, *_PEOPLE_KINDS):
            near = difflib.get_close_matches(kind, (*OWNED_KINDS, *_PEOPLE_KINDS), n=1)
            hint = f"did you mean `{near[0].title()}`?" if near else "see the kinds of Backstage's descriptor format"
            self._blame(("kind",), f"`{(kind_text or 'nothing')[:80]}` is no kind of entity that is read here", hint)
        entity = self._entity(kind)
        if self.problem is not None and kind in _PEOPLE_KINDS:
            return None
        return entity

    def _entity(self, kind: str) -> CatalogEntity:
        name = self._text(("metadata", "name")) or ""
        if not _NAME.fullmatch(name):
            self._blame(("metadata", "name"), "the entity has no valid `metadata.name`", "letters, digits and `-_.`")
        space = self._text(("metadata", "namespace")) or "default"
        annotations = self._texts(("metadata", "annotations"))
        owner = None
        if kind in OWNED_KINDS:
            owner = parse_reference(self._get(("spec", "owner")), kind="group", namespace=ascii_lower(space))
            if owner is None or owner[0] not in _PEOPLE_KINDS:
                self._blame(("spec", "owner"), "`spec.owner` names no group or user", "write `group:NAME`, `user:NAME`")
        people = {"group": ("members", "user"), "user": ("memberOf", "group")}.get(kind)
        return CatalogEntity(
            reference=(kind, ascii_lower(space), ascii_lower(name)),
            name=name,
            file=self.file,
            line=self.offset + self.document.key_place(("metadata", "name"))[0],
            owner=owner,
            title=self._text(("metadata", "title")) or self._text(("spec", "profile", "displayName")),
            type=ascii_lower(self._text(("spec", "type")) or ""),
            lifecycle=ascii_lower(self._text(("spec", "lifecycle")) or ""),
            depends_on=tuple(self._references(("spec", "dependsOn"), "component", ascii_lower(space))),
            links=self._links(),
            paths=self._paths(annotations),
            members=tuple(self._references(("spec", people[0]), people[1], ascii_lower(space))) if people else (),
            annotations=annotations,
            email=self._text(("spec", "profile", "email")),
            problem=self.problem,
        )

    def _paths(self, annotations: Mapping[str, str]) -> tuple[str, ...] | None:
        """Return the patterns that annotations give the entity, None where they say nothing.

        SECURITY: only the file at the root may claim files outside of its folder; whoever owns a folder could take
        any other one over otherwise.
        """
        patterns: tuple[str, ...] | None = None
        place = ("metadata", "annotations", PATHS_ANNOTATION)
        if PATHS_ANNOTATION in annotations:
            patterns = tuple(annotations[PATHS_ANNOTATION].split())
            if not patterns:
                self._blame(place, f"`{PATHS_ANNOTATION}` names no path", "write patterns such as `/services/shop/`")
        elif LOCATION_ANNOTATION in annotations:
            place = ("metadata", "annotations", LOCATION_ANNOTATION)
            patterns = self._located(annotations[LOCATION_ANNOTATION], place)
        inside = folder_pattern(folder_of(self.file))
        if patterns and folder_of(self.file):
            for pattern in patterns:
                if not pattern.removeprefix("!").startswith(inside):
                    message = f"`{pattern[:80]}` is outside of the folder of this file"
                    self._blame(place, message, f"claim it in the {CATALOG_NAME} of the root, or stay below {inside}")
        return patterns

    def _located(self, location: str, place: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the folder that a source location names; nothing of this repository where it names another one.

        NOTE: a URL does not show where a branch name with slashes ends; the first segment is taken, and the caller
        blocks a folder that does not exist.
        """
        found = _FOLDER_URL.fullmatch(location) or _WHOLE_URL.fullmatch(location)
        if found is None:
            self._blame(place, "the source location is no URL of a folder", f"write `{PATHS_ANNOTATION}` instead")
            return None
        repository = found["repository"].removesuffix(".git")
        if self.repository and ascii_lower(repository) != ascii_lower(self.repository):
            return ()
        folder = (found.groupdict().get("path") or "").strip("/")
        if folder and not location.endswith("/"):
            self._blame(place, "the source location names a file", "end the URL of a folder with `/`")
        return (folder_pattern(folder),)

    def _links(self) -> Mapping[str, str]:
        links: dict[str, str] = {}
        for index, item in enumerate(self._list(("metadata", "links"))):
            path = ("metadata", "links", index)
            url, title = self._text((*path, "url")), self._text((*path, "title"))
            label = self._text((*path, "type")) or title or f"link {index + 1}"
            if isinstance(item, dict) and url:
                is_runbook = "runbook" in ascii_lower(f"{label} {title or ''}")
                links.setdefault("runbook" if is_runbook and "runbook" not in links else label, url)
        return links

    def _references(self, path: tuple[str, ...], kind: str, namespace: str) -> Iterator[Reference]:
        for index, text in enumerate(self._list(path)):
            reference = parse_reference(text, kind=kind, namespace=namespace)
            if reference is None:
                self._note((*path, index), "this is no entity reference", "write `kind:namespace/name`", "warning")
            else:
                yield reference

    def _get(self, path: tuple[str | int, ...]) -> Any:
        value: Any = self.document.data
        for key in path:
            if isinstance(value, dict):
                value = value.get(key)
            elif isinstance(value, list) and isinstance(key, int):
                value = value[key]
            else:
                return None
        return value

    def _text(self, path: tuple[str | int, ...]) -> str | None:
        value = self._get(path)
        return value if isinstance(value, str) and value else None

    def _texts(self, path: tuple[str, ...]) -> Mapping[str, str]:
        value = self._get(path)
        if value is not None and not (isinstance(value, dict) and all(isinstance(v, str) for v in value.values())):
            self._blame(path, f"`{path[-1]}` is no mapping of texts", "quote its values")
            return {}
        return {str(key): text for key, text in (value or {}).items()}

    def _list(self, path: tuple[str, ...]) -> list[Any]:
        value = self._get(path)
        return value if isinstance(value, list) else []

    def _blame(self, path: tuple[str | int, ...], message: str, suggestion: str) -> None:
        self._note(path, message, suggestion, "error")
        self.problem = self.problem or message

    def _note(self, path: tuple[str | int, ...], message: str, suggestion: str, severity: Severity) -> None:
        line, column = self.document.key_place(path)
        fault = Fault(self.file, self.offset + line, column, "catalog-entity", message, suggestion, severity)
        self.faults.append(fault)
