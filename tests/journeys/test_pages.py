"""The pages in a real browser: without scripts, on a phone and a desktop, by keyboard, and for screen readers."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from builders_forge_world import BODY
from builders_service import Service, a_service
from builders_sites import a_trial_site
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; Debian's package is `chromium`")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
HOSTILE = "<script>alert(1)</script> \u202egnp.exe"


@dataclass
class Site:
    """A served gate with changes in it, and a browser that is let in."""

    url: str
    page: Page
    numbers: list[int]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


def some_changes(service: Service) -> list[int]:
    forge = service.forge
    approved = forge.a_pull()
    service.settle()
    approved.review(forge.alice, "APPROVED")
    hostile = forge.a_pull(
        {"web/page.html": "<p>1</p>", "api/pay.py": "amount = 8\n"}, title=HOSTILE, body="Nothing.\n"
    )
    service.settle()
    merged = forge.a_pull({"web/page.html": "<p>2</p>\n"}, title="A shorter front page", body=BODY)
    service.settle()
    merged.merge(forge.carol, as_admin=True)
    service.settle()
    return [approved.number, merged.number, hostile.number]


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_service(tmp_path_factory.mktemp("pages")) as service:
        numbers = some_changes(service)
        with a_trial_site(service) as url:
            context = browser.new_context(java_script_enabled=True)
            page = context.new_page()
            page.goto(f"{url}/enter/let-me-in")
            yield Site(url, page, numbers)
            context.close()


def addresses(site: Site) -> list[str]:
    return [
        f"{site.url}/",
        f"{site.url}/calendar",
        f"{site.url}/docs",
        f"{site.url}/changes/acme/shop/{site.numbers[1]}/rollback",
        *(f"{site.url}/changes/acme/shop/{number}" for number in site.numbers),
    ]


class TestEveryPage:
    @pytest.mark.parametrize("width", [390, 1280])
    def test_fits_its_window(self, site: Site, width: int) -> None:
        site.page.set_viewport_size({"width": width, "height": 900})
        for address in addresses(site):
            site.page.goto(address)
            site.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            assert site.page.evaluate("document.documentElement.scrollWidth") <= width

    def test_has_nothing_that_a_screen_reader_stumbles_over(self, site: Site) -> None:
        for scheme in ("light", "dark"):
            site.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two it takes
            for address in addresses(site):
                site.page.goto(address)
                found: Any = Axe().run(site.page)
                assert found.violations_count == 0, found.generate_report()

    def test_runs_no_script_of_a_title(self, site: Site) -> None:
        site.page.goto(addresses(site)[-1])
        heading = site.page.locator("h1").inner_text()
        assert heading == "<script>alert(1)</script> \\u{202e}gnp.exe"
        assert site.page.locator("script").count() == 0

    def test_is_reached_by_keyboard_from_the_queue(self, site: Site) -> None:
        site.page.goto(f"{site.url}/")
        site.page.keyboard.press("Tab")
        assert site.page.evaluate("document.activeElement.textContent") == "Skip to the content"
        link = site.page.locator(".queue a").first
        link.focus()
        site.page.keyboard.press("Enter")
        site.page.wait_for_url("**/changes/acme/shop/*")
        assert site.page.locator("h2#missing, h2#met").count() >= 1


class TestSomebodyWhoIsNotLetIn:
    def test_sees_how_to_enter_and_nothing_else(self, site: Site, browser: Browser, tmp_path: Path) -> None:
        context = browser.new_context()
        page = context.new_page()
        answer = page.goto(f"{site.url}/changes/acme/shop/{site.numbers[0]}")
        assert answer is not None
        assert answer.status == 401
        assert "acme" not in page.content()
        page.screenshot(path=str(tmp_path / "refused.png"))
        context.close()
