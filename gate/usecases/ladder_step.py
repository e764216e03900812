"""A step of a ladder: taken, or put off while everybody whom it tells is on holiday; the ledger says which."""

import datetime as dt
from dataclasses import replace
from typing import Protocol

from gate.core.change.facts import Instant
from gate.core.escalation.holidays import LONGEST
from gate.core.escalation.ladder import Ladder, Step
from gate.core.forge.snapshot import ForgeRepository
from gate.core.ledger.entries import EntryDraft
from gate.core.notify.plan import Notice
from gate.core.notify.wording import NoticeKind
from gate.core.times import duration, parse_instant
from gate.core.values import dataclass
from gate.usecases.gate import Gate, known_repository, ledger_subject
from gate.usecases.jobs import escalate_job
from gate.usecases.notices import StoredEscalation
from gate.usecases.request_signoff import later
from gate.usecases.store_ports import Writing
from gate.usecases.stored import Job


class Timer(Protocol):
    """The job that takes the next step of a ladder when it is due."""

    def __call__(self, escalation_id: str, *, step: int, at: Instant) -> Job: ...  # noqa: D102  # name and types say it


def due_ladder(
    gate: Gate, ladder_id: str, timer: Timer, at: Instant
) -> tuple[StoredEscalation, ForgeRepository] | None:
    """Return a running ladder whose next step is due, with its repository; where its time is to come, set the timer."""
    with gate.store.reading() as reading:
        found = reading.escalation(ladder_id)
        repository = known_repository(reading, found.key.repository_key) if found else None
    if found is None or repository is None or found.state != "running":
        return None
    if found.next_at > at:
        with gate.store.writing() as writing:
            writing.enqueue(timer(found.id, step=found.step, at=found.next_at))
        return None
    return found, repository


@dataclass(frozen=True, slots=True)
class LadderStep:
    """A step of one ladder that is taken now, with whom it tells."""

    found: StoredEscalation
    ladder: Ladder
    place: int
    notices: tuple[Notice, ...]
    on_holiday: tuple[Notice, ...] = ()
    timer: Timer = escalate_job

    @property
    def step(self) -> Step:
        """Return the step."""
        return self.ladder.steps[self.place]

    @property
    def kind(self) -> NoticeKind:
        """Return what the step's messages are."""
        return "reminder" if self.step.level is None else "escalation"

    @property
    def put_off_until(self) -> Instant:
        """Return when the first can be told of those whom the step tells; empty unless all of them are on holiday."""
        if not self.notices or len(self.on_holiday) < len(self.notices):
            return ""
        return min(notice.not_before for notice in self.notices)

    def at_last(self, at: Instant) -> "LadderStep":
        """Return the step as it is taken after it was put off for 31 days: everybody is told now, holiday or not.

        SECURITY: a calendar that always has one more day must not silence a ladder; no rest holds any more then.
        """
        since = self.found.put_off_since(self.place)
        if not since or parse_instant(at) - parse_instant(since) < LONGEST:
            return self
        notices = tuple(replace(notice, not_before=at) for notice in self.notices)
        return replace(self, notices=notices, on_holiday=())


def take_step(writing: Writing, due: LadderStep, at: Instant) -> None:
    """Record one step with whom it tells, and set the timer of the next one."""
    found, ladder, step, following = due.found, due.ladder, due.step, due.place + 1
    names = tuple(notice.callee.name for notice in due.notices)
    after = ladder.steps[following].after if following < len(ladder.steps) else ladder.ends_after
    # Whoever is called late, after the service was down, has their whole time to answer all the same.
    within = duration(step.level.acknowledge_within) if step.level else dt.timedelta()
    if step.level is None and found.was_put_off(due.place):
        within = after - step.after
    next_at = max(later(found.begun_at, after), later(at, within))
    told = (*found.told, (due.place, at, names))
    writing.save_escalation(replace(found, step=following, next_at=next_at, told=told))
    writing.enqueue(due.timer(found.id, step=following, at=next_at))
    payload = {
        "escalation": found.id, "cause": found.cause, "subject": found.subject, "scope": found.scope,
        "step": due.place, "level": step.number, "turn": step.turn, "recipients": list(names)[:200],
    }  # fmt: skip
    if due.on_holiday:
        payload["on_holiday"] = _holidays_of(due)
    writing.append(EntryDraft("escalated", at, ledger_subject(found.key), payload=payload))


def put_off(writing: Writing, due: LadderStep, at: Instant) -> None:
    """Record that a step waits since everybody whom it tells is on holiday, and set its timer anew."""
    found = due.found
    until = min(due.put_off_until, later(found.put_off_since(due.place) or at, LONGEST))
    told = found.told if found.was_put_off(due.place) else (*found.told, (due.place, at, ()))
    writing.save_escalation(replace(found, next_at=until, told=told))
    writing.enqueue(due.timer(found.id, step=found.step, at=until))
    payload = {
        "escalation": found.id, "cause": found.cause, "subject": found.subject, "scope": found.scope,
        "outcome": "put-off", "until": until, "on_holiday": _holidays_of(due),
        "why": "everybody whom this step tells is on holiday",
    }  # fmt: skip
    writing.append(EntryDraft("escalated", at, ledger_subject(found.key), payload=payload))


def _holidays_of(due: LadderStep) -> list[list[str]]:
    """Return who of a step is on holiday, and from when they are told."""
    return [[notice.callee.name, notice.not_before] for notice in due.on_holiday][:200]
