"""Pages of ownership and incidents in a real browser: from a map to a record, from suspects to a cause."""

from collections.abc import Iterator

import pytest
from builders_forge_world import BODY
from builders_incidents import RECORDS
from builders_service import Service
from builders_sites import CHROMIUM, NO_CHROMIUM, Site, a_site
from playwright.sync_api import Page

from gate.usecases.open_incident import Opening, open_incident

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
ONCE = "let-me-in"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, records = tmp_path_factory.mktemp("pages"), {".gate/ownership.yaml": RECORDS}
    with a_site(folder, files=records, has_login=False, door={"trial_secret": ONCE}) as site:
        yield site


@pytest.fixture(scope="module", autouse=True)
def incident(site: Site) -> tuple[str, int]:
    """An incident and the number of the change that caused it."""
    return an_incident(site.service)


@pytest.fixture(scope="module")
def page(site: Site) -> Page:
    page = site.page()
    page.goto(f"{site.url}/enter/{ONCE}")
    return page


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


class TestTheMap:
    def test_leads_from_a_component_to_its_record(self, site: Site, page: Page) -> None:
        page.goto(f"{site.url}/ownership")
        assert page.locator("svg.map a").count() == 3
        assert page.locator("svg.map path.edge").count() == 1
        page.locator("svg.map a", has_text="payments-api").click()
        page.wait_for_url("**/ownership/payments-api**")
        text = page.locator("main").inner_text()
        for wanted in ("payments (alice, bob)", "redeploy-previous", "owner by pager", "https://runbooks.example.com"):
            assert wanted in text

    def test_search_finds_and_says_what_it_does_not_know(self, site: Site, page: Page) -> None:
        page.goto(f"{site.url}/ownership")
        page.get_by_label("Find components").fill("owner:platform")
        page.get_by_role("button", name="Find").click()
        assert page.locator(".queue .title").all_inner_texts() == ["ledger"]
        page.goto(f"{site.url}/ownership?q=color:red")
        assert "`color:` is nothing to search by" in page.locator("main").inner_text()


class TestAnIncident:
    def test_ranks_suspects_and_takes_its_cause_which_counts(
        self, site: Site, page: Page, incident: tuple[str, int]
    ) -> None:
        identity, cause = incident
        page.goto(f"{site.url}/incidents/{identity}")
        assert page.locator("h1").inner_text() == "Checkout <script>alert(1)</script> fails"
        suspects = page.locator(".suspects li").all_inner_texts()
        assert f"acme/shop#{cause}" in suspects[0]
        assert "<b>Round</b> otherwise \\u{202e}gnp" in suspects[0]
        assert "It changed payments-api itself." in suspects[0]
        page.get_by_label("The merged change that caused it").fill("999")
        page.get_by_role("button", name="Close the incident").click()
        assert "There is no change 999" in page.locator("[role=alert]").inner_text()
        page.get_by_label("The merged change that caused it").fill(str(cause))
        page.get_by_label("Why").fill("It rounds the wrong way.")
        page.get_by_role("button", name="Close the incident").click()
        page.wait_for_url(f"**/incidents/{identity}")
        text = page.locator("main").inner_text()
        assert f"caused-by #{cause}, confirmed" in text
        assert "It rounds the wrong way." in text
        page.goto(f"{site.url}/incidents")
        assert "50 %: 1 of 2 changes merged in the last 90 days caused an incident" in page.locator("main").inner_text()
