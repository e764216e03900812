"""Acknowledging: whoever was called says that they take care; link, page of a ladder and sign-off go this one way."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from gate.core.change.facts import AccountKey, Instant
from gate.core.errors import GateError
from gate.core.forge.snapshot import ChangeKey, ForgeAccount, ForgeRepository
from gate.core.identity import AccountBook
from gate.core.ledger.entries import EntryDraft
from gate.core.ownership.registry import Ownership
from gate.core.values import dataclass
from gate.usecases.asked_now import asked_now
from gate.usecases.gate import Gate, known_repository, ledger_subject
from gate.usecases.links import IssuedLink, LinkUse
from gate.usecases.notices import StoredEscalation, escalation_id
from gate.usecases.repository_ownership import ownership_now
from gate.usecases.store_ports import Writing

RefusalCode = Literal["link-refused", "link-used", "call-over", "not-called"]
_LADDER = "escalation:"


class NotAcknowledgedError(GateError):
    """Nothing is acknowledged: `code` is why."""

    exit_code = 2

    def __init__(self, code: RefusalCode, message: str, *, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Somebody takes care of what some ladders of one change, or of one repository, are about.

    `ladders` are their ids. `link` is the id of the link that it came by, used up by it; `authenticated` says in words
    how they are known.
    """

    key: ChangeKey
    ladders: frozenset[str]
    by: AccountKey
    authenticated: str
    link: str = ""


def acknowledge(gate: Gate, taken: Acknowledgement) -> int:
    """Stop those of the ladders that still run, in one transaction with their ledger entries; return how many.

    Every way to acknowledge ends here. A link is used up in the same transaction: of many uses at once one is recorded
    (L03), and where nothing runs any more none is. Raises NotAcknowledgedError for what comes by a link and stops
    nothing; that is in the ledger too, save that a link was used before.
    """
    at = gate.instant()
    try:
        with gate.store.writing() as writing:
            if taken.link:
                _use(writing, taken, at)
            running = _running(writing, taken)
            for one in running:
                _record(writing, one, taken, at)
    except NotAcknowledgedError as refused:
        if refused.code != "link-used":
            _record_refusal(gate, taken, refused, at)
        raise
    gate.measures.count("acknowledgements", amount=len(running))
    return len(running)


def acknowledge_by_link(gate: Gate, link: IssuedLink, *, by: AccountKey, authenticated: str) -> int:
    """Stop the ladders that a link to somebody who was called is about. Raises NotAcknowledgedError.

    A sign-off that is waited for in another scope than it was called for is another matter, and climbs on (L06).
    """
    ladders = frozenset(ladders_of_link(link))
    if link.key.number:
        asked = asked_now(gate, link.key, at=gate.instant())
        with gate.store.reading() as reading:
            known = [one for one in reading.escalations(link.key) if one.id in ladders]
        ladders = frozenset(one.id for one in known if asked and asked.open_ask(one.subject, one.scope))
    return acknowledge(
        gate, Acknowledgement(key=link.key, ladders=ladders, by=by, authenticated=authenticated, link=link.jti)
    )


def acknowledge_own(gate: Gate, key: ChangeKey, *, by: AccountKey, shown: Mapping[str, str], authenticated: str) -> int:
    """Stop the ladders of what waits for an account now, exactly as it was shown to them; return how many.

    `shown` maps subjects to their scopes. What has changed since, or waits for others alone, climbs on.
    """
    asked = asked_now(gate, key, at=gate.instant())
    waiting = asked.asks.subjects_of(asked.asks.person_of(by)) if asked is not None else {}
    ladders = {escalation_id(key, "signoff", *one) for one in shown.items() if waiting.get(one[0]) == one[1]}
    taken = Acknowledgement(key=key, ladders=frozenset(ladders), by=by, authenticated=authenticated)
    return acknowledge(gate, taken) if ladders else 0


def acknowledge_call(gate: Gate, ladder: str, *, account: ForgeAccount | None, name: str, is_admin: bool) -> bool:
    """Stop one ladder for somebody who was called; False where it runs no longer.

    A team's or vendor's contacts may be answered by whoever can see the repository. Raises NotAcknowledgedError for
    anybody else who was not called and is no admin.
    """
    with gate.store.reading() as reading:
        found = reading.escalation(ladder)
        if found is None or found.state != "running":
            return False
        repository = known_repository(reading, found.key.repository_key)
        notices = [one for one in reading.notices(found.key) if one.escalation == found.id]
    called = {notice.person for notice in notices}
    if not is_admin and "" not in called and _person(gate, repository, account) not in called:
        raise NotAcknowledgedError("not-called", "You were not called here.", next_step="Ask one of those who were.")
    by = account.key if account else f"session:{name}"
    taken = Acknowledgement(key=found.key, ladders=frozenset({found.id}), by=by, authenticated="session")
    return bool(acknowledge(gate, taken))


def subjects_of_call(ladders: Iterable[StoredEscalation]) -> dict[str, str]:
    """Return what a link to somebody who was called is for: each ladder with what it is about."""
    return {f"{_LADDER}{one.id}": one.scope for one in ladders}


def ladders_of_link(link: IssuedLink) -> list[str]:
    """Return the ids of the ladders that a link is about; none where it is for something else."""
    if link.purpose != "acknowledge":
        return []
    return [subject.removeprefix(_LADDER) for subject in link.subjects if subject.startswith(_LADDER)]


def person_behind(ownership: Ownership, account: ForgeAccount) -> str:
    """Return the name by which the records know an account, or the account itself."""
    return str(AccountBook(ownership.people).account_of_forge(account)[1].person)


def _person(gate: Gate, repository: ForgeRepository, account: ForgeAccount | None) -> str | None:
    return None if account is None else person_behind(ownership_now(gate, repository).ownership, account)


def _use(writing: Writing, taken: Acknowledgement, at: Instant) -> None:
    """Use the link up, or refuse one that holds no longer, by the store's word (L10)."""
    link = writing.link(taken.link)
    is_for_this = link is not None and link.purpose == "acknowledge" and link.key == taken.key
    if link is None or not is_for_this or not link.holds(at):
        raise NotAcknowledgedError("link-refused", "This link does not hold any more.", next_step="Ask for a new one.")
    if not writing.use_link(LinkUse(taken.link, at, "acknowledge")):
        raise NotAcknowledgedError("link-used", "This was acknowledged already; what was recorded stands.")


def _running(writing: Writing, taken: Acknowledgement) -> list[StoredEscalation]:
    """Return the ladders that run; a link that is about none any more is refused, and not used up."""
    running = [one for one in writing.escalations(taken.key) if one.id in taken.ladders and one.state == "running"]
    if taken.link and not running:
        raise NotAcknowledgedError("call-over", "This call is over, so there is nothing left to acknowledge.")
    return running


def _record(writing: Writing, found: StoredEscalation, taken: Acknowledgement, at: Instant) -> None:
    writing.save_escalation(replace(found, state="acknowledged", acknowledged_by=taken.by, acknowledged_at=at))
    payload = {"escalation": found.id, "cause": found.cause, "subject": found.subject, "step": found.step}
    if taken.link:
        payload["link"] = taken.link
    entry = EntryDraft("acknowledged", at, ledger_subject(found.key), actor=taken.by, payload=payload)
    writing.append(replace(entry, authenticated=taken.authenticated))


def _record_refusal(gate: Gate, taken: Acknowledgement, refused: NotAcknowledgedError, at: Instant) -> None:
    payload = {"code": refused.code, "decision": "acknowledge", "source": "link", "link": taken.link}
    entry = EntryDraft("link-refused", at, ledger_subject(taken.key), actor=taken.by, payload=payload)
    with gate.store.writing() as writing:
        writing.append(replace(entry, authenticated=taken.authenticated))
    gate.measures.count("signoffs_refused", source="link", code=refused.code)
