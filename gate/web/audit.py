"""Audit on the web: what is open, the form that asks for an export, and the export itself, streamed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import NotFound

from gate.core.audit.sample import MAX_SAMPLE
from gate.core.errors import UnreadableError, UsageError
from gate.core.explain.escaping import visible
from gate.core.forge.snapshot import ForgeRepository
from gate.core.times import instant, moment_of
from gate.usecases.export_audit import export_audit
from gate.usecases.export_query import MAX_SEED, ExportQuery
from gate.web.api import Problem
from gate.web.door import Door
from gate.web.streaming import streamed
from gate.web.visitors import visitor

_DAY = r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$"
_REPOSITORY = r"^[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}$"
_NOTE_LENGTH = 4_000
_MOST_SHOWN = 100

pages = Blueprint("audit", __name__)
blueprint = APIBlueprint(
    "audit_api", __name__, abp_responses=dict.fromkeys(("400", "401", "403", "404", "405", "503"), Problem)
)


class ExportParameters(BaseModel):
    """Which export: a period in UTC, its end excluded; one repository or all; a sample by a seed."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    since: str = Field(
        alias="from",
        pattern=_DAY,
        examples=["2026-07-01"],
        description="Changes merged from this day or time on (UTC).",
    )
    until: str | None = Field(
        default=None,
        alias="to",
        pattern=_DAY,
        examples=["2026-10-01"],
        description="Changes merged before this day or time (UTC); without it, before now.",
    )
    repository: str | None = Field(
        default=None,
        pattern=_REPOSITORY,
        examples=["acme/shop"],
        description="Only this repository; without it, all that the token reaches.",
    )
    sample: int = Field(
        default=0, ge=0, le=MAX_SAMPLE, examples=[25], description="How many changes to draw as a sample; 0 for none."
    )
    seed: str = Field(
        default="",
        max_length=MAX_SEED,
        examples=["rain in Oslo"],
        description="What the sample is drawn by; who has it can draw the sample again.",
    )
    since_checkpoint: str = Field(
        default="",
        max_length=_NOTE_LENGTH,
        examples=[""],
        description="A head of the ledger kept earlier, as its signed note: the export proves that it is continued.",
    )


_IS_ARCHIVE: dict[str, Any] = {
    "description": "The archive, streamed; it verifies itself.",
    "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """An open bypass as the page shows it."""

    repository: str
    branch: str
    commit: str
    code: str


@pages.get("/audit")
def page() -> str:
    """Show what is open, how far each branch was reconciled, and the form that asks for an export."""
    door: Door = current_app.extensions["gate"]
    names = {one.key: one.name for one in _seen()}
    with door.gate.store.reading() as reading:
        bypasses = [one for one in reading.open_bypasses() if one.repository in names]
        states = [one for one in reading.branches() if one.repository in names]
        checkpoint = reading.checkpoint()
    today = door.gate.now().date()
    return render_template(
        "audit.html",
        bypasses=[
            _Shown(names[one.repository], visible(one.branch), one.sha, one.code) for one in bypasses[:_MOST_SHOWN]
        ],
        bypass_count=len(bypasses),
        states=[(names[one.repository], visible(one.branch), one) for one in states],
        unreconciled=sorted(set(names.values()) - {names[one.repository] for one in states}),
        repositories=sorted(names.values()),
        checkpoint=checkpoint,
        since=(today - dt.timedelta(days=90)).isoformat(),
        until=(today + dt.timedelta(days=1)).isoformat(),
        has_login=door.has_login,
        visitor=visitor(),
    )


@pages.post("/audit/export")
def download() -> Response:
    """Answer the form with the export; the browser shows how much of it has arrived."""
    form = {name: value for name in ("from", "to", "repository", "seed", "sample") if (value := request.form.get(name))}
    try:
        asked = ExportParameters.model_validate(form)
    except ValidationError:
        raise UsageError("The form is not filled in.", next_step="Give two days and a whole number.") from None
    return _answer(asked, authenticated="login" if visitor().is_logged_in else "trial")


@blueprint.get("/api/v1/audit/export", summary="Export the evidence of a period", responses={200: _IS_ARCHIVE})
def export(query: ExportParameters) -> Response:
    """Return all evidence of a period as one archive, streamed. That it was asked for is an entry of the ledger."""
    return _answer(query, authenticated="token")


def _answer(asked: ExportParameters, *, authenticated: str) -> Response:
    door: Door = current_app.extensions["gate"]
    tools = door.export_tools
    if tools is None:
        raise UnreadableError("This service has no key to sign exports with.", next_step="Set GATE_LEDGER_KEY_FILE.")
    query = _within_sight(
        ExportQuery(
            since=_moment(asked.since),
            until=_moment(asked.until) if asked.until else door.gate.instant(),
            repositories=(asked.repository,) if asked.repository else (),
            sample=asked.sample,
            seed=asked.seed,
            since_checkpoint=asked.since_checkpoint,
            asked_by=visitor().name,
            authenticated=authenticated,
        )
    )
    gate = door.gate
    parts = streamed(lambda write: export_audit(gate.store, query, tools, write, at=gate.instant()))
    name = f"audit-{query.since[:10]}-{query.until[:10]}.zip"
    headers: Mapping[str, str] = {"Content-Disposition": f'attachment; filename="{name}"', "X-Accel-Buffering": "no"}
    return Response(parts, content_type="application/zip", headers=dict(headers))


def _within_sight(query: ExportQuery) -> ExportQuery:
    """Return the question limited to what the visitor may see. Raises the uniform 404 for anything else.

    SECURITY: all repositories means all only to whom nothing is hidden; entries of the service itself are left out
    for everybody else.
    """
    door: Door = current_app.extensions["gate"]
    with door.gate.store.reading() as reading:
        known = {one.name.lower() for one in reading.repositories()}
    seen = {one.name.lower(): one.name for one in _seen()}
    if any(name.lower() not in seen for name in query.repositories):
        raise NotFound
    if query.repositories or (seen.keys() == known and not visitor().repositories):
        return query
    if not seen:
        raise NotFound
    return replace(query, repositories=tuple(sorted(seen.values())))


def _seen() -> list[ForgeRepository]:
    door: Door = current_app.extensions["gate"]
    with door.gate.store.reading() as reading:
        known = list(reading.repositories())
    return [one for one in known if visitor().may_see(one)]


def _moment(text: str) -> str:
    try:
        return instant(moment_of(text))
    except ValueError:
        raise UsageError("That is no day.", next_step="Write it as 2026-07-01.") from None
