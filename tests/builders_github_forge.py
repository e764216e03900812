"""Builders of a shop at GitHub: an organisation with people, a team and one repository, and the gate's app on it."""

from collections.abc import Callable, Mapping
from typing import Any

from doubles.github.apps import app_key
from doubles.github.objects import Content
from doubles.github.pulls import Pull
from doubles.github.world import World

from gate.adapters.github.credentials import AppKey
from gate.adapters.github.forge import GithubForge
from gate.adapters.github.repository import GithubRepository
from gate.core.forge.snapshot import RepositoryKey, Snapshot

APP_ID = 4711


class Shop:
    """One world for one test: `acme/shop` with alice (who writes), bob and carol (who look after payments)."""

    def __init__(self, world: World, files: Mapping[str, Content]) -> None:
        self.world = world
        self.app_id = APP_ID
        self.alice, self.bob, self.carol = (world.user(login) for login in ("alice", "bob", "carol"))
        self.organisation = world.organisation("acme", members=[self.alice, self.bob, self.carol])
        self.team = world.team(self.organisation, "payments", [self.bob])
        world.team(self.organisation, "payments-night", [self.carol], parent=self.team)
        self.repository = world.repository("acme/shop", files=files, author=self.bob)
        for account in (self.alice, self.bob, self.carol):
            self.repository.grant(account, "write")
        self.installation = world.install(APP_ID, app_key())
        self.naps: list[float] = []
        self.forge = self.new_forge()

    def new_forge(self, **options: Any) -> GithubForge:
        """Return the gate's way to this world, which knows nothing yet and never sleeps."""
        options = {"app": AppKey(APP_ID, app_key()), "base_url": self.world.url, "sleep": self.naps.append, **options}
        return GithubForge(**options)

    def access(self, forge: GithubForge | None = None) -> GithubRepository:
        """Return the repository as a judgement of its own sees it."""
        key = RepositoryKey(self.organisation.id, self.repository.id)
        name = self.repository.full_name
        return (forge or self.forge).access(key, installation=self.installation.id, name=name)

    def pull(self, files: Mapping[str, Content], *, branch: str = "topic") -> Pull:
        """Open a change by alice."""
        self.repository.commit(branch, files, author=self.alice)
        return self.repository.open_pull(head=branch, author=self.alice)

    def change(self, files: Mapping[str, Content]) -> Snapshot:
        """Open a change by alice and return how it is seen."""
        return self.access().snapshot(self.pull(files).number)

    def requests(self) -> list[tuple[str, str, int]]:
        """Return what was asked so far: method, target, status; logins aside."""
        return [request for request in self.world.requests if "access_tokens" not in request[1]]

    def writes(self) -> int:
        """Return how many writes were sent so far."""
        return sum(method != "GET" for method, _, _ in self.requests())


MakeShop = Callable[[Mapping[str, Content]], Shop]
