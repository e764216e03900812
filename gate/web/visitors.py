"""Visitors: who is asking, by token or session, and what their role may do on each route."""

import hashlib
from dataclasses import dataclass

from flask import Response, current_app, g, request, url_for
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, NotFound, Unauthorized

from gate.core.change.facts import AccountKey
from gate.core.forge.snapshot import ForgeAccount, ForgeRepository, RepositoryKey
from gate.usecases.people import LinkedLogin
from gate.usecases.repository_ownership import OwnershipSight, ownership_accounts
from gate.usecases.store_ports import Reading
from gate.usecases.stored import Role, Session
from gate.web import workloads
from gate.web.door import Door
from gate.web.matrix import MATRIX
from gate.web.problems import wants_page
from gate.web.redirects import see_other
from gate.web.sight import Sight

COOKIE = "gate_session"
SESSION_HOURS = 12
TAKES_PASSWORDS = frozenset({"calendar.feed"})
"""Where a token may also come as the password of basic authentication: calendar programs send nothing else."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a role. `repositories` are names that a token is limited to; empty means all the role may see.

    Somebody who logged in sees, and decides, by their account at the forge: what it may read now; without one nothing
    at all, unless an admin. `account` is the one that they logged in with or that their login was linked to, `login`
    the issuer and subject of a login elsewhere, `how` says in words how they are known,
    `logged_in_at` when they last proved it. `former` is the account that they took their login off again.
    `signs_as` is the account that a token gives sign-offs of, which lets it see nothing by itself.
    """

    name: str
    role: Role
    repositories: tuple[str, ...] = ()
    account: ForgeAccount | None = None
    is_logged_in: bool = False
    login: tuple[str, str] | None = None
    how: str = ""
    logged_in_at: str = ""
    former: int | None = None
    signs_as: AccountKey = ""

    def account_in(self, repository: ForgeRepository) -> ForgeAccount | None:
        """Return the account that the visitor is in a repository, None for nobody.

        SECURITY: ownership records say whose a login is in their own repository alone: who may write there gives
        nobody's name away elsewhere. Where they and the person's own word differ, or two records claim the same login,
        it is nobody's: else one would sign off as one account what they wrote as another.
        """
        if self.login is None:
            return self.account
        ownership: OwnershipSight = current_app.extensions["gate.ownership"]
        now = ownership.of(repository)
        numbers = ownership_accounts(now, *self.login) if now is not None else set()
        if self.account is not None:
            numbers = {*numbers, self.account.id}
        if self.former is not None and self.former not in numbers and numbers:
            return None  # SECURITY: whoever once was one account is nobody else by a record's word (R07)
        return ForgeAccount(numbers.pop(), "") if len(numbers) == 1 else None

    def key_in(self, repository: ForgeRepository) -> AccountKey:
        """Return the account that the visitor decides as in a repository, empty for nobody."""
        account = self.account_in(repository)
        return account.key if account is not None else ""

    def may_see(self, repository: ForgeRepository) -> bool:
        """Return whether the visitor may look at a repository's changes."""
        account = self.account_in(repository)
        if account is not None:
            sight: Sight = current_app.extensions["gate.sight"]
            return sight.may_read(account, repository)
        if self.is_logged_in:
            return self.role == "admin"
        return not self.repositories or repository.name.lower() in {name.lower() for name in self.repositories}


def secret_hash(secret: str) -> str:
    """Return how a token or session is kept: never as itself."""
    return hashlib.sha256(secret.encode()).hexdigest()


def admit() -> Response | None:
    """Let the request in only where the matrix gives the visitor's role its route; raises 401, 403 or 404.

    A person who is not logged in is sent to the login, whether there is anything at the address or not.
    """
    if request.endpoint is None:
        return None  # no such address: the framework answers 404
    roles = MATRIX.get(request.endpoint, frozenset())
    if roles is None or (request.endpoint == "api.evaluate" and workloads.is_presented()):
        return None  # a job is let in by what its own token says, to that one route
    visitor = current_visitor()
    if visitor is None:
        door: Door = current_app.extensions["gate"]
        if door.providers and request.method == "GET" and wants_page():
            return see_other(url_for("login.choose", next=request.full_path.removesuffix("?")))
        if request.endpoint in TAKES_PASSWORDS:
            raise Unauthorized(www_authenticate=WWWAuthenticate("basic", {"realm": "sign-off gate"}))
        raise Unauthorized
    if visitor.role not in roles:
        raise Forbidden
    g.visitor = visitor
    return None


def visible_repository(name: str) -> ForgeRepository:
    """Return a repository that the visitor may see. Raises the uniform 404 for every other."""
    door: Door = current_app.extensions["gate"]
    with door.gate.store.reading() as reading:
        found = reading.repository_named(name)
    if found is None or not visitor().may_see(found):
        raise NotFound
    return found


def visible_repositories(reading: Reading) -> dict[RepositoryKey, ForgeRepository]:
    """Return all repositories that the visitor may see, by key.

    SECURITY: a token is limited to names, and a name means who has it now, not who once had it (S15).
    """
    who = visitor()
    if who.account is None and who.repositories:
        found = [reading.repository_named(name) for name in who.repositories]
        return {one.key: one for one in found if one is not None}
    return {one.key: one for one in reading.repositories() if who.may_see(one)}


def visitor() -> Visitor:
    """Return who is asking on a route that lets nobody unknown in."""
    found: Visitor = g.visitor
    return found


def current_visitor() -> Visitor | None:
    """Return who is asking, None for somebody unknown."""
    door: Door = current_app.extensions["gate"]
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    now = door.gate.instant()
    with door.gate.store.reading() as reading:
        token = token if kind.lower() == "bearer" else _basic_token()
        if token:
            found = reading.api_token(secret_hash(token.strip()))
            if found is None or found.is_revoked or found.expires_at <= now:
                return None
            return Visitor(
                found.name, found.role, found.repositories, how=f"API token {found.id}", signs_as=found.signs_as
            )
        cookie = request.cookies.get(cookie_name(door), "")
        session = reading.session(secret_hash(cookie)) if cookie else None
        linked = reading.linked_login(session.issuer, session.subject) if session else None
    if session is None or session.expires_at <= now or not wants_page_or_json():
        return None
    return _visitor_of(door, session, linked)


def of_whoever_is_here(door: Door) -> dict[str, object]:
    """Return what an open page is told of who is logged in, for the site's navigation; nothing for anybody else."""
    found = current_visitor()
    return {} if found is None or request.authorization is not None else {"visitor": found, "has_login": door.has_login}


def _basic_token() -> str:
    """Return the token that a calendar program sends as its password: it knows no other way to send one."""
    given = request.authorization
    is_basic = given is not None and given.type == "basic" and request.endpoint in TAKES_PASSWORDS
    return (given.password or "") if given is not None and is_basic else ""


def _visitor_of(door: Door, session: Session, linked: LinkedLogin | None) -> Visitor | None:
    """Return whose session it is; the role is what the settings give now, not what they gave at login."""
    if session.issuer == "trial":
        return None if door.has_login else Visitor(session.display, session.role)
    provider = session.account.partition(":")[0]
    role = role_of(door, f"{provider}:{session.subject}")
    is_forge = provider == "github" and session.subject.isascii() and session.subject.isdigit()
    how, at = f"login at {session.issuer}", session.reauthenticated_at
    if is_forge:
        account = ForgeAccount(int(session.subject), session.display)
        return Visitor(session.display, role, account=account, is_logged_in=True, how=how, logged_in_at=at)
    number = int(linked.account.partition(":")[2]) if linked is not None else None
    is_joined = linked is not None and number is not None and not linked.ended_at
    return Visitor(
        session.display,
        role,
        account=ForgeAccount(number, "") if is_joined and number is not None else None,
        is_logged_in=True,
        login=(session.issuer, session.subject),
        how=how,
        logged_in_at=at,
        former=None if is_joined else number,
    )


def role_of(door: Door, admin_name: str) -> Role:
    """Return the role of somebody who logged in: `github:<id>` or `oidc:<subject>`, a viewer unless listed."""
    return "admin" if admin_name in door.admins else "viewer"


def wants_page_or_json() -> bool:
    """Return whether a session may be used: for pages, and for reading the API."""
    return wants_page() or request.method == "GET"


def cookie_name(door: Door) -> str:
    """Return the cookie's name; over HTTPS one that no other host can set."""
    return f"__Host-{COOKIE}" if door.is_https else COOKIE
