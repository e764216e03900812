"""Routing: which function answers which documented route, and what it gets to see."""

import re
import urllib.parse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from doubles.github.accounts import Account, Organisation
from doubles.github.apps import Viewer
from doubles.github.issues import Issue
from doubles.github.pulls import Pull
from doubles.github.repositories import Repository

ROLES = {"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}
SLASHED = {"path", "ref", "basehead", "branch"}


class Refusal(Exception):  # noqa: N818
    """An answer that says no."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(status),
            **more,
        }


@dataclass
class Answer:
    """What goes back: JSON, or a text of another type."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    media_type: str = "application/json; charset=utf-8"


@dataclass
class Request:
    """A request with what its path names already looked up."""

    world: Any
    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]
    viewer: Viewer
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def repository(self) -> Repository:
        """Return the repository of the path; one that may not be seen is not there."""
        name = f"{self.parameters['owner']}/{self.parameters['repo']}".lower()
        known: list[Repository] = self.world.repositories
        for repository in known:
            if repository.full_name.lower() == name and may_see(self.viewer, repository):
                return repository
        raise Refusal(404, "Not Found")

    @property
    def organisation(self) -> Organisation:
        """Return the organisation of the path."""
        found = self.world.find(self.parameters["org"])
        if not isinstance(found, Organisation):
            raise Refusal(404, "Not Found")
        return found

    @property
    def issue(self) -> Issue:
        """Return the issue or pull of the path."""
        found = self.repository.issues.get(self.number("issue_number"))
        if found is None:
            raise Refusal(404, "Not Found")
        return found

    @property
    def pull(self) -> Pull:
        """Return the pull of the path."""
        found = self.repository.issues.get(self.number("pull_number"))
        if not isinstance(found, Pull):
            raise Refusal(404, "Not Found")
        return found

    @property
    def account(self) -> Account | None:
        """Return who acts: a person, or the bot of an app."""
        if self.viewer.user:
            return self.viewer.user
        return self.viewer.app.account if self.viewer.app else None

    def number(self, name: str) -> int:
        """Return a number of the path."""
        if not self.parameters[name].isdigit():
            raise Refusal(404, "Not Found")
        return int(self.parameters[name])

    def commit(self, name: str) -> str:
        """Return the commit that a branch, a tag or a sha (also a short one) names."""
        found = resolve(self.repository, name)
        if found is None:
            raise Refusal(422, f"No commit found for SHA: {name}")
        return found

    def page(self, entries: Sequence[Any], shape: Callable[[Any], Any], *, key: str = "", default: int = 30) -> Answer:
        """Return one page of a list, with the Link header that leads to the others."""
        size = min(int(self.query.get("per_page", default)), 100)
        number = max(int(self.query.get("page", 1)), 1)
        last = max(-(-len(entries) // size), 1)
        shapes = [shape(entry) for entry in entries[(number - 1) * size : number * size]]
        links = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        wanted = [
            rel
            for rel in links
            if (rel in {"prev", "first"} and number > 1) or (rel in {"next", "last"} and number < last)
        ]
        headers = (
            {"Link": ", ".join(f'<{self.link(page=links[rel])}>; rel="{rel}"' for rel in wanted)} if wanted else {}
        )
        return Answer({"total_count": len(entries), key: shapes} if key else shapes, headers=headers)

    def link(self, **more: Any) -> str:
        """Return the address of this request with another query."""
        query = urllib.parse.urlencode({**self.query, **more})
        return f"{self.world.url}{self.path}?{query}"


def resolve(repository: Repository, name: str) -> str | None:
    """Return the commit that a name stands for: a tag comes before a branch of the same name."""
    for prefix in ("", "refs/", "refs/tags/", "refs/heads/"):
        if (not prefix and name.startswith("refs/")) or prefix:
            found = repository.objects.ref(prefix + name)
            if found:
                return found
    if re.fullmatch("[0-9a-f]{40}", name):
        return name if repository.history.commit(name) else None
    if re.fullmatch("[0-9a-f]{7,39}", name):
        kinds = repository.objects.known.items()
        shas = [sha for sha, (kind, _) in kinds if kind == "commit" and sha.startswith(name)]
        return shas[0] if len(shas) == 1 else None
    return None


def role_in(repository: Repository, account: Account | None) -> str:
    """Return what somebody may do in a repository."""
    given = "none" if repository.private else "read"
    if account is None or account.is_deleted:
        return given
    owner = repository.owner
    if account is owner or account in getattr(owner, "owners", ()) or account is repository.world.web_flow:
        return "admin"
    roles = [given, repository.roles.get(account.id, "none")]
    if isinstance(owner, Organisation) and account in owner.members:
        roles.append(owner.base_permission)
    return max(roles, key=ROLES.__getitem__)


def may_see(viewer: Viewer, repository: Repository) -> bool:
    """Return whether a repository exists for who asks."""
    if viewer.installation:
        limits = viewer.repository_ids
        is_within = viewer.installation.covers(repository) and (limits is None or repository.id in limits)
        return is_within or not repository.private
    return role_in(repository, viewer.user) != "none"


Handler = Callable[[Request], Answer]


@dataclass(frozen=True)
class Route:
    """One documented route."""

    method: str
    template: str
    pattern: re.Pattern[str]
    need: str
    handler: Handler


ROUTES: list[Route] = []


def route(method: str, template: str, need: str = "") -> Callable[[Handler], Handler]:
    """Make a function answer a route; `need` is the permission that an installation must have."""

    def name_group(match: re.Match[str]) -> str:
        return f"(?P<{match[1]}>{'.+' if match[1] in SLASHED else '[^/]+'})"

    pattern = re.compile(re.sub(r"\\\{(\w+)\\\}", name_group, re.escape(template)))

    def register(handler: Handler) -> Handler:
        ROUTES.append(Route(method, template, pattern, need, handler))
        ROUTES.sort(key=lambda known: -len(re.sub(r"\{\w+\}", "", known.template)))
        return handler

    return register


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return the route of a request and what its path names."""
    for known in ROUTES:
        if known.method == method and (match := known.pattern.fullmatch(path)):
            return known, {name: urllib.parse.unquote(text) for name, text in match.groupdict().items()}
    return None


def plain_path(world: Any, path: str) -> str:
    """Return a path by name for one by number, as the platform's own links have them."""
    match = re.match(r"/organizations/(\d+)/team/(\d+)", path)
    if match:
        for team in world.teams:
            if team.organisation.id == int(match[1]) and team.id == int(match[2]):
                return f"/orgs/{team.organisation.login}/teams/{team.slug}{path[match.end() :]}"
    match = re.match(r"/repositories/(\d+)", path)
    if match:
        for repository in world.repositories:
            if repository.id == int(match[1]):
                return f"/repos/{repository.full_name}{path[match.end() :]}"
    return path


def moved_path(world: Any, path: str) -> str | None:
    """Return where a repository is that was renamed, None for one that was not."""
    match = re.match(r"/repos/([^/]+/[^/]+)", path)
    number = world.former_names.get(match[1].lower()) if match else None
    if not match or number is None or any(one.full_name.lower() == match[1].lower() for one in world.repositories):
        return None
    return f"/repositories/{number}{path[match.end() :]}"
