"""Sites for journeys: a served gate with logins at stand-ins for GitHub and a provider, and browsers before it.

with a_site(folder) as site:
    page = site.logged_in(site.service.forge.alice)
    page.goto(f"{site.url}/me")
"""

import secrets
import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from builders_login import a_provider, an_app, github_login
from builders_service import Service, a_service
from builders_signoff import a_link
from doubles.github.accounts import Account
from doubles.github.objects import Content
from playwright.sync_api import Browser, Page, Request, sync_playwright
from werkzeug.serving import make_server

from gate.adapters.login.oidc import OidcLogin

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NO_CHROMIUM = "no Chromium on this machine; Debian's package is `chromium`"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@dataclass
class Site:
    """A gate that is served at `url`, worked by hand, and a browser. Nobody else's host is ever asked for anything.

    `hosts` are those that the browsers may go to.
    """

    service: Service
    url: str
    app: Any
    browser: Browser
    hosts: set[str] = field(default_factory=set)
    strange: list[str] = field(default_factory=list)

    def page(self, width: int = 1280, *, scripts: bool = False, **settings: Any) -> Page:
        """A browser of its own, without scripts unless they are asked for."""
        context = self.browser.new_context(
            java_script_enabled=scripts, viewport={"width": width, "height": 900}, **settings
        )
        context.on("request", self._look_at)
        context.route(lambda url: urlsplit(url).netloc not in self.hosts, lambda route: route.abort())
        return context.new_page()

    def _look_at(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        if host not in self.hosts and request.frame.url.startswith(self.url):
            self.strange.append(host)
        place = f"a browser's request to {host}"
        canaries = self.service.canaries
        canaries.look_at_request(place, request.url, request.headers, request.post_data or "", own=self.url)

    def logged_in(self, account: Account, width: int = 1280, **settings: Any) -> Page:
        """A browser of its own in which somebody logged in with GitHub."""
        page = self.page(width, **settings)
        self.service.forge.world.browser_user = account
        page.goto(f"{self.url}/login/github")
        return page

    def link(self, pull: Any, person: Any, **fields: Any) -> str:
        return f"{self.url}/signoff/{a_link(self.service, pull, person, **fields)}"


@contextmanager
def a_site(
    folder: Path,
    *,
    files: Mapping[str, Content | None] | None = None,
    has_oidc: bool = False,
    has_login: bool = True,
    door: Mapping[str, Any] | None = None,
    **service_fields: Any,
) -> Iterator[Site]:
    """A site with GitHub as its login, and a provider of OpenID Connect before it where that is asked for; or none."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        settings = {"base_url": url, **service_fields.pop("settings", {})}
        service = stack.enter_context(a_service(folder, files=files, settings=settings, **service_fields))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stack.callback(browser.close)
        issuer = stack.enter_context(a_provider()) if has_oidc else ""
        hosts = {urlsplit(place).netloc for place in (url, service.forge.url, issuer)}
        sso = [OidcLogin(issuer=issuer, client_id="gate", client_secret="x" * 20)] if has_oidc else []
        logins: dict[str, Any] = {} if has_login else {"has_login": False, "providers": ()}
        app = an_app(
            service,
            *sso,
            github_login(service),
            **logins,
            new_secret=lambda: secrets.token_urlsafe(24),
            **(door or {}),
        )
        site = Site(service, url, app, browser, hosts)
        server = make_server("127.0.0.1", port, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        yield site
        assert site.strange == [], "a page asked a third party for something"


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until a control of this text has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(":focus").inner_text() == name:
            return
    raise AssertionError(f"no {name!r} is reached by keyboard")


def faults_of(page: Page) -> str:
    """What a screen reader stumbles over on a page, empty where it is nothing. The page's browser takes scripts."""
    found: Any = Axe().run(page)
    return found.generate_report() if found.violations_count else ""
