"""Pushing: commits and branches, with what the platform notes about each move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from doubles.github.accounts import Account
from doubles.github.acting import act
from doubles.github.history import History, Person
from doubles.github.objects import Content, Objects

NOBODY = "0" * 40
SOMEBODY = ("Somebody", "somebody@nowhere.example")
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


class Pushing:
    """What people do to the branches of a repository."""

    world: Any
    objects: Objects
    history: History
    default_branch: str
    unverified: set[str]
    activity: list[Activity]

    @property
    def pulls(self) -> list[Any]:
        """Return all pulls, oldest first."""
        raise NotImplementedError

    def branch(self, name: str) -> str | None:
        """Return the commit of a branch, None where there is none."""
        return self.objects.ref(f"refs/heads/{name}")

    def tip(self, branch: str) -> str:
        """Return the commit of a branch that exists."""
        found = self.branch(branch)
        if found is None:
            raise AssertionError(f"there is no branch {branch}")
        return found

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
                    pull.edit(base=merged[-1].base_ref, by=by, is_automatic=True)
                else:
                    pull.close(by)

    def _note(self, ref: str, before: str, after: str, kind: MoveKind, actor: Account | None) -> None:
        number = self.world.next_id("activity", 8_000_001)
        self.activity.append(Activity(number, ref, before, after, kind, actor, self.world.clock.now()))
        self.world.events.push(self, ref, before, after, actor, is_forced=kind == "force_push")

    def _person(self, author: Account | tuple[str, str] | None) -> Person:
        name, email = (author.name, author.email) if isinstance(author, Account) else (author or SOMEBODY)
        return Person(name, email, self.world.clock.now())
