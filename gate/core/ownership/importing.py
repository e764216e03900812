"""Importing: ownership records and CODEOWNERS files as sections and components."""

from collections.abc import Callable, Sequence

from gate.core.errors import Fault
from gate.core.identity import ascii_lower
from gate.core.ownership.codeowners import CodeownersFile
from gate.core.ownership.imported import EVERYTHING, Imported
from gate.core.ownership.records import ComponentRecord, OwnershipRecords
from gate.core.ownership.registry import Component, Rule, Section, SourceLine

CODEOWNERS_SECTION = "codeowners"
_DEFAULT = "default"

SourceOf = Callable[[tuple[str | int, ...]], SourceLine]
"""Says where an item of the records is written: `("components", 0, "paths", 1)` as `FILE:LINE`."""


def import_records(
    records: OwnershipRecords, source_of: SourceOf, *, repository: str | None = None, file: str = ""
) -> Imported:
    """Return one section for each section name of the records, rules in the order in which they are written.

    A component of other repositories stays known, since others depend on it, but owns no file here. Without a
    repository name all components apply: asking too many owners is safe, asking none is not.
    """
    components: list[Component] = []
    rules: dict[str, list[Rule]] = {}
    for index, record in enumerate(records.components):
        path = ("components", index)
        patterns = record.paths or () if _is_of(record, repository) else ()
        components.append(_component(record, source_of(path), has_files=bool(patterns)))
        listed = rules.setdefault(record.section, [])
        for number, pattern in enumerate(patterns):
            source = source_of((*path, "paths", number))
            listed.append(Rule(pattern.removeprefix("!"), source, index, is_exclusion=pattern.startswith("!")))
    return Imported(
        "records",
        tuple(components),
        tuple(Section(name, tuple(listed), file) for name, listed in rules.items()),
        people=records.people,
        teams=records.teams,
        escalations=records.escalations,
        vendors=records.vendors,
    )


def import_codeowners(file: CodeownersFile) -> Imported:
    """Return one component for each distinct owner set of each section, named by the set, which may also sign off.

    A line without owners un-owns what it matches; a line that the platform ignores blocks what it matches last. A
    file of which the platform loads nothing blocks every path.
    """
    if file.unusable is not None:
        return blocked_source("codeowners", CODEOWNERS_SECTION, file.file, file.unusable, file.faults)
    sets = _OwnerSets()
    rules: dict[str, list[Rule]] = {section.name: [] for section in file.sections}
    for line in file.rules:
        source = f"{file.file}:{line.line}"
        component = None
        if line.owners and line.problem is None and not line.is_exclusion:
            component = sets.component(_section_name(line.section), line.owners, source)
        # GitLab's exclusions stand last in their section and can only take out: without component they un-own.
        rules[line.section].append(Rule(line.pattern, source, component, problem=line.problem))
    sections = tuple(
        Section(
            _section_name(section.name),
            tuple(rules[section.name]),
            file.file,
            is_optional=section.is_optional,
            required=section.required if section.required > 1 else None,
            dialect=file.dialect,
        )
        for section in file.sections
        if rules[section.name] or section.name == _DEFAULT
    )
    return Imported("codeowners", tuple(sets.components), sections, faults=file.faults)


def blocked_source(source: str, section: str, file: str, problem: str, faults: Sequence[Fault] = ()) -> Imported:
    """Return a source of which nothing can be used: it blocks every path, with the reason."""
    rule = Rule(EVERYTHING, f"{file}:1", None, problem=problem)
    return Imported(source, sections=(Section(section, (rule,), file),), faults=tuple(faults))


class _OwnerSets:
    """The distinct owner sets of a file as components, in the order in which they are first written."""

    def __init__(self) -> None:
        self.components: list[Component] = []
        self._as_written: dict[tuple[str, tuple[str, ...]], int] = {}
        self._by_members: dict[tuple[str, frozenset[str]], int] = {}

    def component(self, section: str, owners: tuple[str, ...], source: SourceLine) -> int:
        """Return the component of an owner set; the platform does not tell logins apart by case."""
        known = self._as_written.get((section, owners))
        if known is None:
            first = {ascii_lower(owner): owner for owner in reversed(owners)}
            key = (section, frozenset(first))
            known = self._by_members.setdefault(key, len(self.components))
            if known == len(self.components):
                members = tuple(sorted(first.values()))
                self.components.append(Component(" ".join(members), section, members, source))
            self._as_written[section, owners] = known
        return known


def _section_name(name: str) -> str:
    return CODEOWNERS_SECTION if name == _DEFAULT else f"{CODEOWNERS_SECTION}:{name}"


def _is_of(record: ComponentRecord, repository: str | None) -> bool:
    if record.repositories is None or repository is None:
        return True
    return ascii_lower(repository) in {ascii_lower(name) for name in record.repositories}


def _component(record: ComponentRecord, source: SourceLine, *, has_files: bool) -> Component:
    return Component(
        name=record.name,
        section=record.section,
        owners=(record.owner,),
        source=source,
        title=record.title,
        kind=record.kind,
        tier=record.tier,
        lifecycle=record.lifecycle,
        environments=record.environments,
        data_class=record.data_class,
        backup=record.backup,
        depends_on=record.depends_on,
        escalation=record.escalation,
        links=record.links,
        rollback=record.rollback,
        reviewed=record.reviewed.isoformat() if record.reviewed else None,
        review_every_days=record.review_every_days,
        transfer=record.transfer,
        migrations=record.migrations or (),
        has_files=has_files,
    )
