"""The pages in a real browser: a title's script does not run, a keyboard is enough, and strangers see nothing."""

from collections.abc import Iterator

import pytest
from builders_sites import CHROMIUM, NO_CHROMIUM, Site, a_site
from playwright.sync_api import Page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
HOSTILE = "<script>alert(1)</script> \u202egnp.exe"
ONCE = "let-me-in"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A trial without login, with two changes in it."""
    with a_site(tmp_path_factory.mktemp("pages"), has_login=False, door={"trial_secret": ONCE}) as site:
        site.service.approved()
        files = {"web/page.html": "<p>1</p>", "api/pay.py": "amount = 8\n"}
        site.service.forge.a_pull(files, title=HOSTILE, body="Nothing.\n")
        site.service.settle()
        yield site


@pytest.fixture(scope="module")
def page(site: Site) -> Page:
    """A browser with scripts that was let in once, by the address that the start of a trial prints."""
    page = site.page(scripts=True)
    page.goto(f"{site.url}/enter/{ONCE}")
    assert page.url == f"{site.url}/"
    assert "This is a trial without login" in page.locator("header").inner_text()
    return page


def test_no_script_of_a_title_runs(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/changes/acme/shop/2")
    assert page.locator("h1").inner_text() == "<script>alert(1)</script> \\u{202e}gnp.exe"
    assert page.locator("script").count() == 0


def test_a_change_is_reached_by_keyboard_from_the_queue(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.locator(".queue a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/changes/acme/shop/*")
    assert page.locator("h2#missing, h2#met").count() >= 1


def test_somebody_who_is_not_let_in_sees_nothing(site: Site) -> None:
    page = site.page()
    answer = page.goto(f"{site.url}/changes/acme/shop/1")
    assert answer is not None
    assert answer.status == 401
    assert "acme" not in page.content()
