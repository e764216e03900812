"""Title patterns: regular expressions of a policy, searched in linear time by RE2 whatever they say."""

import re2

from gate.core.explain.escaping import visible

MAX_PATTERN = 1000
_MAX_TITLE = 4000
_MAX_MEMORY = 8 << 20


def pattern_error(pattern: str) -> str | None:
    """Return why a pattern cannot be used, None where it can."""
    if len(pattern) > MAX_PATTERN:
        return f"it has more than {MAX_PATTERN} characters"
    try:
        re2.compile(pattern, _options())
    except re2.error as error:
        reason = error.args[0] if error.args else "it is no regular expression"
        text = reason.decode("utf-8", errors="replace") if isinstance(reason, bytes) else str(reason)
        return visible(" ".join(text.split())[:200])
    except UnicodeEncodeError:
        return "it holds half a character"
    return None


def is_found(pattern: str, text: str) -> bool:
    """Return whether a pattern is found in a title; one that cannot be used counts as found, since it demands."""
    if pattern_error(pattern) is not None:
        return True
    # NOTE: RE2 reads UTF-8; a title with half a character is searched with a mark in its place.
    title = text[:_MAX_TITLE].encode(errors="replace").decode()
    return re2.compile(pattern, _options()).search(title) is not None


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    return options
