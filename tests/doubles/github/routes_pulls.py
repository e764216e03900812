"""Routes of pulls and their reviews."""

from doubles.github import merging
from doubles.github.pulls import Pull, ReviewState
from doubles.github.routing import ROLES, Answer, Refusal, Request, role_in, route

REPO = "/repos/{owner}/{repo}"
PULL = f"{REPO}/pulls/{{pull_number}}"
READ, WRITE = "pull_requests:read", "pull_requests:write"
MOST_FILES, MOST_COMMITS = 3000, 250


@route("GET", f"{REPO}/pulls", READ)
def list_pulls(request: Request) -> Answer:
    """Answer the pulls, newest first unless told otherwise."""
    repository, query = request.repository, request.query
    state = query.get("state", "open")
    found = [pull for pull in repository.pulls if state in {"all", pull.state}]
    if "base" in query:
        found = [pull for pull in found if pull.base_ref == query["base"]]
    if "head" in query:
        found = [pull for pull in found if pull.head_label == query["head"]]

    def order(pull: Pull) -> tuple[str, int]:
        return (pull.updated_at if query.get("sort") == "updated" else "", pull.number)

    is_descending = query.get("direction", "desc" if query.get("sort", "created") == "created" else "asc") == "desc"
    return request.page(sorted(found, key=order, reverse=is_descending), request.world.shapes.pull)


@route("GET", PULL, READ)
def get_pull(request: Request) -> Answer:
    """Answer one pull."""
    return Answer(request.world.shapes.whole_pull(request.pull))


@route("GET", f"{PULL}/files", READ)
def list_files(request: Request) -> Answer:
    """Answer the files of a pull, the first 3,000 of them."""
    pull = request.pull
    files = pull.files()[:MOST_FILES]
    return request.page(files, lambda change: request.world.shapes.file(pull.repository, change, pull.head_sha))


@route("GET", f"{PULL}/commits", READ)
def list_commits(request: Request) -> Answer:
    """Answer the commits of a pull, the first 250 of them."""
    pull = request.pull
    return request.page(pull.commits()[:MOST_COMMITS], lambda sha: request.world.shapes.commit(pull.repository, sha))


@route("GET", f"{PULL}/reviews", READ)
def list_reviews(request: Request) -> Answer:
    """Answer the reviews, oldest first."""
    return request.page(request.pull.reviews, request.world.shapes.review)


@route("GET", f"{PULL}/reviews/{{review_id}}", READ)
def get_review(request: Request) -> Answer:
    """Answer one review."""
    for review in request.pull.reviews:
        if review.id == request.number("review_id"):
            return Answer(request.world.shapes.review(review))
    raise Refusal(404, "Not Found")


@route("POST", f"{PULL}/reviews", WRITE)
def create_review(request: Request) -> Answer:
    """Submit a review as whoever asks."""
    states: dict[str, ReviewState] = {
        "APPROVE": "APPROVED",
        "REQUEST_CHANGES": "CHANGES_REQUESTED",
        "COMMENT": "COMMENTED",
    }
    body = request.body or {}
    state: ReviewState = states.get(body.get("event", ""), "PENDING")
    if request.account is request.pull.author and state in {"APPROVED", "CHANGES_REQUESTED"}:
        raise Refusal(422, "Unprocessable Entity", errors=["Can not approve your own pull request"])
    text = body.get("body", "")
    review = request.pull.review(request.account, state, commit=body.get("commit_id"), body=text)
    return Answer(request.world.shapes.review(review))


@route("GET", f"{PULL}/requested_reviewers", READ)
def list_requested(request: Request) -> Answer:
    """Answer who is asked for a review."""
    shape = request.world.shapes.pull(request.pull)
    return Answer({"users": shape["requested_reviewers"], "teams": shape["requested_teams"]})


@route("POST", f"{PULL}/requested_reviewers", WRITE)
def request_reviewers(request: Request) -> Answer:
    """Ask people and teams; the author, and people who may not read, cannot be asked."""
    pull, world = request.pull, request.world
    asked = []
    for login in (request.body or {}).get("reviewers", ()):
        account = world.find(login)
        if account is pull.author:
            raise Refusal(422, "Review cannot be requested from pull request author.")
        if account is None or ROLES[role_in(pull.repository, account)] < ROLES["read"]:
            raise Refusal(422, "Reviews may only be requested from collaborators.")
        asked.append(account)
    for slug in (request.body or {}).get("team_reviewers", ()):
        teams = [team for team in world.teams if team.slug == slug and team.organisation is pull.repository.owner]
        if not teams:
            raise Refusal(422, "Reviews may only be requested from collaborators.")
        asked.extend(teams)
    pull.request_review(*asked, by=request.account)
    return Answer(world.shapes.pull(pull), 201)


@route("PUT", f"{PULL}/merge", "contents:write")
def merge_pull(request: Request) -> Answer:
    """Merge where the platform would."""
    pull, body = request.pull, request.body or {}
    if body.get("sha", pull.head_sha) != pull.head_sha:
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    try:
        sha = pull.merge(request.account, body.get("merge_method", "merge"))
    except merging.MergeRefusedError as refused:
        raise Refusal(405, str(refused)) from refused
    return Answer({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})
