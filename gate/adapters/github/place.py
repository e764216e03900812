"""Place: one repository's address at GitHub, followed when it is renamed, and what is kept of its objects."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from gate.adapters.github.answers import Recent, Row, number_at, optional_row, row_of, text_at
from gate.adapters.github.client import MAX_PAGES, GithubClient, path_of, repository_path
from gate.adapters.github.transport import MovedError
from gate.core.errors import UnreadableError
from gate.core.forge.snapshot import RepositoryKey
from gate.usecases.forge_ports import GoneError

KEPT_TREE_ENTRIES = 400_000
KEPT_BLOB_BYTES = 64 * 1024 * 1024
KEPT_RECORDS = 5_000
Value = TypeVar("Value")


class Kept:
    """What never changes under its id: listings of trees, blobs, commits, comparisons; shared by all judgements."""

    def __init__(self) -> None:
        self.trees: Recent[Any] = Recent(KEPT_TREE_ENTRIES)
        self.blobs: Recent[bytes] = Recent(KEPT_BLOB_BYTES)
        self.records: Recent[Any] = Recent(KEPT_RECORDS)


class Place:
    """One repository, by its numeric id and its present name.

    SECURITY: everything kept is kept under installation and repository, so that an id that somebody knows from
    elsewhere opens nothing.
    """

    def __init__(self, client: GithubClient, key: RepositoryKey, installation: int, name: str, kept: Kept) -> None:
        self.client = client
        self.key = key
        self.installation = installation
        self.name = name
        self.kept = kept

    def get(self, *parts: str | int, is_fresh: bool = False, **parameters: str | int) -> Any:
        """Return one answer from below the repository."""
        return self._following(
            lambda: self.client.get(repository_path(self.name, *parts), is_fresh=is_fresh, **parameters)
        )

    def pages(
        self, *parts: str | int, inside: str = "", max_pages: int = MAX_PAGES, **parameters: str | int
    ) -> list[Any]:
        """Return the items of all pages from below the repository."""
        return self.pages_by(parts, parameters, inside=inside, max_pages=max_pages)

    def pages_by(
        self,
        parts: Sequence[str | int],
        parameters: Mapping[str, str | int],
        *,
        inside: str = "",
        max_pages: int = MAX_PAGES,
    ) -> list[Any]:
        """Return the items of all pages from below the repository, the parameters as a mapping."""
        return self._following(
            lambda: self.client.pages_by(
                repository_path(self.name, *parts), parameters, inside=inside, max_pages=max_pages
            )
        )

    def send(self, verb: str, *parts: str | int, body: Any = None) -> Any:
        """Send a write once; one that GitHub redirects was not carried out and goes to the new name."""
        return self._following(lambda: self.client.send(verb, repository_path(self.name, *parts), body))

    def reference(self, kind: str, name: str, *, is_fresh: bool = False) -> Any:
        """Return the answer about references: `ref` for exactly one of this name, `matching-refs` for a prefix."""
        return self._following(
            lambda: self.client.get(
                f"{repository_path(self.name, 'git', kind)}/{quote(name, safe='/')}", is_fresh=is_fresh
            )
        )

    def query(self, query: str, *, unsaid: str, **variables: str | int | None) -> Row:
        """Return what a GraphQL query, which asks for its `databaseId`, says of the repository.

        SECURITY: a repository that was renamed may have left its name to another one.
        Raises UnreadableError, which begins with `unsaid`, where GitHub does not answer in full, and GoneError where
        the name is another repository's.
        """
        owner, _, name = self.name.partition("/")
        answer = row_of(self.client.query(query, {"owner": owner, "name": name, **variables}), "answer")
        found = optional_row(optional_row(answer, "data") or {}, "repository")
        if answer.get("errors") or found is None:
            raise UnreadableError(unsaid, next_step="Give the app or token the permission `pull-requests: read`.")
        if number_at(found, "databaseId") != self.key.id:
            raise GoneError(f"{self.name} is another repository now.", next_step="Look it up by its new name.")
        return found

    def once(self, kind: str, identity: object, make: Callable[[], Value], weight: int = 1) -> Value:
        """Return what was made before for an id that never means anything else, or make it; None is never kept."""
        key = (self.installation, self.key.id, kind, identity)
        known: Value | None = self.kept.records.get(key)
        if known is None:
            known = make()
            if known is not None:
                self.kept.records.put(key, known, weight)
        return known

    def _following(self, ask: Callable[[], Value]) -> Value:
        try:
            return ask()
        except MovedError:
            row = row_of(self.client.get(path_of("repositories", self.key.id)), "repository")
            name = text_at(row, "full_name")
            if number_at(row, "id") != self.key.id or name == self.name:
                raise UnreadableError(
                    f"GitHub sends requests about {self.name} elsewhere.", next_step="Check the API's address."
                ) from None
            self.name = name
            return ask()
