"""Login: to a provider and back, tied to one browser; it ends in a new session, or in none."""

import base64
import datetime as dt
import hashlib
import hmac
import re
from dataclasses import replace

from flask import Blueprint, Response, current_app, render_template, request
from werkzeug.exceptions import Forbidden, NotFound

from gate.core.lazy_regex import lazy_regex
from gate.core.times import instant
from gate.usecases.login_ports import Attempt, LoginError, LoginProvider, Person
from gate.usecases.stored import Session
from gate.web import linking
from gate.web.door import Door
from gate.web.problems import problem
from gate.web.redirects import see_other
from gate.web.visitors import SESSION_HOURS, cookie_name, current_visitor, role_of, secret_hash

MINUTES = 10
_LONGEST = 500
_RELATIVE = lazy_regex(r"/(?![/\\])[^\\\x00-\x20\x7f]*", re.ASCII)

blueprint = Blueprint("login", __name__)


@blueprint.get("/login")
def choose() -> Response:
    """Show what there is to log in with; straight on where there is but one."""
    door: Door = current_app.extensions["gate"]
    if not door.providers:
        raise NotFound
    place, has_left = safe_next(request.args.get("next", "")), "left" in request.args
    if len(door.providers) == 1 and not has_left:
        return _start(door, door.providers[0], place)
    return Response(
        render_template(
            "login.html", providers=door.providers, next=place, has_left=has_left, again="again" in request.args or None
        )
    )


@blueprint.get("/login/<provider>")
def start(provider: str) -> Response:
    """Send the browser to a provider, with what ties the answer to this browser in a cookie."""
    door: Door = current_app.extensions["gate"]
    return _start(door, _provider(door, provider), safe_next(request.args.get("next", "")))


@blueprint.get("/login/<provider>/callback")
def callback(provider: str) -> Response:
    """Take the provider's answer and begin a session; without the cookie of this attempt nothing is taken."""
    door: Door = current_app.extensions["gate"]
    found = _provider(door, provider)
    sealed = request.cookies.get(_attempt_cookie(door), "")
    place = _opened(door, provider, sealed)
    attempt = _attempt(door, provider, sealed)
    state, code = request.args.get("state", ""), request.args.get("code", "")
    if place is None or not hmac.compare_digest(state.encode(), attempt.state.encode()):
        return _refused(door, "This login was not begun in this browser, or took too long. Log in again.")
    if not code or len(code) > 4 * _LONGEST:
        return _refused(door, "The login was not completed. Log in again.")
    try:
        person = found.person(attempt, code)
    except LoginError as error:
        return _refused(door, str(error))
    here = current_visitor()
    if place == linking.PLACE and provider == "github" and here is not None and here.login is not None:
        proposed = linking.propose(door, person)
        proposed.delete_cookie(_attempt_cookie(door), secure=door.is_https, httponly=True, samesite="Lax")
        return proposed
    answer = see_other(place)
    begin_session(door, person, answer)
    answer.delete_cookie(_attempt_cookie(door), secure=door.is_https, httponly=True, samesite="Lax")
    return answer


def begin_session(door: Door, person: Person, answer: Response) -> None:
    """Begin a new session for a person; one that the browser had before ends (L21)."""
    now, cookie = door.gate.now(), door.new_secret()
    session = Session(
        id=secret_hash(cookie)[:16],
        account=person.account,
        display=person.display,
        role=role_of(door, person.admin_name),
        issuer=person.issuer,
        subject=person.subject,
        created_at=instant(now),
        expires_at=instant(now + dt.timedelta(hours=SESSION_HOURS)),
        reauthenticated_at=_proved_at(person, now),
    )
    with door.gate.store.writing() as writing:
        if old := request.cookies.get(cookie_name(door), ""):
            writing.end_session(secret_hash(old))
        writing.save_session(session, secret_hash(cookie))
    answer.set_cookie(
        cookie_name(door), cookie, max_age=SESSION_HOURS * 3600, secure=door.is_https, httponly=True, samesite="Lax"
    )


def _proved_at(person: Person, now: dt.datetime) -> str:
    """Return when a person proved who they are: when the provider says, where it does, and never later than now.

    SECURITY: a provider that still knows somebody sends them back without asking: no proof of this moment (L21).
    """
    if person.proved_at is None:
        return instant(now)
    return instant(dt.datetime.fromtimestamp(min(person.proved_at, int(now.timestamp())), dt.UTC))


def safe_next(text: str) -> str:
    """Return a place of this site to go on to; the queue for whatever a browser could take for another site (L19)."""
    return text if len(text) <= _LONGEST and _RELATIVE.fullmatch(text) else "/"


def _start(door: Door, provider: LoginProvider, place: str) -> Response:
    sealed = _sealed(door, provider.name, place)
    try:
        attempt = replace(_attempt(door, provider.name, sealed), is_again="again" in request.args)
        answer = see_other(provider.address(attempt))
    except LoginError as error:
        return problem(503, detail=str(error))
    answer.set_cookie(
        _attempt_cookie(door), sealed, max_age=MINUTES * 60, secure=door.is_https, httponly=True, samesite="Lax"
    )
    return answer


def _provider(door: Door, name: str) -> LoginProvider:
    for one in door.providers:
        if one.name == name:
            return one
    raise NotFound


def _refused(door: Door, why: str) -> Response:
    answer = problem(Forbidden.code or 403, detail=why)
    answer.delete_cookie(_attempt_cookie(door), secure=door.is_https, httponly=True, samesite="Lax")
    return answer


def _sealed(door: Door, provider: str, place: str) -> str:
    """Return an attempt for a cookie: when it ends, where it leads, and what nobody can guess, under a seal."""
    ends = int(door.gate.now().timestamp()) + MINUTES * 60
    text = f"{ends}.{base64.urlsafe_b64encode(place.encode()).decode()}.{door.new_secret()}"
    return f"{text}.{_derived(door, f'seal/{provider}', text)}"


def _opened(door: Door, provider: str, sealed: str) -> str | None:
    """Return where an attempt leads, None unless it was sealed here for this provider and has not ended."""
    text, _, seal = sealed.rpartition(".")
    if not text or not hmac.compare_digest(seal.encode(), _derived(door, f"seal/{provider}", text).encode()):
        return None
    ends, place, _ = text.split(".", 2)
    is_over = int(ends) <= door.gate.now().timestamp()
    return None if is_over else safe_next(base64.urlsafe_b64decode(place).decode())


def _attempt(door: Door, provider: str, sealed: str) -> Attempt:
    """Return what an attempt sends along. It follows from the cookie by a key, so the cookie alone gives none away."""
    return Attempt(
        state=_derived(door, "state", sealed),
        nonce=_derived(door, "nonce", sealed),
        verifier=_derived(door, "verifier", sealed),
        back=door.gate.address(f"/login/{provider}/callback"),
    )


def _derived(door: Door, purpose: str, text: str) -> str:
    digest = hmac.new(door.key, f"gate.login/1\0{purpose}\0{text}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _attempt_cookie(door: Door) -> str:
    return "__Host-gate_login" if door.is_https else "gate_login"
