"""Pulls: a branch offered for merging, with its reviews."""

from dataclasses import dataclass, field
from typing import Any, Literal

from doubles.github import merging
from doubles.github.accounts import Account, Team
from doubles.github.acting import act
from doubles.github.history import FileChange
from doubles.github.issues import Issue

ReviewState = Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"]


@dataclass(eq=False)
class Review:
    """A review of a pull, on the head that it was given on."""

    id: int
    pull: "Pull"
    user: Account | None
    state: ReviewState
    commit: str
    body: str
    at: str

    @property
    def world(self) -> Any:
        """Return the world."""
        return self.pull.world

    @act
    def dismiss(self, by: Account | None, message: str = "") -> None:
        """Dismiss the review."""
        before, self.state = self.state, "DISMISSED"
        self.pull.note("review_dismissed", by, review=self, state=before, message=message)
        self.pull.emit_review("dismissed", self, by)


@dataclass(eq=False)
class Pull(Issue):
    """A pull request."""

    head_repository: Any
    head_ref: str
    base_ref: str
    is_draft: bool = False
    reviews: list[Review] = field(default_factory=list, init=False)
    requested: list[Account] = field(default_factory=list, init=False)
    requested_teams: list[Team] = field(default_factory=list, init=False)
    head_sha: str = field(default="", init=False)
    base_sha: str = field(default="", init=False)
    merged_at: str | None = field(default=None, init=False)
    merged_by: Account | None = field(default=None, init=False)
    merge_sha: str | None = field(default=None, init=False)
    base_at_merge: str | None = field(default=None, init=False)
    auto_merge_by: Account | None = field(default=None, init=False)
    auto_merge_method: str | None = field(default=None, init=False)
    edited_at: str | None = field(default=None, init=False)

    @property
    def event_name(self) -> str:
        """Return the name of the webhook event about it."""
        return "pull_request"

    @property
    def head_label(self) -> str:
        """Return `owner:branch` of the head."""
        return f"{self.head_repository.owner.login}:{self.head_ref}" if self.head_repository else self.head_ref

    @property
    def base_tip(self) -> str:
        """Return the tip of the base branch now; where it was merged, the tip before that."""
        return self.base_at_merge or self.repository.branch(self.base_ref) or self.base_sha

    def opened(self) -> None:
        """Take head and base as they are, and tell."""
        self.head_sha = self.head_repository.tip(self.head_ref)
        self.base_sha = self.repository.tip(self.base_ref)
        self._point()
        self.emit("pull_request", "opened", self.author)

    def files(self) -> tuple[FileChange, ...]:
        """Return the files that it changes, merge base to head."""
        bases = self.repository.history.merge_bases(self.base_tip, self.head_sha)
        return self.repository.history.diff(bases[0], self.head_sha) if bases else ()

    def commits(self) -> tuple[str, ...]:
        """Return its commits, oldest first."""
        found: tuple[str, ...] = self.repository.history.between(self.base_tip, self.head_sha)
        return found

    def head_moved(self, before: str, after: str, by: Account | None, *, is_forced: bool) -> None:
        """Follow the head branch."""
        self.head_sha = after
        self.base_sha = self.repository.branch(self.base_ref) or self.base_sha
        self._point()
        if is_forced:
            self.note("head_ref_force_pushed", by, commit=after)
        else:
            self.note("committed", by, commit=after)
        self.emit("pull_request", "synchronize", by, before=before, after=after)

    def base_moved(self, branch: str, before: str, after: str, by: Account | None) -> None:
        """Count as merged where the base branch now contains the head."""
        is_waiting = self.state == "open" and self.base_ref == branch and self.head_sha != before
        if is_waiting and self.head_sha in self.repository.history.between(before, after):
            merging.mark_merged(self, after, before, by)

    def _point(self) -> None:
        self.repository.objects.set_ref(f"refs/pull/{self.number}/head", self.head_sha)

    @act
    def edit(
        self,
        *,
        body: str | None = None,
        title: str | None = None,
        base: str | None = None,
        by: Account | None = None,
        is_automatic: bool = False,
    ) -> None:
        """Change text, title or base; `is_automatic` where the platform moves the base on by itself."""
        changes: dict[str, Any] = {}
        if body is not None and body != self.body:
            changes["body"], self.body = {"from": self.body}, body
            self.edited_at = self.world.clock.now()
        if title is not None and title != self.title:
            changes["title"] = {"from": self.title}
            self.note("renamed", by, rename={"from": self.title, "to": title})
            self.title = title
        if base is not None and base != self.base_ref:
            changes["base"] = {"ref": {"from": self.base_ref}, "sha": {"from": self.base_sha}}
            self.base_ref, self.base_sha = base, self.repository.tip(base)
            self.note("automatic_base_change_succeeded" if is_automatic else "base_ref_changed", by)
        self.updated_at = self.world.clock.now()
        if changes:
            self.emit("pull_request", "edited", by or self.author, changes=changes)

    @act
    def review(
        self, user: Account | None, state: ReviewState = "APPROVED", *, commit: str | None = None, body: str = ""
    ) -> Review:
        """Submit a review of the head, or of another commit."""
        number = self.world.next_id("review", 80_001)
        review = Review(number, self, user, state, commit or self.head_sha, body, self.world.clock.now())
        self.reviews.append(review)
        self.requested = [account for account in self.requested if account is not user]
        self.note("reviewed", user, review=review, state=state)
        self.emit_review("submitted", review, user)
        return review

    @act
    def edit_review(self, review: Review, body: str, by: Account | None = None) -> None:
        """Change the text of a review."""
        review.body = body
        self.emit_review("edited", review, by or review.user)

    def emit_review(self, action: str, review: Review, sender: Account | None) -> None:
        """Send a webhook about a review."""
        self.world.events.emit(
            self.repository,
            "pull_request_review",
            lambda: {
                "action": action,
                "review": {**self.world.shapes.review(review), "state": review.state.lower()},
                "pull_request": self.world.shapes.pull(self),
            },
            sender,
        )

    @act
    def request_review(self, *who: Account | Team, by: Account | None = None) -> None:
        """Ask people or teams for a review."""
        for asked in who:
            wanted: list[Any] = self.requested_teams if isinstance(asked, Team) else self.requested
            if asked not in wanted:
                wanted.append(asked)
                self.note("review_requested", by, asked=asked)
                word = "requested_team" if isinstance(asked, Team) else "requested_reviewer"
                shape = self.world.shapes.team if isinstance(asked, Team) else self.world.shapes.user
                self.emit("pull_request", "review_requested", by, **{word: shape(asked)})

    @act
    def draft(self, by: Account | None = None) -> None:
        """Make it a draft."""
        self.is_draft = True
        self.note("convert_to_draft", by)
        self.emit("pull_request", "converted_to_draft", by or self.author)

    @act
    def ready(self, by: Account | None = None) -> None:
        """Make it ready for review."""
        self.is_draft = False
        self.note("ready_for_review", by)
        self.emit("pull_request", "ready_for_review", by or self.author)
        self.world.merge_what_waits(self)

    @act
    def reopen(self, by: Account | None = None) -> None:
        """Open it again, with its head as it is now."""
        if self.merged_at:
            raise AssertionError("a merged pull stays closed")
        if self.head_repository and (tip := self.head_repository.branch(self.head_ref)):
            self.head_sha = tip
            self._point()
        super().reopen(by)

    @act
    def auto_merge(self, by: Account, method: str = "merge") -> None:
        """Let the platform merge it as soon as it may."""
        self.auto_merge_by, self.auto_merge_method = by, method
        self.note("auto_merge_enabled", by)
        self.emit("pull_request", "auto_merge_enabled", by)
        self.world.merge_what_waits(self)

    def would_merge(self) -> bool:
        """Return whether the platform would merge it now."""
        return not merging.blockers(self)

    def why_not_merged(self) -> list[str]:
        """Return why the platform would not merge it now; nothing where it would."""
        return merging.blockers(self)

    @act
    def merge(self, by: Account | None = None, method: str = "merge", *, as_admin: bool = False) -> str:
        """Merge it and return the commit that did so. Raises MergeRefusedError where the platform would not."""
        return merging.merge(self, by, method, as_admin=as_admin)

    def emit(self, event: str, action: str, sender: Account | None, **more: Any) -> None:
        """Send a webhook about it."""
        if event != "pull_request":
            super().emit(event, action, sender, **more)
            return
        self.world.events.emit(
            self.repository,
            event,
            lambda: {
                "action": action,
                "number": self.number,
                "pull_request": self.world.shapes.told_pull(self),
                **more,
            },
            sender,
        )
