"""Serving: the web application of a service that bootstrap made ready."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from flask_openapi.openapi import OpenAPI

from gate.adapters.issuer_keys import IssuerKeys
from gate.adapters.login.github import GithubLogin
from gate.adapters.login.oidc import OidcLogin
from gate.adapters.logs_structlog import log
from gate.adapters.workload_tokens import JoseWorkloadTokens
from gate.bootstrap_parts import export_tools_of
from gate.bootstrap_service import Service, salt_key
from gate.config import Settings
from gate.usecases.login_ports import LoginProvider
from gate.web.app import create_app
from gate.web.door import Door, Readiness


def application_of(service: Service) -> OpenAPI:
    """Return the WSGI application of a service. Raises UsageError where no webhook secret is set."""
    settings = service.settings
    address = urlsplit(settings.base_url)

    def readiness() -> Sequence[Readiness]:
        problem = service.database_problem()
        worker = "" if service.is_working else "The worker has ended; start the service again."
        refused = "" if problem else service.forge_problem()
        return (
            Readiness("forge", is_ready=not refused, why=refused),
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
            providers=providers_of(settings),
            workload_tokens=workload_tokens_of(settings),
            admins=settings.admin_names,
            incident_secrets=settings.incident_secrets,
            log=log,
            export_tools=export_tools_of(settings),
            key=hmac.new(salt_key(settings), b"gate.web/1", hashlib.sha256).digest(),
        )
    )


def workload_tokens_of(settings: Settings) -> JoseWorkloadTokens:
    """Return what verifies the tokens of jobs; the issuer's keys are fetched when they are first needed."""
    issuer = settings.actions_oidc_issuer.rstrip("/")
    keys = IssuerKeys(issuer, clock=time.monotonic)
    return JoseWorkloadTokens(issuer=issuer, audience=settings.base_url.rstrip("/"), key_of=keys.key)


def providers_of(settings: Settings) -> Sequence[LoginProvider]:
    """Return the logins that the settings name; nothing is requested yet."""
    found: list[LoginProvider] = []
    if settings.oidc_issuer and settings.oidc_client_id:
        found.append(
            OidcLogin(
                issuer=settings.oidc_issuer,
                client_id=settings.oidc_client_id,
                client_secret=settings.oidc_client_secret,
            )
        )
    if settings.github_client_id and settings.github_client_secret:
        found.append(
            GithubLogin(
                client_id=settings.github_client_id,
                client_secret=settings.github_client_secret,
                api_url=settings.github_api_url,
            )
        )
    return found
