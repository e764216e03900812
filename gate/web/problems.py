"""Problems: what went wrong, as RFC 9457 for programs and as a plain page for people; nothing sent in is echoed."""

import json

from flask import Response, render_template, request
from werkzeug.exceptions import HTTPException

from gate.core.errors import GateError, UnreadableError

_SENTENCES = {
    400: "The request could not be understood.",
    401: "This needs a login or a token.",
    403: "This account may not do that.",
    404: "There is nothing here, or nothing that you may see.",
    405: "This address does not take that method.",
    409: "This does not hold as it was shown any more.",
    413: "The request is too large.",
    415: "Only JSON is taken here.",
    429: "Too many requests; try again later.",
    500: "Something unexpected went wrong; the log names it.",
    503: "The service cannot do this right now; try again soon.",
}


def problem(status: int, *, detail: str = "", code: str = "") -> Response:
    """Return a problem as the caller can read it: a page for a browser, `application/problem+json` for all others."""
    title = _SENTENCES.get(status, "The request cannot be answered.")
    if wants_page():
        return Response(render_template("problem.html", status=status, title=title, detail=detail), status=status)
    value = {"type": "about:blank", "title": title, "status": status}
    value |= {"detail": detail} if detail else {}
    value |= {"code": code} if code else {}
    return Response(json.dumps(value), status=status, content_type="application/problem+json")


def wants_page() -> bool:
    """Return whether a person is asking: a browser, at an address that is no API."""
    is_program = request.path.startswith(("/api/", "/webhooks/", "/ledger/", "/healthz", "/readyz", "/metrics"))
    return not is_program and request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def of_http(error: HTTPException) -> Response:
    """Return the problem of an error that the framework raised."""
    answer = problem(error.code or 500)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            answer.headers[name] = value
    return answer


def of_gate(error: GateError) -> Response:
    """Return the problem of an error of the gate's own: the database or the forge does not answer (503), else 400."""
    status = 503 if error.exit_code == UnreadableError.exit_code else 400
    return problem(status, detail=str(error), code=error.code)
