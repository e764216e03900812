"""Routes of people, organisations, teams and what somebody may do in a repository."""

import time

from doubles.github.accounts import Account, Organisation, Team
from doubles.github.routing import ROLES, Answer, Refusal, Request, role_in, route

REPO = "/repos/{owner}/{repo}"
TEAM = "/orgs/{org}/teams/{team_slug}"
MEMBERS = "members:read"
OLD_NAMES = {"maintain": "write", "triage": "read"}


@route("GET", "/rate_limit")
def get_rate_limit(request: Request) -> Answer:
    """Answer how many requests are left; this one is free."""
    world, reset = request.world, int(time.time()) + 3600
    left = max(world.rate_limit - world.rate_used, 0)
    rate = {"limit": world.rate_limit, "remaining": left, "used": world.rate_used, "reset": reset}
    return Answer({"resources": {"core": rate, "search": rate}, "rate": rate})


@route("GET", "/user")
def get_self(request: Request) -> Answer:
    """Answer who asks."""
    if request.viewer.installation or request.viewer.app:
        raise Refusal(403, "Resource not accessible by integration")
    if request.viewer.user is None:
        raise Refusal(401, "Requires authentication")
    return Answer(request.world.shapes.whole_user(request.viewer.user, is_self=True))


@route("GET", "/user/repos")
def list_own_repositories(request: Request) -> Answer:
    """Answer the repositories that who asks may see."""
    if request.viewer.user is None:
        raise Refusal(401, "Requires authentication")
    seen = [one for one in request.world.repositories if role_in(one, request.viewer.user) != "none"]
    return request.page(seen, request.world.shapes.repository)


@route("GET", "/user/{account_id}")
def get_account(request: Request) -> Answer:
    """Answer an account by its number."""
    number = request.number("account_id")
    found = next((one for one in request.world.accounts if one.id == number and not one.is_deleted), None)
    if found is None:
        raise Refusal(404, "Not Found")
    return Answer(request.world.shapes.whole_user(found))


def _named(request: Request) -> Account:
    found: Account | None = request.world.find(request.parameters["username"])
    if found is None:
        raise Refusal(404, "Not Found")
    return found


@route("GET", "/users/{username}")
def get_user(request: Request) -> Answer:
    """Answer an account by what it is called now."""
    return Answer(request.world.shapes.whole_user(_named(request)))


@route("GET", "/orgs/{org}")
def get_organisation(request: Request) -> Answer:
    """Answer an organisation."""
    return Answer(request.world.shapes.whole_organisation(request.organisation))


@route("GET", "/orgs/{org}/members", MEMBERS)
def list_members(request: Request) -> Answer:
    """Answer the members of an organisation."""
    return request.page([one for one in request.organisation.members if not one.is_deleted], request.world.shapes.user)


@route("GET", "/orgs/{org}/members/{username}", MEMBERS)
def is_member(request: Request) -> Answer:
    """Answer 204 for a member, 404 else."""
    if _named(request) not in request.organisation.members:
        raise Refusal(404, "Not Found")
    return Answer(None, 204)


def _sees(request: Request, organisation: Organisation) -> bool:
    viewer = request.viewer
    if viewer.installation:
        return viewer.installation.account is organisation
    return viewer.user is not None and viewer.user in [*organisation.members, *organisation.owners]


def _team(request: Request) -> Team:
    organisation = request.organisation
    for team in request.world.teams:
        if team.organisation is organisation and team.slug == request.parameters["team_slug"]:
            is_visible = not team.is_secret or request.viewer.user in [*team.members, *organisation.owners]
            if is_visible and _sees(request, organisation):
                found: Team = team
                return found
    raise Refusal(404, "Not Found")


@route("GET", "/orgs/{org}/teams", MEMBERS)
def list_teams(request: Request) -> Answer:
    """Answer the teams that are no secret."""
    organisation = request.organisation
    if not _sees(request, organisation):
        raise Refusal(403, "Must have admin rights")
    found = [team for team in request.world.teams if team.organisation is organisation and not team.is_secret]
    return request.page(found, lambda team: {**request.world.shapes.team(team)})


@route("GET", TEAM, MEMBERS)
def get_team(request: Request) -> Answer:
    """Answer a team; a secret one is not there."""
    return Answer(request.world.shapes.whole_team(_team(request)))


@route("GET", f"{TEAM}/members", MEMBERS)
def list_team_members(request: Request) -> Answer:
    """Answer the active members, those of teams below included."""
    team = _team(request)
    members = [member for member in team.all_members() if not member.is_deleted]
    if request.query.get("role") == "maintainer":
        members = [member for member in members if member in team.maintainers]
    return request.page(members, request.world.shapes.user)


@route("GET", f"{TEAM}/teams", MEMBERS)
def list_child_teams(request: Request) -> Answer:
    """Answer the teams right below."""
    team = _team(request)
    return request.page([one for one in request.world.teams if one.parent is team], request.world.shapes.team)


@route("GET", f"{TEAM}/memberships/{{username}}", MEMBERS)
def get_membership(request: Request) -> Answer:
    """Answer whether somebody is in a team, or was only invited."""
    team, account = _team(request), _named(request)
    is_active = account in team.all_members()
    if not is_active and account not in team.pending:
        raise Refusal(404, "Not Found")
    url = f"{request.world.url}/organizations/{team.organisation.id}/team/{team.id}/memberships/{account.login}"
    role = "maintainer" if account in team.maintainers else "member"
    return Answer({"url": url, "role": role, "state": "active" if is_active else "pending"})


@route("GET", f"{REPO}/collaborators/{{username}}", "metadata:read")
def is_collaborator(request: Request) -> Answer:
    """Answer 204 for somebody who may read a private repository or has a role, 404 else."""
    account = request.world.find(request.parameters["username"])
    least = "read" if request.repository.private else "triage"
    if account is None or ROLES[role_in(request.repository, account)] < ROLES[least]:
        raise Refusal(404, "Not Found")
    return Answer(None, 204)


@route("GET", f"{REPO}/collaborators/{{username}}/permission", "metadata:read")
def get_permission(request: Request) -> Answer:
    """Answer what somebody may do; whoever may do nothing gets `none`."""
    account = _named(request)
    role = role_in(request.repository, account)
    old = OLD_NAMES.get(role, role)
    held = {name: ROLES[role] >= ROLES[level] for name, level in _FLAGS.items()}
    user = {**request.world.shapes.user(account), "permissions": held, "role_name": role}
    return Answer({"permission": old, "role_name": role, "user": user})


_FLAGS = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}
