"""The one GraphQL query that is answered: when a pull was opened, when its text and its base were last changed."""

from typing import Any

from doubles.github.pulls import Pull
from doubles.github.routing import Answer, Request, may_see, route

BASE_CHANGES = {"base_ref_changed", "automatic_base_change_succeeded"}


@route("POST", "/graphql", "pull_requests:read")
def query(request: Request) -> Answer:
    """Answer what was asked about a pull; GraphQL says 200 to everything that it understands."""
    text, given = request.body["query"], request.body["variables"]
    asked = ("lastEditedAt", "BASE_REF_CHANGED_EVENT", "AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT", "databaseId")
    if not all(word in text for word in asked):
        return Answer({"errors": [{"message": "This query is not known here."}]})
    name = f"{given['owner']}/{given['name']}".lower()
    for repository in request.world.repositories:
        if repository.full_name.lower() == name and may_see(request.viewer, repository):
            found = repository.issues.get(given["number"])
            pull = _shape(found) if isinstance(found, Pull) else None
            return Answer({"data": {"repository": {"databaseId": repository.id, "pullRequest": pull}}})
    missing = {"type": "NOT_FOUND", "message": f"Could not resolve to a Repository with the name '{name}'."}
    return Answer({"data": {"repository": None}, "errors": [missing]})


def _shape(pull: Pull) -> dict[str, Any]:
    moves = [{"createdAt": event.at} for event in pull.timeline if event.kind in BASE_CHANGES]
    return {"createdAt": pull.created_at, "lastEditedAt": pull.edited_at, "timelineItems": {"nodes": moves[-1:]}}
