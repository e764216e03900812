"""Accounts: people, bots, organisations and teams, known by number; a login is only what they are called now."""

from dataclasses import dataclass, field
from typing import Any, Literal

from doubles.github.acting import act

AccountType = Literal["User", "Bot", "Organization"]


@dataclass(eq=False)
class Account:
    """A person, a bot or an organisation."""

    world: Any
    id: int
    login: str
    type: AccountType = "User"
    name: str = ""
    email: str = ""
    is_deleted: bool = False

    def __post_init__(self) -> None:
        self.name = self.name or self.login
        self.email = self.email or f"{self.login}@example.com"

    @act
    def rename(self, login: str) -> None:
        """Call the account otherwise; its number stays, and the old login is free for anybody."""
        before, self.login = self.login, login
        if self.type == "Organization":
            self.world.emit_to_organisation(
                self, "organization", {"action": "renamed", "changes": {"login": {"from": before}}}, sender=self
            )

    @act
    def delete(self) -> None:
        """Delete the account: the platform shows null where it stood."""
        self.is_deleted = True
        for team in self.world.teams:
            team.members = [member for member in team.members if member is not self]


@dataclass(eq=False)
class Organisation(Account):
    """An organisation with its members."""

    type: AccountType = "Organization"
    members: list[Account] = field(default_factory=list)
    owners: list[Account] = field(default_factory=list)
    base_permission: str = "read"

    @act
    def add_member(self, user: Account, *, is_owner: bool = False) -> None:
        """Make somebody a member."""
        if user not in self.members:
            self.members.append(user)
        if is_owner and user not in self.owners:
            self.owners.append(user)
        self._tell_membership("member_added", user)

    @act
    def remove_member(self, user: Account) -> None:
        """Remove somebody, from all teams and repositories too."""
        for repository in self.world.repositories:
            if repository.owner is self:
                repository.roles.pop(user.id, None)
        self.members = [member for member in self.members if member is not user]
        self.owners = [member for member in self.owners if member is not user]
        for team in self.world.teams:
            if team.organisation is self:
                team.members = [member for member in team.members if member is not user]
        self._tell_membership("member_removed", user)

    def _tell_membership(self, action: str, user: Account) -> None:
        membership = {"user": self.world.shapes.user(user), "state": "active", "role": "member"}
        payload = {"action": action, "membership": membership}
        self.world.emit_to_organisation(self, "organization", payload, sender=self)


@dataclass(eq=False)
class Team:
    """A team of an organisation. Members of a child team are members of its parents too."""

    world: Any
    id: int
    organisation: Organisation
    slug: str
    name: str
    members: list[Account] = field(default_factory=list)
    pending: list[Account] = field(default_factory=list)
    maintainers: list[Account] = field(default_factory=list)
    parent: "Team | None" = None
    is_secret: bool = False

    @act
    def add(self, user: Account, *, is_pending: bool = False) -> None:
        """Add somebody; a pending member has not accepted the invitation yet."""
        (self.pending if is_pending else self.members).append(user)
        self._membership("added", user)

    @act
    def remove(self, user: Account) -> None:
        """Remove somebody."""
        self.members = [member for member in self.members if member is not user]
        self._membership("removed", user)

    @act
    def rename(self, slug: str) -> None:
        """Call the team otherwise."""
        self.slug, self.name = slug, slug
        self._emit("team", {"action": "edited"})

    @act
    def delete(self) -> None:
        """Delete the team; its children go with it."""
        gone = {id(team) for team in self.family()}
        self.world.teams = [team for team in self.world.teams if id(team) not in gone]
        self._emit("team", {"action": "deleted"})

    def family(self) -> list["Team"]:
        """Return this team and all teams below it."""
        found = [self]
        for team in self.world.teams:
            if team.parent in found and team not in found:
                found.append(team)
        return found

    def all_members(self) -> list[Account]:
        """Return the members of this team and of the teams below it, each once."""
        return list({member.id: member for team in self.family() for member in team.members}.values())

    def _membership(self, action: str, user: Account) -> None:
        self._emit("membership", {"action": action, "scope": "team", "member": self.world.shapes.user(user)})

    def _emit(self, event: str, payload: dict[str, Any]) -> None:
        told = {**payload, "team": self.world.shapes.team(self)}
        self.world.emit_to_organisation(self.organisation, event, told, sender=self.organisation)
