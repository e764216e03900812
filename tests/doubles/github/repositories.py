"""Repositories of the world: branches that people push to, with what the platform notes about each push."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from doubles.github.accounts import Account
from doubles.github.acting import act
from doubles.github.checks import CheckRun, RepositoryChecks
from doubles.github.history import History
from doubles.github.issues import Comment, Issue
from doubles.github.objects import Objects
from doubles.github.protection import Protection, Ruleset
from doubles.github.pulls import Pull
from doubles.github.pushing import NOBODY, Activity, MoveKind, Pushing
from doubles.github.queueing import QueueGroup, queue_pulls

__all__ = ["NOBODY", "Activity", "MoveKind", "Repository", "Role"]

Role = Literal["admin", "maintain", "write", "triage", "read"]


@dataclass(eq=False)
class Repository(Pushing):
    """A repository with its branches, pulls, issues and checks."""

    world: Any
    id: int
    owner: Account
    name: str
    objects: Objects
    history: History
    default_branch: str = "main"
    private: bool = True
    parent: "Repository | None" = None
    roles: dict[int, Role] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    activity: list[Activity] = field(default_factory=list)
    protections: dict[str, Protection] = field(default_factory=dict)
    rulesets: list[Ruleset] = field(default_factory=list)
    unverified: set[str] = field(default_factory=set)
    activity_hidden: bool = False

    def __post_init__(self) -> None:
        self.checks = RepositoryChecks(self)
        self.groups: list[QueueGroup] = []

    @property
    def full_name(self) -> str:
        """Return `owner/name`."""
        return f"{self.owner.login}/{self.name}"

    @property
    def pulls(self) -> list[Pull]:
        """Return all pulls, oldest first."""
        return [issue for issue in self.issues.values() if isinstance(issue, Pull)]

    @property
    def created_at(self) -> str:
        """Return when the first branch appeared."""
        return self.activity[0].at if self.activity else self.world.clock.now()

    def pull(self, number: int) -> Pull:
        """Return a pull by its number."""
        found = self.issues[number]
        if not isinstance(found, Pull):
            raise AssertionError(f"{number} is an issue")
        return found

    def read(self, branch: str, path: str) -> bytes | None:
        """Return what a file of a branch holds."""
        entry = self.objects.flat_tree(self.history.at(self.tip(branch)).tree).get(path)
        found = self.objects.read(entry[1]) if entry else None
        return found[1] if found else None

    @act
    def grant(self, account: Account, role: Role | None) -> None:
        """Give somebody a role here, or take it away."""
        if role is None:
            self.roles.pop(account.id, None)
        else:
            self.roles[account.id] = role

    @act
    def open_pull(
        self,
        *,
        head: str,
        base: str | None = None,
        title: str = "A change",
        body: str = "",
        author: Account,
        draft: bool = False,
        head_repository: "Repository | None" = None,
    ) -> Pull:
        """Open a pull; `head` is a branch here, or `owner:branch` of a fork, or a branch of `head_repository`."""
        source = head_repository or self
        if ":" in head:
            login, _, head = head.partition(":")
            source = next(fork for fork in self.world.repositories if fork.parent is self and fork.owner.login == login)
        pull = Pull(
            self, self.next_number(), title, body, author, source, head, base or self.default_branch, is_draft=draft
        )
        self.issues[pull.number] = pull
        pull.opened()
        return pull

    def next_number(self) -> int:
        """Return the next number of an issue or pull."""
        return len(self.issues) + 1

    @act
    def issue(self, title: str, body: str = "", *, author: Account | None = None) -> Issue:
        """Open an issue."""
        issue = Issue(self, self.next_number(), title, body, author)
        self.issues[issue.number] = issue
        issue.emit("issues", "opened", author)
        return issue

    @act
    def protect(self, branch: str, **settings: Any) -> Protection:
        """Protect a branch; see Protection for the settings."""
        self.protections[branch] = Protection(self, branch, **settings)
        self.emit("branch_protection_rule", {"action": "created", "rule": {"name": branch}}, None)
        return self.protections[branch]

    @act
    def unprotect(self, branch: str) -> None:
        """Take a branch's protection away."""
        del self.protections[branch]
        self.emit("branch_protection_rule", {"action": "deleted", "rule": {"name": branch}}, None)

    @act
    def ruleset(self, **settings: Any) -> Ruleset:
        """Add a ruleset; see Ruleset for the settings."""
        self.rulesets.append(Ruleset(self.world.next_id("ruleset", 42_001), self, **settings))
        self.emit(
            "repository_ruleset", {"action": "created", "repository_ruleset": {"name": self.rulesets[-1].name}}, None
        )
        return self.rulesets[-1]

    @act
    def queue(self, pulls: Sequence[Pull], *, by: Account | None = None, method: str = "merge") -> list[QueueGroup]:
        """Put pulls of one base into the merge queue; each becomes a group upon the one before."""
        return queue_pulls(self, pulls, by=by, method=method)

    @act
    def check_run(self, sha: str, name: str, **settings: Any) -> CheckRun:
        """Let an app say something about a commit; see RepositoryChecks.create."""
        return self.checks.create(sha, name, **settings)

    @act
    def rerequest(self, run: CheckRun, by: Account) -> None:
        """Let somebody ask the app to check once more."""
        run.status, run.conclusion, run.completed_at = "queued", None, None
        self.checks.tell(run, "rerequested", by)

    @act
    def press(self, run: CheckRun, identifier: str, by: Account) -> None:
        """Let somebody press a button of a check run."""
        self.checks.tell(run, "requested_action", by, requested_action={"identifier": identifier})

    @act
    def fork(self, owner: Account) -> "Repository":
        """Fork this repository to another account."""
        fork: Repository = self.world.fork_of(self, owner)
        return fork

    @act
    def rename(self, name: str) -> None:
        """Call the repository otherwise; its number stays."""
        self.world.former_names[self.full_name.lower()] = self.id
        self.name = name
        self.emit("repository", {"action": "renamed"}, self.owner)

    def emit(self, event: str, payload: dict[str, Any], sender: Account | None) -> None:
        """Send a webhook about this repository."""
        self.world.events.emit(self, event, lambda: payload, sender)
