"""History: the versions of a component's record, each with what changed field by field, by whom, when and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gate.core.change.facts import Instant
from gate.core.ownership.registry import Component, Ownership
from gate.core.values import dataclass

Fields = Mapping[str, str]
"""A record as words: the name of each field that is set, and its value as it is read."""


@dataclass(frozen=True, slots=True)
class Revision:
    """The record as of one commit; `fields` is None where the component was not in the records."""

    sha: str
    at: Instant
    author: str
    subject: str
    fields: Fields | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, before and after; empty where it was not set."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Version:
    """A commit that changed the record: it `added`, `changed` or `removed` the component."""

    sha: str
    at: Instant
    author: str
    subject: str
    kind: str
    changes: tuple[FieldChange, ...]


def versions_of(revisions: Iterable[Revision], *, before: Fields | None = None) -> tuple[Version, ...]:
    """Return the versions of a record from its revisions, oldest first; what comes back is newest first.

    `before` is the record before the first of them. A revision that changes nothing of it is no version.
    """
    found: list[Version] = []
    known = before
    for one in revisions:
        if one.fields != known:
            kind = "added" if known is None else "removed" if one.fields is None else "changed"
            changes = tuple(_changes(known or {}, one.fields or {}))
            found.append(Version(one.sha, one.at, one.author, one.subject, kind, changes))
        known = one.fields
    return tuple(reversed(found))


def version_value(one: Version) -> dict[str, Any]:
    """Return a version as JSON."""
    return {
        "commit": one.sha,
        "at": one.at,
        "author": one.author,
        "subject": one.subject,
        "kind": one.kind,
        "changes": [{"field": each.field, "before": each.before, "after": each.after} for each in one.changes],
    }


def fields_of(ownership: Ownership, name: str) -> Fields | None:
    """Return the record of a component as words, None where the ownership has none of that name."""
    number = next((n for n, one in enumerate(ownership.components) if one.name == name), None)
    if number is None:
        return None
    return {word: text for word, text in _words(ownership, number, ownership.components[number]) if text}


def fields_of_component(ownership: Ownership, component: Component) -> Fields:
    """Return the record of one of an ownership's components as words."""
    number = ownership.components.index(component)
    return {word: text for word, text in _words(ownership, number, component) if text}


def _words(ownership: Ownership, number: int, one: Component) -> Iterator[tuple[str, str]]:
    for word in ("owner", "backup", "section", "title", "kind", "tier", "lifecycle", "data_class", "escalation"):
        yield word, str(getattr(one, word) or "")
    for word in ("environments", "depends_on", "migrations"):
        yield word, ", ".join(getattr(one, word))
    yield "paths", ", ".join(_patterns(ownership, number))
    for label, address in sorted(one.links.items()):
        yield f"link {label}", address
    if one.rollback is not None:
        yield "rollback", one.rollback.method
        yield "rollback steps", "; ".join(one.rollback.steps)
        yield "restore_minutes", str(one.rollback.restore_minutes or "")
    yield "reviewed", one.reviewed or ""
    yield "review_every_days", str(one.review_every_days or "")
    yield "transfer", f"to {one.transfer.to}: {one.transfer.reason}" if one.transfer else ""


def _patterns(ownership: Ownership, number: int) -> Sequence[str]:
    rules = (rule for section in ownership.sections for rule in section.rules if rule.component == number)
    return [f"!{rule.pattern}" if rule.is_exclusion else rule.pattern for rule in rules]


def _changes(before: Fields, after: Fields) -> Iterator[FieldChange]:
    for word in dict.fromkeys((*before, *after)):
        if before.get(word, "") != after.get(word, ""):
            yield FieldChange(word, before.get(word, ""), after.get(word, ""))
