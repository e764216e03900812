"""Issues with their comments, labels and timeline. A pull is an issue with a branch."""

from dataclasses import dataclass, field
from typing import Any

from doubles.github.accounts import Account
from doubles.github.acting import act


@dataclass(frozen=True)
class TimelineEvent:
    """One event of an issue's timeline."""

    id: int
    kind: str
    actor: Account | None
    at: str
    extra: dict[str, Any]


@dataclass(eq=False)
class Reaction:
    """What somebody showed at a comment by one of GitHub's signs."""

    id: int
    content: str
    author: Account | None
    created_at: str


@dataclass(eq=False)
class Comment:
    """A comment on an issue or pull."""

    id: int
    issue: "Issue"
    author: Account | None
    body: str
    created_at: str
    updated_at: str
    app_id: int | None = None
    reactions: list["Reaction"] = field(default_factory=list)
    edited_at: str | None = None

    @property
    def world(self) -> Any:
        """Return the world."""
        return self.issue.world

    @act
    def edit(self, body: str, by: Account | None = None) -> None:
        """Replace the text. Anybody with write access may do that on the platform."""
        before, self.body, self.updated_at = self.body, body, self.world.clock.now()
        self.edited_at = self.updated_at
        self.issue.emit_comment("edited", self, by or self.author, changes={"body": {"from": before}})

    def react(self, content: str, by: Account | None) -> tuple[Reaction, bool]:
        """Add a reaction, once for each account and sign; also whether it is new. No webhook tells of it."""
        known = [one for one in self.reactions if (one.content, one.author) == (content, by)]
        if not known:
            number = self.world.next_id("reaction", 90_001)
            self.reactions.append(Reaction(number, content, by, self.world.clock.now()))
        return (known or self.reactions[-1:])[0], not known

    @act
    def delete(self, by: Account | None = None) -> None:
        """Delete the comment."""
        del self.issue.repository.comments[self.id]
        self.issue.emit_comment("deleted", self, by or self.author)


@dataclass(eq=False)
class Issue:
    """An issue."""

    repository: Any
    number: int
    title: str
    body: str | None
    author: Account | None
    state: str = field(default="open", init=False)
    state_reason: str | None = field(default=None, init=False)
    labels: dict[str, Account | None] = field(default_factory=dict, init=False)
    timeline: list[TimelineEvent] = field(default_factory=list, init=False)
    closed_at: str | None = field(default=None, init=False)
    closed_by: Account | None = field(default=None, init=False)
    is_locked: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.id = self.world.next_id("issue", 30_001)
        self.created_at = self.updated_at = self.world.clock.now()

    @property
    def world(self) -> Any:
        """Return the world."""
        return self.repository.world

    @property
    def event_name(self) -> str:
        """Return the name of the webhook event about it."""
        return "issues"

    @property
    def comments(self) -> list[Comment]:
        """Return the comments, oldest first."""
        return [comment for comment in self.repository.comments.values() if comment.issue is self]

    @act
    def comment(self, user: Account | None, body: str, *, app_id: int | None = None) -> Comment:
        """Write a comment."""
        now = self.world.clock.now()
        comment = Comment(self.world.next_id("comment", 60_001), self, user, body, now, now, app_id)
        self.repository.comments[comment.id] = comment
        self.note("commented", user, comment=comment)
        self.emit_comment("created", comment, user)
        return comment

    @act
    def label(self, name: str, by: Account | None = None) -> None:
        """Set a label."""
        if name not in self.labels:
            self.labels[name] = by
            self.note("labeled", by, label=name)
            self.emit(self.event_name, "labeled", by, label=self.world.shapes.label(self.repository, name))

    @act
    def unlabel(self, name: str, by: Account | None = None) -> None:
        """Take a label away."""
        if name in self.labels:
            del self.labels[name]
            self.note("unlabeled", by, label=name)
            self.emit(self.event_name, "unlabeled", by, label=self.world.shapes.label(self.repository, name))

    @act
    def close(self, by: Account | None = None, *, reason: str | None = "completed") -> None:
        """Close it."""
        if self.state == "open":
            self.state, self.state_reason = "closed", reason
            self.closed_at, self.closed_by = self.world.clock.now(), by
            self.note("closed", by)
            self.emit(self.event_name, "closed", by)

    @act
    def reopen(self, by: Account | None = None) -> None:
        """Open it again."""
        if self.state == "closed":
            self.state, self.state_reason, self.closed_at, self.closed_by = "open", "reopened", None, None
            self.note("reopened", by)
            self.emit(self.event_name, "reopened", by)

    def note(self, kind: str, actor: Account | None, **extra: Any) -> None:
        """Add an event to the timeline."""
        self.updated_at = self.world.clock.now()
        number = self.world.next_id("event", 90_001)
        self.timeline.append(TimelineEvent(number, kind, actor, self.updated_at, extra))

    def emit(self, event: str, action: str, sender: Account | None, **more: Any) -> None:
        """Send a webhook about it."""
        self.world.events.emit(
            self.repository,
            event,
            lambda: {"action": action, "issue": self.world.shapes.issue(self), **more},
            sender,
        )

    def emit_comment(self, action: str, comment: Comment, sender: Account | None, **more: Any) -> None:
        """Send a webhook about a comment."""
        self.world.events.emit(
            self.repository,
            "issue_comment",
            lambda: {
                "action": action,
                "issue": self.world.shapes.issue(self),
                "comment": self.world.shapes.comment(comment),
                **more,
            },
            sender,
        )
