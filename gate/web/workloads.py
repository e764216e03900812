"""Workloads: a job of GitHub Actions asks for its change to be judged, by a token that GitHub gave it."""

from typing import Any

from flask import Response, current_app, json, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import BadRequest, NotFound, RequestEntityTooLarge, Unauthorized

from gate.core.change.rehearsal import RehearsalReport
from gate.core.explain.json import parse_verdict
from gate.core.explain.sentence import sentence
from gate.usecases.answer_workload import answer_workload
from gate.usecases.workload_ports import WorkloadRefusedError
from gate.web.door import Door
from gate.web.problems import problem

MAX_BODY_BYTES = 1024 * 1024
_DOTS = 2


class Question(BaseModel):
    """What a job sends: the head that it is about, and the rehearsal of it, where it made one."""

    model_config = ConfigDict(extra="forbid")

    head_sha: str = Field(pattern=r"^[0-9a-f]{40}$")
    rehearsal: RehearsalReport | None = None


def is_presented() -> bool:
    """Return whether a job's token is presented; those of the API hold no dots."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return kind.lower() == "bearer" and token.count(".") >= _DOTS


def answer(name: str, number: int) -> Response:
    """Return the verdict on the job's change. Raises 401 for a token that is none, the uniform 404 like everybody."""
    door: Door = current_app.extensions["gate"]
    if door.workload_tokens is None:
        raise Unauthorized
    token = request.headers.get("Authorization", "").partition(" ")[2].strip()
    try:
        workload = door.workload_tokens.verify(token, at=door.gate.now())
    except WorkloadRefusedError as error:
        return problem(401, detail=str(error), code=error.code)
    question = _question()
    with door.gate.store.reading() as reading:
        repository = reading.repository_named(name)
    if repository is None or repository.key.id != workload.repository:
        raise NotFound
    try:
        found = answer_workload(
            door.gate, repository, number, workload, head_sha=question.head_sha, report=question.rehearsal
        )
    except WorkloadRefusedError as error:
        return problem(403, detail=str(error), code=error.code)
    verdict = parse_verdict(found.verdict.verdict)
    value: dict[str, Any] = {
        "state": found.verdict.state,
        "summary": sentence(verdict),
        "url": door.gate.url_of(repository.name, number),
        "head_sha": found.verdict.head_sha,
        "evidence": found.evidence,
        "verdict": json.loads(found.verdict.verdict),
    }
    return Response(json.dumps(value), content_type="application/json")


def _question() -> Question:
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    try:
        return Question.model_validate_json(request.get_data())
    except ValidationError:
        raise BadRequest from None
