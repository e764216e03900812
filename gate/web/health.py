"""Health, readiness and metrics: what machines ask of the service."""

from flask import Blueprint, Response, current_app, jsonify

from gate import __version__
from gate.web.door import Door

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok", version=__version__)


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say whether everything is there that a decision needs: 200, or 503 with what is missing."""
    door: Door = current_app.extensions["gate"]
    parts = door.readiness()
    is_ready = all(part.is_ready for part in parts)
    listed = [{"part": part.part, "ready": part.is_ready, "why": part.why} for part in parts]
    return jsonify(status="ready" if is_ready else "not ready", parts=listed), 200 if is_ready else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Give all measures in the text format of Prometheus."""
    door: Door = current_app.extensions["gate"]
    return Response(door.metrics(), content_type="text/plain; version=0.0.4; charset=utf-8")
