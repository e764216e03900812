"""A service with logins for tests: the double's GitHub as provider, the browser played by Flask's client."""

import itertools
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from builders_export import tools
from builders_service import Service
from flask.testing import FlaskClient

from gate.adapters.login.github import GithubLogin
from gate.usecases.login_ports import LoginProvider
from gate.web.app import create_app
from gate.web.door import Door

HTML = {"Accept": "text/html"}
KEY = b"one key of a test, 32 bytes long"


def an_app(service: Service, *providers: LoginProvider, admins: frozenset[str] = frozenset(), **door: Any) -> Any:
    """The application of a service, with GitHub as its login unless others are given."""
    count = itertools.count()
    given: dict[str, Any] = {
        "gate": service.gate,
        "webhook_secrets": [b"a secret of sixteen"],
        "has_login": True,
        "is_https": False,
        "hosts": ["127.0.0.1", "localhost"],
        "new_secret": lambda: f"a-secret-of-a-test-{next(count)}",
        "readiness": tuple,
        "metrics": bytes,
        "providers": providers or (github_login(service),),
        "admins": admins,
        "key": KEY,
        "export_tools": tools(),
        "log": lambda event, **values: service.canaries.look("the log", f"{event} {values}"),
    }
    app = create_app(Door(**{**given, **door}))
    service.canaries.watch(app)
    return app


def github_login(service: Service) -> GithubLogin:
    secret = service.forge.world.client_secret
    return GithubLogin(client_id="Iv1.test", client_secret=secret, api_url=service.forge.url)


@contextmanager
def a_provider() -> Iterator[str]:
    """A provider of OpenID Connect that asks for a name and believes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the provider still uses what authlib gives up
        import oidc_provider_mock  # type: ignore[import-untyped]

        with oidc_provider_mock.run_server_in_thread() as server:
            yield f"http://localhost:{server.server_port}"


def before_alices_browser(service: Service) -> Service:
    """The same service with a change called *Charge seven* that was judged, and alice at the browser."""
    service.forge.a_pull(title="Charge seven")
    service.settle()
    service.forge.world.browser_user = service.forge.alice
    return service


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def where_sent(address: str, data: bytes | None = None) -> str:
    """Return where a provider sends the browser from an address of its own."""
    try:
        urllib.request.build_opener(_Stay).open(address, data=data, timeout=10).close()
    except urllib.error.HTTPError as answer:
        with answer:
            return str(answer.headers["Location"])
    raise AssertionError("the provider did not send the browser anywhere")


def local(address: str) -> str:
    """Return an address without its host, as Flask's client takes it."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def log_in(client: FlaskClient, *, place: str = "/") -> Any:
    """Log the double's browser user in through GitHub; returns the last answer."""
    begun = client.get("/login/github", query_string={"next": place}, headers=HTML)
    assert begun.status_code == 303, begun.text
    return client.get(local(where_sent(begun.headers["Location"])), headers=HTML)
