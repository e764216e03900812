"""Reading records: all records files of a repository as one set, cross-checked, or refused whole."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from gate.core.documents import Document
from gate.core.errors import Fault, InvalidFileError
from gate.core.ownership.circles import circles
from gate.core.ownership.patterns import PatternError, parse_pattern
from gate.core.ownership.records import ComponentRecord, OwnershipRecords, PersonRecord, TeamRecord
from gate.core.ownership.registry import SourceLine
from gate.core.ownership.teams import is_team_of_forge
from gate.core.times import FIRST_YEAR, LAST_YEAR
from gate.core.validation import fault_at, nearest, shown, validate_document
from gate.core.values import dataclass

SourceOf = Callable[[tuple[str | int, ...]], SourceLine]
_KINDS = ("people", "teams", "escalations", "vendors", "holidays")
_MAX_HINTS = 100
_SECTION_OF = {"team": "teams", "person": "people", "vendor": "vendors"}
_BUILT_IN_PARTIES = frozenset({"owner", "owner:on-call", "backup"})


def parse_records(documents: Sequence[Document]) -> tuple[OwnershipRecords, SourceOf]:
    """Return the merged records and where each item of them is written.

    Raises InvalidFileError with the faults of all files at once: a set with an error is refused whole. Warnings do
    not refuse it; `check_records` returns them.
    """
    faults = [fault for fault in check_records(documents) if fault.severity == "error"]
    if faults:
        raise InvalidFileError(faults)
    return _merged(documents)


def check_records(documents: Sequence[Document]) -> list[Fault]:
    """Return everything that is wrong with a set of records files, warnings included, sorted by place."""
    faults: list[Fault] = []
    valid: list[tuple[Document, OwnershipRecords]] = []
    for document in documents:
        try:
            valid.append((document, validate_document(OwnershipRecords, document)))
        except InvalidFileError as error:
            faults += error.faults
    if not faults:
        faults += _Checks(valid).faults()
    return sorted(faults)


def _merged(documents: Sequence[Document]) -> tuple[OwnershipRecords, SourceOf]:
    parts = [validate_document(OwnershipRecords, document) for document in documents]
    starts: list[tuple[int, Document]] = []
    components: list[ComponentRecord] = []
    mappings: dict[str, dict[str, Any]] = {kind: {} for kind in _KINDS}
    homes: dict[tuple[str, str], Document] = {}
    for document, part in zip(documents, parts, strict=True):
        starts.append((len(components), document))
        components += part.components
        for kind, known in mappings.items():
            items: Mapping[str, Any] = getattr(part, kind)
            known.update(items)
            homes.update({(kind, name): document for name in items})

    def source_of(path: tuple[str | int, ...]) -> SourceLine:
        if path and path[0] == "components" and len(path) > 1 and isinstance(path[1], int):
            start, document = next((s, d) for s, d in reversed(starts) if s <= int(path[1]))
            path = ("components", path[1] - start, *path[2:])
        else:
            document = homes.get((str(path[0]), str(path[1])), documents[0]) if len(path) > 1 else documents[0]
        return f"{document.file}:{document.place(path)[0]}"

    return OwnershipRecords(version=1, components=tuple(components), **mappings), source_of


_Names = Mapping[str, tuple[Document, tuple[str | int, ...]]]


@dataclass
class _Checks:
    """The checks across all files of a set."""

    parts: Sequence[tuple[Document, OwnershipRecords]]
    hints_left: int = _MAX_HINTS

    def faults(self) -> Iterator[Fault]:
        """Yield every fault."""
        yield from self._duplicates()
        yield from self._same_account()
        for document, records in self.parts:
            for name, person in records.people.items():
                yield from self._away(document, name, person)
            for name, team in records.teams.items():
                yield from self._team(document, name, team)
            for number, component in enumerate(records.components):
                yield from self._component(document, ("components", number), component)
            yield from self._escalations(document, records)
            yield from self._holidays(document, records)
        yield from self._nesting()
        yield from self._dependencies()

    @cached_property
    def _names(self) -> Mapping[str, _Names]:
        found: dict[str, dict[str, tuple[Document, tuple[str | int, ...]]]] = {kind: {} for kind in _KINDS}
        for document, records in self.parts:
            for kind in _KINDS:
                for name in getattr(records, kind):
                    found[kind].setdefault(name, (document, (kind, name)))
        return found

    @cached_property
    def _parties(self) -> frozenset[str]:
        return frozenset(chain(self._names["people"], self._names["teams"]))

    def _near(self, name: str, known: Iterable[str], otherwise: str) -> str:
        """Return the nearest name. SECURITY: comparing takes its time, so after a hundred hints there are no more."""
        self.hints_left -= 1
        return (nearest(name, known) if self.hints_left >= 0 else "") or otherwise

    def _duplicates(self) -> Iterator[Fault]:
        for kind in _KINDS:
            seen: dict[str, str] = {}
            for document, records in self.parts:
                for name in getattr(records, kind):
                    if name in seen:
                        message = f"`{name}` is also defined in {seen[name]}"
                        yield fault_at(document, (kind, name), "duplicate-name", message, "keep one of them")
                    seen.setdefault(name, document.file)
        for name in sorted(self._names["people"].keys() & self._names["teams"].keys()):
            document, path = self._names["teams"][name]
            yield fault_at(document, path, "duplicate-name", f"`{name}` is a person and a team", "rename one of them")
        first: dict[tuple[str, str], str] = {}
        for document, number, component in self._components():
            key = (component.section, component.name)
            place = fault_at(document, ("components", number, "name"), "", "")
            if key in first:
                message = f"the component `{component.name}` is already defined at {first[key]}"
                yield fault_at(
                    document, ("components", number, "name"), "duplicate-name", message, "rename one of them"
                )
            first.setdefault(key, f"{place.file}:{place.line}")

    def _components(self) -> Iterator[tuple[Document, int, ComponentRecord]]:
        for document, records in self.parts:
            for number, component in enumerate(records.components):
                yield document, number, component

    def _same_account(self) -> Iterator[Fault]:
        """Refuse two people with one account or address: whoever acts under it would be either."""
        seen: dict[tuple[str, str], str] = {}
        for document, records in self.parts:
            for name, person in records.people.items():
                subject = f"{person.subject.issuer} {person.subject.sub}" if person.subject else None
                found = {"github_id": person.github_id, "github": person.github, "email": person.email}
                for key, value in {**found, "subject": subject}.items():
                    if value is None:
                        continue
                    mark = (key, str(value).lower() if key != "subject" else str(value))
                    if mark in seen and seen[mark] != name:
                        message = f"`{key}` of `{name}` is also that of `{seen[mark]}`"
                        yield fault_at(
                            document, ("people", name, key), "duplicate-account", message, "one account is one person"
                        )
                    seen.setdefault(mark, name)

    def _reference(self, document: Document, path: tuple[str | int, ...], name: str, what: str) -> Iterator[Fault]:
        if name not in self._parties and not name.startswith("@"):
            otherwise = "define it under `people` or `teams`, or write `@login` or `@organisation/team`"
            hint = self._near(name, self._parties, otherwise)
            yield fault_at(document, path, "unknown-party", f"{what} `{shown(name)}` is no team or person here", hint)

    def _away(self, document: Document, name: str, person: PersonRecord) -> Iterator[Fault]:
        for number, away in enumerate(person.away):
            path = ("people", name, "away", number)
            if away.stand_in is not None and away.stand_in not in self._names["people"]:
                hint = self._near(away.stand_in, self._names["people"], "define them under `people`")
                message = f"the stand-in `{shown(away.stand_in)}` is no person here"
                yield fault_at(document, (*path, "stand_in"), "unknown-party", message, hint)
            if away.to < away.from_:
                yield fault_at(
                    document, (*path, "to"), "wrong-order", f"`{name}` is back before they leave", "swap them"
                )

    def _team(self, document: Document, name: str, team: TeamRecord) -> Iterator[Fault]:
        path: tuple[str | int, ...] = ("teams", name)
        for number, member in enumerate(team.members):
            yield from self._reference(document, (*path, "members", number), member, "the member")
        if not team.members and team.github_team is None:
            yield fault_at(
                document, path, "team-empty", f"the team `{name}` has no members", "name some, or `github_team`"
            )
        elif len(team.members) == 1 and team.github_team is None and not self._is_team(team.members[0]):
            message = f"the team `{name}` has one member only"
            yield fault_at(document, path, "team-of-one", message, "name a second one", severity="warning")

    def _is_team(self, member: str) -> bool:
        return member in self._names["teams"] or is_team_of_forge(member)

    def _component(
        self, document: Document, path: tuple[str | int, ...], component: ComponentRecord
    ) -> Iterator[Fault]:
        yield from self._reference(document, (*path, "owner"), component.owner, "the owner")
        if component.backup is not None:
            yield from self._reference(document, (*path, "backup"), component.backup, "the backup")
        elif component.tier == 1:
            message = f"`{component.name}` is of tier 1 and has no backup"
            yield fault_at(document, path, "no-backup", message, "name a `backup`", severity="warning")
        if component.review_every_days is not None and component.reviewed is None:
            message = f"`{component.name}` has `review_every_days`, but no day from which the first review counts"
            hint = "write `reviewed: YYYY-MM-DD`, the day on which somebody last looked at the record"
            yield fault_at(document, (*path, "review_every_days"), "never-reviewed", message, hint)
        if component.reviewed is not None and not FIRST_YEAR <= component.reviewed.year <= LAST_YEAR:
            message = f"`{component.name}` was not reviewed in the year {component.reviewed.year}"
            hint = "write `reviewed: YYYY-MM-DD`, the day on which somebody last looked at the record"
            yield fault_at(document, (*path, "reviewed"), "bad-day", message, hint)
        if component.transfer is not None:
            yield from self._reference(document, (*path, "transfer", "to"), component.transfer.to, "the new owner")
            if all(milestone.done is not None for milestone in component.transfer.milestones):
                message = f"the transfer of `{component.name}` is complete"
                hint = "make the new owner `owner` and remove `transfer`"
                yield fault_at(document, (*path, "transfer"), "transfer-complete", message, hint, severity="warning")
        if component.escalation is not None and component.escalation not in self._names["escalations"]:
            hint = self._near(component.escalation, self._names["escalations"], "define it under `escalations`")
            message = f"there is no escalation policy `{component.escalation}`"
            yield fault_at(document, (*path, "escalation"), "unknown-escalation", message, hint)
        yield from _patterns(document, path, component)

    def _escalations(self, document: Document, records: OwnershipRecords) -> Iterator[Fault]:
        for name, ladder in records.escalations.items():
            for number, level in enumerate(ladder.levels):
                for place, party in enumerate(level.notify):
                    path = ("escalations", name, "levels", number, "notify", place)
                    kind, _, who = party.partition(":")
                    if party in _BUILT_IN_PARTIES:
                        continue
                    section = _SECTION_OF[kind]
                    known = self._names[section]
                    if who not in known and not who.startswith("@"):
                        hint = self._near(who, known, f"define it under `{section}`")
                        yield fault_at(document, path, "unknown-party", f"there is no {kind} `{shown(who)}`", hint)

    def _holidays(self, document: Document, records: OwnershipRecords) -> Iterator[Fault]:
        for name, days in records.holidays.items():
            for number, who in enumerate(days.observed_by):
                if who not in self._parties:
                    hint = self._near(who, self._parties, "define it under `people` or `teams`")
                    message = f"`{shown(who)}` is no team or person here"
                    yield fault_at(document, ("holidays", name, "observed_by", number), "unknown-party", message, hint)

    def _nesting(self) -> Iterator[Fault]:
        """Warn of teams that hold one another: each of them is everybody of the circle."""
        teams = [(d, name, team.members) for d, records in self.parts for name, team in records.teams.items()]
        holds = {name: members for _, name, members in teams}
        circle_of = circles(holds)
        for document, name, members in teams:
            for number, member in enumerate(members):
                if member in holds and circle_of[member] == circle_of[name]:
                    through = "" if member == name else f" by way of `{member}`, so both are the same people"
                    message = f"the team `{name}` is in itself{through}"
                    path = ("teams", name, "members", number)
                    yield fault_at(document, path, "team-cycle", message, "leave it out", severity="warning")

    def _dependencies(self) -> Iterator[Fault]:
        needs: dict[str, set[str]] = {}
        for _, _, component in self._components():
            needs.setdefault(component.name, set()).update(component.depends_on)
        circle_of = circles(needs)
        for document, number, component in self._components():
            for place, name in enumerate(component.depends_on):
                path = ("components", number, "depends_on", place)
                if name not in needs:
                    hint = self._near(name, needs, "a component of another repository is fine")
                    message = f"there is no component `{name}` here"
                    yield fault_at(document, path, "unknown-component", message, hint, severity="warning")
                elif circle_of[name] == circle_of[component.name]:
                    through = "" if name == component.name else f" by way of `{name}`"
                    message = f"`{component.name}` depends on itself{through}"
                    yield fault_at(document, path, "dependency-cycle", message, "", severity="warning")


def _patterns(document: Document, path: tuple[str | int, ...], component: ComponentRecord) -> Iterator[Fault]:
    for key in ("paths", "migrations"):
        patterns: Sequence[str] = getattr(component, key) or ()
        for number, pattern in enumerate(patterns):
            try:
                parse_pattern(pattern.removeprefix("!") if key == "paths" else pattern)
            except PatternError as error:
                message = f"the pattern `{shown(pattern)}` cannot be used: {error.reason}"
                yield fault_at(document, (*path, key, number), "bad-pattern", message, error.suggestion)
        if key == "paths" and patterns and all(pattern.startswith("!") for pattern in patterns):
            message = f"`{component.name}` only excludes files and owns none"
            yield fault_at(document, (*path, key), "only-exclusions", message, "add a path, or leave `paths` out")
