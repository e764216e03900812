"""Forms: each is bound to the session that it was shown to, and answered from this origin alone."""

import hashlib
import hmac
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import Forbidden

from gate.web.door import Door

FIELD = "csrf_token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PROGRAMS = ("hooks.", "incident_hooks.", "api.", "signoff_api.")
_LINKS = "signoff."


def csrf_token() -> str:
    """Return the token that a form of this session must carry, empty where there is no session."""
    from gate.web.visitors import cookie_name, secret_hash

    door: Door = current_app.extensions["gate"]
    cookie = request.cookies.get(cookie_name(door), "")
    if not cookie:
        return ""
    return hmac.new(door.key, f"gate.csrf/1\0{secret_hash(cookie)}".encode(), hashlib.sha256).hexdigest()


def guard_forms() -> None:
    """Raise 403 for a form that another page sent, or that was shown to another session (L07).

    Webhooks and the API are no forms: they take a signature or a token, and no session may write through them.
    """
    if request.method in _SAFE or request.endpoint is None or request.endpoint.startswith(_PROGRAMS):
        return
    if not _is_of_this_origin():
        raise Forbidden
    if request.endpoint.startswith(_LINKS):
        return  # NOTE: there may be no session; `link_cookies` binds these forms to link, browser and session
    known, given = csrf_token(), request.form.get(FIELD, "")
    if not known or not hmac.compare_digest(known.encode(), given.encode()):
        raise Forbidden


def _is_of_this_origin() -> bool:
    # NOTE: under `Referrer-Policy: no-referrer` a browser sends `Origin: null` even from our own pages, so null alone
    # tells nothing; what the browser says of the site, and the token, do.
    door: Door = current_app.extensions["gate"]
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("Origin", "null")
    if origin == "null":
        return True
    parts = urlsplit(origin)
    own = {request.host, urlsplit(door.gate.settings.base_url).netloc}
    return parts.netloc in own and parts.scheme == ("https" if door.is_https else "http")
