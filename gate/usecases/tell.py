"""Telling: hands one planned message over, at least once and visibly once, as long as what it says still holds."""

import datetime as dt
from dataclasses import replace

from gate.core.change.facts import Instant
from gate.core.errors import GateError, UnreadableError
from gate.core.ledger.entries import EntryDraft
from gate.core.notify.wording import Matter, word
from gate.core.times import instant, parse_instant
from gate.usecases.gate import Gate, ledger_subject
from gate.usecases.jobs import tell_job
from gate.usecases.notice_link import CALLS, link_of
from gate.usecases.notices import StoredNotice
from gate.usecases.notify_ports import DeliveryFailedError, Message, UndeliverableError
from gate.usecases.plan_notice import failed_entry, notice_payload
from gate.usecases.telling import Telling, still_holding

SENDING_SECONDS = 60
"""For how long a message that is being sent is sent by nobody else; a worker that died is taken over after it."""
MOST_ATTEMPTS = 5
"""How often an address is tried before the next one."""
_HOLDS_NO_LONGER = "what it says holds no longer"
_OPEN = frozenset({"planned", "sending"})


def tell(gate: Gate, notice_id: str) -> None:
    """Hand one message over, or drop it where what it says holds no longer.

    That it is being sent is recorded before, and that it was sent after: a crash between both sends it once more under
    the same id, which readers show once. Raises DeliveryFailedError where it could not be handed over now.
    """
    at = gate.instant()
    telling = _still_to_tell(gate, notice_id, at)
    if telling is None:
        return
    message = _begin(gate, telling, at)
    if message is None:
        return
    gate.at_point("notice-begun")
    try:
        _send(gate, telling, message)
    except UndeliverableError as error:
        _give_up_address(gate, notice_id, str(error))
        return
    except UnreadableError as error:
        _give_back(gate, notice_id, error)
        raise DeliveryFailedError(error.message, next_step=error.next_step) from None
    gate.at_point("notice-sent")
    _record_sent(gate, telling, message.to)


def _still_to_tell(gate: Gate, notice_id: str, at: Instant) -> Telling | None:
    with gate.store.reading() as reading:
        notice = reading.notice(notice_id)
        ladder = reading.escalation(notice.escalation) if notice and notice.escalation else None
    if notice is None or notice.state not in _OPEN:
        return None
    due = max(notice.not_before, notice.sending_until)
    if due > at:
        with gate.store.writing() as writing:
            writing.enqueue(tell_job(notice_id, at=due))
        return None
    telling = still_holding(gate, notice, ladder, at)
    if telling is None:
        _dropped(gate, notice, at)
    return telling


def _dropped(gate: Gate, notice: StoredNotice, at: Instant) -> None:
    """Record that a message is not sent any more."""
    with gate.store.writing() as writing:
        present = writing.notice(notice.id)
        if present is None or present.state not in _OPEN:
            return
        writing.save_notice(replace(present, state="dropped", addresses=(), done_at=at, why=_HOLDS_NO_LONGER))
        payload = {**notice_payload(present), "why": _HOLDS_NO_LONGER}
        writing.append(EntryDraft("notification-dropped", at, ledger_subject(present.key), payload=payload))
    gate.measures.count("notices_dropped", kind=notice.kind)


def _begin(gate: Gate, telling: Telling, at: Instant) -> Message | None:
    """Record that the message is being sent, and return it with a link of its recipient's own.

    Returns None where somebody else began meanwhile.
    """
    notice = telling.notice
    until = instant(parse_instant(at) + dt.timedelta(seconds=SENDING_SECONDS))
    with gate.store.writing() as writing:
        present = writing.notice(notice.id)
        if present is None or present.state not in _OPEN or present.sending_until > at:
            return None
        begun = replace(present, state="sending", attempts=present.attempts + 1, sending_until=until)
        writing.save_notice(begun)
        link = link_of(gate, writing, telling, at)
    worded = word(_matter(telling, link))
    thread = f"change.{notice.key.tenant}.{notice.key.repository}.{notice.key.number}"
    return Message(
        id=notice.id,
        to=begun.addresses[0].to,
        subject=worded.subject,
        text=worded.text,
        html=worded.html,
        thread=thread if notice.key.number else "",
    )


def _matter(telling: Telling, link: str) -> Matter:
    notice, asked = telling.notice, telling.asked
    change = asked.facts.change if asked else None
    author = asked.asks.directory.person_of(change.author) if asked and change else None
    return Matter(
        kind=notice.kind,
        repository=asked.repository.name if asked else telling.repository,
        number=notice.key.number if asked else 0,
        title=change.title if change else "",
        author=asked.asks.directory.display(author) if asked and author else "",
        names=notice.names,
        link=link,
        reference=notice.id[:12],
        is_personal="/signoff/" in link,
        is_call=notice.kind in CALLS and not telling.account and "/signoff/" in link,
        is_review=bool(telling.records) and "/signoff/" in link,
        instead=[
            (asked.asks.directory.display(one.person) if asked else one.person, one.until) for one in notice.instead
        ],
    )


def _send(gate: Gate, telling: Telling, message: Message) -> None:
    if not message.to.startswith("review:"):
        gate.notifier.send(message)
    elif telling.asked is not None:
        access = gate.access(telling.asked.repository)
        access.request_review(telling.notice.key.number, logins=[message.to.removeprefix("review:")], teams=[])


def _record_sent(gate: Gate, telling: Telling, to: str) -> None:
    notice, at = telling.notice, gate.instant()
    with gate.store.writing() as writing:
        present = writing.notice(notice.id)
        if present is None or present.state not in _OPEN:
            return
        channel = present.addresses[0].channel
        writing.save_notice(replace(present, state="sent", addresses=(), done_at=at, sending_until="", why=""))
        payload = {**notice_payload(notice), "channel": channel}
        writing.append(
            EntryDraft("notification-sent", at, ledger_subject(notice.key), payload=payload, personal={"to": to})
        )
    gate.measures.count("notices_sent", kind=notice.kind, channel=channel)


def _give_back(gate: Gate, notice_id: str, error: GateError) -> None:
    """Let the message be tried again; an address that failed too often gives way to the next one."""
    with gate.store.reading() as reading:
        notice = reading.notice(notice_id)
    if notice is not None and notice.attempts >= MOST_ATTEMPTS:
        _give_up_address(gate, notice_id, str(error))
    elif notice is not None:
        with gate.store.writing() as writing:
            writing.save_notice(replace(notice, state="planned", sending_until="", why=str(error)[:300]))


def _give_up_address(gate: Gate, notice_id: str, why: str) -> None:
    """Go on with the next address; where none is left, record that the recipient was not told."""
    at = gate.instant()
    with gate.store.writing() as writing:
        notice = writing.notice(notice_id)
        if notice is None or notice.state not in _OPEN:
            return
        left = notice.addresses[1:]
        if left:
            again = replace(notice, state="planned", addresses=left, attempts=0, sending_until="", why=why[:300])
            writing.save_notice(again)
            writing.enqueue(tell_job(notice_id, at=at))
            return
        failed = replace(notice, state="failed", addresses=(), done_at=at, sending_until="", why=why[:300])
        writing.save_notice(failed)
        writing.append(failed_entry(failed, at, why=why))
    gate.measures.count("notices_failed", kind=notice.kind)
