"""Telling, what of it holds: a planned message narrowed to what is still true when it is sent, or nothing of it."""

from collections.abc import Mapping
from dataclasses import field, replace

from gate.core.change.facts import AccountKey, Instant
from gate.core.values import dataclass
from gate.usecases.asked_now import AskedNow, asked_now
from gate.usecases.gate import Gate, known_repository
from gate.usecases.notices import StoredEscalation, StoredNotice
from gate.usecases.remind import still_due
from gate.usecases.remind_of_ownership import still_to_confirm

_ABOUT_NO_SIGNOFF = frozenset({"bypass", "drill", "foreign-check", "incident", "unanswered", "contact-changed"})


@dataclass(frozen=True, slots=True)
class Telling:
    """A message that is about to be sent: what it says, and to which account a link of it would be.

    `records` are those of components that its recipient may confirm, with the digest of each.

    `asked` is None where it is about no change.
    """

    notice: StoredNotice
    asked: AskedNow | None
    account: AccountKey = ""
    repository: str = ""
    records: Mapping[str, str] = field(default_factory=dict)


def still_holding(gate: Gate, notice: StoredNotice, ladder: StoredEscalation | None, at: Instant) -> Telling | None:
    """Return a message with what of it still holds, None where nothing does. Raises UnreadableError."""
    if notice.kind in _ABOUT_NO_SIGNOFF:
        is_over = ladder is not None and ladder.state != "running" and notice.kind != "unanswered"
        return None if is_over else Telling(notice, None)
    if notice.kind == "review-due":
        return _still_due(gate, notice)
    if notice.kind in {"ownership-review", "overdue-review"}:
        is_over = ladder is not None and ladder.state != "running"
        return None if is_over else _to_confirm(gate, notice)
    asked = asked_now(gate, notice.key, at=at)
    if asked is None or (ladder is not None and ladder.state not in {"running", "unanswered"}):
        return None
    return _narrowed(notice, asked)


def _still_due(gate: Gate, notice: StoredNotice) -> Telling | None:
    with gate.store.reading() as reading:
        repository = known_repository(reading, notice.key.repository_key)
    left = still_due(gate, repository, notice)
    return Telling(left, None, repository=repository.name) if left is not None else None


def _to_confirm(gate: Gate, notice: StoredNotice) -> Telling | None:
    with gate.store.reading() as reading:
        repository = known_repository(reading, notice.key.repository_key)
    left = still_to_confirm(gate, repository, notice)
    if left is None:
        return None
    account = f"person:{notice.person}" if left.records else ""
    return Telling(left.notice, None, account, repository.name, left.records)


def _narrowed(notice: StoredNotice, asked: AskedNow) -> Telling | None:
    """Return the message with those of its subjects that are still waited for, of its person where it asks one."""
    standing = {}
    for subject, scope in notice.subjects.items():
        ask = asked.open_ask(subject, scope)
        if ask is not None and (not notice.person or notice.kind == "escalation" or notice.person in ask.able):
            standing[subject] = ask
    if not standing:
        return None
    names = tuple(ask.subject.name for ask in standing.values())
    left = replace(notice, subjects={subject: ask.scope for subject, ask in standing.items()}, names=names)
    account = asked.asks.account_of(notice.person) if notice.person else ""
    may_sign = all(notice.person in ask.able for ask in standing.values())
    return Telling(left, asked, account if may_sign else "")
