"""The API of ownership: who owns a path, components with their records, and what may have broken one."""

import dataclasses
from typing import Any

from flask import Response, current_app, jsonify
from flask_openapi.blueprint import APIBlueprint

from gate.core.incident.brief import brief_value
from gate.core.incident.suspects import Signs
from gate.core.ownership.history import version_value
from gate.core.ownership.registry import Component
from gate.core.ownership.search import parse_query
from gate.core.times import instant
from gate.usecases.incident_brief import brief_for
from gate.usecases.recorded_history import RecordedHistory, recorded_history
from gate.usecases.repository_ownership import OwnershipNow, components_found, kept_index
from gate.web.api import Problem
from gate.web.door import Door
from gate.web.ownership_sight import seen_component, seen_ownership
from gate.web.shapes_components import (
    ComponentList,
    ComponentPath,
    ComponentRow,
    ComponentsQuery,
    Histories,
    OwnerList,
    OwnerRow,
    OwnersQuery,
    Records,
    RepositoryQuery,
    Suspects,
    SuspectsQuery,
)

blueprint = APIBlueprint(
    "components",
    __name__,
    abp_responses=dict.fromkeys(("400", "401", "403", "404", "405", "503"), Problem),
)


@blueprint.get("/api/v1/owners", summary="Who owns a path", responses={200: OwnerList})
def owners(query: OwnersQuery) -> Response:
    """Return owner, component and deciding line of a path, for every section."""
    (now,) = _places(query.repository)
    door: Door = current_app.extensions["gate"]
    with kept_index(door.gate, now) as index:
        resolution = index.resolve(query.path)
    rows = [
        OwnerRow(
            path=query.path,
            section=now.ownership.sections[found.section].name,
            component=now.ownership.components[found.component].name if found.component is not None else None,
            owners=list(now.ownership.components[found.component].owners) if found.component is not None else [],
            source=found.rule.source if found.rule else None,
        )
        for found in resolution
    ]
    return jsonify(OwnerList(repository=now.repository.name, owners=rows).model_dump())


@blueprint.get("/api/v1/components", summary="List components", responses={200: ComponentList})
def components(query: ComponentsQuery) -> Response:
    """Return the components of the default branches, as their records say now."""
    seen = seen_ownership(query.repository)
    filters = parse_query([query.q])
    door: Door = current_app.extensions["gate"]
    rows = [_row(now, one) for now in seen.places for one in components_found(door.gate, now, filters)]
    return jsonify(ComponentList(components=rows, unreadable=list(seen.unreadable)).model_dump())


@blueprint.get("/api/v1/components/<path:component>", summary="One component's record", responses={200: Records})
def component(path: ComponentPath, query: RepositoryQuery) -> Response:
    """Return the record of a component, of each repository that names it."""
    found = seen_component(path.component, query.repository)
    return jsonify(Records(records=[_record(now, one) for now, one in found]).model_dump())


@blueprint.get(
    "/api/v1/components/<path:component>/history", summary="Who changed its record", responses={200: Histories}
)
def history(path: ComponentPath, query: RepositoryQuery) -> Response:
    """Return the versions of a component's record since the gate watches, newest first, field by field."""
    door: Door = current_app.extensions["gate"]
    found = [
        _history(now, recorded_history(door.gate, now, path.component))
        for now, _ in seen_component(path.component, query.repository)
    ]
    return jsonify(Histories(histories=found).model_dump())


@blueprint.get(
    "/api/v1/components/<path:component>/suspects", summary="What may have broken it", responses={200: Suspects}
)
def suspects(path: ComponentPath, query: SuspectsQuery) -> Response:
    """Return the changes that may have broken a component, the likeliest first, each with its reasons."""
    door: Door = current_app.extensions["gate"]
    moment = query.at if query.at is not None and query.at.tzinfo is not None else door.gate.now()
    signs = Signs(
        component=path.component,
        began_at=instant(moment),
        paths=(query.path,) if query.path else (),
        window_hours=query.days * 24,
    )
    found = seen_component(path.component, query.repository)
    briefs = [
        {"repository": now.repository.name, **brief_value(brief_for(door.gate, now, one, signs))} for now, one in found
    ]
    return jsonify(Suspects(briefs=briefs).model_dump())


def _places(repository: str) -> tuple[OwnershipNow]:
    from werkzeug.exceptions import ServiceUnavailable

    places = seen_ownership(repository).places
    if len(places) != 1:
        raise ServiceUnavailable
    return (places[0],)


def _row(now: OwnershipNow, one: Component) -> ComponentRow:
    return ComponentRow(
        repository=now.repository.name,
        name=one.name,
        title=one.title,
        kind=one.kind,
        tier=one.tier,
        section=one.section,
        owners=list(one.owners),
        backup=one.backup,
        depends_on=list(one.depends_on),
        source=one.source,
    )


def _history(now: OwnershipNow, found: RecordedHistory) -> dict[str, Any]:
    return {
        "repository": now.repository.name,
        "versions": [{**version_value(one.version), "change": one.change} for one in found.versions],
        "is_cut": found.is_cut,
        "unreadable": list(found.unreadable),
    }


def _record(now: OwnershipNow, one: Component) -> dict[str, Any]:
    plain = {field.name: getattr(one, field.name) for field in dataclasses.fields(one)}
    plain |= {
        "links": dict(one.links),
        "rollback": one.rollback.model_dump(mode="json") if one.rollback else None,
        "transfer": one.transfer.model_dump(mode="json") if one.transfer else None,
        "repository": now.repository.name,
        "commit": now.sha,
    }
    return plain
