"""Pages of ownership and incidents in a real browser: on a phone and a desktop, for screen readers, without scripts."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from builders_forge_world import BODY
from builders_incidents import RECORDS
from builders_service import Service, a_service
from builders_sites import a_trial_site
from playwright.sync_api import Browser, Page, sync_playwright

from gate.usecases.open_incident import Opening, open_incident

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; Debian's package is `chromium`")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@dataclass
class Site:
    """A served gate with an incident, and a browser that is let in."""

    url: str
    page: Page
    incident: str
    cause: int
    service: Service

    def addresses(self) -> list[str]:
        places = ("ownership", "ownership?q=tier:1", "ownership?q=nothing-like-it", "ownership/payments-api")
        return [f"{self.url}/{place}" for place in (*places, "incidents", f"incidents/{self.incident}")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


def an_incident(service: Service) -> tuple[str, int]:
    forge = service.forge
    causes = [
        forge.a_pull(files, title=title, body=BODY)
        for files, title in (
            ({"ledger/table.sql": "1"}, "Change the ledger"),
            ({"api/pay.py": "amount = 3\n"}, "<b>Round</b> otherwise \u202egnp"),
        )
    ]
    service.settle()
    for pull in causes:
        pull.merge(forge.carol, as_admin=True)
    service.settle()
    service.clock.ahead_seconds += 3600
    opening = Opening(
        component="payments-api", title="Checkout <script>alert(1)</script> fails", began_at=service.gate.instant()
    )
    return open_incident(service.gate, opening)[0].id, causes[-1].number


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_service(tmp_path_factory.mktemp("pages"), files={".gate/ownership.yaml": RECORDS}) as service:
        identity, cause = an_incident(service)
        with a_trial_site(service) as url:
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"{url}/enter/let-me-in")
            yield Site(url, page, identity, cause, service)
            context.close()


class TestEveryPage:
    @pytest.mark.parametrize("width", [390, 1280])
    def test_fits_its_window(self, site: Site, width: int, tmp_path: Path) -> None:
        site.page.set_viewport_size({"width": width, "height": 900})
        for number, address in enumerate(site.addresses()):
            answer = site.page.goto(address)
            assert answer is not None
            assert answer.status == 200
            assert site.page.evaluate("document.documentElement.scrollWidth") <= width, address
            site.page.screenshot(path=str(tmp_path / f"{width}-{number}.png"), full_page=True)

    def test_has_nothing_that_a_screen_reader_stumbles_over(self, site: Site) -> None:
        for scheme in ("light", "dark"):
            site.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two it takes
            for address in site.addresses():
                site.page.goto(address)
                found: Any = Axe().run(site.page)
                assert found.violations_count == 0, f"{address}\n{found.generate_report()}"
        site.page.emulate_media(color_scheme="light")


class TestTheMap:
    def test_leads_from_a_component_to_its_record(self, site: Site) -> None:
        site.page.goto(f"{site.url}/ownership")
        assert site.page.locator("svg.map a").count() == 3
        assert site.page.locator("svg.map path.edge").count() == 1
        site.page.locator("svg.map a", has_text="payments-api").click()
        site.page.wait_for_url("**/ownership/payments-api**")
        text = site.page.locator("main").inner_text()
        for wanted in ("payments (alice, bob)", "redeploy-previous", "owner by pager", "https://runbooks.example.com"):
            assert wanted in text

    def test_search_finds_and_says_what_it_does_not_know(self, site: Site) -> None:
        site.page.goto(f"{site.url}/ownership")
        site.page.get_by_label("Find components").fill("owner:platform")
        site.page.get_by_role("button", name="Find").click()
        assert site.page.locator(".queue .title").all_inner_texts() == ["ledger"]
        site.page.goto(f"{site.url}/ownership?q=color:red")
        assert "`color:` is nothing to search by" in site.page.locator("main").inner_text()


class TestAnIncident:
    def test_ranks_suspects_and_takes_its_cause_which_counts(self, site: Site) -> None:
        site.page.goto(f"{site.url}/incidents/{site.incident}")
        assert site.page.locator("h1").inner_text() == "Checkout <script>alert(1)</script> fails"
        suspects = site.page.locator(".suspects li").all_inner_texts()
        assert f"acme/shop#{site.cause}" in suspects[0]
        assert "<b>Round</b> otherwise \\u{202e}gnp" in suspects[0]
        assert "It changed payments-api itself." in suspects[0]
        site.page.get_by_label("The merged change that caused it").fill("999")
        site.page.get_by_role("button", name="Close the incident").click()
        assert "There is no change 999" in site.page.locator("[role=alert]").inner_text()
        site.page.get_by_label("The merged change that caused it").fill(str(site.cause))
        site.page.get_by_label("Why").fill("It rounds the wrong way.")
        site.page.get_by_role("button", name="Close the incident").click()
        site.page.wait_for_url(f"**/incidents/{site.incident}")
        text = site.page.locator("main").inner_text()
        assert f"caused-by #{site.cause}, confirmed" in text
        assert "It rounds the wrong way." in text
        site.page.goto(f"{site.url}/incidents")
        assert (
            "50 %: 1 of 2 changes merged in the last 90 days caused an incident"
            in site.page.locator("main").inner_text()
        )
