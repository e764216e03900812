"""Escalations: the page of one ladder, where whoever was called says that they take care."""

from flask import Blueprint, Response, current_app, render_template, url_for
from werkzeug.exceptions import Forbidden, NotFound

from gate.core.explain.escaping import visible
from gate.core.forge.snapshot import ForgeRepository
from gate.core.notify.due import last_moment
from gate.usecases.acknowledge import NotAcknowledgedError, acknowledge_call
from gate.usecases.notices import StoredEscalation
from gate.usecases.repository_ownership import OwnershipSight
from gate.web.acknowledging import CAUSES, STANDINGS
from gate.web.door import Door
from gate.web.ladder_rows import holiday_notes, ladder_rows
from gate.web.names import name_of
from gate.web.redirects import see_other
from gate.web.visitors import visitor

blueprint = Blueprint("escalations", __name__)


@blueprint.get("/escalations/<escalation_id>")
def show(escalation_id: str) -> str:
    """Show who was called when, and a way to acknowledge while nobody has."""
    door: Door = current_app.extensions["gate"]
    ownership: OwnershipSight = current_app.extensions["gate.ownership"]
    found, repository = _visible(escalation_id)
    return render_template(
        "escalation.html",
        found=found,
        repository=repository.name,
        cause=CAUSES[found.cause],
        word=STANDINGS[found.state],
        by=name_of(door, repository, found.acknowledged_by) if found.acknowledged_by else "",
        component=visible(found.component.partition("/")[2] or found.subject),
        calls=list(ladder_rows(found)),
        due_on=last_moment(found.scope)[:10] if found.cause == "review" else "",
        notes=holiday_notes(door, ownership.of(repository)),
        has_login=door.has_login,
        visitor=visitor(),
    )


@blueprint.post("/escalations/<escalation_id>")
def acknowledge(escalation_id: str) -> Response:
    """Record that the visitor takes care; whoever was not called is refused."""
    door: Door = current_app.extensions["gate"]
    found, _ = _visible(escalation_id)
    who = visitor()
    try:
        acknowledge_call(door.gate, found.id, account=who.account, name=who.name, is_admin=who.role == "admin")
    except NotAcknowledgedError as error:
        raise Forbidden(str(error)) from None
    return see_other(url_for("escalations.show", escalation_id=found.id))


def _visible(escalation_id: str) -> tuple[StoredEscalation, ForgeRepository]:
    """Return a ladder of a repository that the visitor may see. Raises the uniform 404 for every other."""
    door: Door = current_app.extensions["gate"]
    with door.gate.store.reading() as reading:
        found = reading.escalation(escalation_id[:64])
        repository = reading.repository(found.key.repository_key) if found else None
    if found is None or repository is None or not visitor().may_see(repository):
        raise NotFound
    return found, repository
