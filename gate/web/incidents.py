"""Pages of incidents: what fails and failed, with failure rate and time to restore, and one with its suspects."""

import datetime as dt

from flask import Blueprint, Response, current_app, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound

from gate.core.change.facts import AccountKey
from gate.core.errors import GateError, UsageError
from gate.core.explain.escaping import prose
from gate.core.forge.snapshot import ForgeRepository, RepositoryKey
from gate.core.incident.brief import brief_rows
from gate.core.incident.metrics import Outage, change_failure_rate, time_to_restore
from gate.core.times import instant
from gate.usecases.close_incident import Closing, close_incident
from gate.usecases.incident_brief import incident_brief
from gate.usecases.incident_stored import StoredIncident
from gate.usecases.repository_ownership import OwnershipSight
from gate.usecases.review_incident import HeldReview, review_incident
from gate.usecases.store_ports import Reading
from gate.web.door import Door
from gate.web.redirects import see_other
from gate.web.visitors import visitor

SPAN = dt.timedelta(days=90)
_MOST = 200

blueprint = Blueprint("incidents", __name__)


@blueprint.get("/incidents")
def overview() -> str:
    """Show incidents, those that began last first, and the two metrics of the last 90 days with their populations."""
    door: Door = current_app.extensions["gate"]
    now = door.gate.now()
    since, until = instant(now - SPAN), instant(now)
    with door.gate.store.reading() as reading:
        known = _visible(reading)
        found = reading.incidents(list(known), limit=_MOST)
        span = reading.incidents(list(known), began_since=since, limit=5000)
        outages = [_outage(reading, one) for one in span]
        landed = [
            (_named(known, one.key.repository_key, one.key.number), one.merged_at)
            for key in known
            for one in reading.landings(key, since=since, until=until)
        ]
    return render_template(
        "incidents.html",
        incidents=[(one, known[one.repository].name, prose(one.title)) for one in found],
        rate=change_failure_rate(landed, [_named_causes(known, one) for one in outages], since=since, until=until),
        restore=time_to_restore((one[0] for one in outages), since=since, until=until),
        days=SPAN.days,
        has_login=door.has_login,
        visitor=visitor(),
    )


@blueprint.get("/incidents/<identity>")
def one(identity: str) -> str:
    """Show an incident: owner, on call, way back, suspects with reasons, and what is asked when it is closed."""
    return _page(identity)


@blueprint.post("/incidents/<identity>/close")
def close(identity: str) -> Response | str:
    """Close an incident, or say which change caused one that is closed already."""
    door: Door = current_app.extensions["gate"]
    incident, _ = _found(identity)
    given = request.form.get("cause", "").strip().lstrip("#")
    if given and not (given.isascii() and given.isdigit() and len(given) <= 9):  # noqa: PLR2004  # digits of a number
        raise BadRequest
    closing = Closing(
        incident=incident.id,
        restored_at=incident.restored_at or door.gate.instant(),
        cause=int(given) if given else None,
        by=_by(),
        authenticated="page",
        reason=request.form.get("reason", "")[:1000],
    )
    try:
        close_incident(door.gate, closing)
    except UsageError as error:
        return _page(identity, problem=f"{error} {error.next_step}".strip())
    return see_other(url_for("incidents.one", identity=incident.id))


@blueprint.post("/incidents/<identity>/review")
def review(identity: str) -> Response | str:
    """Record that the review of a closed incident was held, with what it found."""
    door: Door = current_app.extensions["gate"]
    incident, _ = _found(identity)
    note = request.form.get("note", "")
    try:
        review_incident(door.gate, HeldReview(incident=incident.id, note=note, by=_by(), authenticated="page"))
    except UsageError as error:
        return _page(identity, problem=f"{error} {error.next_step}".strip())
    return see_other(url_for("incidents.one", identity=incident.id))


def _by() -> AccountKey:
    who = visitor()
    return who.account.key if who.account else f"visitor:{who.name}"[:100]


def _page(identity: str, *, problem: str = "") -> str:
    door: Door = current_app.extensions["gate"]
    sight: OwnershipSight = current_app.extensions["gate.ownership"]
    incident, repository = _found(identity)
    now = sight.of(repository)
    try:
        brief = incident_brief(door.gate, now, incident) if now else None
    except GateError:
        brief = None  # the page then says that the forge does not answer
    with door.gate.store.reading() as reading:
        links = reading.incident_changes(incident.id)
    return render_template(
        "incident.html",
        incident=incident,
        title=prose(incident.title),
        repository=repository,
        brief=brief,
        rows=list(brief_rows(brief)) if brief else [],
        links=links,
        numbers=[one.landing.id.rpartition("#")[2] for one in brief.suspects] if brief else [],
        problem=problem,
        may_close=visitor().role in {"owner", "admin"},
        has_login=door.has_login,
        visitor=visitor(),
    )


def _found(identity: str) -> tuple[StoredIncident, ForgeRepository]:
    """Return an incident that the visitor may see. Raises the uniform 404 for every other."""
    door: Door = current_app.extensions["gate"]
    with door.gate.store.reading() as reading:
        incident = reading.incident(identity[:100])
        repository = reading.repository(incident.repository) if incident else None
    if incident is None or repository is None or not visitor().may_see(repository):
        raise NotFound
    return incident, repository


def _visible(reading: Reading) -> dict[RepositoryKey, ForgeRepository]:
    return {one.key: one for one in reading.repositories() if visitor().may_see(one)}


def _outage(reading: Reading, incident: StoredIncident) -> tuple[Outage, tuple[tuple[RepositoryKey, int], ...]]:
    causes = tuple(
        (link.change.repository_key, link.change.number)
        for link in reading.incident_changes(incident.id)
        if link.relation == "caused-by" and link.confirmation == "confirmed"
    )
    return Outage(incident.id, incident.component, incident.began_at, incident.restored_at), causes


def _named_causes(
    known: dict[RepositoryKey, ForgeRepository], outage: tuple[Outage, tuple[tuple[RepositoryKey, int], ...]]
) -> Outage:
    found, causes = outage
    names = tuple(_named(known, key, number) for key, number in causes if key in known)
    return Outage(found.id, found.component, found.began_at, found.restored_at, names)


def _named(known: dict[RepositoryKey, ForgeRepository], key: RepositoryKey, number: int) -> str:
    return f"{known[key].name}#{number}"
