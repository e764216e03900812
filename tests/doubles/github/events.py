"""Events: what a webhook says of an act, with the fields that real payloads have."""

from collections.abc import Callable
from typing import Any

from doubles.github.accounts import Account, Organisation
from doubles.github.repositories import NOBODY, Repository


class Events:
    """Turns acts into payloads. Nothing is built while nobody listens."""

    def __init__(self, world: Any) -> None:
        self.world = world

    def emit(
        self, repository: Repository, event: str, build: Callable[[], dict[str, Any]], sender: Account | None
    ) -> None:
        """Send a webhook about a repository."""
        if not self.world.hooks.is_listening:
            return
        shapes = self.world.shapes
        payload = {**build(), "repository": shapes.repository(repository)}
        if isinstance(repository.owner, Organisation):
            payload["organization"] = shapes.organisation(repository.owner)
        covering = [inst for inst in self.world.installations if inst.covers(repository) and not inst.is_suspended]
        payload["sender"] = shapes.user(sender) or shapes.user(repository.owner)
        self._post(event, payload, covering, repository)

    def emit_to_organisation(
        self, organisation: Organisation, event: str, payload: dict[str, Any], *, sender: Account
    ) -> None:
        """Send a webhook about an organisation."""
        if not self.world.hooks.is_listening:
            return
        shapes = self.world.shapes
        whole = {**payload, "organization": shapes.organisation(organisation), "sender": shapes.user(sender)}
        if event in {"installation", "installation_repositories"}:
            del whole["organization"]
            self.world.hooks.post(event, whole, whole["installation"]["id"], None, whole["installation"]["app_id"])
            return
        self._post(event, whole, [inst for inst in self.world.installations if inst.account is organisation], None)

    def _post(self, event: str, payload: dict[str, Any], covering: list[Any], repository: Repository | None) -> None:
        for installation in covering:
            short = {"id": installation.id, "node_id": self.world.shapes.installation_node(installation)}
            number = repository.id if repository else None
            whole = {**payload, "installation": short}
            self.world.hooks.post(event, whole, installation.id, number, installation.app.id)
        if not covering and not self.world.installations:
            self.world.hooks.post(event, payload, None, repository.id if repository else None, None)

    def push(
        self, repository: Repository, ref: str, before: str, after: str, actor: Account | None, *, is_forced: bool
    ) -> None:
        """Send what a push tells."""

        def build() -> dict[str, Any]:
            history = repository.history
            new = () if after == NOBODY else (after,) if before == NOBODY else history.between(before, after)
            commits = [self._commit(repository, sha) for sha in new[-20:]]
            return {
                "ref": ref,
                "before": before,
                "after": after,
                "base_ref": None,
                "created": before == NOBODY,
                "deleted": after == NOBODY,
                "forced": is_forced,
                "compare": f"{self.world.url}/{repository.full_name}/compare/{before[:12]}...{after[:12]}",
                "commits": commits,
                "head_commit": commits[-1] if commits else None,
                "pusher": {"name": actor.login, "email": actor.email} if actor else {"name": "", "email": None},
            }

        self.emit(repository, "push", build, actor)

    def _commit(self, repository: Repository, sha: str) -> dict[str, Any]:
        commit = repository.history.at(sha)
        changed = repository.history.diff(commit.parents[0], sha) if commit.parents else ()
        return {
            "id": sha,
            "tree_id": commit.tree,
            "distinct": True,
            "message": commit.message,
            "timestamp": commit.committer.at,
            "url": f"{self.world.url}/{repository.full_name}/commit/{sha}",
            "author": {"name": commit.author.name, "email": commit.author.email},
            "committer": {"name": commit.committer.name, "email": commit.committer.email},
            "added": [change.path for change in changed if change.status == "added"],
            "removed": [change.path for change in changed if change.status == "removed"],
            "modified": [change.path for change in changed if change.status not in {"added", "removed"}],
        }
