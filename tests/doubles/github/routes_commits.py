"""Routes of repositories, branches, commits and comparisons."""

from urllib.parse import quote

from doubles.github.protection import demands_of
from doubles.github.pulls import Pull
from doubles.github.repositories import NOBODY
from doubles.github.routing import Answer, Refusal, Request, may_see, resolve, route

REPO = "/repos/{owner}/{repo}"
READ = "contents:read"
MOST_FILES = 300
MOST_COMMITS = 250


@route("GET", REPO, "metadata:read")
def get_repository(request: Request) -> Answer:
    """Answer the repository."""
    repository = request.repository
    shape = request.world.shapes.repository(repository)
    if repository.parent:
        shape |= dict.fromkeys(("parent", "source"), request.world.shapes.repository(repository.parent))
    return Answer(shape)


@route("GET", f"{REPO}/activity", READ)
def list_activity(request: Request) -> Answer:
    """Answer the platform's record of pushes, newest first, page by cursor."""
    repository, query = request.repository, request.query
    if repository.activity_hidden:
        raise Refusal(404, "Not Found")
    lines = sorted(repository.activity, key=lambda line: line.id, reverse=query.get("direction", "desc") == "desc")
    if "ref" in query:
        lines = [line for line in lines if query["ref"] in {line.ref, line.ref.removeprefix("refs/heads/")}]
    if "activity_type" in query:
        lines = [line for line in lines if line.kind == query["activity_type"]]
    if "actor" in query:
        lines = [line for line in lines if line.actor and line.actor.login == query["actor"]]
    size = int(query.get("per_page", 30))
    start = 0
    if "after" in query:
        start = next((index + 1 for index, line in enumerate(lines) if str(line.id) == query["after"]), len(lines))
    batch = lines[start : start + size]
    headers = {}
    if start + size < len(lines):
        headers["Link"] = f'<{request.link(after=batch[-1].id)}>; rel="next"'
    return Answer([request.world.shapes.activity(line) for line in batch], headers=headers)


@route("GET", f"{REPO}/branches", READ)
def list_branches(request: Request) -> Answer:
    """Answer all branches."""
    repository = request.repository
    refs = list(repository.objects.refs("refs/heads/").items())
    url = request.world.shapes.repository_url(repository)

    def shape(ref: tuple[str, str]) -> dict[str, object]:
        name = ref[0].removeprefix("refs/heads/")
        commit = {"sha": ref[1], "url": f"{url}/commits/{ref[1]}"}
        return {"name": name, "commit": commit, "protected": name in repository.protections}

    return request.page(refs, shape)


@route("GET", f"{REPO}/branches/{{branch}}", READ)
def get_branch(request: Request) -> Answer:
    """Answer one branch."""
    repository, name = request.repository, request.parameters["branch"]
    sha = repository.branch(name)
    if sha is None:
        raise Refusal(404, "Branch not found")
    url = f"{request.world.shapes.repository_url(repository)}/branches/{quote(name)}"
    demands = demands_of(repository, name)
    contexts = [check for check, _ in demands.checks]
    checks = [{"context": check, "app_id": app_id} for check, app_id in demands.checks]
    required = {"enforcement_level": "everyone" if contexts else "off", "contexts": contexts, "checks": checks}
    is_protected = name in repository.protections or bool(contexts)
    return Answer(
        {
            "name": name,
            "commit": request.world.shapes.commit(repository, sha),
            "_links": {"self": url, "html": f"{request.world.url}/{repository.full_name}/tree/{quote(name)}"},
            "protected": is_protected,
            "protection": {"enabled": is_protected, "required_status_checks": required},
            "protection_url": f"{url}/protection",
        }
    )


@route("GET", f"{REPO}/commits", READ)
def list_commits(request: Request) -> Answer:
    """Answer the log of a ref, newest first."""
    repository = request.repository
    sha = resolve(repository, request.query.get("sha") or repository.default_branch)
    if sha is None:
        raise Refusal(404, "Not Found")
    shas = repository.history.log(sha)
    if "path" in request.query:
        shas = tuple(one for one in shas if _touches(request, one))
    if "author" in request.query:
        who = request.world.find(request.query["author"])
        emails = {who.email} if who else {request.query["author"]}
        shas = tuple(one for one in shas if repository.history.at(one).author.email in emails)
    since, until = request.query.get("since", ""), request.query.get("until", "9")
    shas = tuple(one for one in shas if since <= repository.history.at(one).committer.at <= until)
    return request.page(shas, lambda one: request.world.shapes.commit(repository, one))


def _touches(request: Request, sha: str) -> bool:
    history, path = request.repository.history, request.query["path"].strip("/")
    commit = history.at(sha)
    old = history.at(commit.parents[0]).tree if commit.parents else "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    if not commit.parents:
        request.repository.objects.write("tree", b"")
    return any(f"{change.path}/".startswith(f"{path}/") for change in history.diff(old, commit.tree))


@route("GET", f"{REPO}/commits/{{ref}}", READ)
def get_commit(request: Request) -> Answer:
    """Answer a commit with its files."""
    repository, shapes = request.repository, request.world.shapes
    sha = request.commit(request.parameters["ref"])
    commit = repository.history.at(sha)
    files = repository.history.diff(commit.parents[0], sha) if commit.parents else ()
    size, number = int(request.query.get("per_page", MOST_FILES)), int(request.query.get("page", 1))
    plus, minus = sum(change.additions for change in files), sum(change.deletions for change in files)
    batch = files[(number - 1) * size : number * size]
    headers = {}
    if number * size < len(files):
        headers["Link"] = f'<{request.link(page=number + 1)}>; rel="next"'
    body = {
        **shapes.commit(repository, sha),
        "stats": {"additions": plus, "deletions": minus, "total": plus + minus},
        "files": [shapes.file(repository, change, sha) for change in batch],
    }
    return Answer(body, headers=headers)


@route("GET", f"{REPO}/commits/{{commit_sha}}/pulls", "pull_requests:read")
def list_pulls_of_commit(request: Request) -> Answer:
    """Answer the pulls that contain a commit; where it is on the default branch, the merged ones that brought it."""
    repository = request.repository
    sha = request.commit(request.parameters["commit_sha"])
    is_merged = sha in repository.history.log(repository.tip(repository.default_branch))

    def holds(pull: Pull) -> bool:
        return sha == pull.merge_sha or sha in pull.commits()

    found = [pull for pull in repository.pulls if holds(pull) and (bool(pull.merged_at) or not is_merged)]
    return request.page(found, request.world.shapes.pull)


@route("GET", f"{REPO}/compare/{{basehead}}", READ)
def compare(request: Request) -> Answer:
    """Answer what `head` has that `base` has not: 300 files on the first page only, commits page by page."""
    repository, shapes = request.repository, request.world.shapes
    base_name, dots, head_name = request.parameters["basehead"].partition("...")
    base, head = (_side(request, name) for name in (base_name, head_name))
    if not dots or base is None or head is None:
        raise Refusal(404, "Not Found")
    bases = repository.history.merge_bases(base, head)
    if not bases:
        raise Refusal(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind = repository.history.between(base, head), repository.history.between(head, base)
    states = {(False, False): "identical", (True, False): "ahead", (False, True): "behind", (True, True): "diverged"}
    is_paged = "per_page" in request.query or "page" in request.query
    size = min(int(request.query.get("per_page", 30 if is_paged else MOST_COMMITS)), 100 if is_paged else MOST_COMMITS)
    number = int(request.query.get("page", 1))
    files = repository.history.diff(bases[0], head)[:MOST_FILES] if number == 1 else ()
    url = f"{shapes.repository_url(repository)}/compare/{quote(request.parameters['basehead'])}"
    headers = {}
    if number * size < len(ahead):
        headers["Link"] = f'<{request.link(page=number + 1, per_page=min(size, 100))}>; rel="next"'
    body = {
        **dict.fromkeys(("url", "html_url", "permalink_url", "diff_url", "patch_url"), url),
        "base_commit": shapes.commit(repository, base),
        "merge_base_commit": shapes.commit(repository, bases[0]),
        "status": states[bool(ahead), bool(behind)],
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [shapes.commit(repository, sha) for sha in ahead[(number - 1) * size : number * size]],
        "files": [shapes.file(repository, change, head) for change in files],
    }
    return Answer(body, headers=headers)


def _side(request: Request, name: str) -> str | None:
    """Return the commit of `branch`, `sha` or `owner:branch` of the same network."""
    owner, colon, branch = name.partition(":")
    if not colon:
        return resolve(request.repository, name) if name != NOBODY else None
    for other in request.world.repositories:
        if (
            other.owner.login == owner
            and other.history is request.repository.history
            and may_see(request.viewer, other)
        ):
            return resolve(other, branch)
    return None
