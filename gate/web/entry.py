"""Entry: the trial's one-time link, where GitHub sends whoever made the app, and leaving."""

import datetime as dt
import hmac

from flask import Blueprint, Response, current_app, render_template, request
from werkzeug.exceptions import NotFound

from gate.core.lazy_regex import lazy_regex
from gate.core.times import instant
from gate.usecases.stored import Session
from gate.web.door import Door
from gate.web.problems import problem
from gate.web.redirects import see_other
from gate.web.visitors import SESSION_HOURS, cookie_name, secret_hash

_USED = "trial-link-used"
_OPENS_ONCE = "A link to enter by opens once, in one browser. Start the service again: it prints a new one."
_CODE = lazy_regex(r"[A-Za-z0-9_-]{1,200}")

blueprint = Blueprint("entry", __name__)


@blueprint.get("/enter/<secret>")
def begin(secret: str) -> Response:
    """Begin a session by the link that a trial prints at its start; it opens once.

    A trial has no login: whoever can read the terminal on this machine is its admin, and every record says so.
    """
    door: Door = current_app.extensions["gate"]
    known = door.trial_secret.encode()
    if not known:
        raise NotFound
    if not hmac.compare_digest(secret.encode(), known):
        return problem(404, detail=_OPENS_ONCE)
    now = door.gate.now()
    cookie = door.new_secret()
    with door.gate.store.writing() as writing:
        if writing.setting(_USED) == secret_hash(secret):
            return problem(404, detail=_OPENS_ONCE)
        writing.save_setting(_USED, secret_hash(secret))
        session = Session(
            id=secret_hash(cookie)[:16],
            account="trial:admin",
            display="trial admin",
            role="admin",
            issuer="trial",
            subject="admin",
            created_at=instant(now),
            expires_at=instant(now + dt.timedelta(hours=SESSION_HOURS)),
        )
        writing.save_session(session, secret_hash(cookie))
    answer = see_other("/")
    answer.set_cookie(
        cookie_name(door), cookie, max_age=SESSION_HOURS * 3600, secure=door.is_https, httponly=True, samesite="Lax"
    )
    return answer


@blueprint.get("/setup/created")
def created() -> str:
    """Show the command that takes a new app's code; the code is the visitor's own, and nothing is done with it here."""
    code = request.args.get("code", "")
    if not _CODE.fullmatch(code):
        raise NotFound
    return render_template("app_created.html", code=code)


@blueprint.post("/leave")
def leave() -> Response:
    """End the session."""
    door: Door = current_app.extensions["gate"]
    cookie = request.cookies.get(cookie_name(door), "")
    if cookie:
        with door.gate.store.writing() as writing:
            writing.end_session(secret_hash(cookie))
    answer = see_other("/login?left=1" if door.providers else "/")
    answer.delete_cookie(cookie_name(door), secure=door.is_https, httponly=True, samesite="Lax")
    return answer
