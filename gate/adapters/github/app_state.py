"""App state: the gate's app as GitHub shows it to the app itself, and GitHub's clock."""

import datetime as dt
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import requests

from gate.adapters.github.answers import (
    Row,
    instant_at,
    number_at,
    optional_row,
    optional_text,
    row_of,
    rows_of,
    text_at,
)
from gate.adapters.github.client import API_VERSION, GithubClient, Surroundings
from gate.adapters.github.credentials import AppKey, app_auth
from gate.adapters.github.transport import Counter, open_line
from gate.core.change.facts import Instant
from gate.core.errors import UnreadableError
from gate.core.examination_app import AppState, InstallationState, LastDelivery
from gate.usecases.forge_ports import ForbiddenError, GoneError


def read_app(key: AppKey, *, base_url: str) -> AppState:
    """Return the app of a key with its installations. Raises UnreadableError where GitHub does not know the key."""
    client = GithubClient(Surroundings.at(base_url), app_auth(key), "app")
    row = row_of(client.get("/app"), "app")
    if number_at(row, "id") != key.id:
        raise UnreadableError(
            f"The key is that of app {number_at(row, 'id')}, not of {key.id}.", next_step="Set GATE_GITHUB_APP_ID."
        )
    installations = rows_of(client.pages("/app/installations"), "installations")
    return AppState(
        id=key.id,
        slug=text_at(row, "slug"),
        hook_url=_hook_url(client),
        installations=tuple(_installation(installation) for installation in installations),
        last_delivery=_last_delivery(client),
    )


def forge_clock(base_url: str) -> Instant:
    """Return GitHub's own time, empty where its answer carries none. Raises UnreadableError without an answer."""
    line = open_line(
        base_url=base_url.rstrip("/"), auth=None, api_version=API_VERSION, user_agent="signoff-gate", counter=Counter()
    )
    try:
        # Asked without a login and whatever the answer says: each carries the time.
        _, headers, _ = line.requestJson("GET", "/rate_limit")
    except requests.RequestException as error:
        step = "Check GATE_GITHUB_API_URL, the network and GitHub's status."
        raise UnreadableError(f"GitHub does not answer ({type(error).__name__}).", next_step=step) from None
    said = {name.lower(): str(value) for name, value in headers.items()}.get("date", "")
    try:
        return parsedate_to_datetime(said).astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return ""


def _hook_url(client: GithubClient) -> str | None:
    try:
        return optional_text(row_of(client.get("/app/hook/config"), "webhook"), "url")
    except (GoneError, ForbiddenError):
        return None


def _last_delivery(client: GithubClient) -> LastDelivery | None:
    rows = rows_of(client.get("/app/hook/deliveries", per_page=1), "deliveries")
    if not rows:
        return None
    status = number_at(rows[0], "status_code")
    return LastDelivery(event=optional_text(rows[0], "event"), at=instant_at(rows[0], "delivered_at"), status=status)


def _installation(row: Row) -> InstallationState:
    account = optional_row(row, "account") or {}
    events = row.get("events")
    return InstallationState(
        account=optional_text(account, "login") or optional_text(account, "slug") or str(number_at(row, "id")),
        is_suspended=bool(optional_text(row, "suspended_at")),
        permissions=_words(row.get("permissions")),
        events=tuple(str(event) for event in events) if isinstance(events, list) else (),
    )


def _words(value: object) -> Mapping[str, str]:
    return {str(name): str(level) for name, level in value.items()} if isinstance(value, Mapping) else {}
