"""Reviewing by link: the page that shows an owner the records that they answer for; its button confirms them."""

from collections.abc import Iterator, Mapping

from flask import Response, current_app, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound

from gate.core.errors import UnreadableError
from gate.core.explain.escaping import visible
from gate.core.forge.snapshot import ForgeRepository
from gate.usecases.confirm_review import Confirmation, NotConfirmedError, confirm_reviews
from gate.usecases.links import IssuedLink
from gate.usecases.ownership_reviews import component_of_review, reviews_by_id
from gate.usecases.repository_ownership import OwnershipNow, OwnershipSight
from gate.web.acknowledging import by_of, person_of_link
from gate.web.door import Door
from gate.web.link_cookies import link_csrf_token
from gate.web.ownership import record_levels, record_patterns, record_rows
from gate.web.redirects import see_other
from gate.web.turns import Turns
from gate.web.visitors import Visitor

STATUS = {
    "link-refused": 401,
    "link-used": 409,
    "changed-since": 409,
    "not-due": 409,
    "not-eligible": 403,
    "nothing-chosen": 400,
}


def review_page(
    door: Door, link: IssuedLink, values: Mapping[str, object], *, refused: NotConfirmedError | None = None
) -> Response:
    """Show the records that a link asks about, and the button while they wait for it. Nothing is written."""
    with door.gate.store.reading() as reading:
        use, repository = reading.link_use(link.jti), reading.repository(link.key.repository_key)
    if repository is None:
        raise NotFound
    now = _ownership(repository)
    records = list(_records(door, now, link))
    text = render_template(
        "review.html",
        records=records,
        is_waiting=use is None and any(one["standing"] == "waiting" for one in records),
        repository=repository.name,
        name=visible(link.account.removeprefix("person:")),
        use=use,
        refused=refused,
        sha=now.sha[:12],
        token=link_csrf_token(door, link.jti),
        action=url_for("signoff.decide", jti=link.jti),
        **values,
    )
    return Response(text, status=200 if refused is None else STATUS[refused.code])


def reviewed(
    door: Door, link: IssuedLink, visitor: Visitor | None, *, wanted: str, how: str, values: Mapping[str, object]
) -> Response:
    """Record that the records which were chosen are right, once; the link decides nothing else (L05)."""
    chosen = request.form.getlist("review")
    if wanted != "confirm" or not set(chosen) <= link.subjects.keys():
        raise BadRequest
    with door.gate.store.reading() as reading:
        repository = reading.repository(link.key.repository_key)
    if repository is None:
        raise NotFound
    given = Confirmation(
        repository=repository,
        records={one: link.subjects[one] for one in chosen},
        person=person_of_link(link),
        by=by_of(door, link, visitor),
        authenticated=how,
        link=link.jti,
    )
    turns: Turns = current_app.extensions["gate.turns"]
    try:
        with turns.of(link.jti):
            confirm_reviews(door.gate, given)
    except NotConfirmedError as refused:
        return review_page(door, link, values, refused=refused)
    _sight().forget(repository)
    return see_other(url_for("signoff.show", jti=link.jti))


def _sight() -> OwnershipSight:
    ownership: OwnershipSight = current_app.extensions["gate.ownership"]
    return ownership


def _ownership(repository: ForgeRepository) -> OwnershipNow:
    now = _sight().of(repository)
    if now is None:
        step = "Try again in a minute; the link stays good."
        raise UnreadableError("The records cannot be read right now.", next_step=step)
    return now


def _records(door: Door, now: OwnershipNow, link: IssuedLink) -> Iterator[dict[str, object]]:
    """Yield the records that a link asks about as they are now, and whether each still waits for what it asks."""
    known, at = reviews_by_id(now), door.gate.instant()
    for review, record in sorted(link.subjects.items()):
        name = component_of_review(review).partition("/")[2]
        one = known.get(review)
        if one is None:
            yield {"id": review, "name": visible(name), "standing": "gone"}
            continue
        is_same = one.record == record
        yield {
            "id": review,
            "name": visible(name),
            "standing": "done" if not one.occasion(at) else "waiting" if is_same else "changed",
            "title": one.component.title,
            "due_on": one.due_on,
            "is_late": at >= one.due_at,
            "rows": list(record_rows(door, now, one.component)),
            "levels": record_levels(now, one.component),
            "patterns": record_patterns(now, one.component),
            "needs": one.component.depends_on,
            "links": sorted(one.component.links.items()),
        }
