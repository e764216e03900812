"""Consistency: whether facts that were read from outside fit together, so that deciding on them cannot fail."""

import datetime as dt
import re
from collections.abc import Iterator

from gate.core.change.facts import Facts
from gate.core.lazy_regex import lazy_regex

_INSTANT = lazy_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)


def is_instant(text: str) -> bool:
    """Return whether a text is a time in UTC, to the second, that exists: `2026-12-01T10:00:00Z`."""
    return _INSTANT.fullmatch(text) is not None and _exists(text)


def inconsistencies(facts: Facts) -> Iterator[str]:
    """Yield what does not fit together, each as a sentence part that names the place."""
    for place, text in _instants(facts):
        if not is_instant(text):
            yield f"{place} is no time in UTC: {text[:40]!r}"
    for place, text in _dates(facts):
        if not _exists(text):
            yield f"{place} is no date that exists: {text[:40]!r}"
    yield from _indices(facts)


def _indices(facts: Facts) -> Iterator[str]:
    count = len(facts.ownership.components)
    for section in facts.ownership.sections:
        for rule in section.rules:
            if rule.component is not None and not 0 <= rule.component < count:
                yield f"the ownership rule {rule.source[:80]!r} names component {rule.component} of {count}"
    for period in facts.freeze_periods:
        if not 0 <= period.freeze < len(facts.policy.policy.freezes):
            yield f"freeze_periods names freeze {period.freeze}, which the policy does not have"


def _instants(facts: Facts) -> Iterator[tuple[str, str]]:
    for act in facts.signoffs:
        yield "signoffs/at", act.at
    for period in facts.freeze_periods:
        yield "freeze_periods/from_at", period.from_at
        yield "freeze_periods/until_at", period.until_at
    window = facts.declaration.window
    if window is not None:
        yield "declaration/window/from_at", window.from_at
        yield "declaration/window/until_at", window.until_at


def _dates(facts: Facts) -> Iterator[tuple[str, str]]:
    for component in facts.ownership.components:
        if component.reviewed is not None:
            yield "ownership/components/reviewed", component.reviewed
    for model in facts.policy.policy.standard_changes:
        yield "policy/standard_changes/until", model.until


def _exists(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
