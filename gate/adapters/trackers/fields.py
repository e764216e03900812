"""Fields: what trackers answer, read field by field; text of theirs is bounded and made visible."""

import re
from collections.abc import Mapping
from typing import Any

from gate.core.explain.escaping import prose
from gate.usecases.tracker_ports import TrackerError

MAX_TITLE = 300
_KIND = re.compile(r"[^a-z0-9]+")


def text_at(row: Mapping[str, Any], *keys: str) -> str:
    """Return a text within nested objects. Raises TrackerError where there is none."""
    value: Any = row
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(value, str):
        raise TrackerError(f"The tracker's answer has no `{'.'.join(keys)}`.")
    return value


def optional_text(row: Mapping[str, Any], *keys: str) -> str:
    """Return a text within nested objects, empty where there is none."""
    try:
        return text_at(row, *keys)
    except TrackerError:
        return ""


def title_of(text: str) -> str:
    """Return a ticket's title as it is kept and shown: one visible line of at most 300 characters."""
    return prose(text, MAX_TITLE)


def kind_of(text: str) -> str:
    """Return a ticket's kind as policies spell it: `Change Request` is `change-request`."""
    return _KIND.sub("-", text.lower()).strip("-")[:60]
