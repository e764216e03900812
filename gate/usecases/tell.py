"""Telling: hands one planned message over, at least once and visibly once, as long as what it says still holds."""

import datetime as dt
from dataclasses import replace

from gate.core.change.facts import AccountKey, Instant
from gate.core.errors import GateError, UnreadableError, UsageError
from gate.core.ledger.entries import EntryDraft
from gate.core.notify.wording import Matter, word
from gate.core.signoff.eligibility import instant, parse_instant
from gate.core.values import dataclass
from gate.usecases.acknowledge import subjects_of_call
from gate.usecases.asked_now import AskedNow, asked_now
from gate.usecases.gate import Gate, known_repository, ledger_subject
from gate.usecases.issue_link import issue_link
from gate.usecases.jobs import tell_job
from gate.usecases.notices import StoredNotice
from gate.usecases.notify_ports import DeliveryFailedError, Message, UndeliverableError
from gate.usecases.remind import still_due
from gate.usecases.request_signoff import failed_entry, notice_payload
from gate.usecases.store_ports import Writing

SENDING_SECONDS = 60
"""For how long a message that is being sent is sent by nobody else; a worker that died is taken over after it."""
MOST_ATTEMPTS = 5
"""How often an address is tried before the next one."""
_HOLDS_NO_LONGER = "what it says holds no longer"
_OPEN = frozenset({"planned", "sending"})
_ABOUT_NO_SIGNOFF = frozenset({"bypass", "drill", "foreign-check", "incident", "unanswered", "contact-changed"})
_PLACES = {"bypass": "/audit", "foreign-check": "/audit", "review-due": "/calendar"}
_CALLS = frozenset({"drill", "escalation", "incident"})


@dataclass(frozen=True, slots=True)
class _Telling:
    """A message that is about to be sent: what it says, and to which account a link of it would be."""

    notice: StoredNotice
    asked: AskedNow | None
    account: AccountKey = ""
    repository: str = ""


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


def _still_to_tell(gate: Gate, notice_id: str, at: Instant) -> _Telling | None:
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
    if notice.kind in _ABOUT_NO_SIGNOFF:
        if ladder is None or ladder.state == "running" or notice.kind == "unanswered":
            return _Telling(notice, None)
        _dropped(gate, notice, at)
        return None
    if notice.kind == "review-due":
        return _still_due(gate, notice, at)
    asked = asked_now(gate, notice.key, at=at)
    if asked is not None and (ladder is None or ladder.state in {"running", "unanswered"}):
        narrowed = _narrowed(notice, asked)
        if narrowed is not None:
            return narrowed
    _dropped(gate, notice, at)
    return None


def _still_due(gate: Gate, notice: StoredNotice, at: Instant) -> _Telling | None:
    with gate.store.reading() as reading:
        repository = known_repository(reading, notice.key.repository_key)
    left = still_due(gate, repository, notice)
    if left is None:
        _dropped(gate, notice, at)
        return None
    return _Telling(left, None, repository=repository.name)


def _narrowed(notice: StoredNotice, asked: AskedNow) -> _Telling | None:
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
    return _Telling(left, asked, account if may_sign else "")


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


def _begin(gate: Gate, telling: _Telling, at: Instant) -> Message | None:
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
        link = _link(gate, writing, telling, at)
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


def _link(gate: Gate, writing: Writing, telling: _Telling, at: Instant) -> str:
    """Return the address that a message leads to: an approval link, or where there is none the change's page.

    SECURITY: an address that the records name only since a day gets no approval link: whoever changed it must not
    decide before the former one was told (L20).
    """
    notice, asked = telling.notice, telling.asked
    call = _call(gate, writing, telling, at)
    if call:
        return call
    if notice.escalation and (asked is None or not telling.account):
        return gate.address(f"/escalations/{notice.escalation}")
    if asked is None:
        return gate.address(_PLACES.get(notice.kind, "/"))
    page = gate.url_of(asked.repository.name, notice.key.number)
    if not telling.account or _is_fresh(gate, writing, notice, at):
        return page
    try:
        return issue_link(
            gate,
            writing,
            key=notice.key,
            account=telling.account,
            subjects=notice.subjects,
            at=at,
            facts_digest=asked.facts.digest,
        )
    except UsageError:
        return page  # without a key for links the page is what there is


def _call(gate: Gate, writing: Writing, telling: _Telling, at: Instant) -> str:
    """Return the address where a person who is called acknowledges; empty where there is none of their own.

    A team's and a vendor's contacts get none: nothing that one person answers for is sent to many. Whoever is called
    and may sign off decides at once instead, where they may also say that they take care.
    """
    notice, asked = telling.notice, telling.asked
    if notice.kind not in _CALLS or not notice.person or telling.account or _is_fresh(gate, writing, notice, at):
        return ""
    wanted = set(notice.subjects.items())
    running = [one for one in writing.escalations(notice.key) if one.state == "running"]
    ladders = [one for one in running if one.id == notice.escalation or (one.subject, one.scope) in wanted]
    if not ladders:
        return ""
    account = asked.asks.account_of(notice.person) if asked is not None else f"person:{notice.person}"
    subjects = subjects_of_call(ladders)
    try:
        return issue_link(
            gate, writing, key=notice.key, account=account, subjects=subjects, purpose="acknowledge", at=at
        )
    except UsageError:
        return ""


def _is_fresh(gate: Gate, writing: Writing, notice: StoredNotice, at: Instant) -> bool:
    known = writing.known_contacts(notice.key, notice.person)
    if known is None or not known.changed_at or notice.addresses[0].to not in known.added:
        return False
    holds_from = parse_instant(known.changed_at) + dt.timedelta(seconds=gate.settings.contact_delay_seconds)
    return parse_instant(at) < holds_from


def _matter(telling: _Telling, link: str) -> Matter:
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
        is_call=notice.kind in _CALLS and not telling.account and "/signoff/" in link,
    )


def _send(gate: Gate, telling: _Telling, message: Message) -> None:
    if not message.to.startswith("review:"):
        gate.notifier.send(message)
    elif telling.asked is not None:
        access = gate.access(telling.asked.repository)
        access.request_review(telling.notice.key.number, logins=[message.to.removeprefix("review:")], teams=[])


def _record_sent(gate: Gate, telling: _Telling, to: str) -> None:
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
