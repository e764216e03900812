"""The GraphQL queries that are answered: edits of a pull and of comments, heads of open pulls, a pull in full."""

from collections.abc import Callable
from typing import Any

from doubles.github.pulls import Pull
from doubles.github.routing import Answer, Request, may_see, route
from doubles.github.shapes_people import node_id

PER_PAGE = 100
BASE_CHANGES = {"base_ref_changed", "automatic_base_change_succeeded"}


@route("POST", "/graphql", "pull_requests:read")
def query(request: Request) -> Answer:
    """Answer what was asked about a pull; GraphQL says 200 to everything that it understands."""
    text, given = request.body["query"], request.body["variables"]
    if all(word in text for word in COMMENTS):
        return Answer({"data": {"nodes": [_edit_of(request, one) for one in given["ids"]]}})
    shape = next((shape for words, shape in SHAPES.items() if all(word in text for word in words)), None)
    if shape is None:
        return Answer({"errors": [{"message": "This query is not known here."}]})
    name = f"{given['owner']}/{given['name']}".lower()
    named = [one for one in request.world.repositories if one.full_name.lower() == name]
    former = request.world.former_names.get(name)
    for repository in named or [one for one in request.world.repositories if one.id == former]:
        if may_see(request.viewer, repository):
            return Answer({"data": {"repository": {"databaseId": repository.id, **shape(repository, given)}}})
    missing = {"type": "NOT_FOUND", "message": f"Could not resolve to a Repository with the name '{name}'."}
    return Answer({"data": {"repository": None}, "errors": [missing]})


def _edits(repository: Any, given: dict[str, Any]) -> dict[str, Any]:
    pull = repository.issues.get(given["number"])
    if not isinstance(pull, Pull):
        return {"pullRequest": None}
    moves = [{"createdAt": event.at} for event in pull.timeline if event.kind in BASE_CHANGES]
    edits = {"createdAt": pull.created_at, "lastEditedAt": pull.edited_at, "timelineItems": {"nodes": moves[-1:]}}
    return {"pullRequest": edits}


def _edit_of(request: Request, node: str) -> dict[str, Any] | None:
    seen = (one for one in request.world.repositories if may_see(request.viewer, one))
    comments = (comment for one in seen for comment in one.comments.values())
    found = next((one for one in comments if node_id("IC", one.id) == node), None)
    return None if found is None else {"lastEditedAt": found.edited_at}


def _heads(repository: Any, given: dict[str, Any]) -> dict[str, Any]:
    after = int(given["after"] or 0)
    found = [pull for pull in repository.pulls if pull.state == "open" and pull.number > after]
    batch = found[:PER_PAGE]
    nodes = [{"number": pull.number, "sha": pull.head_sha} for pull in batch]
    page = {"hasNextPage": len(found) > PER_PAGE, "endCursor": str(batch[-1].number) if batch else None}
    return {"pullRequests": {"nodes": nodes, "pageInfo": page}}


def _whole(repository: Any, given: dict[str, Any]) -> dict[str, Any]:
    pull = repository.issues.get(given["number"])
    return {
        "nameWithOwner": repository.full_name,
        "isPrivate": repository.private,
        "defaultBranchRef": {"name": repository.default_branch},
        "pullRequest": _fields(repository, pull) if isinstance(pull, Pull) else None,
    }


def _fields(repository: Any, pull: Pull) -> dict[str, Any]:
    shape = pull.world.shapes.pull(pull)
    tip, source = repository.branch(pull.base_ref), pull.head_repository
    return {
        "state": "MERGED" if pull.merged_at else pull.state.upper(),
        "isDraft": pull.is_draft,
        "title": pull.title,
        "body": pull.body or "",
        "url": shape["html_url"],
        "createdAt": pull.created_at,
        "author": _who(pull.author),
        "authorAssociation": shape["author_association"],
        "baseRefName": pull.base_ref,
        "baseRef": {"target": {"oid": tip}} if tip else None,
        "headRefName": pull.head_ref,
        "headRefOid": pull.head_sha,
        "headRepository": {"databaseId": source.id, "nameWithOwner": source.full_name} if source else None,
        "labels": _first([{"name": name} for name in pull.labels]),
        "reviews": _first([_review(one) for one in pull.reviews]),
        "comments": _first([_comment(one) for one in pull.comments]),
    }


def _first(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"totalCount": len(nodes), "nodes": nodes[:PER_PAGE]}


def _review(review: Any) -> dict[str, Any]:
    return {
        "fullDatabaseId": str(review.id),
        "state": review.state,
        "body": review.body,
        "submittedAt": review.at,
        "commit": {"oid": review.commit},
        "author": _who(review.user),
    }


def _comment(comment: Any) -> dict[str, Any]:
    return {
        "fullDatabaseId": str(comment.id),
        "body": comment.body,
        "createdAt": comment.created_at,
        "updatedAt": comment.updated_at,
        "lastEditedAt": comment.edited_at,
        "author": _who(comment.author),
    }


def _who(account: Any) -> dict[str, Any] | None:
    if account is None or account.is_deleted:
        return None
    kind = "Bot" if account.type == "Bot" else "User"
    return {"__typename": kind, "login": account.login.removesuffix("[bot]"), "databaseId": account.id}


EDITS = ("lastEditedAt", "BASE_REF_CHANGED_EVENT", "AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT", "databaseId")
COMMENTS = ("nodes(ids: $ids)", "... on IssueComment { lastEditedAt }")
HEADS = ("states: OPEN, first: 100", "headRefOid", "hasNextPage", "databaseId")
WHOLE = ("headRefOid", "reviews(first: 100)", "comments(first: 100)", "fullDatabaseId", "totalCount", "databaseId")
SHAPES: dict[tuple[str, ...], Callable[[Any, dict[str, Any]], dict[str, Any]]] = {
    EDITS: _edits,
    HEADS: _heads,
    WHOLE: _whole,
}
