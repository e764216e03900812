"""Forge sign-offs: reviews and commands in comments, each bound to what was in force when the gate first saw it."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from gate.core.change.facts import ChangedFile, EarlierContent, Instant, SignOff
from gate.core.change.outline import Outline
from gate.core.forge.snapshot import ForgeComment, ForgePush, ForgeReview, Snapshot
from gate.core.signoff.commands import Command
from gate.core.times import parse_instant
from gate.core.values import dataclass
from gate.usecases.forge_comments import Heads, comment_signoffs, decision_of
from gate.usecases.stored import StoredSignoff, StoredVerdict

_GONE = "withdrawn"
_EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the change is while it is looked at: what a sign-off that is first seen now may bind to.

    `lasts` is how long an approval holds by the policy in force, None for ever.
    """

    at: Instant
    base_ref: str
    plan_digest: str
    content: str
    head_sha: str
    lasts: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of a change from earlier looks: sign-offs, and judgements newest first.

    `settled_at` is since when text and base are what they are, by the forge's own record; empty where the earlier
    looks themselves tell what a review was given for.
    """

    signoffs: Sequence[StoredSignoff]
    verdicts: Sequence[StoredVerdict]
    content_of: Callable[[str], tuple[ChangedFile, ...] | None]
    settled_at: Instant = ""


@dataclass(frozen=True, slots=True)
class SignoffsSeen:
    """All sign-offs of a change as they stand now, those to be kept anew, and the contents of earlier looks."""

    acts: tuple[SignOff, ...]
    changed: tuple[StoredSignoff, ...]
    contents: Mapping[str, tuple[ChangedFile, ...]]
    earlier: tuple[EarlierContent, ...]


@dataclass(frozen=True, slots=True)
class CommentReading:
    """What comments are read with: Markdown's outline, the names of subjects, and who pushed when."""

    outline: Callable[[str], Outline]
    names: Sequence[str]
    pushes: Sequence[ForgePush]


FilesAt = Callable[[str], tuple[ChangedFile, ...] | None]
"""Returns the files of the change as they were at an earlier head, None where that cannot be told."""


def read_signoffs(
    snapshot: Snapshot,
    seen: Seen,
    known: Known,
    *,
    files_at: FilesAt,
    digest: Callable[[tuple[ChangedFile, ...]], str],
    comments: CommentReading,
) -> SignoffsSeen:
    """Return every sign-off of a change with what it binds to.

    SECURITY: a review binds to base and rollback plan only where the gate had seen the change with both before the
    review was there; else nobody can tell what its author read, and it never counts (R16, R36).
    """
    return _Reading(snapshot, seen, known, files_at, digest).outcome(comments)


class _Reading:
    """One reading of all reviews."""

    def __init__(
        self,
        snapshot: Snapshot,
        seen: Seen,
        known: Known,
        files_at: FilesAt,
        digest: Callable[[tuple[ChangedFile, ...]], str],
    ) -> None:
        self.snapshot = snapshot
        self.seen = seen
        self.known = known
        self.files_at = files_at
        self.digest = digest
        self.contents: dict[str, tuple[ChangedFile, ...]] = {}

    def outcome(self, comments: CommentReading) -> SignoffsSeen:
        """Return all sign-offs as they stand now."""
        before = {signoff.id: signoff for signoff in self.known.signoffs}
        now = dict(before)
        for review in self.snapshot.reviews:
            identity = f"review:{review.id}"
            found = self._updated(before[identity], review) if identity in before else self._first_seen(review)
            if found is not None:
                now[identity] = found
        listed = {f"review:{review.id}" for review in self.snapshot.reviews}
        for identity, signoff in before.items():
            if signoff.source == "review" and identity not in listed and not signoff.void:
                now[identity] = replace(signoff, void=_GONE)
        heads = Heads.of(comments.pushes, self.known.verdicts, self.seen.head_sha)
        for signoff in comment_signoffs(
            self.snapshot.comments,
            before,
            outline=comments.outline,
            names=comments.names,
            heads=heads,
            first_seen=self._first_seen_comment,
        ):
            now[signoff.id] = signoff
        now |= {identity: replace(one, void=_EXPIRED) for identity, one in now.items() if self._has_expired(one)}
        changed = tuple(signoff for identity, signoff in now.items() if before.get(identity) != signoff)
        return SignoffsSeen(
            tuple(self._act(signoff) for signoff in now.values()),
            changed,
            self.contents,
            tuple(self._earlier(now.values())),
        )

    def _has_expired(self, signoff: StoredSignoff) -> bool:
        """Return whether an approval has run out: once seen, that is for good, whatever the policy says later."""
        lasts = self.seen.lasts
        if lasts is None or signoff.decision != "approve" or signoff.void:
            return False
        return parse_instant(signoff.at) + lasts <= parse_instant(self.seen.at)

    def _updated(self, known: StoredSignoff, review: ForgeReview) -> StoredSignoff:
        """Return a known review as it stands now; who dismissed it may come out later than that it was dismissed."""
        by = review.dismissed_by.key if review.dismissed_by else None
        is_told_late = known.void == "dismissed" and known.voided_by is None and by is not None
        if review.state == "dismissed" and (not known.void or is_told_late):
            return replace(known, void="dismissed", voided_by=by)
        return known

    def _first_seen(self, review: ForgeReview) -> StoredSignoff | None:
        said = review.state_before or "changes-requested" if review.state == "dismissed" else review.state
        if said == "commented":
            return None
        content = self._content_of(review)
        is_known = self._had_been_seen(review)
        by = review.dismissed_by
        return StoredSignoff(
            key=self.snapshot.key,
            id=f"review:{review.id}",
            account=review.account.key if review.account else f"deleted:review:{review.id}",
            source="review",
            decision="approve" if said == "approved" else "reject",
            at=review.at,
            first_seen_at=self.seen.at,
            commit=review.commit,
            content=content,
            base_ref=self.seen.base_ref if is_known and content else "",
            plan_digest=self.seen.plan_digest if is_known and content else "",
            reason=review.body.strip(),
            void="dismissed" if review.state == "dismissed" else "",
            voided_by=by.key if by and review.state == "dismissed" else None,
            authenticated="the forge's review",
        )

    def _first_seen_comment(self, comment: ForgeComment, command: Command, commit: str, void: str) -> StoredSignoff:
        identity = f"comment:{comment.id}:{command.line}"
        given = ForgeReview(comment.id, comment.account, "approved", commit, comment.at)
        content = self._content_of(given)
        is_known = self._had_been_seen(given) and bool(content)
        return StoredSignoff(
            key=self.snapshot.key,
            id=identity,
            account=comment.account.key if comment.account else f"deleted:{identity}",
            source="comment",
            decision=decision_of(command),
            at=comment.at,
            first_seen_at=self.seen.at,
            commit=commit,
            content=content,
            base_ref=self.seen.base_ref if is_known else "",
            plan_digest=self.seen.plan_digest if is_known else "",
            subjects=command.subjects,
            reason=command.reason,
            void=void,
            authenticated="the forge's comment",
        )

    def _had_been_seen(self, review: ForgeReview) -> bool:
        """Return whether the last look showed the same base and plan: nothing else can have been read since.

        Without earlier looks the forge's record tells: the review was given after the last edit.
        """
        if self.known.settled_at:
            return review.at > self.known.settled_at
        last = self.known.verdicts[0] if self.known.verdicts else None
        return last is not None and last.base_ref == self.seen.base_ref and last.plan_digest == self.seen.plan_digest

    def _content_of(self, review: ForgeReview) -> str:
        """Return the digest of the files that a review was given on, empty where that cannot be told."""
        if review.commit == self.seen.head_sha:
            return self.seen.content
        for verdict in self.known.verdicts:
            if verdict.head_sha == review.commit and verdict.base_ref == self.seen.base_ref and verdict.content:
                return verdict.content
        files = self.files_at(review.commit)
        if files is None:
            return ""
        digest = self.digest(files)
        self.contents[digest] = files
        return digest

    def _act(self, signoff: StoredSignoff) -> SignOff:
        """Return a sign-off as facts hold it; content that is the present one is named by none."""
        return SignOff(
            id=signoff.id,
            account=signoff.account,
            source=signoff.source,
            decision=signoff.decision,
            at=signoff.at,
            commit=signoff.commit,
            content="" if self._is_present(signoff) else signoff.content or "unknown",
            base_ref=signoff.base_ref,
            plan_digest=signoff.plan_digest,
            subjects=signoff.subjects,
            scopes=signoff.scopes,
            reason=signoff.reason,
            void=signoff.void,
            voided_by=signoff.voided_by,
            authenticated=signoff.authenticated,
        )

    def _is_present(self, signoff: StoredSignoff) -> bool:
        return signoff.content == self.seen.content and signoff.commit == self.seen.head_sha

    def _earlier(self, signoffs: Iterable[StoredSignoff]) -> Iterator[EarlierContent]:
        wanted = {s.content for s in signoffs if s.content and not s.scopes and not self._is_present(s)}
        for key in sorted(wanted):
            files = self.contents.get(key) or self.known.content_of(key)
            if files is not None:
                yield EarlierContent(key, files)
