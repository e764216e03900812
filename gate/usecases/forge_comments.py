"""Forge comments: commands in comments as sign-offs, each bound to the head that it was written after."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from gate.core.change.facts import Instant
from gate.core.change.outline import Outline
from gate.core.forge.snapshot import ForgeComment, ForgePush
from gate.core.signoff.commands import Command, commands_in, may_hold_commands
from gate.core.signoff.eligibility import parse_instant
from gate.usecases.stored import StoredSignoff, StoredVerdict

GUARD = dt.timedelta(seconds=10)
"""A bare `/signoff` so soon after a push may have been meant for what was there before it."""
_MAX_BODY = 65_536
Decided = Literal["approve", "reject", "withdraw"]
_DECISIONS: Mapping[str, Decided] = {"signoff": "approve", "reject": "reject", "withdraw": "withdraw"}


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads that the change has had, each with when it was pushed; empty where that is not known."""

    pushed_at: Mapping[str, Instant]
    present: str

    @classmethod
    def of(cls, pushes: Sequence[ForgePush], verdicts: Sequence[StoredVerdict], present: str) -> "Heads":
        """Return all heads that pushes and judgements tell of."""
        known = {verdict.head_sha: "" for verdict in verdicts} | {present: ""}
        return cls(known | {push.after: push.at for push in pushes if push.at or push.after not in known}, present)

    def seen_by(self, comment: ForgeComment) -> str:
        """Return the head that was there when a comment was written; empty where it came within moments of a push."""
        pushed = self.pushed_at.get(self.present, "")
        if not pushed:
            return ""
        written, moved = parse_instant(comment.at), parse_instant(pushed)
        return self.present if written >= moved + GUARD else ""

    def named(self, sha: str, comment: ForgeComment) -> str:
        """Return the one head that a sha or its beginning named when a comment was written, empty for none."""
        found = [head for head, at in self.pushed_at.items() if head.startswith(sha) and (not at or at <= comment.at)]
        return found[0] if len(found) == 1 else ""


def comment_signoffs(
    comments: Sequence[ForgeComment],
    known: Mapping[str, StoredSignoff],
    *,
    outline: Callable[[str], Outline],
    names: Sequence[str],
    heads: Heads,
    first_seen: Callable[[ForgeComment, Command, str, str], StoredSignoff],
) -> Iterator[StoredSignoff]:
    """Yield every sign-off of comments as it stands now, those known ones that no longer hold among them.

    SECURITY: anybody with write access may edit somebody else's comment, so that an edited or deleted one counts for
    nothing, whatever it says now (R38).
    """
    listed = {comment.id: comment for comment in comments}
    for signoff in known.values():
        if signoff.source != "comment" or signoff.void:
            continue
        comment = listed.get(_comment_of(signoff.id))
        if comment is None or comment.is_edited:
            yield replace(signoff, void="edited")
    seen = {_comment_of(signoff.id) for signoff in known.values() if signoff.source == "comment"}
    for comment in comments:
        if comment.id in seen or comment.is_by_app or not may_hold_commands(comment.body[:_MAX_BODY]):
            continue
        for command in commands_in(comment.body[:_MAX_BODY], outline(comment.body[:_MAX_BODY]), names=names):
            commit = heads.named(command.sha, comment) if command.sha else heads.seen_by(comment)
            void = "edited" if comment.is_edited else ""
            if command.kind == "signoff" and not commit and not void:
                void = "unconfirmed"
            yield first_seen(comment, command, commit or heads.present, void)


def decision_of(command: Command) -> Decided:
    """Return what a command decides."""
    return _DECISIONS[command.kind]


def _comment_of(identity: str) -> int:
    number = identity.split(":")[1] if identity.startswith("comment:") else ""
    return int(number) if number.isdecimal() else 0
