"""Routes of apps: who they are, where they are installed, their tokens and their deliveries."""

from typing import Any

from doubles.github.apps import LEVELS, Installation
from doubles.github.hooks import Delivery
from doubles.github.routing import Answer, Refusal, Request, route


def _app(request: Request) -> Any:
    if request.viewer.app is None or request.viewer.installation is not None:
        raise Refusal(401, "A JSON web token could not be decoded")
    return request.viewer.app


def _installation(request: Request) -> Installation:
    app = _app(request)
    for installation in request.world.installations:
        if installation.id == request.number("installation_id") and installation.app is app:
            found: Installation = installation
            return found
    raise Refusal(404, "Not Found")


@route("GET", "/app")
def get_app(request: Request) -> Answer:
    """Answer the app that signed the token."""
    return Answer({**request.world.shapes.app(_app(request)), "installations_count": len(request.world.installations)})


@route("GET", "/app/installations")
def list_installations(request: Request) -> Answer:
    """Answer where the app is installed."""
    app = _app(request)
    found = [installation for installation in request.world.installations if installation.app is app]
    return request.page(found, request.world.shapes.installation)


@route("GET", "/app/installations/{installation_id}")
def get_installation(request: Request) -> Answer:
    """Answer one installation."""
    return Answer(request.world.shapes.installation(_installation(request)))


@route("GET", "/repos/{owner}/{repo}/installation")
def get_installation_of_repository(request: Request) -> Answer:
    """Answer the app's installation that covers a repository."""
    app, name = _app(request), f"{request.parameters['owner']}/{request.parameters['repo']}"
    for installation in request.world.installations:
        names = {repository.full_name for repository in request.world.repositories_of(installation)}
        if installation.app is app and name in names:
            return Answer(request.world.shapes.installation(installation))
    raise Refusal(404, "Not Found")


@route("GET", "/orgs/{org}/installation")
def get_installation_of_organisation(request: Request) -> Answer:
    """Answer the app's installation on an organisation."""
    app = _app(request)
    for installation in request.world.installations:
        if installation.app is app and installation.account is request.organisation:
            return Answer(request.world.shapes.installation(installation))
    raise Refusal(404, "Not Found")


@route("POST", "/app/installations/{installation_id}/access_tokens")
def create_token(request: Request) -> Answer:
    """Give the app a token of one hour, limited as it asks."""
    installation, body = _installation(request), request.body or {}
    if installation.is_suspended:
        raise Refusal(403, "This installation has been suspended")
    granted = installation.permissions
    wanted = body.get("permissions") or granted
    if any(LEVELS.get(level, 9) > LEVELS.get(granted.get(area, ""), 0) for area, level in wanted.items()):
        raise Refusal(422, "The permissions requested are not granted to this installation.")
    covered = request.world.repositories_of(installation)
    names, ids = set(body.get("repositories", ())), set(body.get("repository_ids", ()))
    limited = [repository for repository in covered if repository.name in names or repository.id in ids]
    if len(limited) < len(names) + len(ids):
        raise Refusal(422, "There is at least one repository that does not exist or is not accessible.")
    limits = frozenset(repository.id for repository in limited) if names or ids else None
    token = request.world.installation_token(installation, permissions=dict(wanted), repository_ids=limits)
    expires = request.world.tokens[token].expires.strftime("%Y-%m-%dT%H:%M:%SZ")
    selection = "selected" if limits or installation.selected is not None else "all"
    shape = {"token": token, "expires_at": expires, "permissions": wanted, "repository_selection": selection}
    if limited:
        shape["repositories"] = [request.world.shapes.repository(repository) for repository in limited]
    return Answer(shape, 201)


@route("GET", "/installation/repositories", "metadata:read")
def list_repositories(request: Request) -> Answer:
    """Answer what the token's installation covers."""
    if request.viewer.installation is None:
        raise Refusal(403, "Resource not accessible by personal access token")
    limits = request.viewer.repository_ids
    covered = request.world.repositories_of(request.viewer.installation)
    found = [repository for repository in covered if limits is None or repository.id in limits]
    return request.page(found, request.world.shapes.repository, key="repositories")


@route("POST", "/app-manifests/{code}/conversions")
def convert_manifest(request: Request) -> Answer:
    """Turn the code of a manifest into an app, once."""
    settings = request.world.manifests.pop(request.parameters["code"], None)
    if settings is None:
        raise Refusal(404, "Not Found")
    app = request.world.app(settings["id"], slug=settings["slug"])
    secrets = {"client_id": app.client_id, "client_secret": "a-client-secret", "pem": app.private_key}
    return Answer({**request.world.shapes.app(app), **secrets, "webhook_secret": settings["webhook_secret"]}, 201)


@route("GET", "/app/hook/config")
def get_hook(request: Request) -> Answer:
    """Answer where the webhooks of the app go."""
    _app(request)
    hooks = request.world.hooks
    return Answer(
        {"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": hooks.target or "http://unset"}
    )


def _deliveries(request: Request) -> list[Delivery]:
    app = _app(request)
    return [delivery for delivery in reversed(request.world.hooks.log) if delivery.app_id in {None, app.id}]


def _short(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": delivery.delivered_at,
        "redelivery": delivery.is_redelivery,
        "duration": delivery.duration,
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation_id,
        "repository_id": delivery.repository_id,
    }


@route("GET", "/app/hook/deliveries")
def list_deliveries(request: Request) -> Answer:
    """Answer the deliveries, newest first, page by cursor."""
    found, query = _deliveries(request), request.query
    if query.get("status") == "failure":
        found = [delivery for delivery in found if not 200 <= delivery.status_code < 400]
    elif query.get("status") == "success":
        found = [delivery for delivery in found if 200 <= delivery.status_code < 400]
    cursor = int(query["cursor"].removeprefix("v1_")) if "cursor" in query else None
    if cursor is not None:
        found = [delivery for delivery in found if delivery.id <= cursor]
    size = int(query.get("per_page", 30))
    headers = {}
    if len(found) > size:
        headers["Link"] = f'<{request.link(cursor=f"v1_{found[size].id}")}>; rel="next"'
    return Answer([_short(delivery) for delivery in found[:size]], headers=headers)


def _delivery(request: Request) -> Delivery:
    number = request.number("delivery_id")
    found = next((delivery for delivery in _deliveries(request) if delivery.id == number), None)
    if found is None:
        raise Refusal(404, "Not Found")
    return found


@route("GET", "/app/hook/deliveries/{delivery_id}")
def get_delivery(request: Request) -> Answer:
    """Answer one delivery with what was sent and answered."""
    delivery = _delivery(request)
    sent = {"headers": delivery.sent_headers, "payload": delivery.payload}
    return Answer(
        {**_short(delivery), "url": "", "request": sent, "response": {"headers": {}, "payload": delivery.answer}}
    )


@route("POST", "/app/hook/deliveries/{delivery_id}/attempts")
def redeliver(request: Request) -> Answer:
    """Deliver again, under the same GUID, after this answer."""
    hooks, old = request.world.hooks, _delivery(request)
    hooks.due.append(hooks.again(old))
    return Answer({}, 202)
