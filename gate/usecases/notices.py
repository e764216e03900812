"""Notices: what is kept of each message to somebody, and of each ladder that is climbed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Literal

from gate.core.change.facts import Instant, PersonKey
from gate.core.forge.snapshot import ChangeKey
from gate.core.notify.reach import Address
from gate.core.notify.standing_in import InPlaceOf
from gate.core.notify.wording import NoticeKind
from gate.core.values import dataclass

NoticeState = Literal["planned", "sending", "sent", "failed", "dropped"]
Cause = Literal["signoff", "incident", "drill", "review"]
EscalationState = Literal["running", "acknowledged", "ended", "unanswered"]


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """One message to one recipient. `key.number` is 0 where it is about no change.

    `round` tells the reminders and levels of one kind apart. `addresses` are those that are left to try, the present
    one first; they are forgotten once it is known what became of the message. While it is `sending` nobody else sends
    it before `sending_until`. `escalation` names the ladder that it belongs to. `instead` is in whose place its
    recipient is told.
    """

    id: str
    key: ChangeKey
    kind: NoticeKind
    round: int
    recipient: str
    person: PersonKey
    addresses: tuple[Address, ...]
    subjects: Mapping[str, str]
    names: tuple[str, ...]
    planned_at: Instant
    not_before: Instant
    state: NoticeState = "planned"
    attempts: int = 0
    sending_until: Instant = ""
    done_at: Instant = ""
    why: str = ""
    escalation: str = ""
    instead: tuple[InPlaceOf, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredEscalation:
    """One ladder for one cause: a subject of a change that waits; an incident, an exercise, a review (`key.number` 0).

    `step` counts what has happened: 0 nothing yet, 1 the reminder, from 2 on the levels (`step - 2` is the level's
    place, counted on when the ladder repeats). `next_at` is when the next one is due. `component` is `SECTION/NAME`,
    empty where the subject is no component. `told` lists each step with its time and recipients, and
    without any where it was put off.
    """

    id: str
    key: ChangeKey
    cause: Cause
    subject: str
    scope: str
    component: str
    begun_at: Instant
    next_at: Instant
    step: int = 0
    state: EscalationState = "running"
    acknowledged_by: str = ""
    acknowledged_at: Instant = ""
    told: Sequence[tuple[int, Instant, tuple[str, ...]]] = ()

    def was_put_off(self, place: int) -> bool:
        """Return whether a step told nobody at first, since everybody whom it tells was on holiday."""
        return bool(self.put_off_since(place))

    def put_off_since(self, place: int) -> Instant:
        """Return since when a step is, or was, put off; empty where it never was."""
        return next((at for one, at, names in self.told if one == place and not names), "")


@dataclass(frozen=True, slots=True)
class KnownContacts:
    """By which addresses somebody was told last, and by which before; `changed_at` is empty while nothing changed."""

    key: ChangeKey
    person: PersonKey
    addresses: tuple[str, ...]
    changed_at: Instant = ""
    added: tuple[str, ...] = field(default=())


def notice_id(key: ChangeKey, kind: NoticeKind, round_: int, recipient: str, subjects: Mapping[str, str]) -> str:
    """Return the id of a message: the same whenever the same is told to the same recipient."""
    return _digest("notice", *_of(key), kind, round_, recipient, sorted(subjects.items()))


def escalation_id(key: ChangeKey, cause: Cause, subject: str, scope: str) -> str:
    """Return the id of a ladder: the same for the same cause."""
    return _digest("escalation", *_of(key), cause, subject, scope)


def _of(key: ChangeKey) -> tuple[int, int, int]:
    return key.tenant, key.repository, key.number


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()[:32]
