"""Resolution: which component of each section owns a path, and which line says so."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from gate.core.ownership.matcher import PathMatcher, Result
from gate.core.ownership.patterns import Dialect
from gate.core.ownership.registry import Ownership, Rule, Section
from gate.core.values import dataclass

BASE_SECTIONS = frozenset({"default", "codeowners", "backstage", "owners"})
"""Sections that decide what is unowned; further sections are layers over them."""
_NOTHING = -1
_MATCH_ROOM = 500
_LAYER_ROOM = 16


@dataclass(frozen=True, slots=True)
class Found:
    """What one section says of a path.

    `section` and `component` are indices in the ownership. Without a component, `rule` is the line that un-owned or
    excluded the path or that the platform ignores (see `problem`); None where no line matches at all.
    """

    section: int
    component: int | None
    rule: Rule | None

    @property
    def problem(self) -> str | None:
        """Return why the deciding line blocks what it matches, None where it does not."""
        return self.rule.problem if self.rule else None


Resolution = tuple[Found, ...]
"""What each section says of a path, in the order of the sections; one item for every section."""
Hits = tuple[int, ...]
"""For each extra layer the index of its last matching pattern, or -1."""
Group = tuple[list[int], Resolution, Hits]
"""The positions of some paths, ascending, and what holds of all of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """What matches of many paths come to: who owns them, and which extra layers they met.

    Paths that different lines give to the same components share one meaning; a line that blocks has one of its own.
    `owners` are the components that own them, each with its section; `blocking` the lines that cannot be used.
    `is_owned` says whether any of that keeps the paths from being unowned, `is_hit` whether any extra layer was met.
    `is_open` says that an exclusion decided: each path must be followed to what that leaves.
    """

    hits: Hits
    owners: tuple[tuple[int, int], ...] = ()
    blocking: tuple[Rule, ...] = ()
    is_owned: bool = False
    is_hit: bool = False
    is_open: bool = False


class OwnershipIndex:
    """Says who owns a path, section by section; the cost of a path does not grow with the number of rules.

    Within one section the last component with a match owns; within a component the last of its own patterns that
    matches decides, so that an exclusion hands the path to an earlier component of the section, never beyond it.
    `extra_layers` are further pattern lists (policy conditions) that are looked up in the same pass. `answering` are
    the sections that keep a file from being unowned; an optional one asks nobody, so that it cannot answer for a file.
    """

    def __init__(self, ownership: Ownership, extra_layers: Sequence[Sequence[str]] = ()) -> None:
        self.ownership = ownership
        self._sections = ownership.sections
        self.answering = frozenset(n for n in base_sections(ownership) if not ownership.sections[n].is_optional)
        layers = [[rule.pattern for rule in section.rules] for section in ownership.sections]
        extra = [list(patterns) for patterns in extra_layers]
        dialects: list[Dialect] = [section.dialect for section in ownership.sections]
        dialects += ["github"] * len(extra)
        self._meanings = _Meanings(self)
        self._matcher = PathMatcher([*layers, *extra], dialects=dialects, meaning_of=self._meanings.__getitem__)
        self._excluding = tuple(
            (number, frozenset(i for i, rule in enumerate(section.rules) if rule.is_exclusion))
            for number, section in enumerate(ownership.sections)
            if any(rule.is_exclusion for rule in section.rules)
        )
        self._known: dict[Result, Resolution] = {}
        self._whole: dict[Result, tuple[Resolution, Hits]] = {}

    def group(self, paths: Sequence[str]) -> list[Group]:
        """Return the paths by what holds of them: nearly always far fewer groups than paths."""
        groups: list[Group] = []
        for result, positions in self._matcher.group(paths).items():
            if not self._excluding or not self._is_excluded(result):
                groups.append((positions, *(self._whole.get(result) or self._understand(result))))
                continue
            hits = result[len(self._sections) :]
            parts: dict[Result, list[int]] = {}
            for position in positions:
                decided = self._decide(result, paths[position], as_folder=False)
                parts.setdefault(decided, []).append(position)
            groups += [(part, self._resolution(decided), hits) for decided, part in parts.items()]
        return groups

    def by_owner(self, paths: Sequence[str]) -> Mapping[Meaning, list[str]]:
        """Return the paths by who owns them: a few groups even where thousands of lines decide.

        They are in their order, save that those of which an exclusion decided come last.
        """
        groups: dict[Meaning, list[str]] = self._matcher.by_meaning(paths)
        for meaning in [meaning for meaning in groups if meaning.is_open]:
            for path in groups.pop(meaning):
                decided = self._decide(self._matcher.match(path), path, as_folder=False)
                found = self._meanings.of(self._resolution(decided), meaning.hits)
                groups.setdefault(found, []).append(path)
        return groups

    @cached_property
    def places(self) -> Sequence[int]:
        """Return for each component its place in the order of section and name."""
        names = [(component.section, component.name) for component in self.ownership.components]
        places = dict(zip(sorted(range(len(names)), key=names.__getitem__), range(len(names)), strict=True))
        return [places[number] for number in range(len(names))]

    @property
    def room(self) -> int:
        """Return how many bytes, roughly, is remembered of paths, and of the different matches that were met.

        What is remembered of paths is bounded; each match is remembered for good.
        """
        met = len(self._known) + len(self._whole) + len(self._meanings) + self._meanings.count
        return self._matcher.room + met * (_MATCH_ROOM + _LAYER_ROOM * self._matcher.layer_count)

    @property
    def has_exclusions(self) -> bool:
        """Return whether any line excludes paths."""
        return bool(self._excluding)

    def meaning(self, result: Result) -> tuple[Resolution, Hits, bool]:
        """Return what one match comes to, and whether an exclusion decided."""
        resolution, hits = self._whole.get(result) or self._understand(result)
        return resolution, hits, self._is_excluded(result)

    def resolve(self, path: str, *, as_folder: bool = False) -> Resolution:
        """Return what each section says of one path.

        With `as_folder` it is looked up as a file and as a folder at once, as a submodule is (R28).
        """
        return self.look_up(path, as_folder=as_folder)[0]

    def look_up(self, path: str, *, as_folder: bool = False) -> tuple[Resolution, Hits]:
        """Return what each section says of one path, as `resolve` does, and which extra layers it met."""
        result = self._matcher.match_entry(path, as_folder=True) if as_folder else self._matcher.match(path)
        count = len(self._sections)
        decided = self._decide(result, path, as_folder=as_folder) if self._is_excluded(result) else result[:count]
        return self._resolution(decided), result[count:]

    def components_of(self, path: str, *, as_folder: bool = False) -> frozenset[int]:
        """Return the indices of all components that own a path, whatever their section."""
        resolution = self.resolve(path, as_folder=as_folder)
        return frozenset(found.component for found in resolution if found.component is not None)

    def _is_excluded(self, result: Result) -> bool:
        return any(result[number] in exclusions for number, exclusions in self._excluding)

    def _decide(self, result: Result, path: str, *, as_folder: bool) -> Result:
        """Return for each section the index of the rule that decides, exclusions followed to what they leave."""
        decided = list(result[: len(self._sections)])
        for number, exclusions in self._excluding:
            if decided[number] in exclusions:
                matching = self._matcher.every_match(path, number, as_folder=as_folder)
                decided[number] = _deciding(self._sections[number], matching, decided[number])
        return tuple(decided)

    def _understand(self, result: Result) -> tuple[Resolution, Hits]:
        """Return what a match means where nothing is excluded, and remember it."""
        count = len(self._sections)
        known = self._whole[result] = (self._resolution(result[:count]), result[count:])
        return known

    def _resolution(self, decided: Result) -> Resolution:
        known = self._known.get(decided)
        if known is None:
            pairs = zip(self._sections, decided, strict=True)
            known = tuple(_found(number, section, index) for number, (section, index) in enumerate(pairs))
            self._known[decided] = known
        return known


class _Meanings(dict[Result, Meaning]):
    """The meaning of each match, worked out at the first one."""

    def __init__(self, index: OwnershipIndex) -> None:
        super().__init__()
        self._index = index
        self._known: dict[tuple[object, ...], Meaning] = {}

    @property
    def count(self) -> int:
        """Return how many meanings there are: more than matches where exclusions leave paths to many components."""
        return len(self._known)

    def __missing__(self, result: Result) -> Meaning:
        """Work out and remember what a match comes to."""
        resolution, hits, is_open = self._index.meaning(result)
        found = self[result] = Meaning(hits, is_open=True) if is_open else self.of(resolution, hits)
        return found

    def of(self, resolution: Resolution, hits: Hits) -> Meaning:
        """Return the one meaning of all resolutions that name the same components."""
        speaking = [found for found in resolution if speaks(found)]
        blocked = [found.rule if found.problem is not None else None for found in speaking]
        key = (hits, *((found.section, found.component) for found in speaking), *blocked)
        known = self._known.get(key)
        if known is None:
            owners = tuple([(found.component, found.section) for found in speaking if found.component is not None])
            blocking = tuple([rule for rule in blocked if rule is not None])
            is_owned = any(found.section in self._index.answering for found in speaking)
            is_hit = any(index != _NOTHING for index in hits)
            known = self._known[key] = Meaning(hits, owners, blocking, is_owned=is_owned, is_hit=is_hit)
        return known


def speaks(found: Found) -> bool:
    """Return whether a section names an owner, or blocks for want of a readable one."""
    return found.component is not None or found.problem is not None


def base_sections(ownership: Ownership) -> frozenset[int]:
    """Return the sections that decide whether a path is unowned: the base sections, or all where there is none."""
    named = frozenset(i for i, section in enumerate(ownership.sections) if section.name in BASE_SECTIONS)
    return named or frozenset(range(len(ownership.sections)))


def _deciding(section: Section, matching: Sequence[int], excluded_by: int) -> int:
    """Return the rule that decides after exclusions: each component is asked once, by the last of its own patterns."""
    out: set[int] = set()
    for index in reversed(matching):
        rule = section.rules[index]
        if rule.component is None:
            return index
        if rule.component in out:
            continue
        if not rule.is_exclusion:
            return index
        out.add(rule.component)
    return excluded_by


def _found(number: int, section: Section, index: int) -> Found:
    if index == _NOTHING:
        return Found(number, None, None)
    rule = section.rules[index]
    is_owned = rule.problem is None and not rule.is_exclusion
    return Found(number, rule.component if is_owned else None, rule)
