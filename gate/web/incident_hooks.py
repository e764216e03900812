"""Webhooks of trackers: verified the tracker's own way over the raw bytes, kept as a hint, answered."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, current_app, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound, RequestEntityTooLarge, Unauthorized

from gate.core.incident.signals import TRACKERS, signal_of
from gate.usecases.heed_signal import receive_signal
from gate.web.door import Door

MAX_BYTES = 1024 * 1024
_MOST_SIGNATURES = 10

blueprint = Blueprint("incident_hooks", __name__)


@blueprint.post("/webhooks/incidents/<tracker>")
def receive(tracker: str) -> tuple[Response, int]:
    """Keep what a tracker says of an incident; 401 comes before parsing, 404 for a tracker without secret."""
    door: Door = current_app.extensions["gate"]
    secrets = door.incident_secrets.get(tracker, ())
    if tracker not in TRACKERS or not any(secrets):
        raise NotFound
    if request.content_length is not None and request.content_length > MAX_BYTES:
        raise RequestEntityTooLarge
    body = request.get_data(cache=False, parse_form_data=False)
    if len(body) > MAX_BYTES:
        raise RequestEntityTooLarge
    if not is_signed(body, list(signatures(tracker)), secrets):
        raise Unauthorized
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest from None
    signal = signal_of(tracker, payload) if isinstance(payload, dict) else None
    if signal is not None:
        receive_signal(door.gate, tracker, signal)
    door.gate.measures.count("incident_webhooks", tracker=tracker, outcome="ignored" if signal is None else "kept")
    return jsonify(status="ignored" if signal is None else "kept"), 202


def signatures(tracker: str) -> Iterator[str]:
    """Yield the hexadecimal signatures that a request carries, as its tracker writes them.

    PagerDuty: `X-PagerDuty-Signature: v1=HEX,v1=HEX` (developer.pagerduty.com, webhooks v3). Jira: `X-Hub-Signature`
    (developer.atlassian.com, secured webhooks). GitHub: `X-Hub-Signature-256`. All others: `X-Gate-Signature-256`.
    """
    if tracker == "pagerduty":
        for part in request.headers.get("X-PagerDuty-Signature", "").split(",")[:_MOST_SIGNATURES]:
            if part.strip().startswith("v1="):
                yield part.strip().removeprefix("v1=")
        return
    header = {"jira": "X-Hub-Signature", "github": "X-Hub-Signature-256"}.get(tracker, "X-Gate-Signature-256")
    given = request.headers.get(header, "")
    if given.startswith("sha256="):
        yield given.removeprefix("sha256=")


def is_signed(body: bytes, given: Sequence[str], secrets: Sequence[bytes]) -> bool:
    """Return whether one of the secrets signed these bytes (HMAC-SHA256), told in constant time."""
    found = False
    for secret in secrets:
        wanted = hmac.new(secret, body, hashlib.sha256).hexdigest().encode()
        for one in given:
            found |= bool(secret) and hmac.compare_digest(wanted, one.encode("utf-8", "replace"))
    return found
