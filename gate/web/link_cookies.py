"""Link cookies: what a browser holds instead of a link's token once the link was opened, for half an hour."""

import hashlib
import hmac

from flask import Response, request
from werkzeug.exceptions import Forbidden

from gate.web.door import Door
from gate.web.forms import FIELD
from gate.web.visitors import cookie_name

MINUTES = 30
PATH = "/signoff"


def give_link_cookie(door: Door, answer: Response, jti: str) -> None:
    """Let this browser go on without the token, whose place is no address, history or log (L08)."""
    ends = int(door.gate.now().timestamp()) + MINUTES * 60
    text = f"{ends}.{door.new_secret()}"
    value = f"{text}.{_seal(door, 'link', f'{jti}.{text}')}"
    answer.set_cookie(
        _name(door, jti), value, max_age=MINUTES * 60, path=PATH, secure=door.is_https, httponly=True, samesite="Lax"
    )


def has_link_cookie(door: Door, jti: str) -> bool:
    """Return whether this browser opened the link within the last half hour."""
    text, _, seal = _cookie(door, jti).rpartition(".")
    if not text or not hmac.compare_digest(seal.encode(), _seal(door, "link", f"{jti}.{text}").encode()):
        return False
    return int(text.partition(".")[0]) > door.gate.now().timestamp()


def link_csrf_token(door: Door, jti: str) -> str:
    """Return the token that the form behind a link must carry: of this link, this browser, and this session (L07)."""
    session = request.cookies.get(cookie_name(door), "")
    return _seal(door, "csrf", "\0".join((jti, _cookie(door, jti), session)))


def require_link_csrf_token(door: Door, jti: str) -> None:
    """Raise Forbidden for a form that this browser was not shown behind this link."""
    given = request.form.get(FIELD, "")
    if not hmac.compare_digest(link_csrf_token(door, jti).encode(), given.encode()):
        raise Forbidden


def _cookie(door: Door, jti: str) -> str:
    return request.cookies.get(_name(door, jti), "")


def _name(door: Door, jti: str) -> str:
    return f"__Secure-gate_link_{jti}" if door.is_https else f"gate_link_{jti}"


def _seal(door: Door, purpose: str, text: str) -> str:
    return hmac.new(door.key, f"gate.link-{purpose}/1\0{text}".encode(), hashlib.sha256).hexdigest()
