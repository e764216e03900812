"""Bootstrap of trackers: those that an operator's settings name, ready to be asked."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gate.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gate.config import Settings
    from gate.core.forge.snapshot import ForgeRepository
    from gate.usecases.forge_ports import Forge
    from gate.usecases.store_ports import Store
    from gate.usecases.tracker_ports import Tracker

_PUBLIC_API = "https://api.github.com"


def trackers_of(settings: "Settings", forge: "Forge", store: "Store") -> "Sequence[Tracker]":
    """Return the trackers that are set up, GitHub's issues always among them; nothing is requested yet.

    Raises UsageError for a tracker that is set up by half, or at an address that no secret may be sent to.
    """
    from gate.adapters.trackers.github_issues import GithubIssues

    def find(name: str) -> "ForgeRepository | None":
        with store.reading() as reading:
            return reading.repository_named(name)

    found: list[Tracker] = [GithubIssues(forge, find=find, web=web_address(settings.github_api_url))]
    if _is_set(settings, "jira_url", "jira_token"):
        from gate.adapters.trackers.jira import Jira

        found.append(
            Jira(
                settings.jira_url,
                settings.jira_token,
                user=settings.jira_user,
                project=settings.jira_project,
                issue_type=settings.jira_issue_type,
                ca_file=settings.tracker_ca_file,
            )
        )
    if _is_set(settings, "servicenow_url", "servicenow_user", "servicenow_password"):
        from gate.adapters.trackers.servicenow import ServiceNow

        found.append(
            ServiceNow(
                settings.servicenow_url,
                user=settings.servicenow_user,
                password=settings.servicenow_password,
                ca_file=settings.tracker_ca_file,
            )
        )
    if _is_set(settings, "pagerduty_token", "pagerduty_from"):
        from gate.adapters.trackers.pagerduty import PagerDuty

        found.append(
            PagerDuty(
                settings.pagerduty_token,
                sender=settings.pagerduty_from,
                service=settings.pagerduty_service,
                address=settings.pagerduty_url,
                ca_file=settings.tracker_ca_file,
            )
        )
    if _is_set(settings, "ticket_webhook_url", "ticket_webhook_secret", "ticket_webhook_prefixes"):
        from gate.adapters.trackers.webhook import TicketWebhook

        prefixes = [one for part in settings.ticket_webhook_prefixes.split(",") if (one := part.strip())]
        secret = settings.ticket_webhook_secret.encode()
        # One's own prefixes come first: they were written for exactly these keys.
        found.insert(
            0, TicketWebhook(settings.ticket_webhook_url, secret, prefixes=prefixes, ca_file=settings.tracker_ca_file)
        )
    return found


def web_address(api_url: str) -> str:
    """Return where people see what the API at an address is about: `https://github.com`, or the enterprise's host."""
    if api_url.rstrip("/") == _PUBLIC_API:
        return "https://github.com"
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_set(settings: "Settings", *names: str) -> bool:
    """Return whether all settings of a tracker are given. Raises UsageError where only some of them are."""
    given = [name for name in names if getattr(settings, name)]
    if given and len(given) < len(names):
        lacking = next(name for name in names if name not in given)
        shown = f"GATE_{lacking.upper()}"
        raise UsageError(f"{shown} is not set, but GATE_{given[0].upper()} is.", next_step=f"Set {shown} as well.")
    return bool(given)
