"""Login with GitHub: the OAuth pages, with state and PKCE."""

import base64
import hashlib
import json
import secrets
import urllib.parse

from doubles.github.apps import Viewer
from doubles.github.routing import Answer, Request, route

JSON = "application/json"


@route("GET", "/login/oauth/authorize")
def authorize(request: Request) -> Answer:
    """Send the browser back with a code for whoever `world.browser_user` is; a refusal where it is nobody."""
    query = request.query
    user = request.world.browser_user
    back = query.get("redirect_uri", "")
    if user is None:
        answer = {"error": "access_denied", "error_description": "The user has denied your application access."}
    else:
        code = secrets.token_hex(10)
        request.world.codes[code] = user, query.get("client_id", ""), query.get("code_challenge"), back
        answer = {"code": code}
    if "state" in query:
        answer["state"] = query["state"]
    place = f"{back}{'&' if '?' in back else '?'}{urllib.parse.urlencode(answer)}"
    return Answer(None, 302, {"Location": place}, raw=b"", media_type="text/html")


@route("POST", "/login/oauth/access_token")
def exchange(request: Request) -> Answer:
    """Change a code into a token of its user, once."""
    text = str(request.body or "")
    sent = json.loads(text) if text.startswith("{") else dict(urllib.parse.parse_qsl(text))
    basic = request.headers.get("authorization", "").removeprefix("Basic ")
    if basic:
        name, _, secret = base64.b64decode(basic).decode().partition(":")
        sent = {"client_id": name, "client_secret": secret, **sent}
    user, client, challenge, _ = request.world.codes.pop(sent.get("code", ""), (None, "", None, ""))
    digest = (
        base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
    )
    is_right = sent.get("client_id") == client and sent.get("client_secret") == request.world.client_secret
    if user is None or not is_right or (challenge and challenge != digest):
        body = {"error": "bad_verification_code", "error_description": "The code passed is incorrect or expired."}
    else:
        token = f"gho_{secrets.token_hex(18)}"
        request.world.tokens[token] = Viewer(user=user)
        body = {"access_token": token, "token_type": "bearer", "scope": ""}
    if JSON in request.headers.get("accept", ""):
        return Answer(body)
    form = urllib.parse.urlencode(body).encode()
    return Answer(None, raw=form, media_type="application/x-www-form-urlencoded; charset=utf-8")
