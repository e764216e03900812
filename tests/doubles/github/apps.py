"""Apps, their installations, and the tokens that say who asks."""

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwt
from jose.exceptions import JWTError

from doubles.github.accounts import Account
from doubles.github.acting import act

EVERYTHING = {
    "actions": "read", "administration": "read", "checks": "write", "contents": "read", "issues": "write",
    "members": "read", "merge_queues": "read", "metadata": "read", "pull_requests": "write", "statuses": "read",
}  # fmt: skip
LEVELS = {"read": 1, "write": 2, "admin": 3}
LONGEST_LIFE = 600


@functools.cache
def app_key() -> str:
    """Return the private key of the apps of this test run."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form, no_secret = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, no_secret).decode()


@functools.cache
def public_half(private_key: str) -> str:
    """Return the public key of a private one."""
    key = serialization.load_pem_private_key(private_key.encode(), None).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


@dataclass(eq=False)
class App:
    """A GitHub App."""

    id: int
    slug: str
    name: str
    owner: Account
    account: Account
    private_key: str
    permissions: Mapping[str, str] = field(default_factory=lambda: dict(EVERYTHING))
    events: Sequence[str] = ("pull_request", "pull_request_review", "issue_comment", "check_run", "push", "merge_group")

    @property
    def client_id(self) -> str:
        """Return the OAuth client id."""
        return f"Iv1.{self.id:016x}"


def shortly(repository: Any) -> dict[str, Any]:
    """Return a repository as webhooks about installations show it."""
    names = {"name": repository.name, "full_name": repository.full_name}
    return {"id": repository.id, "node_id": f"R_{repository.id}", "private": repository.private, **names}


@dataclass(eq=False)
class Installation:
    """An app installed on an organisation, for all its repositories or for selected ones."""

    world: Any
    id: int
    app: App
    account: Account
    selected: list[Any] | None = None
    permissions: dict[str, str] = field(default_factory=dict)
    is_suspended: bool = False

    def covers(self, repository: Any) -> bool:
        """Return whether a repository is within."""
        return repository.owner is self.account and (self.selected is None or repository in self.selected)

    @act
    def suspend(self) -> None:
        """Suspend it: its tokens are refused."""
        self.is_suspended = True
        self._tell("suspend")

    @act
    def unsuspend(self) -> None:
        """Let it go on."""
        self.is_suspended = False
        self._tell("unsuspend")

    @act
    def delete(self) -> None:
        """Uninstall the app."""
        self.world.installations.remove(self)
        self._tell("deleted")

    @act
    def select(self, repositories: Sequence[Any] | None) -> None:
        """Say which repositories it covers; None for all."""
        before = self.world.repositories_of(self)
        self.selected = None if repositories is None else list(repositories)
        after = self.world.repositories_of(self)
        short = [
            {"id": r.id, "full_name": r.full_name, "name": r.name, "private": r.private} for r in (*before, *after)
        ]
        added = [shape for shape in short[len(before) :] if shape not in short[: len(before)]]
        removed = [shape for shape in short[: len(before)] if shape not in short[len(before) :]]
        payload = {"repositories_added": added, "repositories_removed": removed}
        action = "added" if added or not removed else "removed"
        self._emit(
            "installation_repositories",
            {"action": action, "repository_selection": "selected" if repositories is not None else "all", **payload},
        )

    def _tell(self, action: str) -> None:
        short = [shortly(repository) for repository in self.world.repositories_of(self)]
        self._emit("installation", {"action": action, "repositories": short})

    def _emit(self, event: str, payload: dict[str, Any]) -> None:
        shape = self.world.shapes.installation(self)
        self.world.emit_to_organisation(self.account, event, {**payload, "installation": shape}, sender=self.account)


@dataclass(frozen=True)
class Viewer:
    """Who asks: an app, an installation of one, a person, or nobody."""

    app: App | None = None
    installation: Installation | None = None
    user: Account | None = None
    expires: dt.datetime | None = None
    permissions: Mapping[str, str] | None = None
    repository_ids: frozenset[int] | None = None

    def allows(self, need: str) -> bool:
        """Return whether `contents:read` and the like are within; people's rights are asked elsewhere."""
        if self.installation is None or not need:
            return True
        area, _, level = need.partition(":")
        granted = (self.permissions or self.installation.permissions).get(area, "")
        return LEVELS.get(granted, 0) >= LEVELS[level]


def app_of_token(apps: Mapping[int, App], token: str) -> App | str:
    """Return the app that signed a token, or why the platform refuses it."""
    try:
        claimed = jwt.get_unverified_claims(token)
        app = apps.get(int(claimed.get("iss", 0))) or next(
            (a for a in apps.values() if a.client_id == claimed["iss"]), None
        )
    except (JWTError, ValueError, KeyError):
        app = next((a for a in apps.values() if a.client_id == _issuer(token)), None)
    if app is None:
        return "Integration not found"
    try:
        claims = jwt.decode(token, public_half(app.private_key), algorithms=["RS256"], options={"verify_aud": False})
    except JWTError:
        return "A JSON web token could not be decoded"
    now = dt.datetime.now(dt.UTC).timestamp()
    if claims.get("exp", 0) - now > LONGEST_LIFE + 60:
        return "'Expiration time' claim ('exp') is too far in the future"
    if claims.get("iat", now) > now + 60:
        return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
    return app


def _issuer(token: str) -> str:
    try:
        return str(jwt.get_unverified_claims(token).get("iss", ""))
    except JWTError:
        return ""
