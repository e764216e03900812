"""The API: changes and their verdicts as JSON."""

from typing import Any, Literal

from flask import Response, current_app, jsonify
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import NotFound

from gate.core.forge.snapshot import ChangeKey
from gate.usecases.jobs import judge_job
from gate.usecases.stored import ChangeFilter, StoredChange
from gate.web import workloads
from gate.web.door import Door
from gate.web.visitors import visible_repositories, visible_repository, visitor

_NAME = r"^[A-Za-z0-9._-]{1,100}$"
_STATES = Literal["approved", "waiting", "needs-author", "rejected", "frozen", "error"]


_REPOSITORY = r"^[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}$"


class Shape(BaseModel):
    """What a caller sends: nothing but what is described."""

    model_config = ConfigDict(extra="forbid")


def shown(**example: Any) -> ConfigDict:
    """Return the setting of a model that shows an example of it in the description."""
    return ConfigDict(json_schema_extra={"examples": [example]})


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = shown(type="about:blank", title="This needs a login or a token.", status=401)

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    code: str = ""


class ChangePath(Shape):
    """One change of one repository."""

    owner: str = Field(
        pattern=_NAME, examples=["acme"], description="The account or organisation that has the repository."
    )
    repo: str = Field(pattern=_NAME, examples=["shop"], description="The repository's name.")
    number: int = Field(ge=1, le=2**31 - 1, examples=[7], description="The pull request's number.")


class FactsQuery(Shape):
    """Which judgement: the newest, or the newest on certain facts."""

    facts: str | None = Field(
        default=None,
        pattern=r"^sha256:[0-9a-f]{64}$",
        examples=["sha256:" + "0" * 64],
        description="Digest of the facts that the verdict was decided on; without it, the newest verdict.",
    )


class ChangesQuery(Shape):
    """Which changes: of one repository, in one state; `after` is the cursor that the last page named."""

    repository: str | None = Field(
        default=None, pattern=_REPOSITORY, examples=["acme/shop"], description="Only changes of this repository."
    )
    state: Literal["open", "closed", "merged"] | None = Field(
        default=None, examples=["open"], description="Only changes that are in this state at the forge."
    )
    verdict: _STATES | None = Field(
        default=None, examples=["waiting"], description="Only changes whose newest verdict is this."
    )
    after: str = Field(
        default="", max_length=500, examples=[""], description="`next` of the page before; empty for the first page."
    )
    limit: int = Field(default=50, ge=1, le=200, examples=[50], description="How many changes a page holds at most.")


_ROW = {
    "repository": "acme/shop",
    "number": 7,
    "title": "Round amounts half to even",
    "state": "open",
    "verdict": "waiting",
    "base_ref": "main",
    "head_sha": "5d0c1e9a" * 5,
    "judged_at": "2026-12-01T10:00:00Z",
    "waiting_since": "2026-12-01T10:00:00Z",
    "url": "https://github.com/acme/shop/pull/7",
}


class ChangeRow(BaseModel):
    """One change in a list."""

    model_config = shown(**_ROW)

    repository: str
    number: int
    title: str
    state: Literal["open", "closed", "merged"]
    verdict: str
    base_ref: str
    head_sha: str
    judged_at: str
    waiting_since: str
    url: str


class ChangeList(BaseModel):
    """A page of changes, newest judged first; `next` is empty on the last page."""

    model_config = shown(changes=[_ROW], next="")

    changes: list[ChangeRow]
    next: str


class Accepted(BaseModel):
    """The change is being judged anew."""

    model_config = shown(status="accepted")

    status: str = "accepted"


_IS_VERDICT: dict[str, Any] = {
    "description": "OK",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Verdict"}}},
}

blueprint = APIBlueprint(
    "api",
    __name__,
    abp_responses=dict.fromkeys(("400", "401", "403", "404", "405", "503"), Problem),
)


@blueprint.get("/api/v1/changes", summary="List changes", responses={200: ChangeList})
def changes(query: ChangesQuery) -> Response:
    """Return a page of changes that the caller may see."""
    door: Door = current_app.extensions["gate"]
    with door.gate.store.reading() as reading:
        known = visible_repositories(reading)
        if query.repository is not None:
            known = {key: one for key, one in known.items() if one.name.lower() == query.repository.lower()}
        page = reading.changes(
            ChangeFilter(
                repositories=tuple(known),
                states=(query.state,) if query.state else (),
                verdicts=(query.verdict,) if query.verdict else (),
                after=query.after,
                limit=query.limit,
            )
        )
    rows = [_row(change, known[change.key.repository_key].name) for change in page.changes]
    return jsonify(ChangeList(changes=rows, next=page.next).model_dump())


@blueprint.get(
    "/api/v1/changes/<owner>/<repo>/<int:number>", summary="One change's verdict", responses={200: _IS_VERDICT}
)
def change(path: ChangePath, query: FactsQuery) -> Response:
    """Return the recorded verdict, byte for byte as it was made (`gate.verdict/1`)."""
    door: Door = current_app.extensions["gate"]
    repository = visible_repository(f"{path.owner}/{path.repo}")
    key = ChangeKey(repository.key.tenant, repository.key.id, path.number)
    with door.gate.store.reading() as reading:
        stored = reading.verdict(key, query.facts)
    if stored is None:
        raise NotFound
    return Response(stored.verdict, content_type="application/json")


@blueprint.post(
    "/api/v1/changes/<owner>/<repo>/<int:number>/evaluate", summary="Judge a change anew", responses={202: Accepted}
)
def evaluate(path: ChangePath) -> tuple[Response, int]:
    """Have a change judged anew from what the forge says now.

    A job of GitHub Actions asks with GitHub's own token for it, and waits for the verdict: 200 with `state`,
    `summary`, `url`, `head_sha`, `evidence` and `verdict`.
    """
    if workloads.is_presented():
        found = workloads.answer(f"{path.owner}/{path.repo}", path.number)
        return found, found.status_code
    door: Door = current_app.extensions["gate"]
    repository = visible_repository(f"{path.owner}/{path.repo}")
    key = ChangeKey(repository.key.tenant, repository.key.id, path.number)
    with door.gate.store.writing() as writing:
        writing.enqueue(judge_job(key, at=door.gate.instant(), why=f"asked for by {visitor().name}"))
    return jsonify(Accepted().model_dump()), 202


def _row(change: StoredChange, repository: str) -> ChangeRow:
    return ChangeRow(
        repository=repository,
        number=change.key.number,
        title=change.title,
        state=change.state,
        verdict=change.verdict_state,
        base_ref=change.base_ref,
        head_sha=change.head_sha,
        judged_at=change.judged_at,
        waiting_since=change.waiting_since,
        url=change.url,
    )
