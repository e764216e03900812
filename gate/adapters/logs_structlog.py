"""Logs: one line an event, as JSON or for people; secrets are redacted and control characters escaped."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from gate.core.lazy_regex import lazy_regex

# Tokens of the forge (old and new form), of the gate, bearer values, private keys, and approval links in addresses.
_SECRET = lazy_regex(
    r"(gh[pousr]_[A-Za-z0-9._-]{16,}|github_pat_[A-Za-z0-9_]{20,}|gate_[A-Za-z0-9_-]{20,}"
    r"|(?<=[Bb]earer )\S+|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]+|-----BEGIN[^-]*PRIVATE KEY-----.*"
    r"|(?<=/enter/)[^\s/?#]+|(?<=/signoff/)[^\s/?#]+)",
    re.DOTALL,
)
_CONTROL = lazy_regex(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def set_up_logs(*, form: str, level: str) -> None:
    """Write every event to standard error from now on, as `json` or `console`."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    renderer: Any = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return an event without secrets, each text on one line (S14)."""
    return {key: clean(value) for key, value in event.items()}


def clean(value: Any) -> Any:
    """Return a value as it may be logged."""
    if isinstance(value, str):
        return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", _SECRET.sub("(redacted)", value))[:4000]
    if isinstance(value, dict):
        return {str(key): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value


def log(event: str, *, level: str = "info", **values: Any) -> None:
    """Write one event."""
    getattr(structlog.get_logger(), level)(event, **values)
