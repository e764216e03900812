"""Shapes of check runs, as the API shows them."""

from typing import Any

from doubles.github.checks import CheckRun
from doubles.github.pulls import Pull
from doubles.github.repositories import Repository
from doubles.github.shapes_people import node_id
from doubles.github.shapes_repository import RepositoryShapes


class CheckShapes(RepositoryShapes):
    """Shapes of what apps say about commits."""

    def check_run(self, run: CheckRun) -> dict[str, Any]:
        """Return a check run."""
        repository: Repository = run.repository
        url = f"{self.repository_url(repository)}/check-runs/{run.id}"
        return {
            "id": run.id,
            "node_id": node_id("CR", run.id),
            "name": run.name,
            "head_sha": run.head_sha,
            "external_id": run.external_id,
            "status": run.status,
            "conclusion": run.conclusion,
            "started_at": run.started_at,
            "completed_at": run.completed_at,
            "details_url": run.details_url or f"{self.url}/{repository.full_name}/runs/{run.id}",
            "url": url,
            "html_url": f"{self.url}/{repository.full_name}/runs/{run.id}",
            "output": {
                "title": run.title,
                "summary": run.summary,
                "text": run.text,
                "annotations_count": len(run.annotations),
                "annotations_url": f"{url}/annotations",
            },
            "check_suite": {"id": run.suite_id},
            "app": self.app(self.world.app_of(run.app_id)),
            "pull_requests": [
                self._pull_in_check(pull)
                for pull in repository.pulls
                if pull.state == "open" and pull.head_sha == run.head_sha and pull.head_repository is repository
            ],
        }

    def _pull_in_check(self, pull: Pull) -> dict[str, Any]:
        def side(repository: Repository, ref: str, sha: str) -> dict[str, Any]:
            url = self.repository_url(repository)
            return {"ref": ref, "sha": sha, "repo": {"id": repository.id, "url": url, "name": repository.name}}

        return {
            "id": pull.id,
            "number": pull.number,
            "url": f"{self.repository_url(pull.repository)}/pulls/{pull.number}",
            "head": side(pull.head_repository, pull.head_ref, pull.head_sha),
            "base": side(pull.repository, pull.base_ref, pull.base_sha),
        }
