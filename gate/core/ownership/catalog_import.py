"""The import of a Backstage catalog: entities become components, folders become rules, groups become teams."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from pydantic import ValidationError

from gate.core.errors import Fault
from gate.core.ownership.catalog import (
    OWNED_KINDS,
    PATHS_ANNOTATION,
    CatalogEntity,
    CatalogFile,
    Reference,
)
from gate.core.ownership.imported import CATALOG_NAME, EVERYTHING, Imported, folder_of, folder_rule, free_name
from gate.core.ownership.patterns import PatternError, parse_pattern
from gate.core.ownership.records import Kind, Lifecycle, PersonRecord, TeamRecord
from gate.core.ownership.registry import Component, Rule, Section

SECTION = "backstage"
_KINDS: Mapping[str, Kind] = {
    "service": "service",
    "database": "database",
    "network": "network",
    "server": "server",
    "library": "library",
    "pipeline": "pipeline",
    "website": "website",
    "documentation": "document",
    "document": "document",
}
_LIFECYCLES: Mapping[str, Lifecycle] = {
    "experimental": "experimental",
    "production": "production",
    "deprecated": "deprecated",
}
_Record = TypeVar("_Record")
_Known = Mapping[str, frozenset[str]]
_TEAM_SLUG = "github.com/team-slug"
_LOGIN = "github.com/user-login"


def import_catalog(
    files: Sequence[CatalogFile],
    *,
    has_folder: Callable[[str], bool],
    taken: Collection[str] = (),
    known_teams: Collection[str] = (),
    known_people: Collection[str] = (),
) -> Imported:
    """Return the components, teams and people of the catalog files of one repository.

    The file nearest to a path decides. `has_folder` tells whether the repository has the folder of a folder pattern;
    `taken` are component names in use. A group or user of a name that a source with more authority knows is that
    source's: the records say who is in a team that both describe.
    """
    importer = _Importer(files, set(taken), {"group": frozenset(known_teams), "user": frozenset(known_people)})
    for one in sorted(files, key=lambda each: (each.file.count("/"), each.file)):
        importer.add(one, has_folder)
    faults = [fault for one in files for fault in one.faults] + importer.faults
    section = Section(SECTION, tuple(importer.rules), CATALOG_NAME)
    return Imported(
        "backstage",
        tuple(importer.components),
        (section,),
        people=importer.people,
        teams=importer.teams,
        faults=tuple(faults),
    )


class _Importer:
    """The section as it grows, files of outer folders before those of inner ones."""

    def __init__(self, files: Sequence[CatalogFile], taken: set[str], known: _Known) -> None:
        self.rules: list[Rule] = []
        self.components: list[Component] = []
        self.faults: list[Fault] = []
        entities = [entity for one in files for entity in one.entities]
        self._directory = _Directory(entities, known, self.faults)
        self._names = _component_names(entities, taken)
        self._seen: set[Reference] = set()

    @property
    def people(self) -> Mapping[str, PersonRecord]:
        return self._directory.people

    @property
    def teams(self) -> Mapping[str, TeamRecord]:
        return self._directory.teams

    def add(self, one: CatalogFile, has_folder: Callable[[str], bool]) -> None:
        """Add the rules of one file: its folder first, then what its entities claim by annotation."""
        folder = folder_of(one.file)
        if one.problem is not None:
            self.rules.append(folder_rule(folder, source=f"{one.file}:1", component=None, problem=one.problem))
            return
        broken = [entity for entity in one.entities if entity.problem is not None]
        owned = [e for e in one.entities if e.problem is None and e.reference[0] in OWNED_KINDS and self._is_new(e)]
        indices = {entity.reference: self._component(entity) for entity in owned}
        claimants = [entity for entity in owned if entity.paths is None]
        best = min((OWNED_KINDS.index(entity.reference[0]) for entity in claimants), default=0)
        claimants = [entity for entity in claimants if OWNED_KINDS.index(entity.reference[0]) == best]
        if claimants:
            problem = None
            if len({entity.owner for entity in claimants}) > 1:
                problem = "several entities with different owners share this folder; give them `gate/paths`"
            first = claimants[0]
            rule = folder_rule(folder, source=first.source, component=indices[first.reference], problem=problem)
            self.rules.append(rule)
        for entity in owned:
            self._claim(entity, indices[entity.reference], has_folder)
        for entity in broken:
            # What a broken entity claims cannot be told from its file's folder, so all of that is blocked.
            self._block(entity, entity.problem or "")

    def _is_new(self, entity: CatalogEntity) -> bool:
        if entity.reference in self._seen:
            self._block(entity, f"`{entity.name}` is described a second time")
            self._fault(entity, f"`{entity.name}` is described a second time", "keep one of them")
            return False
        self._seen.add(entity.reference)
        return True

    def _claim(self, entity: CatalogEntity, component: int, has_folder: Callable[[str], bool]) -> None:
        is_by_url = PATHS_ANNOTATION not in entity.annotations
        for pattern in entity.paths or ():
            bare = pattern.removeprefix("!")
            try:
                parse_pattern(bare)
            except PatternError as error:
                self._fault(entity, f"`{bare[:80]}`: {error.reason}", error.suggestion)
                self._block(entity, error.reason)
                continue
            if is_by_url and bare != EVERYTHING and not has_folder(bare):
                reason = f"`{bare[:80]}` is no folder of this repository"
                self._fault(entity, reason, "a branch name with a slash cannot be told from a folder: use `gate/paths`")
                self._block(entity, reason)
                continue
            self.rules.append(Rule(bare, entity.source, component, is_exclusion=pattern.startswith("!")))

    def _block(self, entity: CatalogEntity, problem: str) -> None:
        self.rules.append(folder_rule(entity.folder, source=entity.source, component=None, problem=problem))

    def _component(self, entity: CatalogEntity) -> int:
        owner = self._directory.name_of(entity.owner) if entity.owner else ""
        component = Component(
            name=self._names[entity.reference],
            section=SECTION,
            owners=(owner,) if owner else (),
            source=entity.source,
            title=entity.title,
            kind=_KINDS.get(entity.type, "other"),
            lifecycle=_LIFECYCLES.get(entity.lifecycle),
            depends_on=tuple(self._names.get(one, ":".join((one[0], one[2]))) for one in entity.depends_on),
            links=entity.links,
            has_files=entity.paths != (),
        )
        self.components.append(component)
        return len(self.components) - 1

    def _fault(self, entity: CatalogEntity, message: str, suggestion: str) -> None:
        self.faults.append(Fault(entity.file, entity.line, 1, "catalog-entity", message, suggestion))


def _component_names(entities: Iterable[CatalogEntity], taken: set[str]) -> Mapping[Reference, str]:
    """Return a name for each owned entity: its own where it is free, else with its kind before it."""
    names: dict[Reference, str] = {}
    owned = [entity for entity in entities if entity.reference[0] in OWNED_KINDS]
    for entity in sorted(owned, key=lambda each: (OWNED_KINDS.index(each.reference[0]), each.file, each.line)):
        if entity.reference not in names:
            name = free_name(_plain(entity.reference, entity.name), taken, prefix=f"{entity.reference[0]}:")
            taken.add(name)
            names[entity.reference] = name
    return names


class _Directory:
    """Groups and users of the catalog as teams and people.

    SECURITY: they are read from the file at the root alone. Whoever owns a folder writes the catalog file in it, and
    could otherwise say that they are in any group.
    """

    def __init__(self, entities: Iterable[CatalogEntity], known: _Known, faults: list[Fault]) -> None:
        self.people: dict[str, PersonRecord] = {}
        self.teams: dict[str, TeamRecord] = {}
        self._faults = faults
        self._names: dict[Reference, str] = {}
        people = [entity for entity in entities if entity.reference[0] in {"group", "user"}]
        for entity in people:
            if entity.folder:
                self._fault(
                    entity, "groups and users are read from the catalog file at the root alone", "move it there"
                )
        people = [entity for entity in people if not entity.folder]
        self._known = known
        taken = set(known["group"] | known["user"])
        for entity in people:
            name = _plain(entity.reference, entity.name)
            if entity.reference not in self._names and name not in known[entity.reference[0]]:
                name = free_name(name, taken, prefix="backstage/")
                taken.add(name)
            self._names.setdefault(entity.reference, name)
        members: defaultdict[Reference, list[Reference]] = defaultdict(list)
        for entity in people:
            for other in entity.members:
                pair = (entity.reference, other) if entity.reference[0] == "group" else (other, entity.reference)
                members[pair[0]].append(pair[1])
        for entity in people:
            if entity.reference[0] == "user":
                self._add_person(entity)
            else:
                self._add_team(entity, members[entity.reference])

    def name_of(self, reference: Reference) -> str:
        """Return the name of a group or user; one that is described nowhere is named with its kind, and is nobody."""
        name = _plain(reference, reference[2])
        if reference in self._names:
            return self._names[reference]
        return name if name in self._known[reference[0]] else f"{reference[0]}:{name}"

    def _add_person(self, entity: CatalogEntity) -> None:
        given = {"name": entity.title, "github": entity.annotations.get(_LOGIN), "email": entity.email}
        try:
            record = PersonRecord.model_validate({key: value for key, value in given.items() if value})
        except ValidationError:
            self._fault(entity, f"`{entity.name}` has no valid login or e-mail address", "mend it")
            record = PersonRecord()
        self._settle(entity, self.people, record)

    def _add_team(self, entity: CatalogEntity, members: Iterable[Reference]) -> None:
        names = tuple(dict.fromkeys(self._names[one] for one in members if one in self._names))
        unknown = [one for one in members if one not in self._names]
        if unknown:
            self._fault(entity, f"`{unknown[0][2]}` is described nowhere, so it is nobody here", "add a User entity")
        slug = entity.annotations.get(_TEAM_SLUG)
        try:
            record = TeamRecord(members=names, github_team=slug)
        except ValidationError:
            self._fault(entity, f"`{slug}` is no team of the forge", "write `organisation/team`")
            record = TeamRecord(members=names)
        self._settle(entity, self.teams, record)

    def _settle(self, entity: CatalogEntity, table: dict[str, _Record], record: _Record) -> None:
        name = self._names[entity.reference]
        if name not in self._known[entity.reference[0]]:
            table.setdefault(name, record)

    def _fault(self, entity: CatalogEntity, message: str, suggestion: str) -> None:
        fault = Fault(entity.file, entity.line, 1, "catalog-entity", message, suggestion, "warning")
        self._faults.append(fault)


def _plain(reference: Reference, name: str) -> str:
    return name if reference[1] == "default" else f"{reference[1]}/{name}"
