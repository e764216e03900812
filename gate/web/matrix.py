"""The matrix of roles: which roles may use each route; a route without a row is closed to all."""

from collections.abc import Mapping
from typing import get_args

from gate.usecases.stored import Role

ANYBODY = None
"""Nobody is asked who they are: the route is public, or proves who comes in a way of its own."""
EVERY_ROLE: frozenset[Role] = frozenset(get_args(Role))
AUDITING: frozenset[Role] = frozenset({"auditor", "admin"})
"""Who reads what concerns all repositories at once: the ledger's entries, exports, figures of the service."""
ANSWERING: frozenset[Role] = frozenset({"owner", "admin"})
"""Who has changes judged anew and answers for incidents."""
ACKNOWLEDGING: frozenset[Role] = EVERY_ROLE - {"auditor"}
"""Who may take care of what somebody was called for: an auditor only looks."""
SIGNING: frozenset[Role] = frozenset({"owner"})
"""Whose token may carry sign-offs of an account."""

MATRIX: Mapping[str, frozenset[Role] | None] = {
    "hooks.github": ANYBODY,
    "incident_hooks.receive": ANYBODY,
    "health.healthz": ANYBODY,
    "health.readyz": ANYBODY,
    "health.metrics": AUDITING,
    "static": ANYBODY,
    "keys.jwks": ANYBODY,
    "signoff.open_link": ANYBODY,
    "signoff.decide_by_token": ANYBODY,
    "signoff.show": ANYBODY,
    "signoff.decide": ANYBODY,
    "entry.begin": ANYBODY,
    "entry.created": ANYBODY,
    "entry.leave": ANYBODY,
    "login.choose": ANYBODY,
    "login.start": ANYBODY,
    "login.callback": ANYBODY,
    "linking.show": EVERY_ROLE,
    "linking.confirm": EVERY_ROLE,
    "me.show": EVERY_ROLE,
    "me.name": EVERY_ROLE,
    "me.end": EVERY_ROLE,
    "me.take_back": EVERY_ROLE,
    "me.unlink": EVERY_ROLE,
    "description.document": ANYBODY,
    "description.docs": ANYBODY,
    "api.changes": EVERY_ROLE,
    "api.change": EVERY_ROLE,
    "api.evaluate": ANSWERING,
    "signoff_api.decide": SIGNING,
    "components.owners": EVERY_ROLE,
    "components.components": EVERY_ROLE,
    "components.component": EVERY_ROLE,
    "components.history": EVERY_ROLE,
    "components.suspects": EVERY_ROLE,
    "ownership.overview": EVERY_ROLE,
    "ownership.one": EVERY_ROLE,
    "own_reviews.confirm": EVERY_ROLE,
    "incidents.overview": EVERY_ROLE,
    "incidents.one": EVERY_ROLE,
    "incidents.close": ANSWERING,
    "incidents.review": ANSWERING,
    "ledger.checkpoint": ANYBODY,
    "ledger.tile": ANYBODY,
    "ledger.bundle": AUDITING,
    "ledger.entry": AUDITING,
    "ledger.inclusion": AUDITING,
    "ledger.consistency": AUDITING,
    "calendar.page": EVERY_ROLE,
    "calendar.feed": EVERY_ROLE,
    "rollback.show": EVERY_ROLE,
    "escalations.show": EVERY_ROLE,
    "escalations.acknowledge": ACKNOWLEDGING,
    "audit.page": AUDITING,
    "audit.download": AUDITING,
    "audit_api.export": AUDITING,
    "pages.queue": EVERY_ROLE,
    "pages.change": EVERY_ROLE,
    "decisions.show": EVERY_ROLE,
    "decisions.review": EVERY_ROLE,
    "decisions.decide": EVERY_ROLE,
    "decisions.several": EVERY_ROLE,
    "decisions.decide_several": EVERY_ROLE,
}
