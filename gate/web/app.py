"""The web application: routes, headers and errors put together round one door."""

import uuid
from http import HTTPStatus
from typing import Any

from flask import Response, g, make_response, request
from flask_openapi.models.info import Info
from flask_openapi.openapi import OpenAPI
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from gate import __version__
from gate.core.errors import GateError, UsageError
from gate.core.loopback import LOOPBACK
from gate.usecases.repository_ownership import OwnershipSight
from gate.web import (
    api,
    api_components,
    api_signoff,
    audit,
    calendar,
    decisions,
    description,
    entry,
    escalations,
    forms,
    health,
    hooks,
    incident_hooks,
    incidents,
    keys,
    ledger,
    linking,
    login,
    me,
    own_reviews,
    ownership,
    pages,
    problems,
    requests_log,
    rollback,
    signoff,
    visitors,
)
from gate.web.door import Door
from gate.web.sight import Sight
from gate.web.turns import Turns

_LONGEST_ID = 64
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "interest-cohort=()",
}


def create_app(door: Door) -> OpenAPI:
    """Return the web application of a gate. Raises UsageError where no webhook secret is set."""
    if not any(door.webhook_secrets):
        step = "Set GATE_GITHUB_WEBHOOK_SECRET to at least 16 characters."
        raise UsageError("No secret is set that webhooks are signed with.", next_step=step)
    app = OpenAPI(
        __name__,
        info=Info(title="Sign-off gate", version=__version__),
        doc_ui=False,
        validation_error_callback=_invalid,
        static_url_path="/static",
    )
    app.url_map.merge_slashes = False  # what is asked for is there or not: no redirect to what it may have meant
    app.openapi_version = "3.1.0"
    app.config["TRUSTED_HOSTS"] = list(door.hosts) or None
    app.config["MAX_CONTENT_LENGTH"] = hooks.MAX_BYTES + 1
    app.config["MAX_FORM_MEMORY_SIZE"] = 200_000
    app.debug = False  # SECURITY: a debugger would show everything to whoever meets an error (S22)
    app.extensions["gate"] = door
    app.extensions["gate.sight"] = Sight(door.gate)
    app.extensions["gate.ownership"] = OwnershipSight(door.gate)
    app.extensions["gate.turns"] = Turns()
    app.jinja_env.globals["csrf_token"] = forms.csrf_token
    app.register_blueprint(hooks.blueprint)
    app.register_blueprint(incident_hooks.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(keys.blueprint)
    app.register_blueprint(entry.blueprint)
    app.register_blueprint(login.blueprint)
    app.register_blueprint(linking.blueprint)
    app.register_blueprint(me.blueprint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(own_reviews.blueprint)
    app.register_blueprint(ownership.blueprint)
    app.register_blueprint(incidents.blueprint)
    app.register_blueprint(signoff.blueprint)
    app.register_blueprint(decisions.blueprint)
    for part in (escalations, calendar, rollback):
        app.register_blueprint(part.blueprint)
    app.register_blueprint(description.blueprint)
    app.register_api(api.blueprint)
    app.register_api(api_signoff.blueprint)
    app.register_api(api_components.blueprint)
    app.register_api(ledger.blueprint)
    requests_log.log_failures_of(app)
    app.before_request(requests_log.begin_request)
    app.register_api(audit.blueprint)
    app.register_blueprint(audit.pages)
    app.before_request(_begin)
    app.before_request(visitors.admit)
    app.before_request(forms.guard_forms)
    app.after_request(_finish)
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(HTTPException, problems.of_http)
    app.register_error_handler(GateError, problems.of_gate)
    if door.trusted_proxies:
        hops = door.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]  # as Flask documents
    return app


def refuse_open_start(host: str, *, has_login: bool, is_insecure_allowed: bool) -> None:
    """Raise UsageError where anybody who reaches the address would be let in: without a login, loopback only."""
    if has_login or is_insecure_allowed or host in LOOPBACK:
        return
    step = "Set up a login (GATE_OIDC_* or GATE_GITHUB_CLIENT_*), or listen on 127.0.0.1."
    raise UsageError(f"Without a login the service does not listen on {host}.", next_step=step)


def _begin() -> None:
    given = request.headers.get("X-GitHub-Delivery", "")
    is_usable = len(given) <= _LONGEST_ID and given.replace("-", "").isalnum()
    g.correlation = given if is_usable else str(uuid.uuid4())


def _finish(answer: Response) -> Response:
    answer.headers.extend(_HEADERS)  # no answer sets one of them itself
    if request.endpoint != "static":
        # What is public and never changes may be kept by anybody; only an answer that says so itself is.
        may_keep = g.get("cache_control", "") if answer.status_code == HTTPStatus.OK else ""
        answer.headers["Cache-Control"] = may_keep or "no-store, private"
    door: Door = request_door()
    if door.is_https:
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    answer.headers["X-Correlation-Id"] = g.get("correlation", "")
    requests_log.log_request(answer)
    return answer


def _foreign_host(_: SecurityError) -> Response:
    # NOTE: no page: without a host that is ours there is no address that its links could be built from.
    if not problems.wants_page():
        return problems.problem(400, detail="This host is not served here.")
    return Response("This host is not served here.\n", status=400, content_type="text/plain; charset=utf-8")


def request_door() -> Door:
    """Return the door of the present request."""
    from flask import current_app

    found: Door = current_app.extensions["gate"]
    return found


def _invalid(error: ValidationError) -> Any:
    """Answer what does not fit the description; the place is named, what was sent is not echoed."""
    places = sorted({".".join(str(step) for step in one["loc"]) for one in error.errors(include_input=False)})
    return make_response(problems.problem(400, detail=f"Not as described: {', '.join(places)[:200]}."))
