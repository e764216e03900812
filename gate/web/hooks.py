"""Webhooks of GitHub: verified over the raw bytes, kept, answered; whatever they mean is found out afterwards."""

import hashlib
import hmac
from collections.abc import Sequence

from flask import Blueprint, Response, current_app, jsonify, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, Unauthorized, UnsupportedMediaType

from gate.core.lazy_regex import lazy_regex
from gate.usecases.receive_delivery import HostileBodyError, receive_delivery
from gate.web.door import Door

MAX_BYTES = 25 * 1024 * 1024
"""GitHub sends nothing larger (GitHub docs, webhook payload cap)."""
_SIGNATURE = lazy_regex(r"sha256=[0-9a-f]{64}")
_GUID = lazy_regex(r"[0-9A-Za-z-]{8,64}")
_EVENT = lazy_regex(r"[a-z][a-z0-9_]{0,63}")

blueprint = Blueprint("hooks", __name__)


@blueprint.post("/webhooks/github")
def github() -> tuple[Response, int]:
    """Keep a delivery and answer 202 with its id; 401 comes before anything else is looked at."""
    door: Door = current_app.extensions["gate"]
    body = _body()
    if not is_signed(body, request.headers.get("X-Hub-Signature-256", ""), door.webhook_secrets):
        raise Unauthorized
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    guid, event = request.headers.get("X-GitHub-Delivery", ""), request.headers.get("X-GitHub-Event", "")
    if not _GUID.fullmatch(guid) or not _EVENT.fullmatch(event):
        raise BadRequest
    try:
        is_new = receive_delivery(door.gate, guid=guid, event=event, body=body)
    except HostileBodyError:
        door.gate.measures.count("webhooks", outcome="quarantined")
        raise BadRequest from None
    door.gate.measures.count("webhooks", outcome="kept" if is_new else "repeated")
    return jsonify(delivery=guid), 202


def is_signed(body: bytes, signature: str, secrets: Sequence[bytes]) -> bool:
    """Return whether one of the secrets signed these bytes (`X-Hub-Signature-256`).

    SECURITY: every secret is tried, in constant time on bytes; anything but `sha256=` and 64 lower-case digits is
    refused, and without a secret nothing is signed (S01).
    """
    if not _SIGNATURE.fullmatch(signature):
        return False
    given = signature.removeprefix("sha256=").encode()
    found = False
    for secret in secrets:
        wanted = hmac.new(secret, body, hashlib.sha256).hexdigest().encode()
        found |= bool(secret) and hmac.compare_digest(wanted, given)
    return found


def _body() -> bytes:
    """Return the raw bytes, read once and before anything parses them (S02). Raises 413 above 25 MiB."""
    if request.content_length is not None and request.content_length > MAX_BYTES:
        raise RequestEntityTooLarge
    body = request.get_data(cache=False, parse_form_data=False)
    if len(body) > MAX_BYTES:
        raise RequestEntityTooLarge
    return body
