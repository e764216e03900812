"""Drift: where the ownership records and what people really do have parted, each finding with its numbers."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from gate.core.change.facts import Instant, PersonKey
from gate.core.change.observed import LandedCommit
from gate.core.counting import count_of
from gate.core.identity import AccountBook, Identity, ascii_lower
from gate.core.ownership.coverage import measure_coverage
from gate.core.ownership.registry import Component, Ownership
from gate.core.ownership.resolve import OwnershipIndex
from gate.core.ownership.teams import is_team_of_forge, within
from gate.core.policy.governance import review_fault
from gate.core.values import dataclass

DriftCode = Literal[
    "no-backup", "one-member-team", "owner-never-acts", "mostly-others", "person-not-seen", "matches-nothing",
    "review-overdue", "files-without-owner",
]  # fmt: skip
FEW_COMMITS = 5
"""Of fewer commits than this nothing is concluded."""
_SHOWN = 5
_TASTE = 3


@dataclass(frozen=True, slots=True)
class Drift:
    """One finding: its stable code, what it is about (a component, team or person), and one sentence."""

    code: DriftCode
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Practice:
    """What was done in a span of `days`: commits with their paths, merges left out, and who signed off on what.

    `signed` maps a component, by its name or as `SECTION/NAME`, to the people whose sign-off counted for it; None where
    no service was asked.
    """

    commits: Sequence[LandedCommit]
    days: int
    signed: Mapping[str, frozenset[PersonKey]] | None = None


def find_drift(
    ownership: Ownership, index: OwnershipIndex, paths: Sequence[str], practice: Practice, *, at: Instant
) -> tuple[Drift, ...]:
    """Return every finding, those about components first, in the order of the records.

    Nothing is concluded about a team whose members only the forge knows, nor from fewer than five commits.
    """
    done = _Doings(ownership, index, practice)
    matched = {number for path in paths for number in index.components_of(path)}
    found = [
        drift
        for number, component in enumerate(ownership.components)
        for drift in _of_component(
            ownership, component, done.by_component(number, component), is_matched=number in matched, at=at
        )
    ]
    found += _of_teams(ownership)
    found += _of_people(ownership, done, practice)
    unowned = measure_coverage(ownership, paths, index).unowned
    if unowned:
        further = len(unowned) - _TASTE
        some = ", ".join(unowned[:_TASTE]) + (f" and {further:,} more" if further > 0 else "")
        found.append(Drift("files-without-owner", "", f"{len(unowned)} of {len(paths)} files have no owner: {some}."))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Done:
    """What was done to one component: commits by person, and who of its owner and backup did anything."""

    commits: Counter[PersonKey]
    owners: frozenset[PersonKey] | None
    acted: frozenset[PersonKey]
    days: int


class _Doings:
    """Who wrote and signed off what."""

    def __init__(self, ownership: Ownership, index: OwnershipIndex, practice: Practice) -> None:
        self._ownership, self._practice = ownership, practice
        self._book = AccountBook(ownership.people)
        self._written: dict[int, Counter[PersonKey]] = {}
        self.seen: set[PersonKey] = set()
        for one in practice.commits:
            people = {self._person(who) for who in (one.commit.author, *one.commit.co_authors) if who} - {""}
            merger = self._person(one.commit.committer) if one.commit.committer else ""
            self.seen |= people | ({merger} if merger else set())
            for number in {number for path in one.paths for number in index.components_of(path)}:
                self._written.setdefault(number, Counter()).update(people)
        for names in (practice.signed or {}).values():
            self.seen |= names

    def by_component(self, number: int, component: Component) -> _Done:
        """Return what was done to a component."""
        commits = self._written.get(number, Counter())
        known = self._practice.signed or {}
        names = (component.name, f"{component.section}/{component.name}")
        signed = frozenset[PersonKey]().union(*(known.get(name, frozenset()) for name in names))
        return _Done(commits, self.people_of(component.owners), frozenset(commits) | signed, self._practice.days)

    def people_of(self, parties: Iterable[str]) -> frozenset[PersonKey] | None:
        """Return the people behind owners, None where only the forge knows them all."""
        reached = [one for one in within(parties, self._ownership.teams) if one not in self._ownership.teams]
        if any(is_team_of_forge(one) for one in reached):
            return None
        return frozenset(self.person_named(one) for one in reached)

    def person_named(self, reference: str) -> PersonKey:
        """Return the person whom a member's name or `@login` means."""
        if reference in self._ownership.people:
            return reference
        return self._person(Identity(login=reference.removeprefix("@"))) or reference

    def _person(self, who: Identity) -> PersonKey:
        found = self._book.account_of(who)
        if found is None or found[1].kind == "platform":
            return ""
        key, account = found
        return (
            f"login:{ascii_lower(account.login)}" if not key.startswith("person:") and account.login else account.person
        )


def _of_component(
    ownership: Ownership, component: Component, done: _Done, *, is_matched: bool, at: Instant
) -> Iterator[Drift]:
    name, total = component.name, done.commits.total()
    has_files = any(rule.component is not None and ownership.components[rule.component] is component
                    for section in ownership.sections for rule in section.rules)  # fmt: skip
    if component.backup is None:
        yield Drift("no-backup", name, f"{name} has no backup.")
    if has_files and not is_matched:
        yield Drift("matches-nothing", name, f"No file belongs to {name} any more.")
    if fault := review_fault(component, at):
        yield Drift("review-overdue", name, f"The ownership review of {name} {fault}.")
    if done.owners is None or total < FEW_COMMITS:
        return
    top = ", ".join(f"{person} {count}" for person, count in done.commits.most_common(_SHOWN))
    own = sum(count for person, count in done.commits.items() if person in done.owners)
    if not done.owners & done.acted:
        what = f"Nobody of {component.owner}, its owner, did anything to {name} in {count_of(done.days, 'day')}"
        yield Drift("owner-never-acts", name, f"{what}; of {total} commits: {top}.")
    elif own * 2 < total:
        what = f"Others than {component.owner}, its owner, wrote {total - own} of {total} commits to {name}"
        yield Drift("mostly-others", name, f"{what} in {count_of(done.days, 'day')}: {top}.")


def _of_teams(ownership: Ownership) -> Iterator[Drift]:
    used = {owner for component in ownership.components for owner in (*component.owners, component.backup or "")}
    for name, team in ownership.teams.items():
        if (
            name in used
            and len(team.members) == 1
            and not team.github_team
            and not _is_team(team.members[0], ownership)
        ):
            yield Drift("one-member-team", name, f"{name} has one member, {team.members[0]}.")


def _is_team(member: str, ownership: Ownership) -> bool:
    return member in ownership.teams or is_team_of_forge(member)


def _of_people(ownership: Ownership, done: _Doings, practice: Practice) -> Iterator[Drift]:
    if len(practice.commits) < FEW_COMMITS:
        return
    owners = {owner for component in ownership.components for owner in (*component.owners, component.backup or "")}
    asked = {one for owner in sorted(owners) if owner for one in done.people_of((owner,)) or ()}
    for person in sorted(asked & ownership.people.keys()):
        if person not in done.seen:
            what = "written or committed" if practice.signed is None else "written, committed or signed off"
            by = "by the accounts and addresses in the records"
            text = f"{person} was not seen here in {count_of(practice.days, 'day')}: nothing {what} {by}."
            yield Drift("person-not-seen", person, text)
