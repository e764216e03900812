"""Decisions of who is logged in: one change, or several at once, each with everything that it covers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, render_template, request, url_for
from werkzeug.exceptions import BadRequest, Forbidden, NotFound

from gate.core.change.facts import AccountKey
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.acknowledge import acknowledge_own
from gate.usecases.delegate_signoff import delegate_signoff
from gate.usecases.record_signoff import record_signoff
from gate.usecases.review_afterwards import end_after_review
from gate.usecases.show_signoff import SignoffView, show_signoff
from gate.usecases.signoff_decisions import Decision, SignoffRefusedError
from gate.usecases.signoff_right import LIFTING_ROLE
from gate.usecases.stored import StoredSignoff
from gate.web.door import Door
from gate.web.redirects import see_other
from gate.web.signoff import STATUS, asked_instead, page_values, seen_at
from gate.web.turns import Turns
from gate.web.visitors import Visitor, visible_repositories, visible_repository, visitor

MOST_AT_ONCE = 5
_NOBODY = "nobody:nobody"
_DECISIONS = ("approve", "reject", "withdraw", "lift-veto")
_OF_SUBJECTS = ("approve", "reject")

blueprint = Blueprint("decisions", __name__)


@blueprint.get("/changes/<owner>/<repo>/<int:number>/signoff")
def show(owner: str, repo: str, number: int) -> Response:
    """Show what waits for who is logged in on a change."""
    door: Door = current_app.extensions["gate"]
    return _page(door, _place(owner, repo, number))


@blueprint.post("/changes/<owner>/<repo>/<int:number>/signoff")
def decide(owner: str, repo: str, number: int) -> Response:
    """Decide on it."""
    door: Door = current_app.extensions["gate"]
    place = _place(owner, repo, number)
    wanted = request.form.get("decision", "")
    try:
        if wanted == "delegate":
            who = visitor()
            to = request.form.get("to", "")[:200]
            delegate_signoff(door.gate, place.key, place.decider, to, authenticated=who.how)
        elif wanted == "acknowledge":
            shown = _scopes("")
            acknowledge_own(door.gate, place.key, by=place.decider, shown=shown, authenticated=visitor().how)
        else:
            _record(door, place, wanted, prefix="")
    except SignoffRefusedError as refused:
        return _page(door, place, refused=refused)
    return see_other(url_for("decisions.show", owner=owner, repo=repo, number=number, done=1))


@blueprint.post("/changes/<owner>/<repo>/<int:number>/review")
def review(owner: str, repo: str, number: int) -> Response:
    """Record that who is logged in looked at a break-glass in calm."""
    door: Door = current_app.extensions["gate"]
    place, who = _place(owner, repo, number), visitor()
    try:
        note = request.form.get("comment", "")
        end_after_review(door.gate, place.key, place.decider, note=note, authenticated=who.how)
    except SignoffRefusedError as refused:
        return _page(door, place, refused=refused)
    return see_other(url_for("pages.change", owner=owner, repo=repo, number=number))


@blueprint.get("/signoff")
def several() -> Response:
    """Show the oldest changes that wait for who is logged in, each with all that a sign-off would cover."""
    door: Door = current_app.extensions["gate"]
    return _several(door, [])


@blueprint.post("/signoff")
def decide_several() -> Response:
    """Decide on each change that was answered; what is not taken says why, and the others stand."""
    door: Door = current_app.extensions["gate"]
    outcomes: list[Outcome] = []
    for prefix in request.form.getlist("change")[:MOST_AT_ONCE]:
        wanted = request.form.get(f"{prefix}:decision", "")
        owner, _, rest = prefix.partition("/")
        repo, _, number = rest.partition("/")
        if not wanted or not number.isdecimal() or len(number) > 9:  # noqa: PLR2004  # of nine digits at most
            continue
        try:
            _record(door, _place(owner, repo, int(number)), wanted, prefix=f"{prefix}:")
        except SignoffRefusedError as refused:
            outcomes.append(Outcome(prefix, str(refused), refused.details, refused.code))
        else:
            outcomes.append(Outcome(prefix, f"Recorded: {wanted}."))
    return _several(door, outcomes)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of several answers: for which change, in words, and the code of a refusal."""

    place: str
    text: str
    details: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A change that the visitor may see, and the account that they are there, empty for nobody."""

    key: ChangeKey
    account: AccountKey

    @property
    def decider(self) -> AccountKey:
        """Return the account that the visitor decides as. Raises Forbidden for one who is nobody at the forge."""
        if not self.account:
            raise Forbidden
        return self.account

    @property
    def reader(self) -> AccountKey:
        """Return the account that a page is shown for; programs and a trial's admin are asked nothing."""
        return self.account or _NOBODY


def _place(owner: str, repo: str, number: int) -> Place:
    repository = visible_repository(f"{owner}/{repo}")
    return Place(ChangeKey(repository.key.tenant, repository.key.id, number), visitor().key_in(repository))


def _page(door: Door, place: Place, refused: SignoffRefusedError | None = None) -> Response:
    who = visitor()
    view = show_signoff(door.gate, place.key, place.reader)
    if view is None:
        raise NotFound
    signoff = _standing(door, view)
    is_same_head = signoff is not None and signoff.commit == view.change.head_sha
    text = render_template(
        "signoff.html",
        view=view,
        link=None,
        use=None,
        signoff=signoff,
        may_lift=_may_lift(view),
        refused=refused,
        is_current=True,
        is_answered="done" in request.args and is_same_head,
        action=request.path,
        token=None,
        nonce=door.new_secret()[:24],
        now=door.gate.instant(),
        **page_values(door, who),
        **asked_instead(door, view),
    )
    return Response(text, status=200 if refused is None else STATUS[refused.code])


def _may_lift(view: SignoffView) -> bool:
    """Return whether a rejection stands that the person of a page may lift, with one more of their role."""
    is_rejected = any(one.kind == "veto" and one.state == "rejected" for one in view.asks.verdict.requirements)
    return is_rejected and view.person in view.asks.eligible_in_role(LIFTING_ROLE)


def _standing(door: Door, view: SignoffView) -> StoredSignoff | None:
    """Return the last decision of the same person, None where there is none or it was withdrawn."""
    with door.gate.store.reading() as reading:
        own = [one for one in reading.signoffs(view.change.key) if view.asks.person_of(one.account) == view.person]
    last = max(own, key=lambda one: one.at, default=None)
    return None if last is None or last.decision == "withdraw" else last


def _record(door: Door, place: Place, wanted: str, *, prefix: str) -> None:
    if wanted not in _DECISIONS:
        raise BadRequest
    who = visitor()
    nonce = request.form.get(f"{prefix}nonce", "")
    if not nonce or len(nonce) > 64:  # noqa: PLR2004  # ours have 24
        raise BadRequest
    account = place.decider
    decision = Decision(
        id=f"page:{account}:{nonce}",
        key=place.key,
        account=account,
        source="link",
        decision=wanted,  # type: ignore[arg-type]  # one of four, looked at above
        subjects=_scopes(prefix) if wanted in _OF_SUBJECTS else {},
        reason=request.form.get(f"{prefix}comment", ""),
        authenticated=who.how,
        authenticated_at=who.logged_in_at,
        shown=request.form.get(f"{prefix}shown", "")[:100],
        seen_at=seen_at(door),
    )
    turns: Turns = current_app.extensions["gate.turns"]
    with turns.of(decision.id):
        record_signoff(door.gate, decision)


def _scopes(prefix: str) -> Mapping[str, str]:
    """Return the subjects with the scopes that the form was shown with; they are compared with what is true."""
    pairs = (text.rpartition("=") for text in request.form.getlist(f"{prefix}scope")[:200])
    return {subject: scope for subject, _, scope in pairs if subject and scope}


def _several(door: Door, outcomes: Sequence[Outcome]) -> Response:
    who = visitor()
    views = list(_waiting(door, who))
    text = render_template(
        "several.html",
        views=views,
        outcomes=outcomes,
        nonces=[door.new_secret()[:24] for _ in views],
        now=door.gate.instant(),
        **page_values(door, who),
    )
    return Response(text)


def _waiting(door: Door, who: Visitor) -> Iterator[SignoffView]:
    with door.gate.store.reading() as reading:
        mine = {key: who.key_in(one) for key, one in visible_repositories(reading).items()}
        places = [Place(key, account) for account in sorted(set(mine.values()) - {""})
                  for key, _ in reading.asked_of(account, limit=4 * MOST_AT_ONCE)
                  if mine.get(key.repository_key) == account]  # fmt: skip
    shown = 0
    for place in places:
        view = show_signoff(door.gate, place.key, place.account)
        if view is not None and view.subjects:
            yield view
            shown += 1
        if shown == MOST_AT_ONCE:
            return
