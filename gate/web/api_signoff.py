"""The API of sign-offs: a program decides as the account that its token was made for, on exactly the facts it names."""

from typing import Any, Literal

from flask import Response, current_app, jsonify
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel, Field

from gate.core.forge.snapshot import ChangeKey
from gate.usecases.kept_facts import facts_of
from gate.usecases.record_signoff import record_signoff
from gate.usecases.signoff_decisions import Decision, SignoffRefusedError
from gate.usecases.stored import StoredSignoff
from gate.web.api import ChangePath, Problem, Shape, shown
from gate.web.door import Door
from gate.web.problems import problem
from gate.web.signoff import STATUS
from gate.web.turns import Turns
from gate.web.visitors import visible_repository, visitor

_FACTS = "sha256:" + "0" * 64
_NAME = r"^[A-Za-z0-9@][A-Za-z0-9@._:/ -]{0,199}$"


class SignoffBody(Shape):
    """What is decided, and on which facts: those of the verdict that the program has seen."""

    model_config = shown(
        id="release-2026-12-01", decision="approve", facts=_FACTS, subjects=["payments-api"], comment=""
    )

    id: str = Field(
        pattern=r"^[A-Za-z0-9._-]{8,64}$",
        description="Chosen by the caller: the same act has the same one, and is recorded once.",
    )
    decision: Literal["approve", "reject", "withdraw", "lift-veto"]
    facts: str = Field(pattern=r"^sha256:[0-9a-f]{64}$", description="`facts` of the verdict that was looked at.")
    subjects: list[str] = Field(
        default_factory=list,
        max_length=50,
        description="Names of what is decided on; without any, all that waits for the account.",
        json_schema_extra={"items": {"type": "string", "pattern": _NAME}},
    )
    comment: str = Field(default="", max_length=5000, description="Why; a rejection needs it, and so does lifting one.")


class SignoffRecorded(BaseModel):
    """A sign-off as it was recorded. `further` are subjects of the same change that wait for the account still."""

    model_config = shown(
        decision="approve", account="github:1001", at="2026-12-01T10:00:00Z", commit="5d0c1e9a" * 5,
        subjects=["component:default/payments-api"], further=[],
    )  # fmt: skip

    decision: Literal["approve", "reject", "withdraw", "lift-veto"]
    account: str
    at: str
    commit: str
    subjects: list[str]
    further: list[str]


blueprint = APIBlueprint(
    "signoff_api",
    __name__,
    abp_responses=dict.fromkeys(("400", "401", "403", "404", "405", "409", "415", "503"), Problem),
)


@blueprint.post(
    "/api/v1/changes/<owner>/<repo>/<int:number>/signoff",
    summary="Sign off, reject, withdraw, lift a rejection",
    responses={201: SignoffRecorded, 200: SignoffRecorded},
)
def decide(path: ChangePath, body: SignoffBody) -> Response | tuple[Response, int]:
    """Decide as the account that the token was made for (`gate tokens create --role owner --signs-as github:ID`).

    Only where the policy lists `api` among `signoffs: {sources: [...]}`. It goes the same way as reviews, links and
    comments: who may not sign off, or names facts that are no longer true, is refused (403, 409). 201 where it is
    recorded, 200 where the same act was recorded before.
    """
    door: Door = current_app.extensions["gate"]
    who = visitor()
    repository = visible_repository(f"{path.owner}/{path.repo}")
    key = ChangeKey(repository.key.tenant, repository.key.id, path.number)
    if not who.signs_as:
        return problem(403, detail="This token gives no sign-offs; one made with --signs-as does.", code="not-eligible")
    scopes = _scopes(door, key, body)
    if isinstance(scopes, str):
        return problem(409, detail=scopes, code="changed-since")
    identity = f"api:{who.signs_as}:{body.id}"
    decision = Decision(
        id=identity,
        key=key,
        account=who.signs_as,
        source="api",
        decision=body.decision,
        subjects=scopes,
        reason=body.comment,
        authenticated=who.how,
        shown=body.facts,
    )
    turns: Turns = current_app.extensions["gate.turns"]
    try:
        with turns.of(identity):
            recorded = record_signoff(door.gate, decision)
    except SignoffRefusedError as refused:
        known = _known(door, decision) if refused.code == "link-used" else None
        if known is not None:
            return _answer(known, ()), 200
        return problem(STATUS[refused.code], detail=_told(refused), code=refused.code)
    return _answer(recorded.signoff, recorded.further), 201


def _scopes(door: Door, key: ChangeKey, body: SignoffBody) -> dict[str, str] | str:
    """Return the scopes that the named facts show of what is decided on; in words where they show none."""
    facts = facts_of(door.gate, body.facts)
    if facts is None or (facts.change.repository.id, facts.change.number) != (key.repository, key.number):
        return "Those facts are not of this change. Read its verdict again, and send its `facts`."
    if body.decision in {"withdraw", "lift-veto"}:
        return {}
    asks = door.gate.asks(facts, at=door.gate.instant())
    person = asks.person_of(visitor().signs_as)
    if not body.subjects:
        return dict(asks.subjects_of(person))
    wanted = set(body.subjects)
    return {ask.subject.id: ask.scope for ask in asks.all if wanted & {ask.subject.id, ask.subject.name}}


def _known(door: Door, decision: Decision) -> StoredSignoff | None:
    """Return what was recorded of the very same act, None where the id was used for another one."""
    with door.gate.store.reading() as reading:
        found = next(one for one in reading.signoffs(decision.key) if one.id == decision.id)
    is_same = (found.decision, found.subjects) == (decision.decision, tuple(sorted(decision.subjects)))
    return found if is_same and found.reason == decision.reason.strip() else None


def _told(refused: SignoffRefusedError) -> str:
    return " ".join((str(refused), *refused.details))[:2000]


def _answer(signoff: StoredSignoff, further: tuple[str, ...]) -> Response:
    values: dict[str, Any] = {
        "decision": signoff.decision,
        "account": signoff.account,
        "at": signoff.at,
        "commit": signoff.commit,
        "subjects": list(signoff.subjects),
        "further": list(further),
    }
    return jsonify(SignoffRecorded(**values).model_dump())
