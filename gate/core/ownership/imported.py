"""Imported: what one ownership source says, in one shape, and how several sources become one registry."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import field, replace

from gate.core.errors import Fault
from gate.core.ownership.patterns import MAX_PATTERN
from gate.core.ownership.records import EscalationPolicy, PersonRecord, TeamRecord, Vendor
from gate.core.ownership.registry import Component, Ownership, Rule, Section
from gate.core.values import dataclass

CATALOG_NAME = "catalog-info.yaml"
OWNERS_NAME = "OWNERS"
"""What the files of the catalog and of OWNERS are called, in any folder."""
EVERYTHING = "*"
"""The pattern that matches every path, in both dialects."""
_SPECIAL = str.maketrans({letter: f"\\{letter}" for letter in "\\*?[]"})


@dataclass(frozen=True, slots=True)
class Imported:
    """What one source says. Rules name components by their index in `components` of the same source."""

    source: str
    components: tuple[Component, ...] = ()
    sections: tuple[Section, ...] = ()
    people: Mapping[str, PersonRecord] = field(default_factory=dict)
    teams: Mapping[str, TeamRecord] = field(default_factory=dict)
    escalations: Mapping[str, EscalationPolicy] = field(default_factory=dict)
    vendors: Mapping[str, Vendor] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def merge_imported(sources: Sequence[Imported], *, is_bare_codeowners: bool = False) -> Ownership:
    """Return one registry of several sources, each a section or several of its own.

    SECURITY: sources come in order of authority; who a person is and who is in a team is said by the first that
    names them, so that a catalog file never widens a team of the records.
    """
    components: list[Component] = []
    sections: dict[str, Section] = {}
    people: dict[str, PersonRecord] = {}
    teams: dict[str, TeamRecord] = {}
    escalations: dict[str, EscalationPolicy] = {}
    vendors: dict[str, Vendor] = {}
    for one in sources:
        first = len(components)
        renamed = {section.name: _free(section.name, sections) for section in one.sections}
        components += [
            each if renamed.get(each.section, each.section) == each.section
            else replace(each, section=renamed[each.section])
            for each in one.components
        ]  # fmt: skip
        for section in one.sections:
            rules = tuple(_shifted(rule, first) for rule in section.rules) if first else section.rules
            name = renamed[section.name]
            sections[name] = replace(section, name=name, rules=rules)
        people = {**one.people, **people}
        teams = {**one.teams, **teams}
        escalations = {**one.escalations, **escalations}
        vendors = {**one.vendors, **vendors}
    return Ownership(
        components=tuple(components),
        sections=tuple(sections.values()),
        people=people,
        teams=teams,
        escalations=escalations,
        vendors=vendors,
        sources=tuple(one.source for one in sources),
        is_bare_codeowners=is_bare_codeowners,
    )


def free_name(name: str, taken: Container[str], *, prefix: str) -> str:
    """Return a name that nobody has yet: as it is, or behind a prefix where it is taken."""
    while name in taken:
        name = f"{prefix}{name}"
    return name


def folder_of(path: str) -> str:
    """Return the folder of a file, empty for the root."""
    return path.rpartition("/")[0]


def folder_rule(folder: str, *, source: str, component: int | None, problem: str | None = None) -> Rule:
    """Return the rule that takes in everything below a folder, whatever characters are in its name.

    SECURITY: a folder whose path is too long for a pattern blocks from the nearest folder whose path is not.
    """
    pattern = folder_pattern(folder)
    while len(pattern) > MAX_PATTERN:
        folder = folder_of(folder)
        pattern, component = folder_pattern(folder), None
        problem = problem or "a folder's path in here is too long to be matched"
    return Rule(pattern, source, None if problem else component, problem=problem)


def folder_pattern(folder: str) -> str:
    r"""Return the pattern of everything below a folder, special characters escaped.

    A slash behind a backslash is escaped as well: `\\/` may be read as a backslash and a slash, or as a backslash that
    stands before an escaped slash; `\\\/` is the first to every reader.
    """
    return f"/{folder.translate(_SPECIAL)}/".replace("\\\\/", "\\\\\\/") if folder else EVERYTHING


def _free(name: str, sections: Mapping[str, Section]) -> str:
    return free_name(name, sections, prefix="file:")


def _shifted(rule: Rule, first: int) -> Rule:
    return rule if rule.component is None else replace(rule, component=rule.component + first)
