"""Signals: what a tracker's webhook says of an incident, as one value; it is a hint, and no more than that."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from gate.core.change.facts import Instant
from gate.core.explain.escaping import prose
from gate.core.times import instant, moment_of
from gate.core.values import dataclass

MAX_HINTS = 20
MAX_KEY = 300
_MOST = 200


@dataclass(frozen=True, slots=True)
class Signal:
    """An incident as a delivery tells it. `hints` may be names of components: services, labels, tags; `paths` files."""

    ticket: str
    title: str
    state: Literal["open", "closed"]
    url: str = ""
    began_at: Instant = ""
    hints: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


def signal_of(tracker: str, payload: Mapping[str, Any]) -> Signal | None:
    """Return what a tracker's payload says of an incident, None where it is about none."""
    reader = _READERS.get(tracker)
    return reader(payload) if reader else None


def ticket_address(url: str) -> str:
    """Return a ticket's address as pages may link it, empty for any other than a short one of `https`."""
    return url if url.startswith("https://") and len(url) <= MAX_KEY else ""


def _pagerduty(payload: Mapping[str, Any]) -> Signal | None:
    event = _part(payload, "event")
    data = _part(event, "data")
    if not _text(event, "event_type").startswith("incident.") or _text(data, "type") != "incident":
        return None
    identity = _text(data, "id")
    if not identity.isalnum():
        return None
    hints = [_text(_part(data, "service"), "summary"), *_words(data, "component")]
    state: Literal["open", "closed"] = "closed" if _text(data, "status") == "resolved" else "open"
    return _signal(
        f"PD:{identity}", _text(data, "title"), state, _text(data, "html_url"), _text(data, "created_at"), hints
    )


def _jira(payload: Mapping[str, Any]) -> Signal | None:
    issue = _part(payload, "issue")
    fields = _part(issue, "fields")
    labels = list(_words(fields, "labels"))
    is_incident = "incident" in _text(_part(fields, "issuetype"), "name").lower() or "incident" in labels
    if not is_incident:
        return None
    components = [_text(one, "name") for one in _rows(fields, "components")]
    is_done = _text(_part(fields, "status", "statusCategory"), "key") == "done"
    state: Literal["open", "closed"] = "closed" if is_done else "open"
    title, created = _text(fields, "summary"), _text(fields, "created")
    return _signal(_text(issue, "key"), title, state, "", created, [*components, *labels])


def _github(payload: Mapping[str, Any]) -> Signal | None:
    issue = _part(payload, "issue")
    labels = [_text(one, "name") for one in _rows(issue, "labels")]
    number, name = issue.get("number"), _text(_part(payload, "repository"), "full_name")
    if "incident" not in labels or not isinstance(number, int) or issue.get("pull_request"):
        return None
    state: Literal["open", "closed"] = "closed" if _text(issue, "state") == "closed" else "open"
    url, created = _text(issue, "html_url"), _text(issue, "created_at")
    return _signal(f"{name}#{number}", _text(issue, "title"), state, url, created, labels)


def _own(payload: Mapping[str, Any]) -> Signal | None:
    """Read the gate's own shape, for ServiceNow's business rules and for webhooks of one's own (docs/incidents.md)."""
    state: Literal["open", "closed"] = "closed" if _text(payload, "state") == "closed" else "open"
    hints = [_text(payload, "component"), *_words(payload, "hints")]
    found = _signal(
        _text(payload, "ticket"),
        _text(payload, "title"),
        state,
        _text(payload, "url"),
        _text(payload, "began_at"),
        hints,
    )
    if found is None:
        return None
    paths = tuple(path for path in _words(payload, "paths") if len(path) <= MAX_KEY)[:_MOST]
    return Signal(found.ticket, found.title, found.state, found.url, found.began_at, found.hints, paths)


def _signal(  # noqa: PLR0917  # the fields in their order
    ticket: str, title: str, state: Literal["open", "closed"], url: str, began: str, hints: list[str]
) -> Signal | None:
    if not ticket or len(ticket) > MAX_KEY:
        return None
    kept = dict.fromkeys(hint.removeprefix("component:")[:100] for hint in hints if hint)
    return Signal(ticket, prose(title, MAX_KEY), state, ticket_address(url), _instant(began), tuple(kept)[:MAX_HINTS])


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Signal | None]] = {
    "pagerduty": _pagerduty,
    "jira": _jira,
    "github": _github,
    "servicenow": _own,
    "webhook": _own,
}
TRACKERS = tuple(_READERS)
"""The trackers whose webhooks are understood."""


def _instant(text: str) -> Instant:
    """Return a time with a zone as an instant, empty for anything else."""
    try:
        return instant(moment_of(text[:40], needs_zone=True))
    except ValueError:
        return ""


def _part(value: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        found = value.get(key)
        value = found if isinstance(found, Mapping) else {}
    return value


def _rows(value: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    found = value.get(key)
    yield from (one for one in (found if isinstance(found, list) else [])[:_MOST] if isinstance(one, Mapping))


def _words(value: Mapping[str, Any], key: str) -> Iterator[str]:
    found = value.get(key)
    yield from (one for one in (found if isinstance(found, list) else [])[:_MOST] if isinstance(one, str))


def _text(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""
