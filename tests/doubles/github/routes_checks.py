"""Routes of check runs, check suites and commit statuses."""

from typing import Any

from doubles.github.checks import CheckRun
from doubles.github.routing import Answer, Refusal, Request, route

REPO = "/repos/{owner}/{repo}"
READ, WRITE = "checks:read", "checks:write"
PLAIN = ("name", "external_id", "details_url", "status", "conclusion", "started_at", "completed_at", "actions")


def _settings(body: dict[str, Any]) -> dict[str, Any]:
    settings = {name: body[name] for name in PLAIN if name in body}
    output = body.get("output") or {}
    settings |= {name: output[name] for name in ("title", "summary", "text") if name in output}
    if settings.get("status") == "completed" and not settings.get("conclusion"):
        raise Refusal(422, "Validation Failed", errors=["conclusion is needed where status is completed"])
    if "annotations" in output:
        settings["annotations"] = output["annotations"]
    return settings


def _run(request: Request) -> CheckRun:
    found = request.repository.checks.runs.get(request.number("check_run_id"))
    if found is None:
        raise Refusal(404, "Not Found")
    return found


@route("POST", f"{REPO}/check-runs", WRITE)
def create_run(request: Request) -> Answer:
    """Create a check run. Only an app may do that."""
    if request.viewer.installation is None or request.viewer.app is None:
        raise Refusal(403, "You must authenticate via a GitHub App.")
    repository, settings = request.repository, _settings(request.body)
    sha = request.body["head_sha"]
    if repository.history.commit(sha) is None:
        raise Refusal(422, "No commit found for SHA: " + sha)
    name = settings.pop("name")
    run = repository.checks.create(sha, name, app_id=request.viewer.app.id, **settings)
    return Answer(request.world.shapes.check_run(run), 201)


@route("PATCH", f"{REPO}/check-runs/{{check_run_id}}", WRITE)
def update_run(request: Request) -> Answer:
    """Change a check run of the same app."""
    run = _run(request)
    if request.viewer.app is None or request.viewer.app.id != run.app_id:
        raise Refusal(403, "Invalid app_id `{}` - check run can only be modified by the GitHub App that created it.")
    request.repository.checks.change(run, **_settings(request.body or {}))
    return Answer(request.world.shapes.check_run(run))


@route("GET", f"{REPO}/check-runs/{{check_run_id}}", READ)
def get_run(request: Request) -> Answer:
    """Answer one check run."""
    return Answer(request.world.shapes.check_run(_run(request)))


@route("GET", f"{REPO}/check-runs/{{check_run_id}}/annotations", READ)
def list_annotations(request: Request) -> Answer:
    """Answer the annotations of a check run."""
    empty = dict.fromkeys(("start_column", "end_column", "title", "raw_details"))
    return request.page(_run(request).annotations, lambda one: {**empty, "blob_href": "", **one})


@route("GET", f"{REPO}/commits/{{ref}}/check-runs", READ)
def list_runs(request: Request) -> Answer:
    """Answer the check runs of a commit: of each suite the newest of a name, unless all are asked for."""
    query, sha = request.query, request.commit(request.parameters["ref"])
    runs = request.repository.checks.on(sha)
    if query.get("filter", "latest") == "latest":
        runs = list({(run.app_id, run.name): run for run in reversed(runs)}.values())[::-1]
    if "check_name" in query:
        runs = [run for run in runs if run.name == query["check_name"]]
    if "app_id" in query:
        runs = [run for run in runs if run.app_id == int(query["app_id"])]
    if "status" in query:
        runs = [run for run in runs if run.status == query["status"]]
    return request.page(runs, request.world.shapes.check_run, key="check_runs")


def _suite(request: Request, number: int) -> dict[str, Any]:
    repository = request.repository
    sha, app_id = repository.checks.suites[number]
    runs = [run for run in repository.checks.on(sha) if run.suite_id == number]
    is_done = all(run.status == "completed" for run in runs)
    url = f"{request.world.shapes.repository_url(repository)}/check-suites/{number}"
    commit = repository.history.at(sha)
    person = request.world.shapes.person
    return {
        "id": number,
        "node_id": f"CS_{number}",
        "head_branch": None,
        "head_sha": sha,
        "status": "completed" if is_done else "in_progress",
        "conclusion": runs[0].conclusion if runs and is_done else None,
        "url": url,
        "before": None,
        "after": sha,
        "pull_requests": [],
        "app": request.world.shapes.app(request.world.app_of(app_id)),
        "repository": request.world.shapes.repository(repository),
        "created_at": commit.committer.at,
        "updated_at": commit.committer.at,
        "head_commit": {
            "id": sha,
            "tree_id": commit.tree,
            "message": commit.message,
            "timestamp": commit.committer.at,
            "author": {name: person(commit.author)[name] for name in ("name", "email")},
            "committer": {name: person(commit.committer)[name] for name in ("name", "email")},
        },
        "latest_check_runs_count": len(runs),
        "check_runs_url": f"{url}/check-runs",
    }


@route("GET", f"{REPO}/commits/{{ref}}/check-suites", READ)
def list_suites(request: Request) -> Answer:
    """Answer the check suites of a commit."""
    sha = request.commit(request.parameters["ref"])
    numbers = [number for number, value in request.repository.checks.suites.items() if value[0] == sha]
    return request.page(numbers, lambda number: _suite(request, number), key="check_suites")


@route("GET", f"{REPO}/check-suites/{{check_suite_id}}", READ)
def get_suite(request: Request) -> Answer:
    """Answer one check suite."""
    if request.number("check_suite_id") not in request.repository.checks.suites:
        raise Refusal(404, "Not Found")
    return Answer(_suite(request, request.number("check_suite_id")))


@route("GET", f"{REPO}/commits/{{ref}}/status", "statuses:read")
def get_status(request: Request) -> Answer:
    """Answer the commit statuses, of which this world has none: a check run is what counts."""
    sha, shapes = request.commit(request.parameters["ref"]), request.world.shapes
    url = f"{shapes.repository_url(request.repository)}/commits/{sha}"
    shape = {
        "state": "pending",
        "statuses": [],
        "sha": sha,
        "total_count": 0,
        "commit_url": url,
        "url": f"{url}/status",
    }
    return Answer({**shape, "repository": shapes.repository(request.repository)})
