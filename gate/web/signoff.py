"""Sign-off by link: the address of a link opens the page of one person's part of one change; a form decides.

Reading never decides and writes nothing (L01): what a scanner or a preview fetches leaves no trace.
"""

from typing import get_args

from flask import Blueprint, Response, current_app, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound, Unauthorized

from gate.core.explain.escaping import visible
from gate.usecases.acknowledge import acknowledge_own
from gate.usecases.delegate_signoff import delegate_signoff, people_to_ask
from gate.usecases.link_ports import LinkRefusedError
from gate.usecases.links import IssuedLink, LinkClaims, Purpose, scope_of_link
from gate.usecases.record_signoff import Recorded, record_signoff
from gate.usecases.show_signoff import SignoffView, show_signoff
from gate.usecases.signoff_decisions import Decision, SignoffRefusedError
from gate.usecases.store_ports import Reading
from gate.web.acknowledging import acknowledged, call_page, is_called
from gate.web.door import Door
from gate.web.link_cookies import give_link_cookie, has_link_cookie, link_csrf_token, require_link_csrf_token
from gate.web.redirects import see_other
from gate.web.reviewing import review_page, reviewed
from gate.web.rows import STATE_WORDS
from gate.web.turns import Turns
from gate.web.visitors import Visitor, current_visitor

STATUS: dict[str, int] = {
    "link-refused": 401,
    "link-used": 409,
    "link-not-yours": 403,
    "change-closed": 409,
    "changed-since": 409,
    "not-eligible": 403,
    "reason-missing": 400,
    "source-not-accepted": 403,
    "nothing-to-withdraw": 409,
    "login-too-old": 403,
}
POSSESSION = "by possession of the link"

blueprint = Blueprint("signoff", __name__)


@blueprint.get("/signoff/<token>")
def open_link(token: str) -> Response:
    """Exchange a link for a short-lived cookie and a clean address."""
    door: Door = current_app.extensions["gate"]
    link = _verified(door, token)
    if link is None:
        return _refused_link()
    answer = see_other(url_for("signoff.show", jti=link.jti))
    give_link_cookie(door, answer, link.jti)
    return answer


@blueprint.post("/signoff/<token>")
def decide_by_token(token: str) -> Response:
    """Decide on the address that was sent."""
    door: Door = current_app.extensions["gate"]
    link = _verified(door, token)
    return _refused_link() if link is None else _decide(door, link)


@blueprint.get("/signoff/link/<jti>")
def show(jti: str) -> Response:
    """Show what a link asks; or what was decided by it; or whom it was for."""
    door: Door = current_app.extensions["gate"]
    link = _opened(door, jti)
    if link is None:
        return _refused_link()
    visitor = current_visitor()
    if door.has_login and visitor is None:
        return see_other(url_for("login.choose", next=request.path))
    if not _is_addressee(door, link, visitor):
        return _forwarded(door, link)
    values = page_values(door, visitor if door.has_login else None)
    if link.purpose == "acknowledge":
        return call_page(door, link, values)
    return review_page(door, link, values) if link.purpose == "review" else _page(door, link)


@blueprint.post("/signoff/link/<jti>")
def decide(jti: str) -> Response:
    """Decide on the clean address."""
    door: Door = current_app.extensions["gate"]
    link = _opened(door, jti)
    return _refused_link() if link is None else _decide(door, link)


def _verified(door: Door, unverified_token: str) -> IssuedLink | None:
    """Return the link of a token that is ours, was issued, and holds; None for every other."""
    claims = _claims(door, unverified_token)
    if claims is None:
        return None
    with door.gate.store.reading() as reading:
        link = _holding(door, reading, claims.jti)
    if link is None or (link.key, link.account, link.purpose) != (claims.change, claims.account, claims.purpose):
        return None
    return link if scope_of_link(link.subjects) == claims.scope else None


def _claims(door: Door, unverified_token: str) -> LinkClaims | None:
    for purpose in get_args(Purpose):
        try:
            return door.gate.links.verify(unverified_token, purpose=purpose, at=door.gate.now())
        except LinkRefusedError:
            continue
    return None


def _opened(door: Door, jti: str) -> IssuedLink | None:
    """Return a link that this browser has opened; its cookie stands for the token."""
    if not has_link_cookie(door, jti):
        return None
    with door.gate.store.reading() as reading:
        return _holding(door, reading, jti)


def _holding(door: Door, reading: Reading, jti: str) -> IssuedLink | None:
    """Return a link by the store's word: revoked and ended ones are none, whatever their signature says (L10)."""
    link = reading.link(jti)
    return link if link is not None and link.holds(door.gate.instant()) else None


def _is_addressee(door: Door, link: IssuedLink, visitor: Visitor | None) -> bool:
    """Return whether who asks is whom the link was made for.

    With a login the account decides, and the link gives no right of its own (L02); without one, holding it does.
    """
    if link.purpose != "signoff":
        return is_called(door, link, visitor)
    if not door.has_login:
        return True
    if visitor is None:
        return False
    with door.gate.store.reading() as reading:
        repository = reading.repository(link.key.repository_key)
    return repository is not None and link.account == visitor.key_in(repository)


def _decide(door: Door, link: IssuedLink) -> Response:
    visitor = current_visitor()
    if door.has_login and visitor is None:
        raise Unauthorized
    if not has_link_cookie(door, link.jti):
        return _refused_link()
    require_link_csrf_token(door, link.jti)
    if not _is_addressee(door, link, visitor):
        return _forwarded(door, link)
    how, wanted = _how(door, visitor), request.form.get("decision", "")
    if link.purpose != "signoff":
        values = page_values(door, visitor if door.has_login else None)
        answered = acknowledged if link.purpose == "acknowledge" else reviewed
        return answered(door, link, visitor, wanted=wanted, how=how, values=values)
    try:
        if wanted == "delegate":
            _delegated(door, link, visitor)
        elif wanted == "acknowledge":
            acknowledge_own(door.gate, link.key, by=link.account, shown=link.subjects, authenticated=how)
        else:
            _recorded(door, link, visitor)
    except SignoffRefusedError as refused:
        return _page(door, link, refused=refused)
    return see_other(url_for("signoff.show", jti=link.jti))


def _how(door: Door, visitor: Visitor | None) -> str:
    return visitor.how if visitor is not None and door.has_login else POSSESSION


def _delegated(door: Door, link: IssuedLink, visitor: Visitor | None) -> None:
    to = request.form.get("to", "")[:200]
    delegate_signoff(door.gate, link.key, link.account, to, authenticated=_how(door, visitor))


def _recorded(door: Door, link: IssuedLink, visitor: Visitor | None) -> Recorded:
    wanted = request.form.get("decision", "")
    if wanted not in {"approve", "reject"}:
        raise BadRequest
    decision = Decision(
        id=f"link:{link.jti}",
        key=link.key,
        account=link.account,
        source="link",
        decision="approve" if wanted == "approve" else "reject",
        subjects=link.subjects,
        reason=request.form.get("comment", ""),
        authenticated=_how(door, visitor),
        authenticated_at=visitor.logged_in_at if visitor is not None and door.has_login else "",
        link=link.jti,
        shown=link.facts_digest,
        seen_at=seen_at(door),
    )
    turns: Turns = current_app.extensions["gate.turns"]
    with turns.of(link.jti):
        return record_signoff(door.gate, decision)


def seen_at(door: Door) -> str:
    """Return when the page was shown, as the form says; it is the reader's own word, and kept as a time only."""
    text = request.form.get("seen_at", "")
    now = door.gate.instant()
    return text if len(text) == len(now) and text.isascii() and text[:10].count("-") == 2 and text <= now else ""  # noqa: PLR2004  # two dashes of a date


def _page(door: Door, link: IssuedLink, refused: SignoffRefusedError | None = None) -> Response:
    """Show the page of a link as its state asks for."""
    repository_id = link.key.repository_key
    visitor = current_visitor() if door.has_login else None
    with door.gate.store.reading() as reading:
        use, repository = reading.link_use(link.jti), reading.repository(repository_id)
    if repository is None or (visitor is not None and not visitor.may_see(repository)):
        raise NotFound
    view = show_signoff(door.gate, link.key, link.account, subjects=tuple(link.subjects))
    if view is None:
        raise NotFound
    status = 200 if refused is None else STATUS[refused.code]
    with door.gate.store.reading() as reading:
        mine = [one for one in reading.signoffs(link.key) if one.id == f"link:{link.jti}"]
    text = render_template(
        "signoff.html",
        view=view,
        link=link,
        use=use,
        signoff=mine[0] if mine else None,
        refused=refused,
        is_current=_is_current(view, link),
        action=url_for("signoff.decide", jti=link.jti),
        token=link_csrf_token(door, link.jti),
        now=door.gate.instant(),
        **page_values(door, visitor),
        **asked_instead(door, view),
    )
    return Response(text, status=status)


def page_values(door: Door, visitor: Visitor | None) -> dict[str, object]:
    """Return what every page of a sign-off is told besides its view."""
    values: dict[str, object] = {"words": STATE_WORDS, "has_login": door.has_login, "possession": POSSESSION}
    return values if visitor is None else {**values, "visitor": visitor}


def asked_instead(door: Door, view: SignoffView) -> dict[str, object]:
    """Return whom the person of a page may ask instead, who was asked by whom, and whether others are called yet."""
    with door.gate.store.reading() as reading:
        known = reading.delegations(view.change.key)
        ladders = reading.escalations(view.change.key, cause="signoff")
    name = view.asks.directory.display
    told = [
        f"{name(view.asks.person_of(one.account))} asked {name(view.asks.person_of(one.to))} instead on {one.at[:10]}."
        for one in known
    ]
    is_climbing = any(one.state == "running" and view.scopes.get(one.subject) == one.scope for one in ladders)
    return {"people": people_to_ask(view.asks, view.account), "delegations": told, "is_climbing": is_climbing}


def _is_current(view: SignoffView, link: IssuedLink) -> bool:
    """Return whether what the link was made for is what would be merged, by the last judgement."""
    present = view.asks.scopes()
    return all(present.get(subject) == scope for subject, scope in link.subjects.items())


def _forwarded(door: Door, link: IssuedLink) -> Response:
    """Say whom a link was for, and nothing of what it asks."""
    with door.gate.store.reading() as reading:
        repository = reading.repository(link.key.repository_key)
    visitor = current_visitor()
    own = ""
    if repository is not None and visitor is not None and visitor.may_see(repository):
        owner, _, name = repository.name.partition("/")
        own = url_for("decisions.show", owner=owner, repo=name, number=link.key.number)
    view = show_signoff(door.gate, link.key, link.account, subjects=()) if link.key.number else None
    name = view.name if view is not None else link.account.removeprefix("person:")
    text = render_template("forwarded.html", name=visible(name), own=own, **page_values(door, visitor))
    return Response(text, status=403)


def _refused_link() -> Response:
    return Response(render_template("refused_link.html"), status=401)
