"""Value hints: how a value of the wrong kind is to be written, from what its writer most likely meant."""

import json
from typing import Any

from gate.core.explain.escaping import visible

_YES, _NO = frozenset({"yes", "on", "y", "true"}), frozenset({"no", "off", "n", "false"})
_MAX_SHOWN = 60


def right_form(wanted: str, value: Any, described: str = "") -> str:
    """Return what to write where a value should be text, a list and so on; empty where that goes without saying.

    `described` is what is said of the field, for people: `A length of time: ...`.
    """
    if isinstance(value, str) and len(value) > _MAX_SHOWN:
        return ""
    if wanted == "a list" and isinstance(value, str | int):
        return f"write `[{_quoted(value)}]`"
    if wanted == "a mapping" and not isinstance(value, dict):
        return "write `key: value` pairs below it"
    if wanted == "true or false" and isinstance(value, str | int):
        word = str(value).lower()
        return "write `true`" if word in {*_YES, "1"} else "write `false`" if word in {*_NO, "0"} else ""
    if wanted == "a whole number" and isinstance(value, str) and value.isdecimal():
        return f"write `{visible(value)}` without quotes"
    if wanted == "text" and isinstance(value, int | float):
        return described if "`" in described else f"put it in quotes: `{_quoted(str(value).lower())}`"
    return ""


def in_other_words(description: str) -> str:
    """Return what is said of a field as a next step: `write a length of time: ...`; empty where nothing is said."""
    return f"write {description[:1].lower()}{description[1:].rstrip('.')}" if description else ""


def _quoted(value: str | int) -> str:
    """Return a value as it stands in a list of YAML; text always in quotes, for many of its signs mean something."""
    return visible(json.dumps(value, ensure_ascii=False))
