"""Linking on the web: whoever came by single sign-on logs in at the forge too, and confirms that both are theirs."""

import datetime as dt
import hashlib
import hmac

from flask import Blueprint, Response, current_app, render_template, request, url_for
from werkzeug.exceptions import Forbidden

from gate.core.change.facts import AccountKey
from gate.usecases.link_login import link_login
from gate.usecases.login_ports import Person
from gate.web.door import Door
from gate.web.redirects import see_other
from gate.web.visitors import cookie_name, secret_hash, visitor

PLACE = "/me/login"
"""Where a login at the forge leads that is meant to be linked, and begins no session of its own."""
MINUTES = 10

blueprint = Blueprint("linking", __name__)


def propose(door: Door, person: Person) -> Response:
    """Return the way to the question whether a forge account belongs to this session; nothing is linked yet.

    SECURITY: the account is sealed for this session and ten minutes: no other browser can confirm it (L21).
    """
    ends = int((door.gate.now() + dt.timedelta(minutes=MINUTES)).timestamp())
    text = f"{ends}.{person.account}"
    answer = see_other(PLACE)
    answer.set_cookie(
        _cookie(door),
        f"{text}.{_seal(door, text)}",
        max_age=MINUTES * 60,
        secure=door.is_https,
        httponly=True,
        samesite="Lax",
    )
    return answer


@blueprint.get(PLACE)
def show() -> str:
    """Show whose login this is, or ask whether it belongs to the account that was logged in with."""
    return _page(current_app.extensions["gate"])


@blueprint.post(PLACE)
def confirm() -> Response:
    """Link both for good."""
    door: Door = current_app.extensions["gate"]
    login, account = visitor().login, _proposed(door)
    if login is None or not account:
        raise Forbidden
    if not link_login(door.gate, *login, account):
        return Response(_page(door, is_refused=True), status=403)
    answer = see_other(url_for("linking.show"))
    answer.delete_cookie(_cookie(door), secure=door.is_https, httponly=True, samesite="Lax")
    return answer


def _page(door: Door, *, is_refused: bool = False) -> str:
    return render_template(
        "linking.html",
        visitor=visitor(),
        proposed=_proposed(door),
        providers=[one for one in door.providers if one.name == "github"],
        has_login=door.has_login,
        is_refused=is_refused,
    )


def _proposed(door: Door) -> AccountKey:
    """Return the account that was logged in with for this very session, empty for none or too long ago."""
    text, _, seal = request.cookies.get(_cookie(door), "").rpartition(".")
    if not text or not hmac.compare_digest(seal.encode(), _seal(door, text).encode()):
        return ""
    ends, _, account = text.partition(".")
    return account if int(ends) > door.gate.now().timestamp() else ""


def _seal(door: Door, text: str) -> str:
    session = secret_hash(request.cookies.get(cookie_name(door), ""))
    return hmac.new(door.key, f"gate.linking/1\0{session}\0{text}".encode(), hashlib.sha256).hexdigest()


def _cookie(door: Door) -> str:
    return "__Host-gate_linking" if door.is_https else "gate_linking"
