"""The log of requests: one line each, by route, never by address, and one for what nobody foresaw."""

import time
from types import TracebackType

from flask import Flask, Response, current_app, g, request

from gate.web.door import Door

_QUIET = frozenset({"static", "health.healthz", "health.readyz", "health.metrics"})
"""Machines ask for these every few seconds."""

Failure = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


def begin_request() -> None:
    """Note when the request began."""
    g.began = time.monotonic()


def log_request(answer: Response) -> None:
    """Write the line of a request that was answered.

    SECURITY: the route is written and not the address, which may hold a token or a cursor; nothing that was sent is.
    """
    door: Door = current_app.extensions["gate"]
    if request.endpoint in _QUIET:
        return
    door.log(
        "request",
        method=request.method if request.method.isalpha() else "",
        route=request.url_rule.rule if request.url_rule else "",
        status=answer.status_code,
        milliseconds=round((time.monotonic() - g.get("began", time.monotonic())) * 1000),
        correlation=g.get("correlation", ""),
    )


def log_failures_of(app: Flask) -> None:
    """Have the application write what nobody foresaw to the gate's own log, where secrets are redacted."""

    def log_exception(failure: Failure) -> None:
        door: Door = app.extensions["gate"]
        error, trace = failure[1], failure[2]
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}" if trace else ""
        door.log(
            "request.failed",
            level="error",
            error=type(error).__name__,
            why=str(error)[:500],
            place=place,
            correlation=g.get("correlation", ""),
        )

    app.log_exception = log_exception  # type: ignore[method-assign,assignment]  # all that a subclass would hold
