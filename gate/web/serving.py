"""Serving: the web application of a service that bootstrap made ready."""

import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from flask_openapi.openapi import OpenAPI

from gate.bootstrap_service import Service
from gate.web.app import create_app
from gate.web.door import Door, Readiness


def application_of(service: Service) -> OpenAPI:
    """Return the WSGI application of a service. Raises UsageError where no webhook secret is set."""
    settings = service.settings
    address = urlsplit(settings.base_url)

    def readiness() -> Sequence[Readiness]:
        problem = service.database_problem()
        worker = "" if service.is_working else "The worker has ended; start the service again."
        return (
            Readiness("database", is_ready=not problem, why=problem),
            Readiness("worker", is_ready=not worker, why=worker),
        )

    return create_app(
        Door(
            gate=service.gate,
            webhook_secrets=[secret.encode() for secret in settings.webhook_secrets],
            has_login=settings.has_login,
            is_https=address.scheme == "https",
            hosts=[address.hostname or "localhost", "127.0.0.1", "localhost", "[::1]"],
            new_secret=lambda: secrets.token_urlsafe(32),
            readiness=readiness,
            metrics=service.render_metrics,
            trusted_proxies=settings.trusted_proxies,
            trial_secret=service.trial_secret,
        )
    )
