"""Eligibility: which sign-offs count for a subject, and why each of the others does not."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import NamedTuple

from gate.core.change.facts import ChangedFile, Facts, Instant, PersonKey, SignOff
from gate.core.policy.model import Policy
from gate.core.signoff.acts import is_about, may_concern, place_of
from gate.core.signoff.people import NOBODY, Contribution, Directory, People, contributions
from gate.core.signoff.scope import Subject, files_of, scope_digest
from gate.core.times import duration, instant, parse_instant
from gate.core.values import dataclass
from gate.core.verdict import CountedSignoff, NotCountedCode, NotCountedSignoff, Signoffs

_VOID: Mapping[str, tuple[NotCountedCode, str]] = {
    "dismissed": ("dismissed", "the review was dismissed"),
    "withdrawn": ("withdrawn", "it was withdrawn"),
    "edited": ("edited", "the comment was edited or deleted afterwards"),
    "expired": ("expired", "it has expired"),
    "unconfirmed": ("old-commit", "it is not clear for which commit; confirm it by `/signoff SHA`"),
    "old-commit": ("old-commit", "it was given on an earlier commit"),
    "left-team": ("left-team", "they have left the team since"),
    "unknown-person": ("unknown-person", "nobody of this name is known here"),
}
_ANYTHING = Subject("", "", has_all_files=True)


def longest_hold(policy: Policy) -> dt.timedelta | None:
    """Return after which time an approval counts for nothing any more, an emergency included; None for never."""
    expiry, emergency = policy.signoffs.expire_after, policy.emergency
    if expiry == "none":
        return None
    return max(duration(expiry), duration(emergency.expires_after)) if emergency else duration(expiry)


class Tally(NamedTuple):
    """The outcome for one subject and one circle of people: who counts, who does not and why, who could still act."""

    signoffs: Signoffs
    people: frozenset[PersonKey]
    able: frozenset[PersonKey]
    reasons: frozenset[str]
    expires_at: tuple[Instant, ...] = ()


class Asked(NamedTuple):
    """One demand as it was judged: whose sign-offs it wants for which subject, and the outcome.

    `part_of` is the requirement that it is one way of meeting, empty where it is one of its own; `is_settled` says that
    another way was taken.
    """

    requirement: str
    title: str
    subject: Subject
    circle: People
    needed: int
    binds_head: bool
    tally: Tally
    part_of: str = ""
    is_settled: bool = False


class Refusal(NamedTuple):
    """Why an approval does not count: as the verdict shows it, and the reason that may become its code, or empty."""

    entry: NotCountedSignoff
    reason: str


class Approval(NamedTuple):
    """One approval, with what can be said of it before a subject and a circle of people are known.

    `always` refuses it for every circle, `as_bot` for one that does not name its giver; `as_member` and `as_outsider`
    for one whose members its giver is among, or not. A member's approval that nothing refuses may count.
    """

    act: SignOff
    person: PersonKey
    always: Refusal | None
    as_bot: Refusal | None
    as_member: Refusal | None
    as_outsider: Refusal

    def refusal_in(self, pool: People) -> Refusal | None:
        """Return why it does not count in a circle whatever its scope, None where it may count."""
        if self.always is not None:
            return self.always
        if self.as_bot is not None and self.person not in pool.explicit:
            return self.as_bot
        return self.as_member if self.person in pool.members else self.as_outsider


@dataclass(slots=True)
class SignoffBook:
    """All acts of all people on this change, in the order of time, ready to be counted for any subject.

    `givers` is everybody who approved anything, whether it counts or not: nobody else's sign-off ever does.
    """

    facts: Facts
    directory: Directory
    plan_digest: str
    at: Instant
    contributors: Mapping[PersonKey, Contribution] = field(init=False)
    acts: Sequence[SignOff] = field(init=False)
    givers: frozenset[PersonKey] = field(init=False)
    _files: Mapping[str, ChangedFile] | None = field(init=False, default=None)
    _contents: Mapping[str, Mapping[str, ChangedFile]] = field(init=False)
    _bots: frozenset[PersonKey] = field(init=False)
    _barred: frozenset[PersonKey] = field(init=False)
    _lasts: dt.timedelta | None = field(init=False)
    _noes: Sequence[SignOff] = field(init=False)
    _approvals: Sequence[Approval] = field(init=False)
    _are_general: bool = field(init=False)
    _of_outsiders: Tally | None = field(init=False, default=None)
    _refused: dict[tuple[str, str, str, str], NotCountedSignoff] = field(init=False, default_factory=dict)
    _digests: dict[tuple[str, bool], str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Order the acts and judge of each what does not depend on the subject."""
        self.contributors = contributions(self.facts)
        self.acts = sorted(self.facts.signoffs, key=place_of)
        self._contents = {
            content.key: {file.path: file for file in content.files} for content in self.facts.earlier_contents
        }
        self._bots = frozenset(
            account.person for account in self.facts.accounts.values() if account.kind in {"bot", "platform"}
        )
        self._barred = self._bots.union(self.contributors)
        expiry = self.facts.policy.policy.signoffs.expire_after
        self._lasts = None if expiry == "none" else duration(expiry)
        self._noes = [act for act in self.acts if act.decision in {"reject", "withdraw"} and act.at <= self.at]
        self._approvals = [self._approval(act) for act in self.acts if act.decision == "approve"]
        self._are_general = not any(approval.act.subjects or approval.act.scopes for approval in self._approvals)
        self.givers = frozenset(approval.person for approval in self._approvals)

    @property
    def files(self) -> Mapping[str, ChangedFile]:
        """Return the files of the change by path."""
        if self._files is None:
            self._files = {file.path: file for file in self.facts.files}
        return self._files

    def person(self, act: SignOff) -> PersonKey:
        """Return who acted; an unknown account is a person of its own who is entitled to nothing."""
        return self.directory.person_of(act.account) or act.account

    def tally(
        self, subject: Subject, pool: People, *, binds_head: bool = False, lasts: dt.timedelta | None = None
    ) -> Tally:
        """Return who counts for a subject among a circle of people.

        One person counts once however often they sign. `lasts` bounds how long a sign-off holds; otherwise the policy
        does.
        """
        if self._are_general and pool.members.isdisjoint(self.givers):
            # Whoever approved is an outsider here: every circle of which that holds gets the same answer.
            if self._of_outsiders is None:
                self._of_outsiders = self._count(_ANYTHING, NOBODY, binds_head=False, lasts=None)
            known = self._of_outsiders
            return Tally(known.signoffs, known.people, self.eligible(pool), known.reasons)
        return self._count(subject, pool, binds_head=binds_head, lasts=lasts or self._lasts)

    def _count(self, subject: Subject, pool: People, *, binds_head: bool, lasts: dt.timedelta | None) -> Tally:
        counted: dict[PersonKey, CountedSignoff] = {}
        refused: list[NotCountedSignoff] = []
        reasons: set[str] = set()
        expiries: list[Instant] = []
        for approval in self._approvals:
            act = approval.act
            if not is_about(act, subject):
                continue
            refusal = approval.refusal_in(pool) or self._out_of_scope(act, subject, binds_head=binds_head)
            if refusal is None and lasts is not None:
                ends = instant(parse_instant(act.at) + lasts)
                if ends <= self.at:
                    refusal = self._refuse(act, "expired", f"it expired at {ends}")
                else:
                    expiries.append(ends)
            if refusal is None:
                seen = CountedSignoff(person=self.directory.display(approval.person), source=act.source, at=act.at)
                counted.setdefault(approval.person, seen)
            else:
                refused.append(refusal.entry)
                if refusal.reason:
                    reasons.add(refusal.reason)
        people = frozenset(counted)
        able = self.eligible(pool) - people
        signoffs = Signoffs(tuple(counted.values()), tuple(refused))
        return Tally(signoffs, people, able, frozenset(reasons), tuple(expiries))

    def eligible(self, pool: People) -> frozenset[PersonKey]:
        """Return who of a circle may sign off at all: neither contributors nor unnamed bots."""
        if pool.members.isdisjoint(self._barred):
            return pool.members
        return pool.members - self.contributors.keys() - (self._bots - pool.explicit)

    def _approval(self, act: SignOff) -> Approval:
        """Return an approval with every refusal that depends on nobody's circle and on no scope."""
        person = self.person(act)
        account = self.facts.accounts.get(act.account)
        outside = self._refuse(act, "not-eligible", "is not among those asked here", "")
        if act.void:
            code, why = _VOID.get(act.void, ("withdrawn", f"it no longer holds ({act.void[:40]})"))
            return Approval(act, person, self._refuse(act, code, why), None, None, outside)
        if account is None or account.kind == "unknown":
            return Approval(act, person, self._refuse(act, *_VOID["unknown-person"]), None, None, outside)
        as_bot = None
        if account.kind != "user":
            as_bot = self._refuse(act, "bot", "only people sign off; a bot counts only where the policy names it")
        hand = self.contributors.get(person)
        if hand is None:
            return Approval(act, person, None, as_bot, self._refusal_of_member(act, person), outside)
        reason = "self-approval" if hand.code == "author" else "contributor-approval"
        refusal = self._refuse(act, hand.code, f"but {hand.how}", reason)
        return Approval(act, person, None, as_bot, refusal, refusal._replace(reason=""))

    def _refusal_of_member(self, act: SignOff, person: PersonKey) -> Refusal | None:
        """Return why the approval of somebody who is asked is none that counts, None where it may."""
        if act.source not in self.facts.policy.policy.signoffs.sources:
            return self._refuse(act, "not-eligible", f"the policy does not accept a sign-off by {act.source}", "")
        if act.at > self.at:
            return self._refuse(act, "not-eligible", "it is dated after this decision", "")
        if self._is_taken_back(act, person):
            return self._refuse(act, "withdrawn", "they withdrew it or said no afterwards")
        return None

    def _refuse(self, act: SignOff, code: NotCountedCode, why: str, reason: str | None = None) -> Refusal:
        key = (act.id, act.account, code, why)
        if key not in self._refused:
            name = self.directory.display(self.person(act))
            text = f"{name} approved, {why}." if why.startswith("but ") else f"{name} approved, but {why}."
            self._refused[key] = NotCountedSignoff(person=name, source=act.source, code=code, why=text)
        return Refusal(self._refused[key], code if reason is None else reason)

    def _is_taken_back(self, act: SignOff, person: PersonKey) -> bool:
        """Return whether the same person withdrew or rejected after an approval.

        SECURITY: a rejection that was dismissed later still ends the approvals before it; otherwise dismissing a "no"
        would revive an older "yes".
        """
        place = place_of(act)
        for later in self._noes:
            if place_of(later) <= place or self.person(later) != person:
                continue
            if later.decision == "reject" or may_concern(later, act):
                return True
        return False

    def _out_of_scope(self, act: SignOff, subject: Subject, *, binds_head: bool) -> Refusal | None:
        """Return why an approval was given for something else than what would be merged now, None where it fits."""
        binds = binds_head or self.facts.policy.policy.signoffs.on_push == "invalidate-all"
        if subject.id in act.scopes and act.scopes[subject.id] == self.digest(subject, binds_head=binds):
            return None
        if act.base_ref != self.facts.change.base_ref:
            then = f"the change then went to `{act.base_ref}`" if act.base_ref else "what it was given for is not known"
            return self._refuse(act, "scope-changed", then, "base-changed")
        if act.plan_digest != self.plan_digest:
            return self._refuse(act, "scope-changed", "the rollback plan has changed since", "rollback-changed")
        if act.scopes:
            return self._refuse(act, "scope-changed", "what it covers has changed since", "stale-approval")
        if act.commit == self.facts.change.head_sha and not act.content:
            return None
        if binds or act.content not in self._contents:
            why = f"on commit {act.commit[:12]}, which is not the head"
            return self._refuse(act, "old-commit", why, "review-on-old-commit")
        if self._is_same_content(subject, self._contents[act.content]):
            return None
        return self._refuse(act, "scope-changed", f"its files have changed since {act.commit[:12]}", "stale-approval")

    def digest(self, subject: Subject, *, binds_head: bool) -> str:
        """Return the digest of a subject's present scope."""
        key = (subject.id, binds_head)
        if key not in self._digests:
            self._digests[key] = scope_digest(
                self.facts.change, subject, self.files, plan_digest=self.plan_digest, binds_head=binds_head
            )
        return self._digests[key]

    def _is_same_content(self, subject: Subject, earlier: Mapping[str, ChangedFile]) -> bool:
        if subject.is_by_touch:
            return earlier == self.files
        return files_of(subject, earlier) == files_of(subject, self.files)
