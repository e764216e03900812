"""Manifest: the gate's app as GitHub is asked to create it, with the least it needs, and the answer to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gate.adapters.github.answers import number_at, row_of, text_at
from gate.adapters.github.client import GithubClient, Surroundings, path_of

PERMISSIONS: Mapping[str, str] = {
    "actions": "read",
    "administration": "read",
    "checks": "write",
    "contents": "read",
    "issues": "write",
    "members": "read",
    "merge_queues": "read",
    "metadata": "read",
    "pull_requests": "write",
}
"""What the app may do. `administration` shows branch protection; `members` shows teams; `contents` shows the policy,
the records and the diff; `issues` and `pull_requests` hold comment, reactions to commands, review requests, labels."""

EVENTS = (
    "branch_protection_configuration",
    "branch_protection_rule",
    "check_run",
    "check_suite",
    "issue_comment",
    "issues",
    "label",
    "member",
    "membership",
    "merge_group",
    "organization",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_review_thread",
    "push",
    "repository",
    "repository_ruleset",
    "team",
    "team_add",
)


@dataclass(frozen=True, slots=True)
class CreatedApp:
    """A new app as GitHub hands it over, once: its secrets are nowhere else."""

    id: int
    slug: str
    client_id: str
    client_secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    private_key: str = field(repr=False)
    url: str = ""


def app_manifest(*, name: str, base_url: str, is_public: bool = False) -> dict[str, Any]:
    """Return the manifest of the app for a service at an address."""
    base = base_url.rstrip("/")
    return {
        "name": name,
        "url": base,
        "hook_attributes": {"url": f"{base}/webhooks/github", "active": True},
        "redirect_url": f"{base}/setup/created",
        "callback_urls": [f"{base}/login/github/callback"],
        "public": is_public,
        "default_permissions": dict(PERMISSIONS),
        "default_events": list(EVENTS),
    }


def convert_manifest(code: str, *, base_url: str) -> CreatedApp:
    """Return the app that a code stands for; GitHub tells it once, and asks for no login.

    Raises GoneError for a code that is used or more than an hour old.
    """
    client = GithubClient(Surroundings.at(base_url), None, "nobody")
    row = row_of(client.send("POST", path_of("app-manifests", code, "conversions")), "app")
    return CreatedApp(
        id=number_at(row, "id"),
        slug=text_at(row, "slug"),
        client_id=text_at(row, "client_id"),
        client_secret=text_at(row, "client_secret"),
        webhook_secret=text_at(row, "webhook_secret"),
        private_key=text_at(row, "pem"),
        url=text_at(row, "html_url"),
    )
