"""Ways of people with logins in a real browser: ended and forwarded links, the first login, linking, unlinking."""

from collections.abc import Iterator
from typing import Any

import pytest
from builders_signoff import entries
from builders_sites import CHROMIUM, NO_CHROMIUM, Site, a_site, button
from playwright.sync_api import Page

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the provider still uses what authlib gives up
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_site(tmp_path_factory.mktemp("logins"), has_oidc=True) as site:
        yield site


def a_pull(site: Site) -> Any:
    pull = site.service.forge.a_pull(title="Round amounts half to even")
    site.service.settle()
    return pull


def text_of(page: Page) -> str:
    return page.locator("main").inner_text()


def log_in_with(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).click()
    if "GitHub" not in name:
        page.locator("input[name=sub]").fill("ada")
        page.get_by_role("button", name="Authorize").click()


class TestALinkThatEnded:
    def test_says_so_with_what_to_do_and_decides_nothing(self, site: Site) -> None:
        pull = a_pull(site)
        page = site.logged_in(site.service.forge.alice)
        answer = page.goto(site.link(pull, site.service.forge.alice, at="2026-01-05T09:00:00Z"))
        assert answer is not None
        assert answer.status == 401
        assert page.locator("h1").inner_text() == "This link does not hold"
        assert "ask for a new one" in text_of(page)
        assert "Round amounts" not in page.content()
        assert button(page, "Approve").count() == 0

    def test_that_ends_while_its_page_is_open_decides_nothing(self, site: Site) -> None:
        pull = a_pull(site)
        page = site.logged_in(site.service.forge.alice)
        page.goto(site.link(pull, site.service.forge.alice))
        with site.service.store.writing() as writing:
            writing.revoke_links(at=site.service.gate.instant(), why="left the company")
        button(page, "Approve").click()
        assert page.locator("h1").inner_text() == "This link does not hold"
        site.service.settle()
        assert site.service.check(pull) == "in_progress"


class TestALinkThatWasForwarded:
    def test_tells_whose_it_is_and_leads_to_ones_own_part(self, site: Site) -> None:
        pull = a_pull(site)
        page = site.logged_in(site.service.forge.bob)
        page.goto(site.link(pull, site.service.forge.alice))
        assert page.locator("h1").inner_text() == "This link was made for somebody else"
        assert "Alice Adams" in text_of(page)
        assert button(page, "Approve").count() == 0
        page.get_by_role("link", name="it is here under your own name").click()
        button(page, "Approve").click()
        assert "You signed off" in text_of(page)
        site.service.settle()
        assert site.service.check(pull) == "success"
        (given,) = entries(site.service, pull, "signoff-given")
        assert given["actor"] == "github:1002"

    def test_shows_a_stranger_nothing_of_the_change(self, site: Site) -> None:
        pull = a_pull(site)
        site.service.forge.shop.private = True
        page = site.logged_in(site.service.forge.world.user("mallory", 6666))
        page.goto(site.link(pull, site.service.forge.alice))
        assert page.locator("h1").inner_text() == "This link was made for somebody else"
        assert "Round amounts" not in page.content()
        assert page.get_by_role("link", name="it is here under your own name").count() == 0
        site.service.forge.shop.private = False


class TestTheFirstLogin:
    def test_by_single_sign_on_is_linked_once_decides_and_is_unlinked(self, site: Site) -> None:
        forge, pull = site.service.forge, a_pull(site)
        link = site.link(pull, forge.alice)
        page = site.page()
        page.goto(link)
        assert page.locator("h1").inner_text() == "Log in"
        log_in_with(page, "Log in with single sign-on")
        assert page.locator("h1").inner_text() == "This link was made for somebody else"

        page.get_by_role("link", name="ada", exact=True).click()
        assert "does not know which GitHub account is yours" in text_of(page)
        page.get_by_role("link", name="Link it").click()
        forge.world.browser_user = forge.alice
        log_in_with(page, "Log in with GitHub to link it")
        assert "account number 1001" in text_of(page)
        button(page, "Link them").click()
        assert "linked to the GitHub account number 1001" in text_of(page)

        page.goto(link)
        button(page, "Approve").click()
        assert "You signed off" in text_of(page)
        site.service.settle()
        assert site.service.check(pull) == "success"
        (given,) = entries(site.service, pull, "signoff-given")
        assert (given["actor"], given["authenticated"].startswith("login at http://localhost")) == ("github:1001", True)

        page.get_by_role("link", name="ada", exact=True).click()
        page.get_by_role("button", name="Unlink: ada").click()
        assert "does not know which GitHub account is yours" in text_of(page)
        page.goto(f"{site.url}/changes/acme/shop/{pull.number}")
        assert "Round amounts" not in page.content()


def test_the_canaries_were_looked_for_in_all_of_it(site: Site) -> None:
    """L08: `a_site` fails where a token was anywhere but in its own address; this shows that it looks."""
    canaries = site.service.canaries
    assert len(canaries.tokens) >= 1
    assert canaries.looked_at > 100
