"""Forge comments: commands in comments as sign-offs, each bound to the head that it was written after."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from gate.core.change.facts import Instant
from gate.core.change.outline import Outline
from gate.core.forge.snapshot import ForgeComment, ForgePush
from gate.core.signoff.commands import Command, commands_in, may_hold_commands
from gate.core.times import parse_instant
from gate.core.values import dataclass
from gate.usecases.stored import StoredSignoff, StoredVerdict

GUARD = dt.timedelta(seconds=10)
"""A bare `/signoff` so soon after a push may have been meant for what was there before it."""
_MAX_BODY = 65_536
Decided = Literal["approve", "reject", "withdraw"]
_DECISIONS: Mapping[str, Decided] = {"signoff": "approve", "reject": "reject", "withdraw": "withdraw"}


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads that the change has had: when each was first pushed, and since when the present one is there.

    A time is empty where it is not known.
    """

    first_at: Mapping[str, Instant]
    present: str
    present_since: Instant

    @classmethod
    def of(cls, pushes: Sequence[ForgePush], verdicts: Sequence[StoredVerdict], present: str) -> "Heads":
        """Return all heads that pushes and judgements tell of.

        SECURITY: a head may have been there before, gone away and come back: its last push says what a comment saw.
        Where another head was judged after that push, one is missing, and nobody can tell.
        """
        first = {present: ""} | {verdict.head_sha: verdict.at for verdict in verdicts}
        for push in pushes:
            known = first.get(push.after, "")
            first[push.after] = min(known, push.at) if known and push.at else known or push.at
        moves = [push.at for push in pushes if push.after == present]
        since = max(moves) if moves and all(moves) else ""
        away = max((verdict.at for verdict in verdicts if verdict.head_sha != present), default="")
        return cls(first, present, since if away <= since else "")

    def seen_by(self, comment: ForgeComment) -> str:
        """Return the head that was there when a comment was written; empty where it came within moments of a push."""
        if not self.present_since:
            return ""
        written, moved = parse_instant(comment.at), parse_instant(self.present_since)
        return self.present if written >= moved + GUARD else ""

    def named(self, sha: str, comment: ForgeComment) -> str:
        """Return the one head that a sha or its beginning named when a comment was written, empty for none.

        SECURITY: a beginning can be met on purpose by a commit made later, so that when it was pushed must be known.
        """
        if sha in self.first_at:
            return sha
        found = [head for head, at in self.first_at.items() if head.startswith(sha)]
        return found[0] if len(found) == 1 and "" < self.first_at[found[0]] <= comment.at else ""


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
            if command.kind not in _DECISIONS:
                continue
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
