"""Shapes of issues, pulls, reviews, comments, checks and timelines, as the API shows them."""

from typing import Any
from urllib.parse import quote

from doubles.github import merging
from doubles.github.accounts import Account, Team
from doubles.github.issues import Comment, Issue, Reaction, TimelineEvent
from doubles.github.pulls import Pull, Review
from doubles.github.repositories import Repository
from doubles.github.shapes_checks import CheckShapes
from doubles.github.shapes_people import node_id


class Shapes(CheckShapes):
    """Every shape."""

    def association(self, repository: Repository, account: Account | None) -> str:
        """Return what somebody is to a repository."""
        if account is None:
            return "NONE"
        if account is repository.owner:
            return "OWNER"
        if account in getattr(repository.owner, "members", ()):
            return "MEMBER"
        if account.id in repository.roles:
            return "COLLABORATOR"
        has_merged = any(pull.merged_at and pull.author is account for pull in repository.pulls)
        return "CONTRIBUTOR" if has_merged else "NONE"

    def label(self, repository: Repository, name: str) -> dict[str, Any]:
        """Return a label."""
        number = sum(name.encode())
        url = f"{self.repository_url(repository)}/labels/{quote(name, safe='')}"
        return {
            "id": number,
            "node_id": node_id("LA", number),
            "url": url,
            "name": name,
            "color": "ededed",
            "default": False,
            "description": "",
        }

    def issue(self, issue: Issue) -> dict[str, Any]:
        """Return an issue, or a pull as an issue."""
        repository = issue.repository
        url = f"{self.repository_url(repository)}/issues/{issue.number}"
        is_pull = isinstance(issue, Pull)
        html = f"{self.url}/{repository.full_name}/{'pull' if is_pull else 'issues'}/{issue.number}"
        shape: dict[str, Any] = {
            "id": issue.id,
            "node_id": node_id("I", issue.id),
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "user": self.user(issue.author),
            "state": issue.state,
            "state_reason": issue.state_reason,
            "locked": issue.is_locked,
            "labels": [self.label(repository, name) for name in issue.labels],
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "comments": len(issue.comments),
            "author_association": self.association(repository, issue.author),
            "created_at": issue.created_at,
            "updated_at": issue.updated_at,
            "closed_at": issue.closed_at,
            "url": url,
            "html_url": html,
            "repository_url": self.repository_url(repository),
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
        }
        if is_pull:
            pulls = f"{self.repository_url(repository)}/pulls/{issue.number}"
            shape["pull_request"] = {
                "url": pulls, "html_url": html, "diff_url": f"{html}.diff", "patch_url": f"{html}.patch",
            }  # fmt: skip
        return shape

    def comment(self, comment: Comment) -> dict[str, Any]:
        """Return a comment."""
        repository = comment.issue.repository
        url, html = self.repository_url(repository), f"{self.url}/{repository.full_name}/pull/{comment.issue.number}"
        app = self.world.apps.get(comment.app_id)
        return {
            "id": comment.id,
            "node_id": node_id("IC", comment.id),
            "url": f"{url}/issues/comments/{comment.id}",
            "html_url": f"{html}#issuecomment-{comment.id}",
            "issue_url": f"{url}/issues/{comment.issue.number}",
            "body": comment.body,
            "user": self.user(comment.author),
            "author_association": self.association(repository, comment.author),
            "created_at": comment.created_at,
            "updated_at": comment.updated_at,
            "performed_via_github_app": self.app(app) if app else None,
        }

    def reaction(self, reaction: Reaction) -> dict[str, Any]:
        """Return a reaction."""
        return {
            "id": reaction.id,
            "node_id": node_id("REA", reaction.id),
            "user": self.user(reaction.author),
            "content": reaction.content,
            "created_at": reaction.created_at,
        }

    def _side(self, repository: Repository | None, ref: str, sha: str) -> dict[str, Any]:
        owner = repository.owner if repository else None
        return {
            "label": f"{owner.login}:{ref}" if owner else ref,
            "ref": ref,
            "sha": sha,
            "user": self.user(owner),
            "repo": self.repository(repository) if repository else None,
        }

    def pull(self, pull: Pull) -> dict[str, Any]:
        """Return a pull as lists and webhooks show it."""
        repository = pull.repository
        root, number = self.repository_url(repository), pull.number
        url, issue = f"{root}/pulls/{number}", f"{root}/issues/{number}"
        html = f"{self.url}/{repository.full_name}/pull/{number}"
        links = {
            "self": url,
            "html": html,
            "issue": issue,
            "comments": f"{issue}/comments",
            "review_comments": f"{url}/comments",
            "review_comment": f"{root}/pulls/comments{{/number}}",
            "commits": f"{url}/commits",
            "statuses": f"{root}/statuses/{pull.head_sha}",
        }
        return {
            "id": pull.id,
            "node_id": node_id("PR", pull.id),
            "number": number,
            "state": pull.state,
            "locked": pull.is_locked,
            "title": pull.title,
            "body": pull.body,
            "user": self.user(pull.author),
            "draft": pull.is_draft,
            "labels": [self.label(repository, name) for name in pull.labels],
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "requested_reviewers": [self.user(account) for account in pull.requested if not account.is_deleted],
            "requested_teams": [self.team(team) for team in pull.requested_teams],
            "head": self._side(pull.head_repository, pull.head_ref, pull.head_sha),
            "base": self._side(repository, pull.base_ref, pull.base_sha),
            "author_association": self.association(repository, pull.author),
            "auto_merge": self._auto_merge(pull),
            "created_at": pull.created_at,
            "updated_at": pull.updated_at,
            "closed_at": pull.closed_at,
            "merged_at": pull.merged_at,
            "merge_commit_sha": pull.merge_sha,
            "url": url,
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "issue_url": issue,
            **{f"{name}_url": links[name] for name in ("comments", "review_comments", "review_comment", "commits")},
            "statuses_url": links["statuses"],
            "_links": {name: {"href": link} for name, link in links.items()},
        }

    def _auto_merge(self, pull: Pull) -> dict[str, Any] | None:
        if pull.auto_merge_by is None:
            return None
        method = pull.auto_merge_method
        who = self.user(pull.auto_merge_by)
        return {"enabled_by": who, "merge_method": method, "commit_title": pull.title, "commit_message": ""}

    def told_pull(self, pull: Pull) -> dict[str, Any]:
        """Return a pull as webhooks about it show it: whether it merges is not known yet."""
        files = pull.files()
        return {
            **self.pull(pull),
            "merged": pull.merged_at is not None,
            "merged_by": self.user(pull.merged_by),
            "mergeable": None,
            "rebaseable": None,
            "mergeable_state": "unknown",
            "maintainer_can_modify": False,
            "comments": len(pull.comments),
            "review_comments": 0,
            "commits": len(pull.commits()),
            "additions": sum(change.additions for change in files),
            "deletions": sum(change.deletions for change in files),
            "changed_files": len(files),
        }

    def whole_pull(self, pull: Pull) -> dict[str, Any]:
        """Return a pull with what must be computed."""
        is_open = pull.state == "open"
        mergeable = merging.is_mergeable(pull) if is_open else None
        why = merging.blockers(pull) if is_open else []
        state = "unknown" if not is_open else "dirty" if not mergeable else "draft" if pull.is_draft else "clean"
        return {
            **self.told_pull(pull),
            "merge_commit_sha": merging.trial_merge(pull) if mergeable else pull.merge_sha,
            "mergeable": mergeable,
            "rebaseable": mergeable,
            "mergeable_state": "blocked" if state == "clean" and why else state,
        }

    def review(self, review: Review) -> dict[str, Any]:
        """Return a review."""
        repository = review.pull.repository
        pull = f"{self.repository_url(repository)}/pulls/{review.pull.number}"
        html = f"{self.url}/{repository.full_name}/pull/{review.pull.number}#pullrequestreview-{review.id}"
        return {
            "id": review.id,
            "node_id": node_id("PRR", review.id),
            "user": self.user(review.user),
            "body": review.body,
            "state": review.state,
            "commit_id": review.commit,
            "submitted_at": review.at,
            "html_url": html,
            "pull_request_url": pull,
            "author_association": self.association(repository, review.user),
            "_links": {"html": {"href": html}, "pull_request": {"href": pull}},
        }

    def event(self, issue: Issue, event: TimelineEvent) -> dict[str, Any]:
        """Return an event of a timeline."""
        extra = event.extra
        if event.kind == "reviewed":
            state = extra["review"].state.lower()
            return {**self.review(extra["review"]), "event": "reviewed", "state": state}
        if event.kind == "commented":
            actor = self.user(event.actor)
            return {**self.comment(extra["comment"]), "event": "commented", "actor": actor}
        if event.kind == "committed":
            return {**self.git_commit(issue.repository, extra["commit"]), "event": "committed"}
        url = f"{self.repository_url(issue.repository)}/issues/events/{event.id}"
        shape: dict[str, Any] = {
            "id": event.id,
            "node_id": node_id("E", event.id),
            "url": url,
            "actor": self.user(event.actor),
            "event": event.kind,
            "commit_id": extra.get("commit"),
            "commit_url": None,
            "created_at": event.at,
            "performed_via_github_app": None,
        }
        if extra.get("commit"):
            shape["commit_url"] = f"{self.repository_url(issue.repository)}/commits/{extra['commit']}"
        if "label" in extra:
            shape["label"] = {"name": extra["label"], "color": "ededed"}
        if "rename" in extra:
            shape["rename"] = extra["rename"]
        if event.kind == "review_dismissed":
            shape["dismissed_review"] = {
                "state": extra["state"].lower(),
                "review_id": extra["review"].id,
                "dismissal_message": extra["message"],
            }
        if event.kind == "review_requested":
            shape["review_requester"] = shape["actor"]
            if isinstance(extra["asked"], Team):
                shape["requested_team"] = self.team(extra["asked"])
            else:
                shape["requested_reviewer"] = self.user(extra["asked"])
        return shape
