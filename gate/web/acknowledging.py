"""Acknowledging by link: the page that a called person's link opens; its button says that they take care."""

from collections.abc import Mapping

from flask import Response, current_app, render_template, url_for
from werkzeug.exceptions import BadRequest, NotFound

from gate.core.errors import UnreadableError
from gate.core.explain.escaping import visible
from gate.core.forge.snapshot import ForgeRepository
from gate.usecases.acknowledge import NotAcknowledgedError, acknowledge_by_link, ladders_of_link, person_behind
from gate.usecases.links import IssuedLink
from gate.usecases.notices import StoredEscalation
from gate.usecases.repository_ownership import OwnershipSight
from gate.web.door import Door
from gate.web.ladder_rows import ladder_rows
from gate.web.link_cookies import link_csrf_token
from gate.web.names import name_of
from gate.web.redirects import see_other
from gate.web.visitors import Visitor

CAUSES = {
    "signoff": "A sign-off that nobody gives",
    "incident": "Incident",
    "drill": "Exercise",
    "review": "An ownership review that nobody confirms",
}
STANDINGS = {
    "running": "Nobody has acknowledged yet",
    "acknowledged": "Acknowledged",
    "ended": "Over",
    "unanswered": "Nobody answered",
}
STATUS = {"link-refused": 401, "link-used": 409, "call-over": 409, "not-called": 403}
_PERSON = "person:"


def is_called(door: Door, link: IssuedLink, visitor: Visitor | None) -> bool:
    """Return whether who asks is whom a link was made for; with a login, by account, or by the person of the records.

    With a login the link gives no right of its own (L02), and whoever may not see the repository any more has none.
    """
    if not door.has_login:
        return True
    with door.gate.store.reading() as reading:
        repository = reading.repository(link.key.repository_key)
    if visitor is None or repository is None or not visitor.may_see(repository):
        return False
    key = visitor.key_in(repository)
    if not link.account.startswith(_PERSON):
        return bool(key) and link.account == key
    return _person(visitor, repository) == link.account.removeprefix(_PERSON)


def person_of_link(link: IssuedLink) -> str:
    """Return the person of the records whom a link was made for."""
    return link.account.removeprefix(_PERSON)


def by_of(door: Door, link: IssuedLink, visitor: Visitor | None) -> str:
    """Return the account that acknowledges: who is logged in, else whom the link was made for."""
    with door.gate.store.reading() as reading:
        repository = reading.repository(link.key.repository_key)
    known = visitor.key_in(repository) if door.has_login and visitor is not None and repository is not None else ""
    return known or link.account


def call_page(
    door: Door, link: IssuedLink, values: Mapping[str, object], *, refused: NotAcknowledgedError | None = None
) -> Response:
    """Show what somebody was called for, and the button while nobody has answered. Nothing is written."""
    with door.gate.store.reading() as reading:
        use, repository = reading.link_use(link.jti), reading.repository(link.key.repository_key)
        found = [one for ladder in ladders_of_link(link) if (one := reading.escalation(ladder)) is not None]
    if repository is None or not found:
        raise NotFound
    text = render_template(
        "acknowledge.html",
        calls=[_shown(one, door, repository) for one in found],
        repository=repository.name,
        number=link.key.number,
        use=use,
        refused=refused,
        is_running=any(one.state == "running" for one in found),
        token=link_csrf_token(door, link.jti),
        action=url_for("signoff.decide", jti=link.jti),
        **values,
    )
    return Response(text, status=200 if refused is None else STATUS[refused.code])


def acknowledged(
    door: Door, link: IssuedLink, visitor: Visitor | None, *, wanted: str, how: str, values: Mapping[str, object]
) -> Response:
    """Record that whom a link was made for takes care, once; the link decides nothing else (L05)."""
    if wanted != "acknowledge":
        raise BadRequest
    try:
        acknowledge_by_link(door.gate, link, by=by_of(door, link, visitor), authenticated=how)
    except NotAcknowledgedError as refused:
        return call_page(door, link, values, refused=refused)
    return see_other(url_for("signoff.show", jti=link.jti))


def _person(visitor: Visitor, repository: ForgeRepository) -> str:
    account = visitor.account_in(repository)
    if account is None:
        return ""
    ownership: OwnershipSight = current_app.extensions["gate.ownership"]
    now = ownership.of(repository)
    if now is None:
        step = "Try again in a minute, or call one of those who were called."
        raise UnreadableError("It cannot be told right now whose account this is.", next_step=step)
    return person_behind(now.ownership, account)


def _shown(found: StoredEscalation, door: Door, repository: ForgeRepository) -> dict[str, object]:
    return {
        "cause": CAUSES[found.cause],
        "component": visible(found.component.partition("/")[2] or found.subject),
        "word": STANDINGS[found.state],
        "found": found,
        "by": name_of(door, repository, found.acknowledged_by) if found.acknowledged_by else "",
        "incident": found.subject.partition(":")[2] if found.cause == "incident" else "",
        "told": list(ladder_rows(found)),
    }
