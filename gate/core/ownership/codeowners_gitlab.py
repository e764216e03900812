"""GitLab's CODEOWNERS: sections, default owners, counts, roles and exclusions.

Sources: GitLab's documentation, pages "Syntax of CODEOWNERS file" (sections, owners, paths, exclusion patterns since
17.10) and "Advanced CODEOWNERS configuration" (duplicate names, several approvals, error handling). Where a page says
that GitLab approves a faulty entry by itself ("Zero owners"), its rule carries a `problem` here, so that it blocks.
"""

import re
from dataclasses import field

from gate.core.documents import Place
from gate.core.lazy_regex import lazy_regex
from gate.core.ownership.codeowners_lines import (
    DEFAULT_SECTION,
    CodeownersRule,
    CodeownersSection,
    FaultList,
    lines_of,
    note_pattern_problem,
    shortened,
    words_of,
)
from gate.core.ownership.patterns import PatternError, check_pattern
from gate.core.values import dataclass

_HEADING = lazy_regex(r"(?P<optional>\^)?\[(?P<name>[^\]]*)\](?:\[(?P<count>[^\]]*)\])?(?:[ \t]+(?P<owners>.*))?")
_OWNER = lazy_regex(
    r"@@(?i:developer|maintainer|owner)(?i:s)?"
    r"|@[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}(?:/[A-Za-z0-9_.-]{1,254}){0,20}"
    r"|[A-Za-z0-9.!$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*"
)
_LONGEST_COUNT = 4


@dataclass
class _Section:
    name: str
    line: int
    is_optional: bool = False
    required: int = 1
    default_owners: tuple[str, ...] = ()
    rules: list[CodeownersRule] = field(default_factory=list)
    exclusions: list[CodeownersRule] = field(default_factory=list)


def read_gitlab(
    text: bytes | str, faults: FaultList
) -> tuple[tuple[CodeownersSection, ...], tuple[CodeownersRule, ...]]:
    """Return sections and rules as GitLab reads them: sections in order, in each its rules and then its exclusions."""
    current = _Section(DEFAULT_SECTION, 0)
    # The unnamed section is keyed apart, so that a section called "default" stays one of its own.
    sections: dict[str, _Section] = {"": current}
    for number, column, line in lines_of(text, faults):
        place = (number, column)
        heading = _HEADING.fullmatch(line) if line[0] in "[^" else None
        if heading and heading["name"].strip():
            current = _open_section(heading, place, sections, faults)
        else:
            if line[0] == "[" or line.startswith("^["):
                message = "the section heading cannot be read, so GitLab takes the line as an entry"
                faults.add(place, "codeowners-section", message, "write `[Name]` or `[Name][2]`")
            _add_entry(line, place, current, faults)
    found = list(sections.values())
    return (
        tuple(CodeownersSection(s.name, s.is_optional, s.required, s.default_owners, s.line) for s in found),
        tuple(rule for section in found for rule in (*section.rules, *section.exclusions)),
    )


def _open_section(heading: re.Match[str], place: Place, sections: dict[str, _Section], faults: FaultList) -> _Section:
    """Return the section of a heading; equal names in any case are one section, required if any of them is."""
    name = heading["name"].strip()
    owners = _owners(words_of(heading["owners"] or "", place, faults), place, faults)
    is_optional = heading["optional"] is not None
    required = _count(heading["count"], place, faults)
    shown = name if name.casefold() != DEFAULT_SECTION else f"{name} (named)"
    section = sections.get(shown.casefold())
    if section is None:
        section = sections[shown.casefold()] = _Section(shown, place[0], is_optional, required, owners)
    else:
        section.is_optional = section.is_optional and is_optional
        section.required = max(section.required, required)
        section.default_owners = owners or section.default_owners
    return section


def _count(text: str | None, place: Place, faults: FaultList) -> int:
    """Return how many must sign off; GitLab takes an invalid number as 1."""
    if text is None:
        return 1
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_COUNT and int(text) >= 1:
        return int(text)
    message = f"`[{shortened(text)}]` is not a number of sign-offs; GitLab takes it as 1"
    faults.add(place, "codeowners-section", message, "write a whole number from 1", severity="warning")
    return 1


def _owners(words: list[str], place: Place, faults: FaultList) -> tuple[str, ...]:
    """Return the words that are owners; GitLab ignores the others, and takes owners in a comment as owners."""
    owners: list[str] = []
    for index, word in enumerate(words):
        if word[0] == "#":
            message = "GitLab has no comments behind an entry; owners named in it count as owners"
            suggestion = "move the comment to a line of its own"
            faults.add(place, "codeowners-comment", message, suggestion, severity="warning")
            owners += [name for name in words[index:] if _OWNER.fullmatch(name)]
            break
        if _OWNER.fullmatch(word):
            owners.append(word)
        else:
            message = f"`{shortened(word)}` is not an owner; GitLab ignores it"
            suggestion = "write `@user`, `@group/subgroup`, `@@role` or an e-mail address"
            faults.add(place, "codeowners-owner", message, suggestion)
    return tuple(dict.fromkeys(owners))


def _add_entry(line: str, place: Place, section: _Section, faults: FaultList) -> None:
    pattern, *words = words_of(line, place, faults)
    is_exclusion = pattern.startswith("!")
    pattern = pattern.removeprefix("!")
    owners = _owners(words, place, faults)
    problem = None
    try:
        check_pattern(pattern, "gitlab")
    except PatternError as error:
        problem = note_pattern_problem(error, place, pattern, faults, dialect="gitlab")
    if is_exclusion:
        section.exclusions.append(CodeownersRule(*place, pattern, (), section.name, problem, is_exclusion=True))
        return
    owners = owners or section.default_owners
    if not owners and problem is None:
        problem = "the entry has no owner, so GitLab approves it by itself"
        faults.add(place, "codeowners-no-owner", problem, "name an owner, or exclude the files with `!`")
    section.rules.append(CodeownersRule(*place, pattern, owners, section.name, problem))
