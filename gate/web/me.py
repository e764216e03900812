"""A person's own page: what waits for whom, who stands in for whom, who was asked instead, whose their logins are."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from flask import Blueprint, Response, current_app, render_template, request, url_for
from werkzeug.exceptions import Forbidden, NotFound

from gate.core.change.facts import AccountKey
from gate.core.errors import GateError
from gate.core.forge.snapshot import ForgeRepository, RepositoryKey
from gate.core.values import dataclass
from gate.usecases.delegate_signoff import end_delegation
from gate.usecases.link_login import unlink_login
from gate.usecases.people import Delegation, LinkedLogin, StandIn
from gate.usecases.repository_ownership import OwnershipNow, OwnershipSight
from gate.usecases.signoff_decisions import SignoffRefusedError
from gate.usecases.stand_ins import MAX_REASON, end_stand_in, name_stand_in, possible_stand_ins
from gate.web.door import Door
from gate.web.own_records import names_in, own_records
from gate.web.redirects import see_other
from gate.web.rows import Rows, asked_for
from gate.web.visitors import Visitor, visible_repositories, visitor

Kept = TypeVar("Kept")
_MOST_PLACES = 20
_MOST_ROWS = 20

blueprint = Blueprint("me", __name__)


@blueprint.get("/me")
def show() -> str:
    """Show all that concerns who is logged in."""
    door: Door = current_app.extensions["gate"]
    return _page(door, _here(door))


@blueprint.post("/me/stand-in")
def name() -> Response:
    """Name who is told in one's place from one day to another."""
    door: Door = current_app.extensions["gate"]
    here = _here(door)
    stand_in = StandIn(
        here.required_account,
        request.form.get("to", "")[:200],
        request.form.get("begins_on", "")[:10],
        request.form.get("ends_on", "")[:10],
        door.gate.instant(),
        request.form.get("reason", "").strip()[:MAX_REASON],
    )
    try:
        possible = possible_stand_ins(door.gate, here.account, here.places)
        name_stand_in(door.gate, stand_in, possible=possible, authenticated=here.visitor.how)
    except SignoffRefusedError as refused:
        return Response(_page(door, here, refused=refused), status=403)
    return _back()


@blueprint.post("/me/stand-in/end")
def end() -> Response:
    """End that somebody stands in, as either of both."""
    door: Door = current_app.extensions["gate"]
    here = _here(door)
    chosen = _chosen(here.stand_ins, lambda one: f"{one.account} {one.to} {one.begins_on}")
    end_stand_in(door.gate, chosen, authenticated=here.visitor.how, by=here.required_account)
    return _back()


@blueprint.post("/me/delegation/end")
def take_back() -> Response:
    """End that somebody is asked instead, as either of both."""
    door: Door = current_app.extensions["gate"]
    here = _here(door)
    chosen = _chosen(here.delegations, _name_of)
    end_delegation(door.gate, chosen, authenticated=here.visitor.how, by=here.required_account)
    return _back()


@blueprint.post("/me/login/unlink")
def unlink() -> Response:
    """End that a login acts as one's account; it takes effect with its next request."""
    door: Door = current_app.extensions["gate"]
    here = _here(door)
    chosen = _chosen(here.logins, lambda one: f"{one.issuer} {one.subject}")
    unlink_login(door.gate, chosen, authenticated=here.visitor.how)
    return _back()


@dataclass(frozen=True, slots=True)
class _Here:
    """Who is here: their accounts by repository, the ownership of those repositories, and what is kept of them."""

    visitor: Visitor
    repositories: Mapping[RepositoryKey, ForgeRepository]
    mine: Mapping[RepositoryKey, AccountKey]
    places: Sequence[OwnershipNow]
    stand_ins: Sequence[StandIn]
    delegations: Sequence[Delegation]
    logins: Sequence[LinkedLogin]

    @property
    def account(self) -> AccountKey:
        """Return the account that they are, empty for nobody at the forge or for several at once."""
        found = set(self.mine.values()) - {""}
        if self.visitor.account is not None:
            return self.visitor.account.key
        return found.pop() if len(found) == 1 else ""

    @property
    def required_account(self) -> AccountKey:
        """Return the account that they are. Raises Forbidden for nobody at the forge."""
        if not self.account:
            raise Forbidden
        return self.account


def _here(door: Door) -> _Here:
    who, today = visitor(), door.gate.instant()[:10]
    ownership: OwnershipSight = current_app.extensions["gate.ownership"]
    with door.gate.store.reading() as reading:
        known = visible_repositories(reading)
    mine = {key: who.key_in(one) for key, one in known.items()}
    own = [one for key, one in known.items() if mine[key]][:_MOST_PLACES]
    places = [now for one in own if (now := ownership.of(one)) is not None]
    bare = _Here(who, known, mine, places, (), (), ())
    if not bare.account:
        return bare
    with door.gate.store.reading() as reading:
        delegations = [one for one in reading.delegations_about(bare.account) if one.key.repository_key in known]
        stand_ins = reading.stand_ins_about(bare.account, day=today)
        logins = reading.linked_logins(bare.account) if who.account is not None else ()
    return _Here(who, known, mine, places, stand_ins, delegations, logins)


def _page(door: Door, here: _Here, *, refused: SignoffRefusedError | None = None) -> str:
    with door.gate.store.reading() as reading:
        rows = Rows(reading, here.repositories, door.gate.now())
        asked = asked_for(reading, here.mine, limit=_MOST_ROWS)
        waiting = [change for key in asked if (change := reading.change(key)) is not None]
        own = reading.open_changes_by(here.account, limit=_MOST_ROWS) if here.account else ()
        for_me = [rows.row(one, asked_for=asked[one.key]) for one in waiting]
        for_others = [rows.row(one) for one in own if one.key.repository_key in here.repositories]
    possible, unreadable = _possible(door, here)
    names = {**possible, **names_in(here.places)}
    today = door.gate.instant()[:10]
    return render_template(
        "me.html",
        visitor=here.visitor,
        has_login=door.has_login,
        own=here,
        for_me=for_me,
        for_others=for_others,
        records=list(own_records(here.places, frozenset(here.mine.values()) - {""}, today=today)),
        possible=possible,
        unreadable=unreadable,
        delegations=[(one, here.repositories[one.key.repository_key].name, _name_of(one)) for one in here.delegations],
        name=lambda account: names.get(account, f"GitHub account {account.removeprefix('github:')}"),
        today=today,
        refused=refused,
    )


def _possible(door: Door, here: _Here) -> tuple[Mapping[AccountKey, str], str]:
    if not here.account:
        return {}, ""
    try:
        return possible_stand_ins(door.gate, here.account, here.places), ""
    except GateError:
        return {}, "Who may stand in for you cannot be told: the forge does not answer. Reload the page in a moment."


def _chosen(kept: Sequence[Kept], named: Callable[[Kept], str]) -> Kept:
    """Return the thing of one's own that a form names. Raises the uniform 404 for every other."""
    wanted = request.form.get("which", "")
    for one in kept:
        if named(one) == wanted:
            return one
    raise NotFound


def _name_of(one: Delegation) -> str:
    key = one.key
    return f"{key.tenant}/{key.repository}/{key.number} {one.account} {one.to}"


def _back() -> Response:
    return see_other(url_for("me.show"))
