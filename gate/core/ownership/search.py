"""Search: components by what is known of them, and everything that a person or team owns."""

import difflib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields

from gate.core.errors import UsageError
from gate.core.identity import ascii_lower
from gate.core.ownership.registry import Component, Ownership
from gate.core.ownership.resolve import OwnershipIndex
from gate.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for: every field that is set must hold, several values of one field mean any, all words count.

    `person` holds for what somebody owns directly or through a team; `depends` for components that depend on a named
    one directly or through others; `path` for components that own a path.
    """

    name: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    lifecycle: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


_KEYS = tuple(field.name for field in fields(Filters) if field.name != "words")


def parse_query(terms: Iterable[str]) -> Filters:
    """Return the filters that a query means: `kind:service tier:1 owner:payments refunds`.

    A term without a known key is a word to look for. Raises UsageError for a key that does not exist.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for term in (part for text in terms for part in text.split()):
        key, colon, value = term.partition(":")
        if colon and value and key.isalpha() and not value.startswith("//"):
            if key not in _KEYS:
                near = difflib.get_close_matches(key, _KEYS, n=1)
                hint = f"Did you mean `{near[0]}:`?" if near else f"There are {', '.join(_KEYS)}."
                raise UsageError(f"`{key}:` is nothing to search by.", next_step=hint)
            found[key].append(value)
        else:
            found["words"].append(term)
    return Filters(**{key: tuple(values) for key, values in found.items()})


def find_components(ownership: Ownership, filters: Filters, index: OwnershipIndex | None = None) -> tuple[int, ...]:
    """Return the indices of the components that all filters hold for, in their written order."""
    tests = _tests(ownership, filters, index)
    return tuple(
        number for number, each in enumerate(ownership.components) if all(test(number, each) for test in tests)
    )


def dependents_of(ownership: Ownership, names: Iterable[str]) -> frozenset[str]:
    """Return the names of all components that depend on one of some names, directly or through others."""
    users: defaultdict[str, list[str]] = defaultdict(list)
    for component in ownership.components:
        for needed in component.depends_on:
            users[needed].append(component.name)
    return _reached(names, users)


def person_references(ownership: Ownership, person: str) -> frozenset[str]:
    """Return every reference behind which a person is, as `ascii_lower` writes it: name, login, address, teams.

    `person` is a name of the records, a login with or without `@`, or an address. Who is in a team of the forge is not
    known here; only the teams of the records are followed.
    """
    given = ascii_lower(person)
    found: set[str] = set()
    for name, record in ownership.people.items():
        known = {ascii_lower(name)}
        known |= {f"@{ascii_lower(record.github)}"} if record.github else set()
        known |= {ascii_lower(record.email)} if record.email else set()
        if given in known or (f"@{given}" in known and given not in map(ascii_lower, ownership.people)):
            found |= known
    return _with_teams(ownership, found or {given if "@" in given else f"@{given}"})


def team_references(ownership: Ownership, team: str) -> frozenset[str]:
    """Return every reference that means a team, as `ascii_lower` writes it: its name and its team on the forge."""
    given = ascii_lower(team.removeprefix("@"))
    found = {f"@{given}"} if "/" in given else set()
    for name, record in ownership.teams.items():
        slug = ascii_lower(record.github_team or "")
        if given in {ascii_lower(name), slug}:
            found |= {ascii_lower(name), *([f"@{slug}"] if slug else [])}
    return frozenset(found)


def components_owned(ownership: Ownership, references: Collection[str]) -> Mapping[int, str]:
    """Return the components that some references own, each with the owner reference through which they do."""
    found: dict[int, str] = {}
    for number, component in enumerate(ownership.components):
        for owner in component.owners:
            if ascii_lower(owner) in references:
                found.setdefault(number, owner)
    return found


def _with_teams(ownership: Ownership, references: set[str]) -> frozenset[str]:
    teams_of: defaultdict[str, list[str]] = defaultdict(list)
    for name, record in ownership.teams.items():
        for member in record.members:
            teams_of[ascii_lower(member)].append(ascii_lower(name))
    return _reached(references, teams_of) | references


def _reached(names: Iterable[str], onwards: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return all that some names lead to in one step or more."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        fresh = [name for name in onwards.get(todo.pop(), ()) if name not in found]
        found.update(fresh)
        todo += fresh
    return frozenset(found)


_Test = Callable[[int, Component], bool]


def _tests(ownership: Ownership, filters: Filters, index: OwnershipIndex | None) -> Sequence[_Test]:
    plain: Mapping[str, Callable[[Component], Iterable[str]]] = {
        "name": lambda each: (each.name,),
        "kind": lambda each: (each.kind,),
        "tier": lambda each: (str(each.tier),) if each.tier else (),
        "environment": lambda each: each.environments,
        "lifecycle": lambda each: (each.lifecycle,) if each.lifecycle else (),
        "section": lambda each: (each.section,),
    }
    tests: list[_Test] = []
    for key, values_of in plain.items():
        wanted = frozenset(ascii_lower(value) for value in getattr(filters, key))
        tests += [_is_any_of(values_of, wanted)] if wanted else []
    if filters.owner:
        owners = frozenset().union(*(_owner_references(ownership, owner) for owner in filters.owner))
        tests.append(_is_in(components_owned(ownership, owners)))
    if filters.person:
        people = frozenset().union(*(person_references(ownership, person) for person in filters.person))
        tests.append(_is_in(components_owned(ownership, people)))
    if filters.depends:
        users = dependents_of(ownership, filters.depends)
        tests.append(lambda _, each: each.name in users)
    if filters.path:
        looked_up = index or OwnershipIndex(ownership)
        tests.append(_is_in(frozenset().union(*(looked_up.components_of(path) for path in filters.path))))
    return tests + [_has_word(ownership, word.casefold()) for word in filters.words]


def _owner_references(ownership: Ownership, owner: str) -> frozenset[str]:
    return team_references(ownership, owner) | {ascii_lower(owner), f"@{ascii_lower(owner.removeprefix('@'))}"}


def _is_any_of(values_of: Callable[[Component], Iterable[str]], wanted: Collection[str]) -> _Test:
    return lambda _, each: any(ascii_lower(value) in wanted for value in values_of(each))


def _is_in(numbers: Collection[int]) -> _Test:
    return lambda number, _: number in numbers


def _has_word(ownership: Ownership, word: str) -> _Test:
    patterns: defaultdict[int, list[str]] = defaultdict(list)
    for section in ownership.sections:
        for rule in section.rules:
            if rule.component is not None:
                patterns[rule.component].append(rule.pattern)

    def has_word(number: int, each: Component) -> bool:
        texts = (
            each.name, each.title or "", each.kind, each.section, *each.owners, each.backup or "", each.lifecycle or "",
            each.data_class or "", *each.environments, *each.depends_on, *each.links, *each.links.values(),
            *patterns[number],
        )  # fmt: skip
        return any(word in text.casefold() for text in texts)

    return has_word
