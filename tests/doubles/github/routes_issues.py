"""Routes of issues, their comments, labels and timelines."""

from doubles.github.issues import Comment
from doubles.github.routing import ROLES, Answer, Refusal, Request, role_in, route

REPO = "/repos/{owner}/{repo}"
ISSUE = f"{REPO}/issues/{{issue_number}}"
READ, WRITE = "issues:read", "issues:write"


@route("GET", f"{REPO}/issues", READ)
def list_issues(request: Request) -> Answer:
    """Answer issues and pulls, newest first."""
    state = request.query.get("state", "open")
    found = [issue for issue in request.repository.issues.values() if state in {"all", issue.state}]
    wanted = {name for name in request.query.get("labels", "").split(",") if name}
    return request.page([issue for issue in found[::-1] if wanted <= issue.labels.keys()], request.world.shapes.issue)


@route("POST", f"{REPO}/issues", WRITE)
def create_issue(request: Request) -> Answer:
    """Open an issue."""
    issue = request.repository.issue(str(request.body["title"]), request.body.get("body") or "", author=request.account)
    return Answer(request.world.shapes.issue(issue), 201)


@route("GET", ISSUE, READ)
def get_issue(request: Request) -> Answer:
    """Answer one issue or pull."""
    closer = request.world.shapes.user(request.issue.closed_by)
    return Answer({**request.world.shapes.issue(request.issue), "closed_by": closer})


@route("PATCH", ISSUE, WRITE)
def edit_issue(request: Request) -> Answer:
    """Change an issue's text or state."""
    issue, body = request.issue, request.body or {}
    issue.title, issue.body = body.get("title", issue.title), body.get("body", issue.body)
    if body.get("state") == "closed":
        issue.close(request.account, reason=body.get("state_reason", "completed"))
    elif body.get("state") == "open":
        issue.reopen(request.account)
    return Answer(request.world.shapes.issue(issue))


@route("GET", f"{ISSUE}/comments", READ)
def list_comments(request: Request) -> Answer:
    """Answer the comments, oldest first."""
    found = request.issue.comments
    if "since" in request.query:
        found = [comment for comment in found if comment.updated_at >= request.query["since"]]
    return request.page(found, request.world.shapes.comment)


@route("POST", f"{ISSUE}/comments", WRITE)
def create_comment(request: Request) -> Answer:
    """Write a comment as whoever asks."""
    if request.account is None:
        raise Refusal(401, "Requires authentication")
    app_id = request.viewer.app.id if request.viewer.app else None
    comment = request.issue.comment(request.account, request.body["body"], app_id=app_id)
    return Answer(request.world.shapes.comment(comment), 201)


def _comment(request: Request) -> Comment:
    found = request.repository.comments.get(request.number("comment_id"))
    if found is None:
        raise Refusal(404, "Not Found")
    return found


def _own_comment(request: Request) -> Comment:
    comment = _comment(request)
    is_theirs = request.account is not None and request.account is comment.author
    may_write = request.viewer.user and ROLES[role_in(request.repository, request.viewer.user)] >= ROLES["write"]
    if not is_theirs and not may_write and not request.viewer.installation:
        raise Refusal(403, "Must have admin rights to Repository.")
    return comment


@route("GET", f"{REPO}/issues/comments/{{comment_id}}", READ)
def get_comment(request: Request) -> Answer:
    """Answer one comment."""
    return Answer(request.world.shapes.comment(_comment(request)))


@route("PATCH", f"{REPO}/issues/comments/{{comment_id}}", WRITE)
def edit_comment(request: Request) -> Answer:
    """Replace a comment's text."""
    comment = _own_comment(request)
    comment.edit(request.body["body"], request.account)
    return Answer(request.world.shapes.comment(comment))


@route("DELETE", f"{REPO}/issues/comments/{{comment_id}}", WRITE)
def delete_comment(request: Request) -> Answer:
    """Delete a comment."""
    _own_comment(request).delete(request.account)
    return Answer(None, 204)


@route("POST", f"{REPO}/issues/comments/{{comment_id}}/reactions", WRITE)
def react(request: Request) -> Answer:
    """React to a comment as whoever asks; 200 where they did so before."""
    reaction, is_new = _comment(request).react(request.body["content"], request.account)
    return Answer(request.world.shapes.reaction(reaction), 201 if is_new else 200)


@route("GET", f"{ISSUE}/labels", READ)
def list_labels(request: Request) -> Answer:
    """Answer the labels."""
    return request.page(list(request.issue.labels), lambda name: request.world.shapes.label(request.repository, name))


@route("POST", f"{ISSUE}/labels", WRITE)
def add_labels(request: Request) -> Answer:
    """Set labels."""
    body = request.body
    for label in body.get("labels", ()) if isinstance(body, dict) else body or ():
        request.issue.label(label["name"] if isinstance(label, dict) else label, request.account)
    return Answer([request.world.shapes.label(request.repository, name) for name in request.issue.labels])


@route("GET", f"{ISSUE}/timeline", READ)
def list_timeline(request: Request) -> Answer:
    """Answer what happened, oldest first. A deleted comment is not there any more."""
    issue, kept = request.issue, request.repository.comments
    events = [event for event in issue.timeline if event.kind != "commented" or event.extra["comment"].id in kept]
    return request.page(events, lambda event: request.world.shapes.event(issue, event))
