"""Visitors: who is asking, by token or session, and what their role may do on each route."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app, g, request
from werkzeug.exceptions import Forbidden, NotFound, Unauthorized

from gate.core.forge.snapshot import ForgeRepository
from gate.usecases.store_ports import Role
from gate.web.door import Door
from gate.web.problems import wants_page

COOKIE = "gate_session"
RANK: Mapping[Role, int] = {"viewer": 1, "owner": 2, "auditor": 3, "admin": 4}

MATRIX: Mapping[str, frozenset[Role] | None] = {
    "hooks.github": None,
    "health.healthz": None,
    "health.readyz": None,
    "health.metrics": frozenset({"admin", "auditor"}),
    "static": None,
    "entry.begin": None,
    "entry.leave": None,
    "api.document": None,
    "api.docs": None,
    "api.changes": frozenset({"viewer", "owner", "auditor", "admin"}),
    "api.change": frozenset({"viewer", "owner", "auditor", "admin"}),
    "api.evaluate": frozenset({"owner", "admin"}),
    "api.checkpoint": None,
    "api.entry": frozenset({"auditor", "admin"}),
    "pages.queue": frozenset({"viewer", "owner", "auditor", "admin"}),
    "pages.change": frozenset({"viewer", "owner", "auditor", "admin"}),
}
"""Which roles may use each route; None is open to everybody. A route without a row is closed to all."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a role. `repositories` are names that a token is limited to; empty means all the role may see."""

    name: str
    role: Role
    repositories: tuple[str, ...] = ()

    def may_see(self, repository: ForgeRepository) -> bool:
        """Return whether the visitor may look at a repository's changes."""
        return not self.repositories or repository.name.lower() in {name.lower() for name in self.repositories}


def secret_hash(secret: str) -> str:
    """Return how a token or session is kept: never as itself."""
    return hashlib.sha256(secret.encode()).hexdigest()


def admit() -> None:
    """Let the request in only where the matrix gives the visitor's role its route; raises 401, 403 or 404."""
    if request.endpoint is None:
        return  # no such address: the framework answers 404
    roles = MATRIX.get(request.endpoint, frozenset())
    if roles is None:
        return
    visitor = _visitor()
    if visitor is None:
        raise Unauthorized
    if visitor.role not in roles:
        raise Forbidden
    g.visitor = visitor


def visible_repository(name: str) -> ForgeRepository:
    """Return a repository that the visitor may see. Raises the uniform 404 for every other."""
    door: Door = current_app.extensions["gate"]
    with door.gate.store.reading() as reading:
        found = reading.repository_named(name)
    if found is None or not visitor().may_see(found):
        raise NotFound
    return found


def visitor() -> Visitor:
    """Return who is asking on a route that lets nobody unknown in."""
    found: Visitor = g.visitor
    return found


def _visitor() -> Visitor | None:
    door: Door = current_app.extensions["gate"]
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    now = door.gate.instant()
    with door.gate.store.reading() as reading:
        if kind.lower() == "bearer" and token:
            found = reading.api_token(secret_hash(token.strip()))
            if found is None or found.is_revoked or found.expires_at <= now:
                return None
            return Visitor(found.name, found.role, found.repositories)
        cookie = request.cookies.get(cookie_name(door), "")
        session = reading.session(secret_hash(cookie)) if cookie else None
    if session is None or session.expires_at <= now or not wants_page_or_json():
        return None
    return Visitor(session.display, session.role)


def wants_page_or_json() -> bool:
    """Return whether a session may be used: for pages, and for reading the API."""
    return wants_page() or request.method == "GET"


def cookie_name(door: Door) -> str:
    """Return the cookie's name; over HTTPS one that no other host can set."""
    return f"__Host-{COOKIE}" if door.is_https else COOKIE
