"""Pages of ownership: search, map and coverage of all that may be seen, and the record of one component."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, current_app, render_template, request

from gate.core.errors import GateError, UsageError
from gate.core.explain.escaping import prose
from gate.core.incident.brief import on_call_words, playbook_line
from gate.core.ownership.coverage import ASPECTS, Coverage, Share, measure_coverage, missing_aspects
from gate.core.ownership.registry import Component
from gate.core.ownership.search import dependents_of, parse_query
from gate.usecases.recorded_history import recorded_history
from gate.usecases.repository_ownership import OwnershipNow, components_found, kept_index
from gate.usecases.rotation import on_call_of
from gate.web.door import Door
from gate.web.ladder_rows import holiday_notes
from gate.web.own_reviews import review_due
from gate.web.ownership_map import Map, draw_map
from gate.web.ownership_sight import seen_component, seen_ownership
from gate.web.visitors import visitor

MAX_QUERY = 200
MOST_ROWS = 500
MOST_VERSIONS = 10
MOST_PATHS = 50_000

blueprint = Blueprint("ownership", __name__)


@dataclass(frozen=True, slots=True)
class _Place:
    """One repository as the page shows it."""

    now: OwnershipNow
    rows: tuple[Component, ...]
    map: Map
    coverage: Coverage | None


@blueprint.get("/ownership")
def overview() -> str:
    """Show who owns what: search, a map of dependencies, and what share is covered."""
    door: Door = current_app.extensions["gate"]
    query = request.args.get("q", "")[:MAX_QUERY]
    repository = request.args.get("repository") or None
    seen = seen_ownership(repository[:MAX_QUERY] if repository else None)
    problem = ""
    try:
        filters = parse_query([query])
    except UsageError as error:
        problem, filters = str(error), parse_query([])
    places = []
    for now in seen.places:
        found = components_found(door.gate, now, filters)
        places.append(_Place(now, tuple(found[:MOST_ROWS]), draw_map(found), _coverage(door, now)))
    return render_template(
        "ownership.html",
        query=query,
        problem=problem,
        places=places,
        seen=seen,
        aspects=ASPECTS,
        has_login=door.has_login,
        visitor=visitor(),
        percent=_percent,
    )


@blueprint.get("/ownership/<path:component>")
def one(component: str) -> str:
    """Show the record of a component: who, how to reach them, what depends on it, and the way back."""
    door: Door = current_app.extensions["gate"]
    found = seen_component(component, request.args.get("repository") or None)
    records = []
    for now, record in found:
        review = review_due(door, now, record)
        records.append(
            {
                "now": now,
                "record": record,
                "rows": list(record_rows(door, now, record)),
                "patterns": record_patterns(now, record),
                "needs": [name for name in record.depends_on if now.component(name)],
                "dependents": sorted(dependents_of(now.ownership, [record.name])),
                "missing": missing_aspects(now.ownership, record),
                "levels": record_levels(now, record),
                "holidays": holiday_notes(door, now),
                "review": review,
                "is_late": review is not None and review.occasion(door.gate.instant()) == "overdue",
                "links": [(word, text, _is_address(text)) for word, text in sorted(record.links.items())],
            }
        )
        try:
            records[-1]["history"] = recorded_history(door.gate, now, record.name, most=MOST_VERSIONS)
        except GateError:
            records[-1]["history"] = None  # the page then says that the forge does not answer
        with door.gate.store.reading() as reading:
            records[-1]["incidents"] = reading.incidents([now.repository.key], component=record.name, limit=20)
    return render_template(
        "component.html", name=component, records=records, has_login=door.has_login, visitor=visitor()
    )


def record_rows(door: Door, now: OwnershipNow, record: Component) -> Iterator[tuple[str, str]]:
    """Yield what a component's record says, each by the word that people read it under."""
    who = on_call_of(now.ownership, record, at=door.gate.instant(), tree=now.tree, readers=door.gate.readers)
    rows = (
        ("Owner", _with_members(now, record.owner) or "nobody"),
        ("Backup", _with_members(now, record.backup or "") or "none"),
        ("On call now", on_call_words(who)),
        ("Kind", record.kind if record.kind != "other" else ""),
        ("Tier", str(record.tier or "")),
        ("Lifecycle", record.lifecycle or ""),
        ("Environments", ", ".join(record.environments)),
        ("Data class", record.data_class or ""),
        ("Section", record.section),
        ("Reviewed", record.reviewed or ""),
        ("Way back", playbook_line(record.rollback)),
        ("Transfer", f"to {record.transfer.to}: {record.transfer.reason}" if record.transfer else ""),
        ("Written in", record.source),
    )
    yield from ((word, prose(text)) for word, text in rows if text)


def _with_members(now: OwnershipNow, reference: str) -> str:
    team = now.ownership.teams.get(reference)
    if team is None:
        return reference
    members = [*team.members, *([f"@{team.github_team}"] if team.github_team else [])]
    return f"{reference} ({', '.join(members)})" if members else reference


def record_levels(now: OwnershipNow, record: Component) -> list[str]:
    """Return the levels of a component's escalation policy in words."""
    policy = now.ownership.escalations.get(record.escalation or "")
    return [
        f"{', '.join(level.notify)} by {level.channel}, {level.acknowledge_within} to acknowledge"
        for level in (policy.levels if policy else ())
    ]


def record_patterns(now: OwnershipNow, record: Component) -> list[tuple[str, str]]:
    """Return the patterns of a component's files, each with where it is written."""
    number = now.ownership.components.index(record)
    return [
        (f"!{rule.pattern}" if rule.is_exclusion else rule.pattern, rule.source)
        for section in now.ownership.sections
        for rule in section.rules
        if rule.component == number
    ]


def _coverage(door: Door, now: OwnershipNow) -> Coverage | None:
    """Return the coverage of a repository, None where its files cannot be listed or are too many for a page."""
    try:
        paths = [entry.path for entry in now.tree.entries()]
    except GateError:
        return None
    if len(paths) > MOST_PATHS:
        return None
    with kept_index(door.gate, now) as index:
        return measure_coverage(now.ownership, paths, index)


def _percent(share: Share) -> str:
    return f"{share.percent:g} %"


def _is_address(text: str) -> bool:
    """Return whether a link of the records may be followed: anything but a web address is shown as text."""
    return text.startswith(("https://", "http://"))
