"""Shapes of repositories, commits, trees and differences, as the API shows them."""

from typing import Any
from urllib.parse import quote

from doubles.github.history import FileChange, Person
from doubles.github.objects import TREE_MODE
from doubles.github.repositories import Activity, Repository
from doubles.github.shapes_people import PeopleShapes, node_id

PLAIN_LINKS = (
    "contributors", "deployments", "downloads", "events", "forks", "hooks", "languages", "merges", "stargazers",
    "subscribers", "subscription", "tags", "teams",
)  # fmt: skip
TEMPLATE_LINKS = {
    "archive": "/{archive_format}{/ref}", "assignees": "/assignees{/user}", "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}", "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}", "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}", "contents": "/contents/{+path}",
    "git_commits": "/git/commits{/sha}", "git_refs": "/git/refs{/sha}", "git_tags": "/git/tags{/sha}",
    "issue_comment": "/issues/comments{/number}", "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}", "keys": "/keys{/key_id}", "labels": "/labels{/name}",
    "milestones": "/milestones{/number}", "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}", "releases": "/releases{/id}",
    "statuses": "/statuses/{sha}", "trees": "/git/trees{/sha}",
}  # fmt: skip
COUNTS = (
    "forks", "forks_count", "open_issues", "open_issues_count", "stargazers_count", "watchers", "watchers_count",
    "size", "network_count", "subscribers_count",
)  # fmt: skip


def shown(path: str) -> str:
    """Return a path as JSON can hold it: bytes that are no UTF-8 become the replacement character."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class RepositoryShapes(PeopleShapes):
    """Shapes of a repository and its git data."""

    def repository_url(self, repository: Repository) -> str:
        """Return where the API has a repository."""
        return f"{self.url}/repos/{repository.full_name}"

    def repository(self, repository: Repository) -> dict[str, Any]:
        """Return a repository."""
        url, html = self.repository_url(repository), f"{self.url}/{repository.full_name}"
        return {
            "id": repository.id,
            "node_id": node_id("R", repository.id),
            "name": repository.name,
            "full_name": repository.full_name,
            "private": repository.private,
            "visibility": "private" if repository.private else "public",
            "owner": self.user(repository.owner),
            "html_url": html,
            "description": None,
            "fork": repository.parent is not None,
            "url": url,
            **{f"{name}_url": f"{url}/{name}" for name in PLAIN_LINKS},
            **{f"{name}_url": url + rest for name, rest in TEMPLATE_LINKS.items()},
            **dict.fromkeys(COUNTS, 0),
            **dict.fromkeys(("homepage", "language", "mirror_url", "license"), None),
            **dict.fromkeys(("has_issues", "has_projects", "has_wiki", "has_downloads"), True),
            **dict.fromkeys(("has_pages", "has_discussions", "archived", "disabled"), False),
            "clone_url": f"{html}.git",
            "git_url": f"{html}.git",
            "ssh_url": f"{html}.git",
            "svn_url": html,
            "default_branch": repository.default_branch,
            "pushed_at": repository.activity[-1].at if repository.activity else repository.created_at,
            "created_at": repository.created_at,
            "updated_at": repository.created_at,
        }

    def person(self, person: Person) -> dict[str, str]:
        """Return who a commit object names."""
        return {"name": shown(person.name), "email": shown(person.email), "date": person.at}

    def verification(self, repository: Repository, sha: str) -> dict[str, Any]:
        """Return whether the platform verified a commit's signature."""
        is_verified = sha not in repository.unverified
        texts = ("a signature", "tree", repository.history.at(sha).committer.at) if is_verified else (None, None, None)
        return {
            "verified": is_verified,
            "reason": "valid" if is_verified else "unsigned",
            **dict(zip(("signature", "payload", "verified_at"), texts, strict=True)),
        }

    def git_commit(self, repository: Repository, sha: str) -> dict[str, Any]:
        """Return a commit object."""
        commit, url = repository.history.at(sha), self.repository_url(repository)
        html = f"{self.url}/{repository.full_name}/commit"
        return {
            "sha": sha,
            "node_id": node_id("C", sha),
            "url": f"{url}/git/commits/{sha}",
            "html_url": f"{html}/{sha}",
            "author": self.person(commit.author),
            "committer": self.person(commit.committer),
            "message": shown(commit.message),
            "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
            "parents": [
                {"sha": parent, "url": f"{url}/git/commits/{parent}", "html_url": f"{html}/{parent}"}
                for parent in commit.parents
            ],
            "verification": self.verification(repository, sha),
        }

    def commit(self, repository: Repository, sha: str) -> dict[str, Any]:
        """Return a commit with the accounts that its addresses map to."""
        commit, url = repository.history.at(sha), self.repository_url(repository)
        html = f"{self.url}/{repository.full_name}/commit"
        return {
            "sha": sha,
            "node_id": node_id("C", sha),
            "url": f"{url}/commits/{sha}",
            "html_url": f"{html}/{sha}",
            "comments_url": f"{url}/commits/{sha}/comments",
            "commit": {
                "url": f"{url}/git/commits/{sha}",
                "author": self.person(commit.author),
                "committer": self.person(commit.committer),
                "message": shown(commit.message),
                "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
                "comment_count": 0,
                "verification": self.verification(repository, sha),
            },
            "author": self.user(self.world.by_email(commit.author.email)),
            "committer": self.user(self.world.by_email(commit.committer.email)),
            "parents": [
                {"sha": parent, "url": f"{url}/commits/{parent}", "html_url": f"{html}/{parent}"}
                for parent in commit.parents
            ],
        }

    def file(self, repository: Repository, change: FileChange, head: str) -> dict[str, Any]:
        """Return one file of a difference: no modes, as on the platform."""
        path = shown(change.path)
        place = quote(path)
        html = f"{self.url}/{repository.full_name}"
        shape: dict[str, Any] = {
            "sha": change.sha,
            "filename": path,
            "status": change.status,
            "additions": change.additions,
            "deletions": change.deletions,
            "changes": change.additions + change.deletions,
            "blob_url": f"{html}/blob/{head}/{place}",
            "raw_url": f"{html}/raw/{head}/{place}",
            "contents_url": f"{self.repository_url(repository)}/contents/{place}?ref={head}",
        }
        if change.patch is not None:
            shape["patch"] = change.patch
        if change.previous is not None:
            shape["previous_filename"] = shown(change.previous)
        return shape

    def ref(self, repository: Repository, name: str, sha: str) -> dict[str, Any]:
        """Return a ref."""
        url = self.repository_url(repository)
        return {
            "ref": name,
            "node_id": node_id("REF", name),
            "url": f"{url}/git/{quote(name)}",
            "object": {"type": "commit", "sha": sha, "url": f"{url}/git/commits/{sha}"},
        }

    def tree_entry(self, repository: Repository, path: str, mode: str, sha: str) -> dict[str, Any]:
        """Return one entry of a tree."""
        kind = {TREE_MODE: "tree", "160000": "commit"}.get(mode, "blob")
        shape: dict[str, Any] = {"path": shown(path), "mode": mode, "type": kind, "sha": sha}
        if kind != "commit":
            shape["url"] = f"{self.repository_url(repository)}/git/{kind}s/{sha}"
        if kind == "blob":
            found = repository.objects.read(sha)
            shape["size"] = len(found[1]) if found else 0
        return shape

    def activity(self, line: Activity) -> dict[str, Any]:
        """Return one line of the record of pushes."""
        return {
            "id": line.id,
            "node_id": node_id("PSH", line.id),
            "before": line.before,
            "after": line.after,
            "ref": line.ref,
            "timestamp": line.at,
            "activity_type": line.kind,
            "actor": self.user(line.actor),
        }
