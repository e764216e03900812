"""The link of a message: where it leads whoever gets it, of their own only where they are one person."""

import datetime as dt
from urllib.parse import quote, urlencode

from gate.core.change.facts import Instant
from gate.core.errors import UsageError
from gate.core.times import parse_instant
from gate.usecases.acknowledge import subjects_of_call
from gate.usecases.gate import Gate
from gate.usecases.issue_link import issue_link
from gate.usecases.notices import StoredNotice
from gate.usecases.ownership_reviews import component_of_review
from gate.usecases.store_ports import Writing
from gate.usecases.telling import Telling

_PLACES = {"bypass": "/audit", "foreign-check": "/audit", "review-due": "/calendar"}
CALLS = frozenset({"drill", "escalation", "incident", "overdue-review"})
"""The kinds of message by which somebody is called."""


def link_of(gate: Gate, writing: Writing, telling: Telling, at: Instant) -> str:
    """Return the address that a message leads to: an approval link, or where there is none the change's page.

    SECURITY: an address that the records name only since a day gets no approval link: whoever changed it must not
    decide before the former one was told (L20).
    """
    notice, asked = telling.notice, telling.asked
    if telling.records and not _is_fresh(gate, writing, notice, at):
        return _to_confirm(gate, writing, telling, at)
    call = _call(gate, writing, telling, at)
    if call:
        return call
    if notice.escalation and (asked is None or not telling.account):
        return gate.address(f"/escalations/{notice.escalation}")
    if notice.kind == "ownership-review":
        return _component_page(gate, telling)
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


def _to_confirm(gate: Gate, writing: Writing, telling: Telling, at: Instant) -> str:
    """Return the address where one person confirms the records that they are accountable for."""
    notice = telling.notice
    try:
        return issue_link(
            gate, writing, key=notice.key, account=telling.account, subjects=telling.records, purpose="review", at=at
        )
    except UsageError:
        return _component_page(gate, telling)  # without a key for links the page is what there is


def _component_page(gate: Gate, telling: Telling) -> str:
    """Return the page of the component that a message is about, or of all that is due where it is about several."""
    if len(telling.notice.subjects) != 1:
        return gate.address("/calendar")
    name = component_of_review(next(iter(telling.notice.subjects))).partition("/")[2]
    return gate.address(f"/ownership/{quote(name)}?{urlencode({'repository': telling.repository})}")


def _call(gate: Gate, writing: Writing, telling: Telling, at: Instant) -> str:
    """Return the address where a person who is called acknowledges; empty where there is none of their own.

    A team's and a vendor's contacts get none: nothing that one person answers for is sent to many. Whoever is called
    and may sign off decides at once instead, where they may also say that they take care.
    """
    notice, asked = telling.notice, telling.asked
    if notice.kind not in CALLS or not notice.person or telling.account or _is_fresh(gate, writing, notice, at):
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
