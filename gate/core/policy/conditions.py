"""Conditions: whether a rule's `when` holds of a change: yes, no, or it cannot be told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Literal

from gate.core.change.facts import Facts, PersonKey
from gate.core.lazy_regex import lazy_regex
from gate.core.ownership.registry import Component
from gate.core.policy.model import ComponentCondition, Condition, Policy
from gate.core.policy.name_patterns import matches_name
from gate.core.signoff.people import Directory
from gate.core.values import dataclass

Answer = bool | None
"""True, False, or None where it cannot be told. A demanding condition then counts as matched, a relaxing one not."""

COMPONENT_KEYS = frozenset(ComponentCondition.model_fields)
CLAIMS = frozenset({"change_type", "title"})
"""Keys that ask only what the author says."""
_APP = "[bot]"
"""How the login of a forge's app ends; no account of a person may bear such a login."""
_COMPARISON = lazy_regex(r"(>=|<=|>|<|=)([0-9]+)")


def all_hold(answers: Iterable[Answer]) -> Answer:
    """Return False if any is, else None if any cannot be told, else True."""
    seen = list(answers)
    if any(answer is False for answer in seen):
        return False
    return None if any(answer is None for answer in seen) else True


def any_holds(answers: Iterable[Answer]) -> Answer:
    """Return True if any is, else None if any cannot be told, else False."""
    seen = list(answers)
    if any(answer is True for answer in seen):
        return True
    return None if any(answer is None for answer in seen) else False


def compare(text: str, number: int) -> bool:
    """Return whether a number satisfies a comparison such as `>500`."""
    found = _COMPARISON.fullmatch(text)
    if found is None:
        raise ValueError(f"not a comparison: {text!r}")
    sign, bound = found[1], int(found[2])
    return {
        ">": number > bound,
        "<": number < bound,
        ">=": number >= bound,
        "<=": number <= bound,
        "=": number == bound,
    }[sign]


def pattern_lists(policy: Policy) -> list[tuple[str, ...]]:
    """Return every distinct list of path patterns that the policy's conditions ask about, in the order as written."""
    found: dict[tuple[str, ...], None] = {}
    conditions = [rule.when for rule in policy.rules if rule.when]
    conditions += [model.when for model in policy.standard_changes]
    while conditions:
        condition = conditions.pop(0)
        for patterns in (condition.paths, condition.only_paths):
            if patterns:
                found.setdefault(patterns)
        conditions += [*(condition.any or ()), *(condition.all or ())]
        conditions += [condition.not_] if condition.not_ else []
    return list(found)


def asks_about_components(condition: Condition) -> bool:
    """Return whether any part of a condition speaks of a component."""
    if any(getattr(condition, key) is not None for key in COMPONENT_KEYS):
        return True
    nested = [*(condition.any or ()), *(condition.all or ()), *([condition.not_] if condition.not_ else [])]
    return any(asks_about_components(part) for part in nested)


def excludes_components(condition: Condition) -> bool:
    """Return whether any part of a condition says what a component is not: that holds of files that nobody owns too."""
    if condition.not_ and asks_about_components(condition.not_):
        return True
    return any(map(excludes_components, [*(condition.any or ()), *(condition.all or ())]))


def rests_on_claims(condition: Condition) -> bool:
    """Return whether the author's own words alone, a declared type or a title, can make a condition hold."""
    answers = []
    for key in condition.model_fields_set:
        wanted = getattr(condition, key)
        if wanted is None:
            continue
        if key == "any":
            answers.append(any(rests_on_claims(part) for part in wanted))
        elif key == "all":
            answers.append(all(rests_on_claims(part) for part in wanted))
        elif key == "not_":
            answers.append(_names_a_claim(wanted))
        else:
            answers.append(key in CLAIMS)
    return bool(answers) and all(answers)


def _names_a_claim(condition: Condition) -> bool:
    nested = [*(condition.any or ()), *(condition.all or ()), *([condition.not_] if condition.not_ else [])]
    return any(getattr(condition, key) is not None for key in CLAIMS) or any(map(_names_a_claim, nested))


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What conditions are asked of: the change as a whole, and which files met which list of patterns.

    `hits` maps a list of patterns to how many of the files it matches, `hits_by_way` to how many more meet it only by
    what they lead to or look like; of the lists in `astray` some file does the reverse. `touches` are the kinds of
    thing touched.
    `risk` is the level after raising. `authors` is everyone who made the change, None standing for an unknown one.
    `deciders` are those whose label may relax.
    """

    facts: Facts
    directory: Directory
    hits: Mapping[tuple[str, ...], int]
    touches: frozenset[str]
    risk: Literal["low", "medium", "high"]
    components_touched: int
    lines_changed: int
    authors: frozenset[PersonKey | None]
    deciders: frozenset[PersonKey] = frozenset()
    hits_by_way: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    astray: frozenset[tuple[str, ...]] = frozenset()

    def holds(self, condition: Condition, component: Component | None, *, is_demanding: bool) -> Answer:
        """Return whether a condition holds, its component keys asked of this one component.

        A demanding condition brings requirements in, a relaxing one waives them; `not` turns one into the other.
        """
        answers = [
            self._answer(condition, key, component, is_demanding=is_demanding)
            for key in sorted(condition.model_fields_set)
            if getattr(condition, key) is not None
        ]
        return all_hold(answers)

    def _answer(self, condition: Condition, key: str, component: Component | None, *, is_demanding: bool) -> Answer:
        wanted = getattr(condition, key)
        if key in COMPONENT_KEYS:
            # SECURITY: a declared environment may ask for more; the author's word alone waives nothing.
            declared = self.facts.declaration.environments if is_demanding else ()
            return component_holds(key, wanted, component, declared=declared)
        if key == "any":
            return any_holds(self.holds(part, component, is_demanding=is_demanding) for part in wanted)
        if key == "all":
            return all_hold(self.holds(part, component, is_demanding=is_demanding) for part in wanted)
        if key == "not_":
            inner = self.holds(wanted, component, is_demanding=not is_demanding)
            return None if inner is None else not inner
        if key in {"authors", "author_in", "labels"}:
            asked = {"authors": self._authors_are, "author_in": self._authors_in, "labels": self._is_labelled}
            return asked[key](wanted, is_demanding=is_demanding)
        if key in {"lines_changed", "files_changed", "components_touched"}:
            return self._compared(key, wanted, is_demanding=is_demanding)
        if key in {"paths", "only_paths"}:
            return self._paths_are(wanted, only=key == "only_paths", is_demanding=is_demanding)
        return self._about_change(key, wanted)

    def _paths_are(self, wanted: tuple[str, ...], *, only: bool, is_demanding: bool) -> Answer:
        """Return whether some or all files meet a list of patterns.

        SECURITY: a link into a folder, a submodule in its place and a name that looks like its own count for the folder
        where that demands. Where it relaxes, a file that leads elsewhere is not known to be what its path says.
        """
        met = self.hits[wanted] + (self.hits_by_way.get(wanted, 0) if is_demanding else 0)
        if not only:
            return met > 0
        if not is_demanding and wanted in self.astray:
            return None
        return 0 < len(self.facts.files) == met

    def _compared(self, key: str, wanted: str, *, is_demanding: bool) -> Answer:
        files = self.facts.files
        if key == "lines_changed" and not is_demanding and any(f.additions < 0 or f.deletions < 0 for f in files):
            return None
        counts = {"lines_changed": self.lines_changed, "components_touched": self.components_touched}
        return compare(wanted, counts.get(key, len(files)))

    def _about_change(self, key: str, wanted: object) -> Answer:
        match key, wanted:
            case "touches", tuple():
                return not self.touches.isdisjoint(wanted)
            case "risk", tuple():
                return self.risk in wanted
            case "change_type", tuple():
                return self.facts.declaration.change_type in wanted
        return self._about_people_and_names(key, wanted)

    def _about_people_and_names(self, key: str, wanted: object) -> Answer:
        change = self.facts.change
        match key, wanted:
            case "branches", tuple():
                return matches_name(change.base_ref, wanted)
            case "repositories", tuple():
                return matches_name(change.repository.name, wanted)
            case "title", str():
                return self.facts.title_hits.get(wanted)
            case "first_time_author", bool():
                first = self.facts.is_first_contribution
                return None if first is None else first is wanted
            case "signed", bool():
                commits = self.facts.commits
                signed = all_hold(commit.is_verified for commit in commits) if commits else None
                return None if signed is None else signed is wanted
        raise ValueError(f"no such condition: {key}")

    def _is_labelled(self, wanted: Sequence[str], *, is_demanding: bool) -> Answer:
        """Return whether the change bears one of some labels.

        SECURITY: where it relaxes, somebody who could sign the change off must have set it; else whoever may label
        could exempt a change, its author included.
        """
        labels = [label for label in self.facts.change.labels if label.name in wanted]
        if is_demanding:
            return bool(labels)
        people = [self.directory.person_of(label.set_by) for label in labels]
        return any_holds(None if person is None else person in self.deciders for person in people)

    def _authors_are(self, wanted: Sequence[str], *, is_demanding: bool) -> Answer:
        """Return whether those who made this change are among the accounts named.

        SECURITY: where it relaxes, all of them must be: whoever adds a commit to a bot's branch is an author too. Nor
        is it by their login that people are told there, which somebody else may have taken over (R43); an app's login
        is nobody else's. Where it demands, one is enough, and a login.
        """
        named = map(_login_of_app, wanted)
        logins = {login for login in named if is_demanding or login.endswith(_APP)}
        people = {person for name in wanted if "/" not in name for person in self._accounts_named(name)}
        found = [
            None if person is None else person in people or login in logins
            for person, login in self._authors_with_logins()
        ]
        return _of_authors(found, is_demanding=is_demanding)

    def _authors_with_logins(self) -> list[tuple[PersonKey | None, str]]:
        logins = {a.person: (a.login or "").casefold() for a in self.facts.accounts.values()}
        return [(person, logins.get(person or "", "")) for person in self.authors]

    def _accounts_named(self, name: str) -> frozenset[PersonKey]:
        plain = name.removeprefix("@")
        if plain in self.facts.ownership.people:
            return frozenset({plain})
        return self.directory.behind(f"@{plain}").members

    def _authors_in(self, wanted: Sequence[str], *, is_demanding: bool) -> Answer:
        """Return whether those who made this change are in one of some teams and roles; as for accounts, all or one."""
        circles = [self.directory.party(party) for party in wanted]
        members = frozenset[PersonKey]().union(*(circle.members for circle in circles))
        outside = None if any(circle.unreadable for circle in circles) else False
        people = self.authors | {self.directory.person_of(self.facts.change.author)}
        found = [None if person is None else person in members or outside for person in people]
        return _of_authors(found, is_demanding=is_demanding)


def _of_authors(found: Sequence[Answer], *, is_demanding: bool) -> Answer:
    """Return what holds of the authors together; where nobody is known to have made the change it cannot be told."""
    if not found:
        return None
    return any_holds(found) if is_demanding else all_hold(found)


def component_holds(
    key: str, wanted: Sequence[object], component: Component | None, *, declared: Sequence[str]
) -> Answer:
    """Return whether one key holds of a component; without a component only a declared environment can."""
    if key == "environment" and any(name in wanted for name in declared):
        return True
    if component is None:
        return False
    if key == "environment":
        return any(name in wanted for name in component.environments)
    field = {"components": "name", "kinds": "kind"}.get(key, key)
    return getattr(component, field) in wanted


def component_matches(condition: ComponentCondition, component: Component | None, *, declared: Sequence[str]) -> bool:
    """Return whether all keys of a component condition hold of a component, or of files that nobody owns."""
    return all(
        component_holds(key, getattr(condition, key), component, declared=declared)
        for key in COMPONENT_KEYS
        if getattr(condition, key) is not None
    )


def _login_of_app(name: str) -> str:
    """Return the login of `app/NAME`, the form in which policies name a forge's app; other names as they are."""
    plain = name.removeprefix("@").casefold()
    return f"{plain.removeprefix('app/')}{_APP}" if plain.startswith("app/") else plain
