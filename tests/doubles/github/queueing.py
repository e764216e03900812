"""The merge queue: each queued pull becomes a commit upon the one before, on a ref that the platform owns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from doubles.github import merging
from doubles.github.accounts import Account
from doubles.github.acting import act

if TYPE_CHECKING:
    from doubles.github.pulls import Pull


@dataclass(eq=False)
class QueueGroup:
    """One entry of the queue: the pull, the commit it builds upon, and the commit to be checked."""

    repository: Any
    pull: "Pull"
    ref: str
    base_sha: str
    head_sha: str
    before: "QueueGroup | None" = None
    by: Account | None = None
    is_done: bool = False

    @property
    def world(self) -> Any:
        """Return the world."""
        return self.repository.world

    def shape(self) -> dict[str, Any]:
        """Return the group as a webhook shows it."""
        commit = self.repository.history.at(self.head_sha)
        return {
            "head_sha": self.head_sha,
            "head_ref": self.ref,
            "base_sha": self.base_sha,
            "base_ref": f"refs/heads/{self.pull.base_ref}",
            "head_commit": {
                "id": self.head_sha,
                "tree_id": commit.tree,
                "message": commit.message,
                "timestamp": commit.committer.at,
                "author": {"name": commit.author.name, "email": commit.author.email},
                "committer": {"name": commit.committer.name, "email": commit.committer.email},
            },
        }

    def would_merge(self) -> bool:
        """Return whether the queue would merge this group now: its commit and those below are green."""
        is_open = not self.is_done and self.pull.state == "open"
        missing = merging.missing_checks(self.repository, self.pull.base_ref, self.head_sha)
        below = self.before is None or self.before.is_done or self.before.would_merge()
        return is_open and not missing and below

    @act
    def merge(self) -> str:
        """Merge this group and those below it. Raises MergeRefusedError where the queue would not."""
        if not self.would_merge():
            raise merging.MergeRefusedError(f"{self.ref} is not green")
        if self.before and not self.before.is_done:
            self.before.merge()
        self._finish("merged")
        before = self.repository.tip(self.pull.base_ref)
        merging.mark_merged(self.pull, self.head_sha, before, self.by)
        self.repository.push(self.pull.base_ref, self.head_sha, pusher=self.by, kind="merge_queue_merge")
        return self.head_sha

    @act
    def drop(self, reason: str = "dequeued") -> None:
        """Take this group out of the queue."""
        self._finish(reason)
        self.pull.emit("pull_request", "dequeued", self.by, reason=reason.upper())

    def _finish(self, reason: str) -> None:
        self.is_done = True
        self.repository.objects.set_ref(self.ref, None)
        self.repository.emit(
            "merge_group", {"action": "destroyed", "reason": reason, "merge_group": self.shape()}, self.by
        )


def queue_pulls(repository: Any, pulls: Sequence["Pull"], *, by: Account | None, method: str) -> list[QueueGroup]:
    """Queue pulls of one base, each upon the one before, and ask for their checks."""
    groups: list[QueueGroup] = []
    waiting = [group for group in repository.groups if not group.is_done and group.pull.base_ref == pulls[0].base_ref]
    last = waiting[-1] if waiting else None
    for pull in pulls:
        base = last.head_sha if last else repository.tip(pull.base_ref)
        head = merging.merged_commit(pull, base, by, method)
        ref = f"refs/heads/gh-readonly-queue/{pull.base_ref}/pr-{pull.number}-{base}"
        repository.objects.set_ref(ref, head)
        last = QueueGroup(repository, pull, ref, base, head, last, by)
        groups.append(last)
        repository.groups.append(last)
        pull.note("added_to_merge_queue", by)
        pull.emit("pull_request", "enqueued", by)
        repository.emit("merge_group", {"action": "checks_requested", "merge_group": last.shape()}, by)
    return groups
