"""Repositories of the world: branches that people push to, with what the platform notes about each push."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from doubles.github.accounts import Account
from doubles.github.acting import act
from doubles.github.checks import CheckRun, RepositoryChecks
from doubles.github.history import History, Person
from doubles.github.issues import Comment, Issue
from doubles.github.objects import Content, Objects
from doubles.github.protection import Protection, Ruleset
from doubles.github.pulls import Pull
from doubles.github.queueing import QueueGroup, queue_pulls

NOBODY = "0" * 40
SOMEBODY = ("Somebody", "somebody@nowhere.example")
Role = Literal["admin", "maintain", "write", "triage", "read"]
MoveKind = Literal["push", "force_push", "branch_creation", "branch_deletion", "pr_merge", "merge_queue_merge"]


@dataclass(frozen=True)
class Activity:
    """One line of the platform's own record of pushes."""

    id: int
    ref: str
    before: str
    after: str
    kind: MoveKind
    actor: Account | None
    at: str


@dataclass(eq=False)
class Repository:
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

    def tip(self, branch: str) -> str:
        """Return the commit of a branch that exists."""
        found = self.branch(branch)
        if found is None:
            raise AssertionError(f"{self.full_name} has no branch {branch}")
        return found

    def branch(self, name: str) -> str | None:
        """Return the commit of a branch, None where there is none."""
        return self.objects.ref(f"refs/heads/{name}")

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
    def make_commit(
        self,
        files: Mapping[str, Content],
        *,
        parents: Sequence[str] = (),
        author: Account | tuple[str, str] | None = None,
        committer: Account | tuple[str, str] | None = None,
        message: str = "Change",
        tree: str | None = None,
        verified: bool = True,
    ) -> str:
        """Store a commit that no branch points at yet, and return its sha."""
        if tree is None:
            entries = dict(self.objects.flat_tree(self.history.at(parents[0]).tree)) if parents else {}
            for path, content in files.items():
                if content is None:
                    entries.pop(path, None)
                else:
                    entries[path] = self.objects.entry(content)
            tree = self.objects.write_tree(entries)
        by = self._person(author)
        sha = self.history.write(tree, parents, by, self._person(committer) if committer else by, message)
        if not verified:
            self.unverified.add(sha)
        return sha

    @act
    def commit(
        self,
        branch: str,
        files: Mapping[str, Content],
        *,
        author: Account | tuple[str, str] | None = None,
        committer: Account | tuple[str, str] | None = None,
        message: str = "Change",
        pusher: Account | None = None,
        merge: str | None = None,
        start: str | None = None,
        verified: bool = True,
    ) -> str:
        """Commit files to a branch and push it. `merge` names a second parent; `start` where a new branch begins.

        A new branch begins at the default branch. Who pushes is the author where nothing else is said.
        """
        tip = self.branch(branch) or self.branch(start or self.default_branch) or start
        parents = [tip] if tip else []
        if merge is not None and tip:
            other = self.branch(merge) or merge
            merged = self.history.merged_tree(tip, other)
            entries = dict(self.objects.flat_tree(merged or self.history.at(tip).tree))
            entries.update({path: self.objects.entry(text) for path, text in files.items() if text is not None})
            tree = self.objects.write_tree(
                {path: entry for path, entry in entries.items() if files.get(path, "") is not None}
            )
            parents.append(other)
        else:
            tree = None
        sha = self.make_commit(
            files, parents=parents, author=author, committer=committer, message=message, tree=tree, verified=verified
        )
        self.push(branch, sha, pusher=pusher or (author if isinstance(author, Account) else None))
        return sha

    @act
    def push(self, branch: str, sha: str, *, pusher: Account | None = None, kind: MoveKind | None = None) -> None:
        """Move a branch to a commit; pulls from it follow."""
        before = self.branch(branch)
        if before == sha:
            return
        ref = f"refs/heads/{branch}"
        self.objects.set_ref(ref, sha)
        if kind is None:
            kind = "push" if before else "branch_creation"
            if before and self.history.merge_bases(before, sha) != (before,):
                kind = "force_push"
        self._note(ref, before or NOBODY, sha, kind, pusher)
        for pull in self.world.pulls_from(self, branch):
            pull.head_moved(before or NOBODY, sha, pusher, is_forced=kind == "force_push")
        if before:
            for pull in self.pulls:
                pull.base_moved(branch, before, sha, pusher)

    @act
    def force_push(
        self,
        branch: str,
        files: Mapping[str, Content] | None = None,
        *,
        to: str | None = None,
        author: Account | tuple[str, str] | None = None,
        pusher: Account | None = None,
        message: str = "Change",
    ) -> str:
        """Replace a branch by one commit on the default branch, or by the commit `to`, and return the new tip."""
        sha = to or self.make_commit(
            files or {}, parents=[self.tip(self.default_branch)], author=author, message=message
        )
        self.push(branch, sha, pusher=pusher or (author if isinstance(author, Account) else None), kind="force_push")
        return sha

    @act
    def delete_branch(self, name: str, *, by: Account | None = None) -> None:
        """Delete a branch. Pulls from it close; pulls onto it move on to where it was merged, or close."""
        before = self.tip(name)
        self.objects.set_ref(f"refs/heads/{name}", None)
        self._note(f"refs/heads/{name}", before, NOBODY, "branch_deletion", by)
        for pull in self.world.pulls_from(self, name):
            pull.close(by)
        merged = [
            pull for pull in self.pulls if pull.merged_at and pull.head_repository is self and pull.head_ref == name
        ]
        for pull in self.pulls:
            if pull.state == "open" and pull.base_ref == name:
                if merged:
                    pull.edit(base=merged[-1].base_ref, by=by)
                else:
                    pull.close(by)

    def _note(self, ref: str, before: str, after: str, kind: MoveKind, actor: Account | None) -> None:
        number = self.world.next_id("activity", 8_000_001)
        self.activity.append(Activity(number, ref, before, after, kind, actor, self.world.clock.now()))
        self.world.events.push(self, ref, before, after, actor, is_forced=kind == "force_push")

    def _person(self, author: Account | tuple[str, str] | None) -> Person:
        name, email = (author.name, author.email) if isinstance(author, Account) else (author or SOMEBODY)
        return Person(name, email, self.world.clock.now())

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
    def fork(self, owner: Account) -> "Repository":
        """Fork this repository to another account."""
        return self.world.fork_of(self, owner)

    @act
    def rename(self, name: str) -> None:
        """Call the repository otherwise; its number stays."""
        self.world.former_names[self.full_name.lower()] = self.id
        self.name = name
        self.emit("repository", {"action": "renamed"}, self.owner)

    def emit(self, event: str, payload: dict[str, Any], sender: Account | None) -> None:
        """Send a webhook about this repository."""
        self.world.events.emit(self, event, lambda: payload, sender)
