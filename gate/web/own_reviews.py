"""Reviews of one's own: an owner who is logged in confirms a record on the component's page, without any link."""

from flask import Blueprint, Response, current_app, request, url_for
from werkzeug.exceptions import Forbidden, NotFound

from gate.core.errors import GateError
from gate.core.ownership.registry import Component
from gate.usecases.acknowledge import person_behind
from gate.usecases.confirm_review import Confirmation, NotConfirmedError, confirm_reviews
from gate.usecases.ownership_reviews import OwnershipReview, review_id, reviewers_now, reviews_by_id
from gate.usecases.repository_ownership import OwnershipNow, OwnershipSight
from gate.web.door import Door
from gate.web.ownership_sight import seen_ownership
from gate.web.problems import problem
from gate.web.redirects import see_other
from gate.web.visitors import visitor

MAX_FIELD = 300
blueprint = Blueprint("own_reviews", __name__)


@blueprint.post("/ownership/review")
def confirm() -> Response:
    """Record that whoever is logged in finds a component's record right, as its page showed it to them."""
    door: Door = current_app.extensions["gate"]
    review, record, repository = (request.form.get(name, "")[:MAX_FIELD] for name in ("review", "record", "repository"))
    places, who = seen_ownership(repository).places, visitor()
    one = reviews_by_id(places[0]).get(review) if len(places) == 1 else None
    if one is None:
        raise NotFound
    now = places[0]
    account = who.account_in(now.repository)
    if account is None:
        raise Forbidden
    given = Confirmation(
        repository=now.repository,
        records={review: record},
        person=person_behind(now.ownership, account),
        by=who.key_in(now.repository),
        authenticated=who.how,
    )
    try:
        confirm_reviews(door.gate, given)
    except NotConfirmedError as refused:
        return problem(403 if refused.code == "not-eligible" else 409, detail=str(refused), code=refused.code)
    sight: OwnershipSight = current_app.extensions["gate.ownership"]
    sight.forget(now.repository)
    back = url_for("ownership.one", component=one.component.name, repository=now.repository.name)
    return see_other(back)


def review_due(door: Door, now: OwnershipNow, component: Component) -> OwnershipReview | None:
    """Return the review of a component that is soon due or overdue, where who is logged in may confirm it."""
    one = reviews_by_id(now).get(review_id(component))
    account = visitor().account_in(now.repository)
    if one is None or account is None or not one.occasion(door.gate.instant()):
        return None
    try:
        reviewers = reviewers_now(door.gate, now, [one])[one.id]
    except GateError:
        return None
    return one if reviewers.may_confirm(person_behind(now.ownership, account)) else None
