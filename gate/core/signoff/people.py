"""People: who stands behind a name of the records or the policy, and who had a hand in the change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from functools import lru_cache

from gate.core.change.facts import AccountKey, Facts, PersonKey
from gate.core.identity import ascii_lower
from gate.core.ownership.registry import Component, Ownership
from gate.core.ownership.teams import within
from gate.core.values import dataclass
from gate.core.verdict import NotCountedCode

_REMEMBERED = 10_000

BUILT_IN_ROLES = frozenset({"security"})
MEMBERS_UNREAD = ": its members cannot be read from here"
"""How the reason ends that a team of the forge is not known."""


@dataclass(frozen=True, slots=True)
class People:
    """The people behind some references, and what of it could not be read.

    `explicit` are those named one by one: only there may a bot be entitled. `unreadable` names each team that could
    not be read in full, with the reason; its known members still count.
    """

    members: frozenset[PersonKey] = frozenset()
    unreadable: tuple[str, ...] = ()
    explicit: frozenset[PersonKey] = frozenset()

    def __or__(self, other: "People") -> "People":
        return people_of((self, other))


def people_of(circles: Sequence[People]) -> People:
    """Return the people of all circles together."""
    if len(circles) == 1:
        return circles[0]
    return People(
        frozenset().union(*[circle.members for circle in circles]),
        tuple(dict.fromkeys([text for circle in circles for text in circle.unreadable])),
        frozenset().union(*[circle.explicit for circle in circles]),
    )


NOBODY = People()


@dataclass(frozen=True, slots=True)
class Strangers:
    """Whom each `@login` among the owners of some components means as long as no account of that login is known.

    `by_reference` says so by the reference as written, `by_owners` of the owners of a component where all of them are
    such logins; `written` and `together` name by login the references and the owners that it is among.
    """

    by_reference: Mapping[str, People] = field(default_factory=dict)
    by_owners: Mapping[tuple[str, ...], People] = field(default_factory=dict)
    written: Mapping[str, Sequence[str]] = field(default_factory=dict)
    together: Mapping[str, Sequence[tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, ownership: Ownership) -> "Strangers":
        """Return the strangers among all owners."""
        found: dict[str, People] = {}
        written: dict[str, list[str]] = {}
        for reference in {owner for component in ownership.components for owner in component.owners}:
            if _is_login(reference) and reference not in ownership.people and reference not in ownership.teams:
                login, found[reference] = _of_login(reference)
                written.setdefault(login, []).append(reference)
        by_owners: dict[tuple[str, ...], People] = {}
        together: dict[str, list[tuple[str, ...]]] = {}
        for owners in {component.owners for component in ownership.components}:
            if all(owner in found for owner in owners):
                by_owners[owners] = people_of([found[owner] for owner in owners])
                for login in {_of_login(owner)[0] for owner in owners}:
                    together.setdefault(login, []).append(owners)
        return cls(found, by_owners, written, together)

    def without(self, logins: Mapping[str, PersonKey]) -> tuple[dict[str, People], dict[tuple[str, ...], People]]:
        """Return those of them of whom no account is known, by reference and by the owners of a component."""
        left, groups = dict(self.by_reference), dict(self.by_owners)
        for login in self.written.keys() & logins.keys():
            for reference in self.written[login]:
                del left[reference]
            for owners in self.together.get(login, ()):
                groups.pop(owners, None)
        return left, groups


@dataclass(slots=True)
class Directory:
    """Answers who is behind a reference, from the records, the policy and the accounts that were observed.

    `strangers` spare working out the same again for many changes; they must come from the ownership of the facts.
    """

    facts: Facts
    strangers: Strangers = field(default_factory=Strangers)
    _by_login: Mapping[str, PersonKey] = field(init=False)
    _by_email: Mapping[str, PersonKey] = field(init=False)
    _names: Mapping[PersonKey, str] = field(init=False)
    _memo: dict[str, People] = field(init=False)
    _of_several: dict[tuple[str, ...], People] = field(init=False)

    def __post_init__(self) -> None:
        """Index logins and addresses; the records win, so that a recycled login never becomes somebody else."""
        logins: dict[str, PersonKey] = {}
        emails: dict[str, PersonKey] = {}
        names: dict[PersonKey, str] = {}
        for name, record in self.facts.ownership.people.items():
            if record.github:
                logins[ascii_lower(record.github)] = name
            if record.email:
                emails[ascii_lower(record.email)] = name
            names[name] = name
        # SECURITY: an account with an address is what a commit claims; it takes no login from one that the forge knows.
        known = sorted(self.facts.accounts.items(), key=lambda item: (item[1].email is not None, item[0]))
        for _, account in known:
            if account.login:
                logins.setdefault(ascii_lower(account.login), account.person)
            if account.email:
                emails.setdefault(ascii_lower(account.email), account.person)
            names.setdefault(account.person, account.login or account.email or account.name or account.person)
        self._by_login = logins
        self._memo, self._of_several = self.strangers.without(logins)
        self._by_email = emails
        self._names = names

    def person_of(self, account: AccountKey | None) -> PersonKey | None:
        """Return the person behind an account, None where the account is unknown."""
        found = self.facts.accounts.get(account) if account is not None else None
        return found.person if found else None

    def display(self, person: PersonKey) -> str:
        """Return the name people know a person by: the name in the records, else the login, else the address."""
        return self._names.get(person) or person.partition(":")[2] or person

    def behind(self, reference: str) -> People:
        """Return the people behind a team or person of the records, an `@login`, an `@org/team` or an address."""
        found = self._memo.get(reference)
        if found is None:
            found = self._memo[reference] = self._resolve(reference)
        return found

    def behind_all(self, references: Sequence[str]) -> People:
        """Return the people behind any of some references."""
        if len(references) == 1:
            return self.behind(references[0])
        key = tuple(references)
        if key not in self._of_several:
            self._of_several[key] = people_of([self.behind(reference) for reference in key])
        return self._of_several[key]

    def in_role(self, role: str) -> People:
        """Return the members of a role; a role that nobody defined has none."""
        members = self.facts.policy.policy.roles.get(role, ())
        return self.behind_all([member.removeprefix("team:").removeprefix("person:") for member in members])

    def owners(self, component: Component) -> People:
        """Return the people behind the owners of a component, those whom it is being handed to included."""
        owners = component.owners
        people = self._of_several.get(owners) or self.behind_all(owners)
        return people | self.behind(component.transfer.to) if component.transfer else people

    def party(self, party: str, component: Component | None = None) -> People:
        """Return the people behind a party of the policy (`owner`, `backup`, `role:R` ...) for a component."""
        kind, _, name = party.partition(":")
        if kind == "role":
            return self.in_role(name)
        if kind in {"team", "person"}:
            return self.behind(name)
        if component is None:
            return NOBODY
        if kind == "owner":
            return self.owners(component)
        if kind == "backup":
            return self.behind(component.backup) if component.backup else NOBODY
        return self.behind(component.transfer.to) if component.transfer else NOBODY

    def _resolve(self, reference: str) -> People:
        ownership = self.facts.ownership
        if reference in ownership.people:
            return _one(reference)
        if reference in ownership.teams:
            return self._team(reference)
        if reference.startswith("@@"):
            return People(unreadable=(f"{reference}: roles of the forge are not resolved",))
        if reference.startswith("@"):
            if not _is_login(reference):
                return self._forge_team(reference[1:])
            login, stranger = _of_login(reference)
            person = self._by_login.get(login)
            return stranger if person is None else _one(person)
        if "@" in reference:
            email = ascii_lower(reference)
            return _one(self._by_email.get(email, f"mail:{email}"))
        return People(unreadable=(f"{reference}: no team or person of this name is in the records",))

    def _team(self, name: str) -> People:
        """Return everybody who is in a team, or in one that it holds, directly or by way of others.

        INVARIANT: teams that hold one another are all the same people, whichever was asked for first
        (tests/core/signoff/test_people.py).
        """
        people, teams = self.facts.ownership.people, self.facts.ownership.teams
        found = [
            self.behind(one)
            for one in within([name], teams, is_end=lambda one: one in people or one in self._memo)
            if one in people or one in self._memo or one not in teams
        ]
        everybody = people_of(found)
        return People(everybody.members, tuple(sorted(everybody.unreadable)))

    def _forge_team(self, slug: str) -> People:
        team = self.facts.teams.get(slug)
        if team is None:
            return People(unreadable=(f"@{slug}{MEMBERS_UNREAD}",))
        unreadable = (f"@{slug}: {team.unreadable}",) if team.unreadable else ()
        return People(frozenset(team.members), unreadable)


@dataclass(frozen=True, slots=True)
class Contribution:
    """How somebody had a hand in the change: the reason code and the words that follow their name."""

    code: NotCountedCode
    how: str


def contributions(facts: Facts) -> Mapping[PersonKey, Contribution]:
    """Return everyone whom separation of duties excludes, with the first reason for each.

    SECURITY: the author is excluded whatever the policy lists. Identity in git metadata may only add exclusions,
    never take one away. A merge of the base that is proven mechanical excludes nobody; the forge's own committer is
    nobody.
    """
    excluded = {"author", *facts.policy.policy.signoffs.exclude}
    found: dict[PersonKey, Contribution] = {}
    for account, contribution in _hands(facts):
        if account is None or contribution.code not in excluded:
            continue
        known = facts.accounts.get(account)
        if known is None or known.kind != "platform":
            found.setdefault(known.person if known else account, contribution)
    return found


def _hands(facts: Facts) -> Iterable[tuple[AccountKey | None, Contribution]]:
    """Yield every hand in the change, the weightiest kind first."""
    commits = sorted((c for c in facts.commits if not c.is_mechanical_merge), key=lambda commit: commit.sha)
    yield facts.change.author, Contribution("author", "wrote this change")
    for commit in commits:
        yield commit.author, Contribution("author", f"wrote commit {commit.sha[:12]}")
    for commit in commits:
        yield commit.committer, Contribution("committer", f"committed {commit.sha[:12]}")
    for commit in commits if facts.pushers is None else ():
        yield commit.committer, Contribution("pusher", f"committed {commit.sha[:12]}, which stands for pushing it")
    for push in sorted(facts.pushers or (), key=lambda push: (push.account, push.sha)):
        yield push.account, Contribution("pusher", f"pushed {push.sha[:12] or 'commits'} to this branch")
    for commit in commits:
        for account in commit.co_authors:
            yield account, Contribution("co-author", f"is named co-author of {commit.sha[:12]}")


def _is_login(reference: str) -> bool:
    return reference.startswith("@") and not reference.startswith("@@") and "/" not in reference


@lru_cache(maxsize=_REMEMBERED)
def _one(person: PersonKey) -> People:
    members = frozenset({person})
    return People(members, explicit=members)


@lru_cache(maxsize=_REMEMBERED)
def _of_login(reference: str) -> tuple[str, People]:
    """Return the login that `@login` names, and who is meant where no account of it was observed."""
    login = ascii_lower(reference[1:])
    return login, _one(f"login:{login}")
