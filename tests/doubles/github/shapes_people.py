"""Shapes of people, organisations, teams, apps and installations, as the API shows them."""

import base64
from typing import Any
from urllib.parse import quote

from doubles.github.accounts import Account, Team
from doubles.github.apps import App, Installation

USER_LINKS = (
    "followers", "following", "gists", "starred", "subscriptions", "organizations", "repos", "events",
    "received_events",
)  # fmt: skip
LONG_AGO = "2020-01-01T00:00:00Z"


def node_id(kind: str, number: int | str) -> str:
    """Return an opaque id in the platform's style."""
    return f"{kind}_{base64.urlsafe_b64encode(f'{kind}{number}'.encode()).decode().rstrip('=')}"


class PeopleShapes:
    """Shapes that need no repository."""

    def __init__(self, world: Any) -> None:
        self.world = world

    @property
    def url(self) -> str:
        """Return the address of the API."""
        return str(self.world.url)

    def user(self, account: Account | None) -> dict[str, Any] | None:
        """Return an account, None for a deleted one."""
        if account is None or account.is_deleted:
            return None
        login = quote(account.login)
        url = f"{self.url}/users/{login}"
        return {
            "id": account.id,
            "login": account.login,
            "node_id": node_id("U", account.id),
            "type": account.type,
            "site_admin": False,
            "avatar_url": f"{self.url}/avatars/{account.id}",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.url}/{login}",
            **{f"{name}_url": f"{url}/{name}" for name in USER_LINKS},
        }

    def whole_user(self, account: Account, *, is_self: bool = False) -> dict[str, Any]:
        """Return an account with its profile."""
        profile = {
            **(self.user(account) or {}),
            **dict.fromkeys(("bio", "blog", "company", "hireable", "location"), None),
            **dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0),
            "name": account.name,
            "email": account.email if is_self else None,
            "created_at": LONG_AGO,
            "updated_at": LONG_AGO,
        }
        if is_self:
            numbers = ("collaborators", "disk_usage", "owned_private_repos", "private_gists", "total_private_repos")
            profile |= {**dict.fromkeys(numbers, 0), "two_factor_authentication": True}
        return profile

    def organisation(self, account: Account) -> dict[str, Any]:
        """Return an organisation in short."""
        url = f"{self.url}/orgs/{account.login}"
        links = ("repos", "events", "hooks", "issues", "members", "public_members")
        return {
            "id": account.id,
            "login": account.login,
            "node_id": node_id("O", account.id),
            "url": url,
            "avatar_url": f"{self.url}/avatars/{account.id}",
            "description": None,
            **{f"{name}_url": f"{url}/{name}" for name in links},
        }

    def whole_organisation(self, account: Account) -> dict[str, Any]:
        """Return an organisation with its profile."""
        return {
            **self.organisation(account),
            **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
            "html_url": f"{self.url}/{account.login}",
            "has_organization_projects": True,
            "has_repository_projects": True,
            "type": "Organization",
            "created_at": LONG_AGO,
            "updated_at": LONG_AGO,
            "archived_at": None,
        }

    def team(self, team: Team) -> dict[str, Any]:
        """Return a team in short."""
        org = team.organisation
        url = f"{self.url}/organizations/{org.id}/team/{team.id}"
        return {
            "id": team.id,
            "node_id": node_id("T", team.id),
            "slug": team.slug,
            "name": team.name,
            "description": None,
            "privacy": "secret" if team.is_secret else "closed",
            "notification_setting": "notifications_enabled",
            "permission": "pull",
            "type": "organization",
            "organization_id": org.id,
            "url": url,
            "html_url": f"{self.url}/orgs/{org.login}/teams/{team.slug}",
            "members_url": f"{url}/members{{/member}}",
            "repositories_url": f"{url}/repos",
            "parent": None,
        }

    def whole_team(self, team: Team) -> dict[str, Any]:
        """Return a team with what else there is of it."""
        return {
            **self.team(team),
            "parent": self.team(team.parent) if team.parent else None,
            "members_count": len(team.all_members()),
            "repos_count": 0,
            "created_at": LONG_AGO,
            "updated_at": LONG_AGO,
            "organization": self.whole_organisation(team.organisation),
        }

    def app(self, app: App) -> dict[str, Any]:
        """Return an app."""
        return {
            "id": app.id,
            "slug": app.slug,
            "node_id": node_id("A", app.id),
            "client_id": app.client_id,
            "name": app.name,
            "owner": self.user(app.owner),
            "description": "",
            "external_url": f"{self.url}/apps/{app.slug}",
            "html_url": f"{self.url}/apps/{app.slug}",
            "created_at": LONG_AGO,
            "updated_at": LONG_AGO,
            "permissions": dict(app.permissions),
            "events": list(app.events),
        }

    def installation(self, installation: Installation) -> dict[str, Any]:
        """Return an installation of an app."""
        url = f"{self.url}/app/installations/{installation.id}"
        return {
            "id": installation.id,
            "app_id": installation.app.id,
            "app_slug": installation.app.slug,
            "client_id": installation.app.client_id,
            "target_id": installation.account.id,
            "target_type": installation.account.type,
            "account": self.user(installation.account),
            "repository_selection": "all" if installation.selected is None else "selected",
            "access_tokens_url": f"{url}/access_tokens",
            "repositories_url": f"{self.url}/installation/repositories",
            "html_url": f"{self.url}/organizations/{installation.account.login}/installations/{installation.id}",
            "single_file_name": None,
            "permissions": dict(installation.permissions),
            "events": list(installation.app.events),
            "created_at": LONG_AGO,
            "updated_at": LONG_AGO,
            "suspended_by": self.user(installation.account) if installation.is_suspended else None,
            "suspended_at": LONG_AGO if installation.is_suspended else None,
        }

    def installation_node(self, installation: Installation) -> str:
        """Return the opaque id of an installation, as webhooks name it."""
        return node_id("MDIzOkluc3RhbGxhdGlvbg", installation.id)
