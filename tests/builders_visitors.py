"""Visitors of every role for tests: tokens that are kept in a service's store.

headers = bearer(a_token(service, role="auditor"))
"""

import hashlib
import itertools
from typing import Any

from builders_service import Service

from gate.usecases.stored import ApiToken, Role

ROLES: tuple[Role, ...] = ("viewer", "owner", "auditor", "admin")
_COUNT = itertools.count()
LONG_AGO, FAR_OFF = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"


def a_token(service: Service, *, role: Role = "admin", repositories: tuple[str, ...] = (), **fields: Any) -> str:
    """Keep a token of a role and return its secret."""
    secret = f"gate_{role}-token-{next(_COUNT)}-of-a-test"
    name = hashlib.sha256(secret.encode()).hexdigest()
    given: dict[str, Any] = {
        "id": name[:12],
        "name": f"{role} of a test",
        "role": role,
        "repositories": repositories,
        "created_at": LONG_AGO,
        "expires_at": FAR_OFF,
    }
    with service.store.writing() as writing:
        writing.save_api_token(ApiToken(**{**given, **fields}), name)
    return secret


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}
