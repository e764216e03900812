"""Keys: the public keys of links as a JWK set, for whoever verifies a link without asking the gate."""

from flask import Blueprint, Response, current_app, jsonify

from gate.web.door import Door

blueprint = Blueprint("keys", __name__)


@blueprint.get("/.well-known/jwks.json")
def jwks() -> Response:
    """Return the keys that links are verified by (RFC 7517), the one that signs now first."""
    door: Door = current_app.extensions["gate"]
    return jsonify({"keys": list(door.gate.links.public_keys(at=door.gate.now()))})
