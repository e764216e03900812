"""Forge: GitHub with all repositories that the gate is installed on, by an app or by a plain token."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator

from gate.adapters.github import deliveries
from gate.adapters.github.accounts import repository_of
from gate.adapters.github.answers import (
    instant_at,
    number_at,
    optional_text,
    row_at,
    row_of,
    rows_of,
    seconds_of,
    text_at,
)
from gate.adapters.github.client import API_VERSION, GithubClient, Surroundings, path_of, repository_path
from gate.adapters.github.credentials import AppKey, InstallationAuth, app_auth, token_auth
from gate.adapters.github.place import Kept, Place
from gate.adapters.github.repository import GithubRepository
from gate.core.change.facts import Instant
from gate.core.errors import UnreadableError, UsageError
from gate.core.forge.snapshot import ForgeRepository, RepositoryKey
from gate.usecases.forge_ports import FailedDelivery, ForbiddenError, GoneError, NotInstalledError

PUBLIC_API = "https://api.github.com"


class GithubForge:
    """GitHub, or a GitHub Enterprise Server at its `/api/v3` address. Nothing is requested before it is used.

    One of `app` and `token` is needed; with a token there is no tenant (0), and only what the token may is possible.
    Safe to share between threads.
    """

    def __init__(
        self,
        *,
        app: AppKey | None = None,
        token: str = "",
        base_url: str = PUBLIC_API,
        api_version: str = API_VERSION,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if (app is None) == (not token):
            raise UsageError(
                "GitHub needs either an app or a token.",
                next_step="Set GATE_GITHUB_APP_ID with GATE_GITHUB_PRIVATE_KEY, or GATE_GITHUB_TOKEN.",
            )
        if not base_url.startswith(("https://", "http://")):
            raise UsageError(f"{base_url!r} is no address of GitHub's API.", next_step="Set GATE_GITHUB_API_URL.")
        self._around = Surroundings.at(base_url, clock=clock, sleep=sleep, api_version=api_version)
        self._app = app
        self._kept = Kept()
        self._lock = threading.Lock()
        self._clients: dict[int, GithubClient] = {}
        auth = token_auth(token) if app is None else app_auth(app)
        self._own = GithubClient(self._around, auth, "token" if app is None else "app")

    def access(self, repository: RepositoryKey, *, installation: int, name: str) -> GithubRepository:
        """Return one repository. Nothing is requested before it is used."""
        place = Place(self._client(installation), repository, installation, name, self._kept)
        return GithubRepository(place, self.app_id())

    def find(self, name: str) -> ForgeRepository | None:
        """Return the repository of a name `owner/name`, None where the gate is not installed on it, or suspended.

        SECURITY: that is said of the named repository alone: raised, it would be taken for whichever one is at work.
        """
        owner, _, short = name.partition("/")
        if not owner or not short or "/" in short:
            raise UsageError(f"{name!r} is no repository.", next_step="Write it as owner/name.")
        try:
            if self._app is None:
                return repository_of(row_of(self._own.get(repository_path(name)), "repository"), 0, 0)
            row = row_of(self._own.get(repository_path(name, "installation")), "installation")
            installation, tenant = number_at(row, "id"), number_at(row_at(row, "account"), "id")
            found = row_of(self._client(installation).get(repository_path(name)), "repository")
        except (GoneError, NotInstalledError):
            return None
        return repository_of(found, tenant, installation)

    def installed_repositories(self) -> Iterable[ForgeRepository]:
        """Yield every repository that the gate may see; installations that are suspended are left out."""
        if self._app is None:
            for row in rows_of(self._own.pages("/user/repos"), "repositories"):
                yield repository_of(row, 0, 0)
            return
        for row in rows_of(self._own.pages("/app/installations"), "installations"):
            if not optional_text(row, "suspended_at"):
                yield from self._of_installation(number_at(row, "id"), number_at(row_at(row, "account"), "id"))

    def failed_deliveries(self, since: Instant) -> Iterable[FailedDelivery]:
        """Return webhook deliveries since a time that were never accepted; none with a plain token."""
        return () if self._app is None else tuple(deliveries.failed_deliveries(self._own, since))

    def redeliver(self, delivery: FailedDelivery) -> None:
        """Ask GitHub to hand a delivery over again. Raises UsageError with a plain token."""
        if self._app is None:
            raise UsageError("A plain token has no deliveries.", next_step="Use an app.")
        deliveries.redeliver(self._own, delivery)

    def app_id(self) -> int | None:
        """Return the id of the gate's own app, None with a plain token."""
        return None if self._app is None else self._app.id

    def requests_made(self) -> int:
        """Return how many requests were sent since the start, conditional ones included."""
        return self._around.counter.sent

    def _of_installation(self, installation: int, tenant: int) -> Iterator[ForgeRepository]:
        try:
            rows = self._client(installation).pages("/installation/repositories", inside="repositories")
        except (GoneError, ForbiddenError):
            return  # it was removed or suspended since it was listed
        for row in rows_of(rows, "repositories"):
            yield repository_of(row, tenant, installation)

    def _client(self, installation: int) -> GithubClient:
        if self._app is None:
            return self._own
        with self._lock:
            if installation not in self._clients:
                auth = InstallationAuth(lambda: self._issue(installation), self._around.clock)
                self._clients[installation] = GithubClient(self._around, auth, f"installation:{installation}")
            return self._clients[installation]

    def _issue(self, installation: int) -> tuple[str, float]:
        """Return a token of an installation and when it ends. Raises NotInstalledError where there is none."""
        if installation <= 0:
            raise UnreadableError(f"{installation} is no installation.", next_step="Install the gate's app.")
        try:
            answer = self._own.send("POST", path_of("app", "installations", installation, "access_tokens"))
        except GoneError as error:
            raise NotInstalledError(error.message, next_step="Install the gate's app again.") from None
        row = row_of(answer, "token")
        return text_at(row, "token"), seconds_of(instant_at(row, "expires_at"))
