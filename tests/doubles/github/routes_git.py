"""Routes of git data: refs, trees, blobs, commits; and the contents of files."""

import base64
import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from doubles.github.objects import TREE_MODE
from doubles.github.repositories import Repository
from doubles.github.routing import Answer, Refusal, Request, resolve, route
from doubles.github.shapes_repository import shown

REPO = "/repos/{owner}/{repo}"
READ = "contents:read"
LARGE, HUGE = 1024 * 1024, 100 * 1024 * 1024
MOST_IN_FOLDER = 1000
MOST_LINKS = 10


@route("GET", f"{REPO}/git/ref/{{ref}}", READ)
def get_ref(request: Request) -> Answer:
    """Answer one ref by its exact name (`heads/main`)."""
    name = f"refs/{request.parameters['ref']}"
    sha = request.repository.objects.ref(name)
    if sha is None:
        raise Refusal(404, "Not Found")
    return Answer(request.world.shapes.ref(request.repository, name, sha))


@route("GET", f"{REPO}/git/matching-refs/{{ref}}", READ)
def list_refs(request: Request) -> Answer:
    """Answer every ref that begins so."""
    repository = request.repository
    found = repository.objects.refs(f"refs/{request.parameters['ref']}")
    return Answer([request.world.shapes.ref(repository, name, sha) for name, sha in found.items()])


@route("GET", f"{REPO}/git/trees/{{tree_sha}}", READ)
def get_tree(request: Request) -> Answer:
    """Answer a tree, all of it with `recursive`, up to the limit of the world."""
    repository, name = request.repository, request.parameters["tree_sha"]
    commit = repository.history.commit(name) if len(name) == 40 else None
    if commit is None and (sha := resolve(repository, name)):
        commit = repository.history.at(sha)
    root = commit.tree if commit else name
    found = repository.objects.read(root)
    if found is None or found[0] != "tree":
        raise Refusal(404, "Not Found")
    entries = list(_walk(repository, root, "", is_deep="recursive" in request.query))
    limit = request.world.tree_limit
    return Answer(
        {
            "sha": root,
            "url": f"{request.world.shapes.repository_url(repository)}/git/trees/{root}",
            "tree": [request.world.shapes.tree_entry(repository, *entry) for entry in entries[:limit]],
            "truncated": len(entries) > limit,
        }
    )


def _walk(repository: Repository, sha: str, prefix: str, *, is_deep: bool) -> Iterator[tuple[str, str, str]]:
    for name, mode, inner in repository.objects.tree_entries(sha):
        yield prefix + name, mode, inner
        if is_deep and mode == TREE_MODE:
            yield from _walk(repository, inner, f"{prefix}{name}/", is_deep=True)


@route("GET", f"{REPO}/git/blobs/{{file_sha}}", READ)
def get_blob(request: Request) -> Answer:
    """Answer a blob, raw or in base64."""
    repository, sha = request.repository, request.parameters["file_sha"]
    found = repository.objects.read(sha)
    if found is None or found[0] != "blob":
        raise Refusal(404, "Not Found")
    if len(found[1]) > HUGE:
        raise Refusal(403, "This API returns blobs up to 100 MB in size.")
    if "raw" in request.headers.get("accept", ""):
        return Answer(None, raw=found[1], media_type="application/vnd.github.raw")
    return Answer(
        {
            "sha": sha,
            "node_id": f"B_{sha[:12]}",
            "size": len(found[1]),
            "url": f"{request.world.shapes.repository_url(repository)}/git/blobs/{sha}",
            "content": base64.encodebytes(found[1]).decode(),
            "encoding": "base64",
        }
    )


@route("GET", f"{REPO}/git/commits/{{commit_sha}}", READ)
def get_git_commit(request: Request) -> Answer:
    """Answer a commit object by its whole sha."""
    sha = request.parameters["commit_sha"]
    if len(sha) != 40 or request.repository.history.commit(sha) is None:
        raise Refusal(404, "Not Found")
    return Answer(request.world.shapes.git_commit(request.repository, sha))


@route("GET", f"{REPO}/contents/{{path}}", READ)
def get_contents(request: Request) -> Answer:
    """Answer a file or a folder of a ref. A tag comes before a branch of the same name; symbolic links are followed."""
    repository = request.repository
    sha = resolve(repository, request.query.get("ref") or repository.default_branch)
    if sha is None:
        raise Refusal(404, f"No commit found for the ref {request.query.get('ref')}")
    tree = repository.history.at(sha).tree
    path = request.parameters["path"].strip("/")
    found = TREE_MODE, tree
    for _ in range(MOST_LINKS):
        there_is = _entry(repository, tree, path)
        if there_is is None:
            raise Refusal(404, "Not Found")
        found = there_is
        if found[0] != "120000":
            break
        target = (repository.objects.read(found[1]) or ("", b""))[1].decode("utf-8", "replace")
        there = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if there.startswith("..") or _entry(repository, tree, there) is None:
            return Answer(_content(request, path, found, sha) | {"type": "symlink", "target": target})
        path = there
    mode, entry = found
    if mode == TREE_MODE:
        names = list(repository.objects.tree_entries(entry))[:MOST_IN_FOLDER]
        folder = [_content(request, f"{path}/{name}".lstrip("/"), (kind, inner), sha) for name, kind, inner in names]
        return Answer(folder)
    if mode == "160000":
        address = f"{request.world.url}/{quote(path)}.git"
        submodule = _content(request, path, found, sha) | {"type": "submodule", "submodule_git_url": address}
        return Answer(submodule)
    return _file(request, path, found, sha)


def _file(request: Request, path: str, found: tuple[str, str], sha: str) -> Answer:
    data = (request.repository.objects.read(found[1]) or ("", b""))[1]
    if len(data) > HUGE:
        raise Refusal(403, "This API returns blobs up to 100 MB in size.")
    if "raw" in request.headers.get("accept", ""):
        return Answer(None, raw=data, media_type="application/vnd.github.raw")
    is_large = len(data) > LARGE
    text = "" if is_large else base64.encodebytes(data).decode()
    return Answer(_content(request, path, found, sha) | {"content": text, "encoding": "none" if is_large else "base64"})


def _entry(repository: Repository, tree: str, path: str) -> tuple[str, str] | None:
    here = TREE_MODE, tree
    for name in path.split("/") if path and path != "." else ():
        if here[0] != TREE_MODE:
            return None
        entries = {entry: (mode, sha) for entry, mode, sha in repository.objects.tree_entries(here[1])}
        if name not in entries:
            return None
        here = entries[name]
    return here


def _content(request: Request, path: str, found: tuple[str, str], commit: str) -> dict[str, Any]:
    repository, (mode, sha) = request.repository, found
    kind = {TREE_MODE: "dir", "120000": "symlink", "160000": "submodule"}.get(mode, "file")
    git_kind = {TREE_MODE: "trees"}.get(mode, "blobs")
    root = request.world.shapes.repository_url(repository)
    data = repository.objects.read(sha) if kind in {"file", "symlink"} else None
    path = shown(path)
    place = quote(path)
    url, html = (
        f"{root}/contents/{place}?ref={commit}",
        f"{request.world.url}/{repository.full_name}/blob/{commit}/{place}",
    )
    git = f"{root}/git/{git_kind}/{sha}"
    return {
        "type": kind,
        "name": posixpath.basename(path),
        "path": path,
        "sha": sha,
        "size": len(data[1]) if data else 0,
        "url": url,
        "git_url": git,
        "html_url": html,
        "download_url": html if data else None,
        "_links": {"self": url, "git": git, "html": html},
    }
