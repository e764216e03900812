"""The world: a whole GitHub in one object, for one test.

    with World() as world:
        alice = world.user("alice")
        repository = world.repository("acme/shop", files={"README.md": "Shop"})
        repository.commit("topic", {"pay.py": "x = 1"}, author=alice)
        pull = repository.open_pull(head="topic", author=alice)

`world.url` is the address of its API (and of its login pages).
"""

import datetime as dt
import json
import re
import secrets
import shutil
import tempfile
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from doubles.github import merging
from doubles.github.accounts import Account, Organisation, Team
from doubles.github.acting import Stage, act
from doubles.github.apps import App, Installation, Viewer, app_key
from doubles.github.events import Events
from doubles.github.faults import Faults
from doubles.github.history import History
from doubles.github.hooks import Hooks, Mode
from doubles.github.objects import Content, Objects
from doubles.github.protection import Ruleset
from doubles.github.pulls import Pull
from doubles.github.repositories import Repository
from doubles.github.server import Server
from doubles.github.shapes_pull import Shapes


class World(Stage):
    """A GitHub. Acts are methods of what acts: repositories, pulls, reviews, comments, teams, accounts."""

    def __init__(self, *, start: str = "2026-10-05T09:00:00+00:00", is_judged: bool = True) -> None:
        super().__init__(start)
        self.folder = Path(tempfile.mkdtemp(prefix="github-double-"))
        self.accounts: list[Account] = []
        self.teams: list[Team] = []
        self.repositories: list[Repository] = []
        self.apps: dict[int, App] = {}
        self.installations: list[Installation] = []
        self.rulesets: dict[int, list[Ruleset]] = {}
        self.tokens: dict[str, Viewer] = {}
        self.manifests: dict[str, dict[str, Any]] = {}
        self.browser_user: Account | None = None
        self.client_secret = "a-client-secret"  # noqa: S105  # of nothing real
        self.codes: dict[str, tuple[Account, str, str | None, str]] = {}
        self.former_names: dict[str, int] = {}
        self.violations: list[str] = []
        self.requests: list[tuple[str, str, int]] = []
        self.is_judged = is_judged
        self.rate_limit = 5000
        self.rate_used = 0
        self.tree_limit = 100_000
        self.hooks, self.events, self.faults = Hooks(self), Events(self), Faults()
        self.shapes = Shapes(self)
        self.web_flow = Account(self, 19_864_447, "web-flow", name="GitHub", email="noreply@github.com")
        self.accounts.append(self.web_flow)
        self.server = Server(self)

    @property
    def world(self) -> Self:
        """Return itself: a world acts too."""
        return self

    @property
    def url(self) -> str:
        """Return the address of the API, without a slash at the end."""
        return self.server.url

    def __enter__(self) -> Self:
        self.server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def take_due(self) -> list[Callable[[], None]]:
        """Return the deliveries of the act that just ended."""
        return self.hooks.take_due()

    @act
    def user(self, login: str, id: int | None = None, *, name: str = "", email: str = "") -> Account:  # noqa: A002
        """Add a person. A login that is free again may be taken by somebody new."""
        return self._add(Account(self, id or self.next_id("user", 2001), login, "User", name, email))

    @act
    def bot(self, login: str, id: int | None = None) -> Account:  # noqa: A002
        """Add a bot; its login ends in `[bot]`."""
        login = login if login.endswith("[bot]") else f"{login}[bot]"
        return self._add(
            Account(self, id or self.next_id("bot", 41_001), login, "Bot", login, f"{login}@users.noreply")
        )

    @act
    def organisation(self, login: str, id: int | None = None, *, members: Sequence[Account] = ()) -> Organisation:  # noqa: A002
        """Add an organisation."""
        organisation = Organisation(self, id or self.next_id("organisation", 501), login, members=list(members))
        self._add(organisation)
        return organisation

    def _add(self, account: Account) -> Account:
        if self.find(account.login):
            raise AssertionError(f"the login {account.login} is taken")
        self.accounts.append(account)
        return account

    @act
    def recycle(self, login: str, id: int | None = None) -> Account:  # noqa: A002
        """Delete whoever has a login and give it to somebody new."""
        old = self.find(login)
        if old is not None:
            old.delete()
        return self.user(login, id, email=f"new-{login}@example.com")

    @act
    def team(
        self,
        organisation: Organisation,
        slug: str,
        members: Sequence[Account] = (),
        *,
        parent: Team | None = None,
        is_secret: bool = False,
        id: int | None = None,  # noqa: A002
    ) -> Team:
        """Add a team; its members become members of the organisation."""
        number = id or self.next_id("team", 9001)
        team = Team(self, number, organisation, slug, slug, list(members), parent=parent, is_secret=is_secret)
        organisation.members.extend(member for member in members if member not in organisation.members)
        self.teams.append(team)
        return team

    @act
    def repository(
        self,
        full_name: str,
        *,
        files: Mapping[str, Content] | None = None,
        default_branch: str = "main",
        private: bool = True,
        id: int | None = None,  # noqa: A002
        author: Account | None = None,
    ) -> Repository:
        """Add a repository with one commit; its owner becomes an organisation where nobody has that login."""
        login, _, name = full_name.partition("/")
        owner = self.find(login) or self.organisation(login)
        number = id or self.next_id("repository", 1001)
        objects = Objects(self.folder / f"{number}.git")
        repository = Repository(self, number, owner, name, objects, History(objects), default_branch, private)
        self.repositories.append(repository)
        repository.commit(default_branch, files or {"README.md": f"{name}\n"}, author=author, message="Begin")
        return repository

    @act
    def fork_of(self, parent: Repository, owner: Account) -> Repository:
        """Fork a repository to an account."""
        number = self.next_id("fork", 3001)
        objects = Objects(self.folder / f"{number}.git", shared_with=parent.objects)
        fork = Repository(
            self, number, owner, parent.name, objects, parent.history, parent.default_branch, parent.private, parent
        )
        self.repositories.append(fork)
        fork.push(fork.default_branch, parent.tip(parent.default_branch), pusher=owner)
        return fork

    @act
    def delete_repository(self, repository: Repository) -> None:
        """Delete a repository; pulls from it keep their head sha and lose its repository."""
        self.repositories.remove(repository)
        for other in self.repositories:
            for pull in other.pulls:
                if pull.head_repository is repository:
                    pull.head_repository = None

    @act
    def app(self, app_id: int, *, private_key: str | None = None, slug: str = "", owner: Account | None = None) -> App:
        """Add an app, with its bot account."""
        slug = slug or f"app-{app_id}"
        account = self.bot(slug)
        app = App(app_id, slug, slug, owner or self.web_flow, account, private_key or app_key())
        self.apps[app_id] = app
        return app

    @act
    def install(
        self,
        app_id: int,
        private_key: str | None = None,
        organisation: Account | None = None,
        *,
        repositories: Sequence[Repository] | None = None,
        permissions: Mapping[str, str] | None = None,
        id: int | None = None,  # noqa: A002
    ) -> Installation:
        """Install an app on an organisation (the only one, where none is named); repositories None: all."""
        app = self.apps.get(app_id) or self.app(app_id, private_key=private_key)
        account = organisation or next(account for account in self.accounts if isinstance(account, Organisation))
        selected = None if repositories is None else list(repositories)
        number = id or self.next_id("installation", 5001)
        granted = dict(permissions or app.permissions)
        installation = Installation(self, number, app, account, selected, granted)
        self.installations.append(installation)
        installation._tell("created")
        return installation

    @act
    def token(self, user: Account) -> str:
        """Return a personal token of somebody."""
        token = f"ghp_{secrets.token_hex(18)}"
        self.tokens[token] = Viewer(user=user)
        return token

    @act
    def installation_token(self, installation: Installation, *, lives: float = 3600.0, **limits: Any) -> str:
        """Return a token of an installation that lives some seconds by the real clock."""
        token = f"ghs_{secrets.token_hex(18)}"
        expires = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(seconds=lives)
        self.tokens[token] = Viewer(app=installation.app, installation=installation, expires=expires, **limits)
        return token

    @act
    def organisation_ruleset(self, organisation: Organisation, **settings: Any) -> Ruleset:
        """Add a ruleset of an organisation; see Ruleset for the settings."""
        rules = Ruleset(self.next_id("ruleset", 42_001), organisation, **settings)
        self.rulesets.setdefault(organisation.id, []).append(rules)
        return rules

    def webhooks_to(self, url: str, secret: str, *, mode: Mode = "now") -> Hooks:
        """Deliver every event from now on to an address."""
        self.hooks.target, self.hooks.secret, self.hooks.mode = url, secret, mode
        return self.hooks

    def remember(self, target: str, *, viewer: Viewer | None = None) -> None:
        """Take the answer of a GET as it is now, for a later `stale` fault."""
        self.server.remember(target, viewer or Viewer(user=self.web_flow))

    def find(self, login: str) -> Account | None:
        """Return whom a login names now."""
        return next((a for a in self.accounts if a.login.lower() == login.lower() and not a.is_deleted), None)

    def by_email(self, email: str) -> Account | None:
        """Return whom an address belongs to."""
        return next((a for a in self.accounts if a.email.lower() == email.lower() and not a.is_deleted), None)

    def app_of(self, app_id: int) -> App:
        """Return an app; one that nobody added is added now, as another company's."""
        return self.apps.get(app_id) or self.app(app_id)

    def app_account(self, app_id: int) -> Account:
        """Return the bot account of an app."""
        return self.app_of(app_id).account

    def repositories_of(self, installation: Installation) -> list[Repository]:
        """Return what an installation covers."""
        return [repository for repository in self.repositories if installation.covers(repository)]

    def pulls_from(self, repository: Repository, branch: str) -> list[Pull]:
        """Return the open pulls whose head is a branch."""
        pulls = (pull for owner in self.repositories for pull in owner.pulls if pull.state == "open")
        return [pull for pull in pulls if pull.head_repository is repository and pull.head_ref == branch]

    def checks_changed(self, repository: Repository, sha: str) -> None:
        """Merge what waited for the checks of a commit."""
        for pull in repository.pulls:
            if pull.head_sha == sha:
                self.merge_what_waits(pull)

    def merge_what_waits(self, pull: Pull) -> None:
        """Merge a pull where auto-merge is on and nothing stands against it."""
        merging.merge_what_waits(pull)

    def emit_to_organisation(
        self, organisation: Organisation, event: str, payload: dict[str, Any], *, sender: Account
    ) -> None:
        """Send a webhook about an organisation."""
        self.events.emit_to_organisation(organisation, event, payload, sender=sender)

    def get(self, path: str, token: str = "") -> Any:
        """Return the JSON that the API answers to a GET, as a client sees it."""
        return self.get_with_links(path, token)[0]

    def get_with_links(self, path: str, token: str = "") -> tuple[Any, dict[str, str]]:
        """Return the JSON of a GET and where its Link header leads, as paths by relation."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=headers)) as answer:  # noqa: S310
            links = re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["Link"] or "")
            return json.load(answer), {name: address.removeprefix(self.url) for address, name in links}
